"""The close of business: collect what is fresh, book what was repaid, accrue, classify, watch, react, prove."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Max

from rongtong.attest import facade as attest
from rongtong.consent.contracts import Purpose
from rongtong.core.actors import Actor
from rongtong.core.clock import now, played_moment
from rongtong.core.progress import progress_bar
from rongtong.core.tenancy import Book, current_book, in_book, is_played
from rongtong.matching import facade as matching
from rongtong.monitoring import facade as monitoring
from rongtong.records import facade as records
from rongtong.servicing import facade as servicing
from rongtong.workflows.books import books_held
from rongtong.workflows.connections import Connection, connected
from rongtong.workflows.models import BusinessDay, LoopRun
from rongtong.workflows.reactions import freeze_on_red, thaw_after_alarm
from rongtong.workflows.setting_aside import attempt, keep_answers, keep_lines
from rongtong.workflows.statements import take_statements

DAILY, WEEKLY, MONTHLY = 1, 7, 0
_ALL = "all"
"""The subject of a step that is one for everybody."""
CADENCE = {
    "courts": WEEKLY,
    "news": WEEKLY,
    "registration": WEEKLY,
    "invoices": WEEKLY,
    "bank_flows": WEEKLY,
    "electricity": WEEKLY,
    "tax": MONTHLY,
    "social_insurance": MONTHLY,
}
"""How often each source is asked after the payout: weekly on Mondays, monthly on the 20th (after the filing day)."""


@dataclass(frozen=True, slots=True)
class DaysReport:
    """What closing some days came to; amounts in fen."""

    days: int
    first: date | None
    last: date | None
    records_landed: int
    repayments: int
    repaid_minor: int
    overdue_loans: int
    signals: int
    frozen_limits: int
    ledger_balanced: bool
    attested: int
    seconds: float
    book: str
    """Whose days: `live`, or those of the evaluations."""
    statements_missing: int
    """Statements of lenders' banks that did not come, or could not be read, and are asked for again."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def close_days(*, to: date, actor: Actor, at: datetime, connection: Connection | None = None) -> DaysReport:
    """Close each day of the present book after the last closed one, up to and including `to`; a day that was cut off is done again.

    Of two that close at once the second waits, and finds the days closed. What is played (an evaluation, a
    demonstration) is closed in the evening of each day that it plays; else everything happens at `at`.
    """
    with books_held():
        return _close_days(days_to_close(to), actor, at, connection)


def begun_book() -> Book:
    """The live book, unless only evaluations have begun."""
    with in_book(Book.EVALUATION):
        evaluated = LoopRun.objects.exists()
    with in_book(Book.LIVE):
        begun = books_begun() or bool(servicing.borrowers())
    return Book.EVALUATION if evaluated and not begun else Book.LIVE


def books_begun() -> bool:
    """Whether there is a first day of the present book."""
    return LoopRun.objects.exists() or BusinessDay.objects.exists()


def _close_days(days: Sequence[date], actor: Actor, at: datetime, given: Connection | None) -> DaysReport:
    started = time.monotonic()
    totals: Counter[str] = Counter()
    balanced, played = True, is_played()
    with connected(given) as connection, connection.bank() as bank, progress_bar("closing days", len(days)) as bar:
        for day in days:
            moment = min(at, played_moment(day, 23)) if played else at
            report = close_day(day, connection=connection, bank=bank, actor=actor, at=moment)
            totals.update(
                {name: report[name] for name in ("landed", "repayments", "repaid_minor", "signals", "frozen")}
            )
            totals["overdue_loans"] = report["overdue_loans"]
            totals["missing"] = len(report.get("statements_missing", ()))
            balanced = balanced and report["ledger_balanced"]
            bar.advance()
    return DaysReport(
        days=len(days),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        records_landed=totals["landed"],
        repayments=totals["repayments"],
        repaid_minor=totals["repaid_minor"],
        overdue_loans=totals["overdue_loans"],
        signals=totals["signals"],
        frozen_limits=totals["frozen"],
        ledger_balanced=balanced,
        attested=attest.latest_checkpoint_size(),
        seconds=round(time.monotonic() - started, 2),
        book=current_book().value,
        statements_missing=totals["missing"],
    )


