"""The closed loop over many firms: portray, score, match, apply, decide, sign, pay out.

Live it makes applications in firms' names with what each firm named itself, and has them decided; terms are accepted and
agreements signed by the firm and the lender alone, and paid out by a job. An evaluation, or a demonstration, plays all the
steps. What is played as of a day that is over has its times on that day. How far each firm has come is kept in its case; what
fails for one firm is kept there, too, named in the report, and tried again by the next run for the same date, as is a run
that was cut off.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Sum

from rongtong.attest import facade as attest
from rongtong.core.actors import Actor
from rongtong.core.clock import china_date, now, played_moment
from rongtong.core.ids import encode_id
from rongtong.core.progress import progress_bar
from rongtong.core.tenancy import current_book, in_book, is_played
from rongtong.ledger import facade as ledger
from rongtong.matching import facade as matching
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import LoanId
from rongtong.workflows.assumptions import assumptions_of
from rongtong.workflows.books import books_held
from rongtong.workflows.connections import Connection, connected
from rongtong.workflows.loop_steps import attempt, draw, finance, match_cases, note_payment
from rongtong.workflows.market import prepare_market
from rongtong.workflows.models import CaseState, LoopCase, LoopRun
from rongtong.workflows.plans import LoopPlan

CHUNK = 100
"""Firms portrayed and matched in one go: bounds the memory."""


@dataclass(frozen=True, slots=True)
class LoopReport:
    """What a run came to; `attested` counts the leaves of the transparency log, amounts are in fen."""

    enterprises: int
    portraits: int
    scored: int
    offers: int
    applications: int
    approved: int
    declined: int
    referred: int
    ended: int
    """Withdrawn by the firm, or lapsed."""
    waiting: int
    """Approved, and not signed by both sides yet."""
    drawn: int
    amount_drawn_minor: int
    ledger_balanced: bool
    attested: int
    decision_ms: dict[str, float]
    seconds: float
    book: str
    """`live`, or `evaluation`: then nobody is bound."""
    assumptions: list[dict[str, Any]]
    """What an evaluation takes for granted: whose word stands for an authorisation, which sources nobody asked."""
    set_aside: list[dict[str, str]]
    """The firms at which the run could not go on: where each stands, and the code of what stands in the way."""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def run_loop(*, plan: LoopPlan, actor: Actor, connection: Connection | None = None) -> LoopReport:
    """Do what a plan says; go on where an earlier run as of the same date in the same book stopped.

    Of two that play at once the second waits, and finds it played.
    """
    with books_held():
        prepare_market(actor=actor, at=now())
        with in_book(plan.book):
            return _play(plan, actor, connection)


def _play(plan: LoopPlan, actor: Actor, given: Connection | None) -> LoopReport:
    started = time.monotonic()
    at = now() if plan.as_of == china_date(now()) else played_moment(plan.as_of)
    matching.open_pools()
    run = _open_run(plan.as_of, plan.enterprise_ids)
    _portray_and_match(run, actor, at)
    with connected(given) as connection, connection.bank() as bank:
        _finance(run, actor, at, connection)
        if is_played():  # live, what both sides signed is paid out by a job
            _draw(run, actor, at, bank)
    attest.seal_rows(at=now())
    while attest.sequence(at=now()):
        pass
    LoopRun.objects.filter(pk=run.pk).update(finished_at=now())
    return _report(run, time.monotonic() - started)


def _open_run(as_of: date, enterprise_ids: Sequence[UUID]) -> LoopRun:
    run, _ = LoopRun.objects.get_or_create(as_of=as_of, defaults={"started_at": now()})
    known = set(LoopCase.objects.filter(run=run).values_list("enterprise_id", flat=True))
    LoopCase.objects.bulk_create(
        [LoopCase(run=run, enterprise_id=one) for one in enterprise_ids if one not in known],
        ignore_conflicts=True,
        batch_size=2000,
    )
    return run


def _portray_and_match(run: LoopRun, actor: Actor, at: datetime) -> None:
    pending = _cases(run, [CaseState.PENDING])
    with progress_bar("portraits, scores, offers", len(pending)) as bar:
        for start in range(0, len(pending), CHUNK):
            chunk = pending[start : start + CHUNK]
            _match(chunk, actor, at)
            bar.advance(len(chunk))


def _match(cases: list[LoopCase], actor: Actor, at: datetime) -> None:
    """Match all of them in one go, and where that fails each on its own."""
    try:
        match_cases(cases, actor, at)
    except Exception:
        for case in cases:
            attempt(case, partial(match_cases, [case], actor, at))
    else:
        LoopCase.objects.filter(pk__in=[case.pk for case in cases]).update(obstacle="", obstacle_detail="")


def _finance(run: LoopRun, actor: Actor, at: datetime, connection: Connection) -> None:
    """Apply, decide, accept and sign: firm by firm, each step remembered."""
    under_way = [CaseState.MATCHED, CaseState.APPLIED, CaseState.APPROVED]
    if not is_played():  # these wait for somebody, who may have acted since
        under_way += [CaseState.REFERRED, CaseState.AGREED, CaseState.INSTRUCTED]
    cases = _cases(run, under_way)
    with progress_bar("applications, decisions, agreements", len(cases)) as bar:
        for case in cases:
            attempt(case, partial(finance, case, actor, at, connection))
            bar.advance()


def _draw(run: LoopRun, actor: Actor, at: datetime, bank: servicing.Bank | None) -> None:
    cases = _cases(run, [CaseState.AGREED, CaseState.INSTRUCTED])
    with progress_bar("drawdowns", len(cases)) as bar:
        for case in cases:
            if case.state == CaseState.AGREED:
                attempt(case, partial(draw, case, actor, at))
            bar.advance()
    if bank is not None:
        servicing.send_instructions(actor=actor, at=at, bank=bank)
    loans = servicing.loans(loan_ids=[case.loan_id for case in cases if case.loan_id])
    for case in cases:
        loan = loans.get(LoanId(case.loan_id)) if case.loan_id else None
        if loan is not None:
            note_payment(case, loan)
    LoopCase.objects.bulk_update(cases, ["state", "amount_drawn_minor"], batch_size=1000)


def _cases(run: LoopRun, states: Sequence[CaseState]) -> list[LoopCase]:
    rows = LoopCase.objects.select_related("run").filter(run=run, state__in=states)
    return list(rows.order_by("enterprise_id"))


def _report(run: LoopRun, seconds: float) -> LoopReport:
    cases = LoopCase.objects.filter(run=run)
    states = Counter(cases.values_list("state", flat=True))
    approved = sum(
        states[state]
        for state in (
            CaseState.APPROVED,
            CaseState.AGREED,
            CaseState.INSTRUCTED,
            CaseState.DRAWN,
            CaseState.REJECTED,
        )
    )
    times = [value for value in cases.values_list("decision_ms", flat=True) if value is not None]
    p50, p99 = np.percentile(times, [50, 99]) if times else (0.0, 0.0)
    sums = cases.aggregate(offers=Sum("offers"), drawn=Sum("amount_drawn_minor"))
    return LoopReport(
        enterprises=sum(states.values()),
        portraits=cases.exclude(portrait_id=None).count(),
        scored=cases.exclude(score=None).count(),
        offers=sums["offers"] or 0,
        applications=cases.exclude(application_id=None).count(),
        approved=approved,
        declined=states[CaseState.DECLINED],
        referred=states[CaseState.REFERRED],
        ended=states[CaseState.ENDED],
        waiting=states[CaseState.APPROVED],
        drawn=states[CaseState.DRAWN],
        amount_drawn_minor=sums["drawn"] or 0,
        ledger_balanced=ledger.check_balanced(),
        attested=attest.latest_checkpoint_size(),
        decision_ms={"p50": round(float(p50), 2), "p99": round(float(p99), 2)},
        seconds=round(seconds, 2),
        book=current_book().value,
        assumptions=assumptions_of(list(cases.values_list("enterprise_id", flat=True))),
        set_aside=[
            {
                "enterprise": encode_id("ent", case.enterprise_id),
                "state": case.state,
                "code": case.obstacle,
                "detail": case.obstacle_detail,
            }
            for case in cases.exclude(obstacle="").order_by("enterprise_id")
        ],
    )
