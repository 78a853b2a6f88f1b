"""The JSON sources: business registration, tax, courts. Amounts come as text in yuan."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from rongtong.sources.contracts import Cast, Column, RawRows, SourceKind
from rongtong.sources.errors import MessageMalformed
from rongtong.sources.formats.rows import RowBuilder

_REGISTRATION = (
    Column("event_date", "date", Cast.DAY),
    Column("change_type", "type"),
    Column("before", "before", blank=""),
    Column("after", "after", blank=""),
    Column("registered_capital_fen", "registeredCapital", Cast.FEN),
    Column("paid_in_fen", "paidInCapital", Cast.FEN),
)
_TAX = (
    Column("period_month", "periodMonth", Cast.MONTH),
    Column("tax_type", "taxType"),
    Column("declared_sales_fen", "declaredSales", Cast.FEN),
    Column("tax_due_fen", "taxDue", Cast.FEN),
    Column("tax_paid_fen", "taxPaid", Cast.FEN),
    Column("late_fee_fen", "lateFee", Cast.FEN),
    Column("due_date", "dueDate", Cast.DAY),
    Column("filed_date", "filedDate", Cast.DAY),
    Column("paid_date", "paidDate", Cast.DAY),
    Column("grade", "grade"),
)
_COURTS = (
    Column("event_date", "eventDate", Cast.DAY),
    Column("case_no", "caseNo"),
    Column("role", "role"),
    Column("cause", "cause"),
    Column("amount_fen", "amount", Cast.FEN),
    Column("stage", "stage"),
)


def parse_registration(payload: bytes, _subjects: frozenset[str]) -> RawRows:
    """One row for each change; the profile itself is what the changes add up to."""
    return _parse(payload, SourceKind.REGISTRATION, _REGISTRATION, {"changes": dict})


def parse_tax(payload: bytes, _subjects: frozenset[str]) -> RawRows:
    """One row for each declaration, and one for each yearly grade, under January of the year that it judges."""
    return _parse(payload, SourceKind.TAX, _TAX, {"declarations": dict, "ratings": _rating})


def parse_courts(payload: bytes, _subjects: frozenset[str]) -> RawRows:
    """One row for each stage that a case reached."""
    return _parse(payload, SourceKind.COURTS, _COURTS, {"cases": dict})


def _rating(rating: dict[str, Any]) -> dict[str, Any]:
    amounts = dict.fromkeys(("declaredSales", "taxDue", "taxPaid", "lateFee"), "0")
    published = rating.get("publishedDate")
    year = f"{rating['year']}-01" if rating.get("year") else None
    return amounts | {
        "periodMonth": year,
        "taxType": "grade",
        "dueDate": published,
        "filedDate": published,
        "grade": rating.get("grade"),
    }


def _parse(
    payload: bytes,
    kind: SourceKind,
    layout: tuple[Column, ...],
    lists: dict[str, Callable[[dict[str, Any]], dict[str, Any]]],
) -> RawRows:
    builder = RowBuilder(kind, layout)
    for subject in _subjects_of(payload, kind):
        for name, reshape in lists.items():
            rows = subject.get(name, [])
            for row in rows if isinstance(rows, list) else [rows]:
                if isinstance(row, dict):
                    texts = {column: _text(value) for column, value in reshape(row).items()}
                    builder.add(texts | {"subject": _text(subject.get("uscc"))})
                else:
                    builder.refuse("row_not_an_object", json.dumps(row, ensure_ascii=False))
    return builder.rows()


def _subjects_of(payload: bytes, kind: SourceKind) -> Iterator[dict[str, Any]]:
    try:
        document = json.loads(payload)
        subjects = document["subjects"]
        if not isinstance(subjects, list) or not all(isinstance(one, dict) for one in subjects):
            raise TypeError("subjects")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MessageMalformed(kind=kind.value, detail=_("it is not JSON with a list of subjects")) from error
    yield from subjects


def _text(value: Any) -> str | None:
    """A value as text; one that is no plain value stays JSON and is then refused as unreadable."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
