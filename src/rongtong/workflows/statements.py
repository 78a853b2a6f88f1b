"""The statements of the lenders' banks at the close of a day: one that does not come holds up nobody but its own loans."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from uuid import UUID

from rongtong.core.actors import Actor
from rongtong.core.ids import decode_id, encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.parties import facade as parties
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import StatementReport
from rongtong.workflows.models import BusinessDay
from rongtong.workflows.setting_aside import attempt, settled_by_hand, why_set_aside


@dataclass(slots=True)
class Taken:
    """What the statements of a day, and those that were still missing, came to."""

    repayments: int = 0
    repaid_minor: int = 0
    missing: list[list[str]] = field(default_factory=list)
    """Lender and day of each statement that still did not come, or could not be read, and why."""


def take_statements(*, day: date, bank: servicing.Bank | None, actor: Actor, at: datetime) -> Taken:
    """Book each lender's statement of a day, and before it those of earlier days that are missing."""
    taken = Taken()
    lenders = [one.id for one in parties.institutions()]
    for lender_id, asked_day in [*_missing(day), *((one, day) for one in lenders)]:
        if bank is None and not servicing.has_loans(lender_id=lender_id):
            continue
        lender = encode_id("org", lender_id)
        if settled_by_hand("import_statement", lender, asked_day):
            continue
        asking = partial(_ask, lender_id, asked_day, bank, actor, at)
        report = attempt("import_statement", lender, asking, at=at, business_date=asked_day)
        if report is None:
            taken.missing.append([lender, asked_day.isoformat(), why_set_aside("import_statement", lender, asked_day)])
            continue
        taken.repayments += report.repayments
        taken.repaid_minor += report.repaid_minor
    record_all(
        deeds=[
            Deed("statement.missing", lender, facts={"business_date": asked, "why": why})
            for lender, asked, why in taken.missing
        ],
        actor=actor,
        at=at,
    )
    return taken


def _ask(lender_id: UUID, day: date, bank: servicing.Bank | None, actor: Actor, at: datetime) -> StatementReport:
    if bank is None:
        raise servicing.BankUnavailable(why="no address is configured")
    return servicing.import_statement(lender_id=lender_id, business_date=day, actor=actor, at=at, bank=bank)


def _missing(day: date) -> list[tuple[UUID, date]]:
    """What the day closed before this one was still without."""
    last = BusinessDay.objects.filter(business_date__lt=day).exclude(closed_at=None).order_by("-business_date").first()
    named = last.report.get("statements_missing", []) if last else []
    return [(decode_id("org", lender), date.fromisoformat(asked)) for lender, asked, _why in named]
