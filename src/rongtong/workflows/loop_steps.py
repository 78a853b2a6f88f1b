"""The steps of one firm in the loop: matched, applied for, decided, signed, paid. Each is kept in its case and safe to run twice.

What is played is signed for both sides; a live case waits for the firm and the lender, and is read anew with each run.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db import connection as database

from rongtong.core.actors import Actor, Right
from rongtong.core.errors import RongtongError
from rongtong.core.ids import decode_id
from rongtong.core.tenancy import is_played
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination.contracts import ApplicationState
from rongtong.parties import facade as parties
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import Loan, LoanState
from rongtong.workflows.connections import Connection
from rongtong.workflows.drafts import draft_for
from rongtong.workflows.financing import decide_submitted, pay_out, sign_both_sides
from rongtong.workflows.models import CaseState, LoopCase

log = logging.getLogger("rongtong.workflows")
STATES = {
    ApplicationState.SUBMITTED: CaseState.APPLIED,
    ApplicationState.REFERRED: CaseState.REFERRED,
    ApplicationState.APPROVED: CaseState.APPROVED,
    ApplicationState.COUNTERED: CaseState.APPROVED,
    ApplicationState.DECLINED: CaseState.DECLINED,
    ApplicationState.ACCEPTED: CaseState.APPROVED,
    ApplicationState.SIGNED: CaseState.AGREED,
    ApplicationState.WITHDRAWN: CaseState.ENDED,
    ApplicationState.LAPSED: CaseState.ENDED,
}
"""How far a case has come when its application stands where it does; every state is here."""
_OVER = (matching.OfferExpired, matching.OfferNotOpen, matching.ExposureExceeded)
"""What an offer may have come to since it was found: then the firm is matched anew."""


def attempt(case: LoopCase, step: Callable[[], None]) -> None:
    """Do a step of one firm; where it fails, the case keeps what stands in the way, and the others go on.

    Where the database itself is gone the error is raised.
    """
    try:
        step()
    except Exception as error:
        if database.needs_rollback or not database.is_usable():
            raise
        log.warning("the loop leaves %s at %s", case.enterprise_id, case.state, exc_info=error)
        case.obstacle = (error.code if isinstance(error, RongtongError) else type(error).__name__)[:80]
        case.obstacle_detail = str(error)[:300]
    else:
        case.obstacle = case.obstacle_detail = ""
    LoopCase.objects.filter(pk=case.pk).update(obstacle=case.obstacle, obstacle_detail=case.obstacle_detail)


def match_cases(cases: Sequence[LoopCase], actor: Actor, at: datetime) -> None:
    """Portray firms of one run as of its day, score them, and find their offers."""
    by_firm = {case.enterprise_id: case for case in cases}
    as_of = cases[0].run.as_of
    portraits = features.build_portraits(
        enterprise_ids=list(by_firm), as_of=as_of, reader_id=parties.platform().id, actor=actor, at=at
    )
    scored = [
        (portrait, credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed))
        for portrait in portraits
    ]
    matches = matching.find_offers_for(firms=scored, as_of=as_of, actor=actor, at=at)
    for portrait, score in scored:
        case = by_firm[portrait.enterprise_id]
        offers = matches[portrait.enterprise_id].offers
        case.portrait_id, case.score, case.offers = portrait.id, score.score, len(offers)
        case.offer_id = offers[0].id if offers else None
        case.state = CaseState.MATCHED if offers else CaseState.UNMATCHED
    LoopCase.objects.bulk_update(
        cases, ["portrait_id", "score", "offers", "offer_id", "state"], batch_size=max(len(cases), 1)
    )


def finance(case: LoopCase, actor: Actor, at: datetime, connection: Connection) -> None:
    """Apply, decide and, where it is played, accept and sign: from where the case stands as far as it goes."""
    if case.state == CaseState.MATCHED:
        _apply(case, actor, at)
    if case.state == CaseState.APPLIED:
        _decide(case, actor, at, connection)
    if not is_played():
        _follow(case)
    elif case.state == CaseState.APPROVED:
        _agree(case, actor, at)


def draw(case: LoopCase, actor: Actor, at: datetime) -> None:
    """Have what was played and signed paid out on the day of the run."""
    assert case.agreement_id is not None
    loan = pay_out(agreement_id=case.agreement_id, business_date=case.run.as_of, actor=actor, at=at)
    case.loan_id, case.state = loan.id, CaseState.INSTRUCTED
    case.save(update_fields=["loan_id", "state"])


def note_payment(case: LoopCase, loan: Loan) -> None:
    """Keep what the lender's bank said of the first drawdown, once it said something."""
    if loan.state != LoanState.INSTRUCTED:
        case.state = CaseState.REJECTED if loan.state == LoanState.REJECTED else CaseState.DRAWN
        case.amount_drawn_minor = loan.principal_minor if case.state == CaseState.DRAWN else None


def _apply(case: LoopCase, actor: Actor, at: datetime) -> None:
    started = time.perf_counter()
    try:
        _submit(case, actor, at)
    except _OVER:
        match_cases([case], actor, at)
        if case.state == CaseState.UNMATCHED:
            return
        _submit(case, actor, at)
    case.state, case.decision_ms = CaseState.APPLIED, (time.perf_counter() - started) * 1000
    case.save(update_fields=["application_id", "state", "decision_ms"])


def _submit(case: LoopCase, actor: Actor, at: datetime) -> None:
    assert case.offer_id is not None
    right = Right.PLAYED if is_played() else Right(actor.right)
    firm = actor.acting_for(case.enterprise_id, right=right)
    try:
        case.application_id = origination.submit_application(
            draft=draft_for(offer_id=case.offer_id), actor=firm, at=at
        ).id
    except origination.OfferTaken as error:  # an earlier run, or the firm itself, applied for it
        case.application_id = decode_id("app", error.facts["application"])


def _decide(case: LoopCase, actor: Actor, at: datetime, connection: Connection) -> None:
    assert case.application_id is not None
    started = time.perf_counter()
    if is_played():
        registers = None if settings.REGISTERS_URL else connection.source
        with suppress(origination.ApplicationMoved):  # it ended, or somebody decided, a moment ago
            origination.decide_application(
                application_id=case.application_id, as_of=case.run.as_of, actor=actor, at=at, registers=registers
            )
    else:
        decide_submitted(application_id=case.application_id, at=at, last_try=True)
    case.decision_ms = (case.decision_ms or 0.0) + (time.perf_counter() - started) * 1000
    case.state = STATES[origination.application(application_id=case.application_id).state]
    case.save(update_fields=["state", "decision_ms"])


def _follow(case: LoopCase) -> None:
    """Read how far a live case has come by the hands of the firm and the lender."""
    if case.application_id is None:
        return
    application = origination.application(application_id=case.application_id)
    case.state, case.agreement_id = STATES[application.state], application.agreement_id
    if case.state == CaseState.AGREED:
        page = servicing.loans_of(enterprise_id=case.enterprise_id, page_size=200)
        loan = next((one for one in reversed(page.items) if one.agreement_id == case.agreement_id), None)
        if loan is not None:
            case.loan_id, case.state = loan.id, CaseState.INSTRUCTED
            note_payment(case, loan)
    case.save(update_fields=["state", "agreement_id", "loan_id", "amount_drawn_minor"])


def _agree(case: LoopCase, actor: Actor, at: datetime) -> None:
    assert case.application_id is not None
    agreement = sign_both_sides(application_id=case.application_id, actor=actor, at=at)
    case.agreement_id, case.state = agreement.id, CaseState.AGREED
    case.save(update_fields=["agreement_id", "state"])
