"""Reads of the rulebook: from the table, kept in the process, looked after by `age` and `forget`."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Conflict, NotFound
from rongtong.rulebook.contracts import Rule
from rongtong.rulebook.models import RuleRow
from rongtong.rulebook.rules import in_force, version_of

_LOOK_AFTER_SECONDS = 60.0


class RuleUnknown(NotFound):
    """No row of the rulebook has this id."""

    code = "rule_unknown"
    message = _("The rulebook has no rule %(rule_id)s.")


class RuleNotInForce(NotFound):
    """The rule had ended by that day and nothing followed it."""

    code = "rule_not_in_force"
    message = _("The rule %(rule_id)s is not in force on %(on)s.")


class RuleNotANumber(Conflict):
    """The rule's value was asked for as a number, and it is a word or a table."""

    code = "rule_not_a_number"
    message = _("The rule %(rule_id)s is not a number.")


@dataclass
class _Shelf:
    rows: dict[str, list[Rule]] | None = None
    count: int = 0
    looked_at: float = 0.0
    suspect: bool = False
    in_force: dict[tuple[str, date], Rule] = field(default_factory=dict)
    versions: dict[date, str] = field(default_factory=dict)


_shelf = _Shelf()


def forget() -> None:
    """Drop what the process keeps; the next read loads the table."""
    global _shelf
    _shelf = _Shelf()


def age() -> None:
    """Have the next read look at the table again if a minute has passed since the last look."""
    if time.monotonic() - _shelf.looked_at > _LOOK_AFTER_SECONDS:
        _shelf.suspect = True


def refresh() -> None:
    """Load the table again if rows were added to it since: for long jobs, at their start."""
    if _shelf.rows is not None and RuleRow.objects.count() != _shelf.count:
        forget()


def _rows() -> dict[str, list[Rule]]:
    if _shelf.suspect:
        refresh()
        _shelf.suspect, _shelf.looked_at = False, time.monotonic()
    if _shelf.rows is None:
        rows: dict[str, list[Rule]] = defaultdict(list)
        count = 0
        for row in RuleRow.objects.order_by("rule_id", "effective_from", "revision"):
            rows[row.rule_id].append(_rule(row))
            count += 1
        if not count:
            return {}
        _shelf.rows, _shelf.count, _shelf.looked_at = dict(rows), count, time.monotonic()
    return _shelf.rows


def _rule(row: RuleRow) -> Rule:
    return Rule(
        id=row.rule_id,
        value=row.value,
        unit=row.unit,
        title_en=row.title_en,
        title_zh=row.title_zh,
        source=row.source,
        effective_from=row.effective_from,
        effective_to=row.effective_to,
        needs_review=row.needs_review,
    )


def rule(rule_id: str, *, on: date) -> Rule:
    """The row in force on a day; before the earliest known row, that row with a note. Raises RuleUnknown, RuleNotInForce."""
    known = _shelf.in_force.get((rule_id, on)) if not _shelf.suspect else None
    if known is not None:
        return known
    rows = _rows().get(rule_id)
    if rows is None:
        raise RuleUnknown(rule_id=rule_id)
    found = in_force(rows, on)
    if found is None:
        raise RuleNotInForce(rule_id=rule_id, on=on.isoformat())
    _shelf.in_force[rule_id, on] = found
    return found


def value(rule_id: str, *, on: date) -> Decimal:
    """The number of a rule on a day, in the rule's unit. Raises as `rule` does, and RuleNotANumber."""
    try:
        return Decimal(rule(rule_id, on=on).value)
    except InvalidOperation as error:
        raise RuleNotANumber(rule_id=rule_id) from error


def text(rule_id: str, *, on: date) -> str:
    """The value of a rule on a day as it is written."""
    return rule(rule_id, on=on).value


def table(rule_id: str, *, on: date) -> Any:
    """The table of a rule on a day, freshly read from its JSON (numbers with a point as Decimal)."""
    return json.loads(rule(rule_id, on=on).value, parse_float=Decimal)


def rules(*, on: date) -> tuple[Rule, ...]:
    """Every rule in force on a day by id, those not yet begun by their earliest row with a note."""
    found = (in_force(rows, on) for _, rows in sorted(_rows().items()))
    return tuple(row for row in found if row is not None)


def history(rule_id: str) -> tuple[Rule, ...]:
    """Every row of one rule, superseded ones too, from the first. Raises RuleUnknown."""
    rows = _rows().get(rule_id)
    if rows is None:
        raise RuleUnknown(rule_id=rule_id)
    return tuple(rows)


def version(*, on: date) -> str:
    """The digest of all rows in force on a day: what a decision keeps beside its inputs."""
    rows = _rows()
    known = _shelf.versions.get(on)
    if known is None:
        known = version_of(row for row in (in_force(one, on) for one in rows.values()) if row is not None)
        _shelf.versions[on] = known
    return known
