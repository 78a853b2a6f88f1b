"""Durable jobs: thin, in the transaction of what asks for them, safe to run twice.

What the clock calls holds a place in the queue (`queueing_lock`) and is not retried: the next call comes soon, and does all
that is due by then. What an event asks for is retried, and holds none.
"""

from __future__ import annotations

from datetime import time, timedelta

from django.conf import settings
from procrastinate import JobContext
from procrastinate.contrib.django import app

from rongtong.attest import facade as attest
from rongtong.consent import facade as consents
from rongtong.core.actors import system_actor
from rongtong.core.clock import CHINA, china_date, now
from rongtong.core.ids import decode_id
from rongtong.core.models import Event
from rongtong.core.tenancy import Book, current_book
from rongtong.matching import facade as matching
from rongtong.monitoring.contracts import Disposition
from rongtong.origination.contracts import Channel, Side
from rongtong.servicing import facade as servicing
from rongtong.workflows import day, financing, reactions, setting_aside, trying_again, waiting
from rongtong.workflows.books import books_held
from rongtong.workflows.retries import Retry

_RETRY = Retry(attempts=8)
_SOON = Retry(attempts=5)
"""For what somebody waits for: after six minutes it takes its other way out."""
_FIRST = 10
"""The priority of what somebody waits for, over the clock's jobs."""
_CLOSING_TIME = time(1, 30)
"""In China: by then the banks' statements of the day before are there."""


@app.periodic(cron="* * * * *")
@app.task(
    name="send_instructions",
    retry=_RETRY,
    queueing_lock="send_instructions",
    lock="lender_banks",
)
def send_instructions(timestamp: int = 0) -> None:
    """Send what is prepared for the lenders' banks, where they answer."""
    if settings.SOURCES_URL:
        at = now()
        sent = servicing.send_instructions(actor=system_actor("send_instructions"), at=at)
        setting_aside.keep_answers(sent, at=at)


@app.periodic(cron="* * * * *")
@app.task(name="sequence_log", retry=_RETRY, queueing_lock="sequence_log", lock="attest")
def sequence_log(timestamp: int = 0) -> None:
    """Put waiting steps into the transparency log and sign a checkpoint."""
    while attest.sequence(at=now()):
        pass


@app.periodic(cron="*/5 * * * *")
@app.task(name="deliver_checkpoints", retry=_RETRY, queueing_lock="deliver_checkpoints")
def deliver_checkpoints(timestamp: int = 0) -> None:
    """Hand the newest checkpoint to the witnesses outside."""
    attest.deliver_checkpoints()


@app.periodic(cron="*/15 * * * *")
@app.task(name="seal_rows", retry=_RETRY, queueing_lock="seal_rows", lock="attest")
def seal_rows(timestamp: int = 0) -> None:
    """Attest what was written since and is no step of its own: the audit trail, accesses, portraits, present states."""
    attest.seal_rows(at=now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="release_expired_offers", retry=_RETRY, queueing_lock="release_expired_offers")
def release_expired_offers(timestamp: int = 0) -> None:
    """Give the capacity behind expired offers back."""
    matching.release_expired(at=now())


@app.periodic(cron="*/15 * * * *")
@app.task(name="close_of_business", retry=_RETRY, queueing_lock="close_of_business", lock="books")
def close_of_business(timestamp: int = 0) -> None:
    """Close the books up to yesterday, from half past one in China on; what is closed stays so, what failed is tried again."""
    at = now()
    if at.astimezone(CHINA).time() < _CLOSING_TIME:
        return
    day.close_days(to=china_date(at) - timedelta(days=1), actor=system_actor("close_of_business"), at=at)


def _live() -> bool:
    """An evaluation is played by its loop, step by step; no job takes part in it."""
    return current_book() is Book.LIVE


@app.task(name="decide_application", retry=_SOON, pass_context=True, priority=_FIRST)
def decide_application(context: JobContext, application: str) -> None:
    """Have the lender's rules decide an application that came in."""
    financing.decide_submitted(
        application_id=decode_id("app", application), at=now(), last_try=_SOON.is_last(context.job)
    )


def decide_after_submission(event: Event) -> None:
    """Have an application decided soon after it came in; the loop over many firms decides its own at once."""
    if _live() and event.facts.get("channel") != Channel.BATCH:
        decide_application.defer(application=event.subject)


@app.task(name="prepare_agreement", retry=_RETRY, priority=_FIRST)
def prepare_agreement(application: str) -> None:
    """Draw up the agreement of accepted terms."""
    financing.draw_up(application_id=decode_id("app", application), at=now())


def draw_up_after_acceptance(event: Event) -> None:
    """Have the agreement drawn up soon after the firm accepted the terms."""
    if _live():
        prepare_agreement.defer(application=event.subject)


@app.task(name="pay_out", retry=_RETRY, priority=_FIRST)
def pay_out(agreement: str) -> None:
    """Open the facility of a concluded agreement and instruct the lender's bank."""
    financing.pay_out_signed(agreement_id=decode_id("agr", agreement), at=now())


def pay_out_after_signature(event: Event) -> None:
    """Have an agreement paid out soon after the lender, who signs last, signed it."""
    if _live() and event.facts.get("side") == Side.LENDER:
        pay_out.defer(agreement=event.subject)


@app.task(name="end_without_consent", retry=_RETRY, priority=_FIRST)
def end_without_consent(consent: str) -> None:
    """Let the applications lapse that nobody may decide any more."""
    at = now()
    firm = consents.consent(consent_id=decode_id("cns", consent), at=at).enterprise_id
    financing.end_without_consent(enterprise_id=firm, actor=system_actor("end_without_consent"), at=at)


def look_after_revocation(event: Event) -> None:
    """Look at a firm's applications soon after it revoked an authorisation, or put another one in its place."""
    end_without_consent.defer(consent=event.subject)


@app.periodic(cron="*/10 * * * *")
@app.task(name="advance_overdue", retry=_RETRY, queueing_lock="advance_overdue", lock="advance_overdue")
def advance_overdue(timestamp: int = 0) -> None:
    """End what nobody acted on in time, and do again what a job should have done by now."""
    waiting.advance_overdue(actor=system_actor("advance_overdue"), at=now())


@app.periodic(cron="*/15 * * * *")
@app.task(name="try_set_aside", retry=_RETRY, queueing_lock="try_set_aside", lock="books")
def try_set_aside(timestamp: int = 0) -> None:
    """Try again what was set aside."""
    with books_held():
        trying_again.try_again(actor=system_actor("try_set_aside"), at=now())


@app.task(name="try_line", retry=_SOON, lock="books", priority=_FIRST)
def try_line(line: str) -> None:
    """Try again one thing that was set aside."""
    with books_held():
        trying_again.try_again(actor=system_actor("try_line"), at=now(), line_id=decode_id("sas", line))


def try_after_word(event: Event) -> None:
    """Try what was set aside soon after an operator asked for it."""
    try_line.defer(line=event.subject)


@app.task(name="thaw_limits", retry=_RETRY, lock="books")
def thaw_limits() -> None:
    """Give free the limits that no alarm holds any more."""
    at = now()
    with books_held():
        reactions.thaw_after_alarm(business_date=china_date(at), actor=system_actor("thaw_limits"), at=at)


def thaw_after_finding(event: Event) -> None:
    """Have limits given free again soon after a signal was found false."""
    if event.facts.get("disposition") == Disposition.FALSE_ALARM:
        thaw_limits.defer()
