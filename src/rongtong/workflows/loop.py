"""The closed loop over many firms: portray, score, match, apply, decide, sign, pay out.

Live it makes applications in firms' names; as an evaluation it plays the same steps in a book of their own. What is played
as of a day that is over has its times on that day. How far each firm has come is kept in its case; every step is an action that is safe to run twice. A run that was cut
off anywhere goes on by being run again for the same date.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db.models import Sum

from rongtong.attest import facade as attest
from rongtong.core.actors import Actor, Right
from rongtong.core.clock import china_date, now, played_moment
from rongtong.core.progress import progress_bar
from rongtong.core.tenancy import current_book, in_book
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.ledger import facade as ledger
from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferId, ProductKind
from rongtong.origination import facade as origination
from rongtong.origination.contracts import ApplicationDraft, ApplicationState, Channel, Purpose
from rongtong.parties import facade as parties
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import LoanId, LoanState
from rongtong.workflows.assumptions import assumptions_of
from rongtong.workflows.books import books_held
from rongtong.workflows.connections import Connection, connected
from rongtong.workflows.financing import pay_out, sign_both_sides
from rongtong.workflows.market import prepare_market
from rongtong.workflows.models import CaseState, LoopCase, LoopRun
from rongtong.workflows.plans import LoopPlan

_PURPOSES = {ProductKind.EQUIPMENT: Purpose.EQUIPMENT, ProductKind.ORDER: Purpose.ORDER}
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
    pending = list(LoopCase.objects.filter(run=run, state=CaseState.PENDING).order_by("enterprise_id"))
    reader = parties.platform().id
    with progress_bar("portraits, scores, offers", len(pending)) as bar:
        for start in range(0, len(pending), CHUNK):
            cases = {case.enterprise_id: case for case in pending[start : start + CHUNK]}
            portraits = features.build_portraits(
                enterprise_ids=list(cases), as_of=run.as_of, reader_id=reader, actor=actor, at=at
            )
            scored = [
                (portrait, credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed))
                for portrait in portraits
            ]
            matches = matching.find_offers_for(firms=scored, as_of=run.as_of, actor=actor, at=at)
            for portrait, score in scored:
                case = cases[portrait.enterprise_id]
                offers = matches[portrait.enterprise_id].offers
                case.portrait_id, case.score, case.offers = portrait.id, score.score, len(offers)
                case.offer_id = offers[0].id if offers else None
                case.state = CaseState.MATCHED if offers else CaseState.UNMATCHED
            LoopCase.objects.bulk_update(
                list(cases.values()), ["portrait_id", "score", "offers", "offer_id", "state"], batch_size=CHUNK
            )
            bar.advance(len(cases))


def _finance(run: LoopRun, actor: Actor, at: datetime, connection: Connection) -> None:
    """Apply, decide, accept and sign: firm by firm, each step remembered."""
    under_way = [CaseState.MATCHED, CaseState.APPLIED, CaseState.APPROVED]
    cases = list(LoopCase.objects.filter(run=run, state__in=under_way).order_by("enterprise_id"))
    with progress_bar("applications, decisions, agreements", len(cases)) as bar:
        for case in cases:
            on_behalf = actor.acting_for(case.enterprise_id, right=Right.PLAYED)
            if case.state == CaseState.MATCHED:
                _apply(case, on_behalf, at)
            if case.state == CaseState.APPLIED:
                _decide(case, run.as_of, actor, at, connection)
            if case.state == CaseState.APPROVED:
                _agree(case, actor, at)
            bar.advance()


def _apply(case: LoopCase, actor: Actor, at: datetime) -> None:
    assert case.offer_id is not None
    offer = matching.offer(offer_id=OfferId(case.offer_id))
    kind = matching.product(product_id=offer.product_id).kind
    draft = ApplicationDraft(
        offer_id=offer.id,
        amount_minor=offer.amount_minor,
        term_months=offer.term_months,
        purpose=_PURPOSES.get(kind, Purpose.RAW_MATERIALS),
        contact_name="法定代表人",
        contact_phone="13800000000",
        account_bank="基本户开户行",
        account_number="33010000000000000000",
        declared=True,
        channel=Channel.BATCH,
    )
    started = time.perf_counter()
    application = origination.submit_application(draft=draft, actor=actor, at=at)
    case.application_id, case.state = application.id, CaseState.APPLIED
    case.decision_ms = (time.perf_counter() - started) * 1000
    case.save(update_fields=["application_id", "state", "decision_ms"])


def _decide(case: LoopCase, as_of: date, actor: Actor, at: datetime, connection: Connection) -> None:
    assert case.application_id is not None
    started = time.perf_counter()
    registers = None if settings.REGISTERS_URL else connection.source
    origination.decide_application(
        application_id=case.application_id, as_of=as_of, actor=actor, at=at, registers=registers
    )
    case.decision_ms = (case.decision_ms or 0.0) + (time.perf_counter() - started) * 1000
    state = origination.application(application_id=case.application_id).state
    case.state = {
        ApplicationState.DECLINED: CaseState.DECLINED,
        ApplicationState.REFERRED: CaseState.REFERRED,
    }.get(state, CaseState.APPROVED)
    case.save(update_fields=["state", "decision_ms"])


def _agree(case: LoopCase, actor: Actor, at: datetime) -> None:
    assert case.application_id is not None
    agreement = sign_both_sides(application_id=case.application_id, actor=actor, at=at)
    case.agreement_id, case.state = agreement.id, CaseState.AGREED
    case.save(update_fields=["agreement_id", "state"])


def _draw(run: LoopRun, actor: Actor, at: datetime, bank: servicing.Bank | None) -> None:
    cases = list(
        LoopCase.objects.filter(run=run, state__in=[CaseState.AGREED, CaseState.INSTRUCTED]).order_by("enterprise_id")
    )
    with progress_bar("drawdowns", len(cases)) as bar:
        for case in cases:
            if case.state == CaseState.AGREED:
                assert case.agreement_id is not None
                loan = pay_out(agreement_id=case.agreement_id, business_date=run.as_of, actor=actor, at=at)
                case.loan_id, case.state = loan.id, CaseState.INSTRUCTED
                case.save(update_fields=["loan_id", "state"])
            bar.advance()
    _confirm(cases, actor, at, bank)


def _confirm(cases: list[LoopCase], actor: Actor, at: datetime, bank: servicing.Bank | None) -> None:
    if bank is not None:
        servicing.send_instructions(actor=actor, at=at, bank=bank)
    loans = servicing.loans(loan_ids=[case.loan_id for case in cases if case.loan_id])
    for case in cases:
        loan = loans.get(LoanId(case.loan_id)) if case.loan_id else None
        if loan is not None and loan.state != LoanState.INSTRUCTED:
            case.state = CaseState.REJECTED if loan.state == LoanState.REJECTED else CaseState.DRAWN
            case.amount_drawn_minor = loan.principal_minor if case.state == CaseState.DRAWN else None
    LoopCase.objects.bulk_update(cases, ["state", "amount_drawn_minor"], batch_size=1000)


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
        drawn=states[CaseState.DRAWN],
        amount_drawn_minor=sums["drawn"] or 0,
        ledger_balanced=ledger.check_balanced(),
        attested=attest.latest_checkpoint_size(),
        decision_ms={"p50": round(float(p50), 2), "p99": round(float(p99), 2)},
        seconds=round(seconds, 2),
        book=current_book().value,
        assumptions=assumptions_of(list(cases.values_list("enterprise_id", flat=True))),
    )