def days_to_close(to: date) -> list[date]:
    """The days from the one after the last closed, or after the first loop's date, up to `to`."""
    last = BusinessDay.objects.exclude(closed_at=None).aggregate(last=Max("business_date"))["last"]
    if last is None:
        first = LoopRun.objects.order_by("as_of").values_list("as_of", flat=True).first()
        last = first or to - timedelta(days=1)
    return [last + timedelta(days=step) for step in range(1, (to - last).days + 1)]


def close_day(
    day: date, *, connection: Connection, bank: servicing.Bank | None, actor: Actor, at: datetime
) -> dict[str, Any]:
    """Close one day. Each step is safe to run twice, so a day that was cut off is simply closed again.

    A lender's bank that gives no statement stops nobody else: the day is closed with it named, and the statement is asked
    for again with each day after. Without an address of banks nothing is sent, and no statement comes.
    """
    business_day, _ = BusinessDay.objects.get_or_create(business_date=day)
    if business_day.closed_at is not None:
        return dict(business_day.report)
    borrowers = servicing.borrowers()
    collecting = partial(_collect_fresh, borrowers, day, connection, actor, at)
    landed = attempt("collect_records", _ALL, collecting, at=at) or 0
    if bank is not None:
        sending = partial(servicing.send_instructions, actor=actor, at=at, bank=bank)
        keep_answers(attempt("send_instructions", _ALL, sending, at=at), at=at)
        asking = partial(servicing.send_collections, business_date=day, actor=actor, at=at, bank=bank)
        asked = attempt("send_collections", _ALL, asking, at=at)
        keep_answers(asked, at=at)
        keep_lines("collect_loan", asked.unwritten if asked else (), at=at, all_tried=asked is not None)
    taken = take_statements(day=day, bank=bank, actor=actor, at=at)
    closed = servicing.close_of_business(business_date=day, actor=actor, at=at)
    watched = borrowers if landed else _late(borrowers, day)
    loans, lines = ([one for one in closed.set_aside if one[0].startswith(kind)] for kind in ("loan_", "fac_"))
    keep_lines("close_loan", loans, at=at)
    keep_lines("close_line", lines, at=at)
    signals = monitoring.scan(enterprise_ids=watched, business_date=day, actor=actor, at=at)
    keep_lines("scan_firm", signals.set_aside, at=at, all_tried=watched is borrowers)
    attempt("thaw_limits", _ALL, partial(thaw_after_alarm, business_date=day, actor=actor, at=at), at=at)
    frozen = attempt("freeze_limits", _ALL, partial(freeze_on_red, business_date=day, actor=actor, at=at), at=at) or 0
    matching.release_expired(at=at)
    if day.day == 1:
        records.compact_tables(at=at)
        records.erase_expired_records(actor=actor, at=at)
    attest.seal_rows(at=now())
    while attest.sequence(at=now()):
        pass
    report = {
        "landed": landed,
        "repayments": taken.repayments,
        "repaid_minor": taken.repaid_minor,
        "statements_missing": taken.missing,
        "overdue_loans": closed.overdue_loans,
        "signals": signals.raised,
        "frozen": frozen,
        "ledger_balanced": closed.ledger_balanced,
    }
    BusinessDay.objects.filter(pk=day).update(closed_at=now(), report=report)
    return report


def _collect_fresh(borrowers: Sequence[UUID], day: date, connection: Connection, actor: Actor, at: datetime) -> int:
    due = [kind for kind, cadence in CADENCE.items() if _due(cadence, day)]
    if not due or not borrowers:
        return 0
    reports = records.collect(
        enterprise_ids=borrowers,
        kinds=due,
        until=day,
        purpose=Purpose.POST_LOAN,
        actor=actor,
        at=at,
        source=connection.source,
    )
    return sum(report.landed for report in reports.values())


def _late(borrowers: Sequence[UUID], day: date) -> tuple[UUID, ...]:
    """Whom to look at on a day without fresh records, when only what the books say may have changed."""
    late = servicing.overdue_days(enterprise_ids=borrowers, business_date=day)
    were_late = {one.enterprise_id for one in monitoring.signals(code="overdue_here", limit=100_000)}
    return tuple(sorted({*late, *were_late.intersection(borrowers)}))


def _due(cadence: int, day: date) -> bool:
    return day.day == 20 if cadence == MONTHLY else day.weekday() == 0 or cadence == DAILY
