"""From an application to the money, step by step as events ask for it: decide, draw up, pay out; each is safe to run twice."""

from __future__ import annotations

import logging
from datetime import date, datetime
from uuid import UUID

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item
from rongtong.consent.contracts import Purpose as ReadingPurpose
from rongtong.core.actors import Actor, Right, system_actor
from rongtong.core.clock import china_date
from rongtong.core.errors import RongtongError, Unavailable
from rongtong.core.ids import decode_id
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Agreement, AgreementState, Application, ApplicationState, Lapse, Side
from rongtong.parties.contracts import OrganisationId
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import Loan

log = logging.getLogger("rongtong.workflows")


def rules_of(job: str, organisation_id: UUID) -> Actor:
    """The platform's job as it acts for a lender, by that one's rules."""
    return system_actor(job, organisation_id=organisation_id, right=Right.LENDER_RULES)


def decide_submitted(*, application_id: UUID, at: datetime, last_try: bool) -> ApplicationState:
    """Have the lender's rules decide an application as of the day it came in; say where it stands then.

    Where the firm's consent has ended it lapses; suspended, it waits for it as long as for a lender. Where the rules cannot decide, it goes to the lender's desk with the reason;
    what may pass (a source that does not answer, a fault) is raised to be tried again, until the last try.
    """
    with as_platform():
        application = origination.application(application_id=application_id)
        if application.state is not ApplicationState.SUBMITTED:
            return application.state
        actor, as_of = rules_of("decide_application", application.lender_id), china_date(application.submitted_at)
        try:
            origination.decide_application(application_id=application_id, as_of=as_of, actor=actor, at=at)
        except origination.ApplicationMoved:
            pass  # the firm withdrew it, or another one decided, a moment ago
        except consent.ConsentMissing:
            if not _may_resume(application, at):
                origination.lapse_application(
                    application_id=application_id, reason=Lapse.CONSENT_ENDED, actor=actor, at=at
                )
        except Exception as error:
            passing = isinstance(error, Unavailable) or not isinstance(error, RongtongError)
            if passing and not last_try:
                raise
            log.warning("application %s could not be decided", application_id, exc_info=error)
            code = error.code if isinstance(error, RongtongError) else "fault"
            origination.refer_application(
                application_id=application_id, obstacle_code=code, as_of=as_of, actor=actor, at=at
            )
        return origination.application(application_id=application_id).state


def draw_up(*, application_id: UUID, at: datetime) -> Agreement | None:
    """Draw up the agreement of accepted terms; None where the application has moved on without one."""
    with as_platform():
        application = origination.application(application_id=application_id)
        if application.state is not ApplicationState.ACCEPTED:
            return origination.agreement_of(application_id=application_id)
        actor = rules_of("prepare_agreement", application.lender_id)
        return origination.prepare_agreement(application_id=application_id, actor=actor, at=at)


def pay_out_signed(*, agreement_id: UUID, at: datetime) -> Loan | None:
    """Pay out a concluded agreement on the day of the books on which the lender signed it.

    Of a line that is drawn as needed only the facility is opened: nothing is paid until the firm orders it. None there, and
    where the agreement is not concluded.
    """
    with as_platform():
        agreement = origination.agreement(agreement_id=agreement_id)
        if agreement.state is not AgreementState.SIGNED:
            return None
        actor = rules_of("pay_out", agreement.lender_id)
        if agreement.revolving:
            servicing.open_facility(agreement=agreement, actor=actor, at=at)
            return None
        return pay_out(
            agreement_id=agreement_id,
            business_date=origination.signing_date(agreement_id=agreement_id),
            actor=actor,
            at=at,
        )


def end_without_consent(*, enterprise_id: UUID | None, actor: Actor, at: datetime) -> int:
    """Let the undecided applications (of one firm, or of all) lapse whose lender may not read the portrait any more.

    Those whose authorisation the firm only suspended wait until it resumes it, as long as they would for a lender. One
    firm's offers of such lenders are withdrawn, too; of all firms they end by themselves within a day.
    """
    with as_platform():
        if enterprise_id is not None:
            matching.withdraw_unreadable(enterprise_id=OrganisationId(enterprise_id), actor=actor, at=at)
        ended = without_consent(enterprise_id=enterprise_id, at=at)
        for one in ended:
            origination.lapse_application(application_id=one.id, reason=Lapse.CONSENT_ENDED, actor=actor, at=at)
        return len(ended)


def without_consent(*, enterprise_id: UUID | None, at: datetime) -> list[Application]:
    """The undecided applications (of one firm, or of all) whose lender may not read the portrait any more, nor soon again."""
    with as_platform():
        waiting = origination.undecided(enterprise_id=enterprise_id)
        readers = consent.readers_of(
            enterprise_ids=[one.enterprise_id for one in waiting],
            reader_ids=[one.lender_id for one in waiting],
            item=Item.PORTRAIT,
            purpose=ReadingPurpose.FINANCING,
            at=at,
        )
        barred = [one for one in waiting if one.lender_id not in readers[one.enterprise_id]]
        return [one for one in barred if not _may_resume(one, at)]


def _may_resume(application: Application, at: datetime) -> bool:
    """Whether the firm only suspended what lets the lender read, and the time to wait for it is not over."""
    suspended = consent.suspended_readers(
        enterprise_id=application.enterprise_id, item=Item.PORTRAIT, purpose=ReadingPurpose.FINANCING, at=at
    )
    patience = credit.deadline_after("origination.referral_days", since=application.submitted_at)
    return application.lender_id in suspended and at <= patience


def sign_both_sides(*, application_id: UUID, actor: Actor, at: datetime) -> Agreement:
    """Accept the terms for the firm, draw the agreement up, sign it for both sides: for what is played.

    Raises origination's HandMissing anywhere else.
    """
    application = origination.application(application_id=application_id)
    firm = actor.acting_for(application.enterprise_id, right=Right.PLAYED)
    lender = actor.acting_for(application.lender_id, right=Right.PLAYED)
    if application.state in {ApplicationState.APPROVED, ApplicationState.COUNTERED}:
        origination.accept_decision(application_id=application_id, actor=firm, at=at)
    agreement = origination.agreement_of(application_id=application_id)
    if agreement is None or agreement.state is AgreementState.VOID:
        agreement = origination.prepare_agreement(application_id=application_id, actor=firm, at=at)
    if agreement.state == AgreementState.PREPARED:
        agreement = origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=firm, at=at)
    if agreement.state == AgreementState.SIGNED_BY_FIRM:
        agreement = origination.sign_agreement(agreement_id=agreement.id, side=Side.LENDER, actor=lender, at=at)
    return agreement


def pay_out(*, agreement_id: UUID, business_date: date, actor: Actor, at: datetime) -> Loan:
    """Open the facility of a signed agreement and write the first drawdown's instruction; a job sends it to the lender.

    On a line that is drawn as needed the drawdown is the firm's own order: here it is played in the firm's name.
    Paid out before, perhaps on another day, it is that loan.
    """
    agreement = origination.agreement(agreement_id=agreement_id)
    facility = servicing.open_facility(agreement=agreement, actor=actor, at=at)
    if facility.revolving:
        actor = actor.acting_for(facility.enterprise_id, right=Right.PLAYED)
    try:
        return servicing.request_drawdown(
            facility_id=facility.id,
            amount_minor=facility.first_drawdown_minor,
            business_date=business_date,
            actor=actor,
            at=at,
        )
    except servicing.DrawdownDiffers as error:
        return servicing.loan(loan_id=decode_id("loan", error.facts["loan"]))
