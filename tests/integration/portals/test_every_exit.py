"""Every exit of every state of every kind of case is taken: by page and by API where a person takes it, by the job that is
the platform's; each leads where it is declared to lead. A state or an exit that nobody here takes fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from rongtong.core.cases import CaseKind, NextActor
from rongtong.core.clock import china_date, now
from rongtong.core.tenancy import as_platform
from rongtong.monitoring import contracts as monitoring
from rongtong.origination import contracts as origination
from rongtong.origination.contracts import Outcome
from rongtong.origination.facade import agreement_of
from rongtong.rulebook.queries import forget
from rongtong.servicing import contracts as servicing
from rongtong.servicing import facade as servicing_facade
from rongtong.workflows import day, own_cases, tasks
from tests.jobs import run_jobs

from .places import JOB, Everybody, Place
from .ways import file_of

KINDS: tuple[CaseKind, ...] = (
    *origination.CASE_KINDS,
    *servicing.CASE_KINDS,
    *monitoring.CASE_KINDS,
    *own_cases.CASE_KINDS,
)
PERSONS = (NextActor.FIRM, NextActor.LENDER, NextActor.OPERATOR)
Do = Callable[[Place], object]


@dataclass(frozen=True)
class Taken:
    """How an exit is taken: what leads to the state, and the act, by page and by API or by the platform itself."""

    bring: Do
    page: Do | None = None
    api: Do | None = None
    platform: Do | None = None


def by_person(bring: Do, page: Do, api: Do) -> Taken:
    return Taken(bring, page, api)


def by_platform(bring: Do, act: Do) -> Taken:
    return Taken(bring, platform=act)


def withdraw(bring: Do) -> Taken:
    return by_person(
        bring,
        lambda p: p.owner.send(f"/applications/{p.name('app')}/withdraw", reason="不需要了"),
        lambda p: p.owner.call(f"origination/applications/{p.name('app')}/withdrawal", {"reason": "不需要了"}),
    )


def lapse(bring: Do) -> Taken:
    return by_platform(bring, lambda p: p.advance())


def accept(bring: Do) -> Taken:
    return by_person(
        bring,
        lambda p: p.owner.send(f"/applications/{p.name('app')}", f"/applications/{p.name('app')}/accept"),
        lambda p: p.owner.call(f"origination/applications/{p.name('app')}/acceptance"),
    )


def sign(bring: Do, who: str, side: str) -> Taken:
    return by_person(
        bring,
        lambda p: getattr(p, who).send(f"/agreements/{p.name('agr')}", f"/agreements/{p.name('agr')}/sign"),
        lambda p: getattr(p, who).call(f"origination/agreements/{p.name('agr')}/signatures", {"side": side}),
    )


def decide(bring: Do, outcome: str, who: str = "funder") -> Taken:
    terms = {"amount": "100"} if outcome == "countered" else {}
    body = {"amount_minor": 100_000_000} if outcome == "countered" else {}
    return by_person(
        bring,
        lambda p: getattr(p, who).send(
            f"/cases/{p.name('app')}", f"/cases/{p.name('app')}/decide", outcome=outcome, reason="已核实", **terms
        ),
        lambda p: getattr(p, who).call(
            f"origination/applications/{p.name('app')}/desk-decision", {"outcome": outcome, "reason": "已核实", **body}
        ),
    )


def confirm(outcome: Outcome) -> Taken:
    return by_person(
        lambda p: p.proposed(outcome),
        lambda p: p.second.send(f"/cases/{p.name('app')}", f"/cases/{p.name('app')}/confirm"),
        lambda p: p.second.call(f"origination/proposals/{p.name('prp')}/confirmation"),
    )


def answer(state: str) -> Taken:
    return by_person(
        lambda p: p.objected(),
        lambda p: p.funder.send(
            f"/cases/{p.name('app')}", f"/cases/{p.name('app')}/answer", answer=state, text="已核对"
        ),
        lambda p: p.funder.call(
            f"origination/objections/{p.name('obj')}/answer", {"upheld": state == "upheld", "text": "已核对"}
        ),
    )


def upload(bring: Do, place: str, content: Callable[[Place], bytes]) -> Taken:
    return by_person(
        bring,
        lambda p: p.funder.send("/portfolio", f"/portfolio/{place}", file=file_of(content(p))),
        lambda p: p.funder.call(f"servicing/{place}", content(p)),
    )


def refused(then: Do) -> Do:
    """The same with a bank that refuses everything."""

    def act(p: Place) -> object:
        p.bank.refuses = Everybody()
        return then(p)

    return act


def listed(then: Do) -> Do:
    """The same with registers that speak against the firm."""

    def act(p: Place) -> object:
        p.registers.against = {"dishonest"}
        return then(p)

    return act


def unreachable(then: Do) -> Do:
    """The same with a bank that does not answer."""

    def act(p: Place) -> object:
        p.bank.down = True
        return then(p)

    return act


def prepay(p: Place) -> None:
    p.ask_bank()
    servicing_facade.import_statement(lender_id=p.offer.lender_id, content=p.statement(), actor=JOB, at=now())


def retry_line(p: Place) -> None:
    p.operator.send("/health", f"/set-aside/{p.name('sas')}/retry")
    run_jobs()


def retry_line_by_api(p: Place) -> None:
    p.operator.call(f"workflows/set-aside/{p.name('sas')}/retry")
    run_jobs()


def dispose(*, for_lender: bool) -> Taken:
    who = "funder" if for_lender else "operator"
    return by_person(
        lambda p: p.alarmed(for_lender=for_lender),
        lambda p: getattr(p, who).send(f"/warnings/{p.name('tsk')}", disposition="mitigated", note="已电话核实"),
        lambda p: getattr(p, who).call(
            f"monitoring/tasks/{p.name('tsk')}/disposition", {"disposition": "mitigated", "note": "已电话核实"}
        ),
    )


JOBS = lambda p: run_jobs()  # noqa: E731  # a word of the table
ASK = lambda p: p.ask_bank()  # noqa: E731  # as above
REFUSED_ANSWER = lambda p: p.answer()  # noqa: E731  # as above
TABLE: dict[tuple[str, str, str, str, NextActor], Taken] = {
    # application
    ("application", "submitted", "decide_application", "approved", NextActor.PLATFORM): by_platform(Place.submitted, JOBS),
    ("application", "submitted", "decide_application", "declined", NextActor.PLATFORM): by_platform(Place.submitted, listed(JOBS)),
    ("application", "submitted", "decide_application", "referred", NextActor.PLATFORM): by_platform(lambda p: p.submitted(human=True), JOBS),
    ("application", "submitted", "withdraw_application", "withdrawn", NextActor.FIRM): withdraw(Place.submitted),
    ("application", "submitted", "lapse_application", "lapsed", NextActor.PLATFORM): by_platform(Place.submitted, Place.revoke),
    ("application", "referred", "decide_manually", "approved", NextActor.LENDER): decide(Place.referred, "approved"),
    ("application", "referred", "decide_manually", "countered", NextActor.LENDER): decide(Place.referred, "countered"),
    ("application", "referred", "decide_manually", "declined", NextActor.LENDER): decide(Place.referred, "declined"),
    ("application", "referred", "confirm_proposal", "approved", NextActor.LENDER): confirm(Outcome.APPROVED),
    ("application", "referred", "confirm_proposal", "countered", NextActor.LENDER): confirm(Outcome.COUNTERED),
    ("application", "referred", "withdraw_application", "withdrawn", NextActor.FIRM): withdraw(Place.referred),
    ("application", "referred", "lapse_application", "lapsed", NextActor.PLATFORM): lapse(Place.referred),
    ("application", "approved", "accept_decision", "accepted", NextActor.FIRM): accept(Place.approved),
    ("application", "approved", "withdraw_application", "withdrawn", NextActor.FIRM): withdraw(Place.approved),
    ("application", "approved", "lapse_application", "lapsed", NextActor.PLATFORM): lapse(Place.approved),
    ("application", "countered", "accept_decision", "accepted", NextActor.FIRM): accept(Place.countered),
    ("application", "countered", "withdraw_application", "withdrawn", NextActor.FIRM): withdraw(Place.countered),
    ("application", "countered", "lapse_application", "lapsed", NextActor.PLATFORM): lapse(Place.countered),
    ("application", "accepted", "prepare_agreement", "", NextActor.PLATFORM): by_platform(Place.accepted, JOBS),
    ("application", "accepted", "sign_agreement", "signed", NextActor.LENDER): sign(Place.signed_by_firm, "funder", "lender"),
    ("application", "accepted", "withdraw_application", "withdrawn", NextActor.FIRM): withdraw(Place.accepted),
    ("application", "accepted", "lapse_application", "lapsed", NextActor.PLATFORM): lapse(Place.prepared),
    ("application", "signed", "open_facility", "", NextActor.PLATFORM): by_platform(Place.signed, JOBS),
    # proposal
    ("proposal", "pending", "confirm_proposal", "confirmed", NextActor.LENDER): confirm(Outcome.APPROVED),
    ("proposal", "pending", "decide_manually", "replaced", NextActor.LENDER): decide(Place.proposed, "declined", "second"),
    ("proposal", "pending", "withdraw_application", "dropped", NextActor.FIRM): withdraw(Place.proposed),
    ("proposal", "pending", "lapse_application", "dropped", NextActor.PLATFORM): lapse(Place.proposed),
    # agreement
    ("agreement", "prepared", "sign_agreement", "signed_by_firm", NextActor.FIRM): sign(Place.prepared, "owner", "firm"),
    ("agreement", "prepared", "withdraw_application", "void", NextActor.FIRM): withdraw(Place.prepared),
    ("agreement", "prepared", "lapse_application", "void", NextActor.PLATFORM): lapse(Place.prepared),
    ("agreement", "signed_by_firm", "sign_agreement", "signed", NextActor.LENDER): sign(Place.signed_by_firm, "funder", "lender"),
    ("agreement", "signed_by_firm", "withdraw_application", "void", NextActor.FIRM): withdraw(Place.signed_by_firm),
    ("agreement", "signed_by_firm", "lapse_application", "void", NextActor.PLATFORM): lapse(Place.signed_by_firm),
    # objection
    ("objection", "raised", "answer_objection", "upheld", NextActor.LENDER): answer("upheld"),
    ("objection", "raised", "answer_objection", "dismissed", NextActor.LENDER): answer("dismissed"),
    # line, loan, message
    ("facility", "open", "settle_facilities", "closed", NextActor.PLATFORM): by_platform(
        Place.active,
        lambda p: servicing_facade.close_of_business(
            business_date=china_date(now()) + timedelta(days=800), actor=JOB, at=now()
        ),
    ),
    ("loan", "instructed", "send_instructions", "active", NextActor.PLATFORM): by_platform(Place.instructed, ASK),
    ("loan", "instructed", "send_instructions", "rejected", NextActor.PLATFORM): by_platform(Place.instructed, refused(ASK)),
    ("loan", "instructed", "import_statement", "active", NextActor.LENDER): upload(Place.sent, "statements", Place.statement),
    ("loan", "instructed", "receive_status", "active", NextActor.LENDER): upload(Place.sent, "payment-reports", Place.answer),
    ("loan", "instructed", "receive_status", "rejected", NextActor.LENDER): upload(refused(Place.sent), "payment-reports", Place.answer),
    ("loan", "active", "request_prepayment", "repaid", NextActor.FIRM): by_person(
        Place.active,
        lambda p: (p.owner.send(f"/loans/{p.name('loan')}/prepay?mode=keep_term"), prepay(p)),
        lambda p: (p.owner.call(f"servicing/loans/{p.name('loan')}/prepayment", {"mode": "keep_term"}), prepay(p)),
    ),
    ("loan", "active", "import_statement", "repaid", NextActor.LENDER): upload(Place.prepaying, "statements", Place.statement),
    ("message", "prepared", "send_instructions", "sent", NextActor.PLATFORM): by_platform(Place.instructed, unreachable(ASK)),
    ("message", "prepared", "send_instructions", "accepted", NextActor.PLATFORM): by_platform(Place.instructed, ASK),
    ("message", "prepared", "send_instructions", "rejected", NextActor.PLATFORM): by_platform(Place.instructed, refused(ASK)),
    ("message", "sent", "send_instructions", "sent", NextActor.PLATFORM): by_platform(Place.sent, unreachable(ASK)),
    ("message", "sent", "send_instructions", "accepted", NextActor.PLATFORM): by_platform(Place.sent, ASK),
    ("message", "sent", "send_instructions", "rejected", NextActor.PLATFORM): by_platform(Place.sent, refused(ASK)),
    ("message", "sent", "import_statement", "accepted", NextActor.LENDER): upload(Place.sent, "statements", Place.statement),
    ("message", "sent", "receive_status", "accepted", NextActor.LENDER): upload(Place.sent, "payment-reports", Place.answer),
    ("message", "sent", "receive_status", "rejected", NextActor.LENDER): upload(refused(Place.sent), "payment-reports", Place.answer),
    ("unbooked_entry", "open", "resolve_entry", "resolved", NextActor.LENDER): by_person(
        Place.unbooked,
        lambda p: p.funder.send("/portfolio/entries", f"/portfolio/entries/{p.ids['entry']}", note="已退回"),
        lambda p: p.funder.call(f"servicing/statements/unbooked/{p.ids['entry']}", {"note": "已退回"}),
    ),
    # warnings, and what the platform keeps of its own work
    ("alarm_task", "open", "dispose_task", "done", NextActor.LENDER): dispose(for_lender=True),
    ("alarm_task", "open", "dispose_task", "done", NextActor.OPERATOR): dispose(for_lender=False),
    ("job", "failed", "retry_job", "todo", NextActor.OPERATOR): by_person(
        Place.job_given_up,
        lambda p: p.operator.send("/overdue", f"/jobs/{p.ids['job']}/retry"),
        lambda p: p.operator.call(f"workflows/jobs/{p.ids['job']}/retry"),
    ),
    ("set_aside", "open", "try_again", "settled", NextActor.PLATFORM): by_platform(Place.set_aside, lambda p: tasks.try_set_aside()),
    ("set_aside", "open", "retry_set_aside", "settled", NextActor.OPERATOR): by_person(Place.set_aside, retry_line, retry_line_by_api),
    ("set_aside", "open", "settle_set_aside", "settled", NextActor.OPERATOR): by_person(
        Place.set_aside,
        lambda p: p.operator.send("/health", f"/set-aside/{p.name('sas')}/settlement", note="已电话核对"),
        lambda p: p.operator.call(f"workflows/set-aside/{p.name('sas')}/settlement", {"note": "已电话核对"}),
    ),
    ("business_day", "open", "close_days", "closed", NextActor.PLATFORM): by_platform(
        Place.day_over, lambda p: day.close_days(to=p.ids["day"], actor=JOB, at=now())
    ),
}  # fmt: skip
EXITS = [
    (kind.name, state, one.action, to, one.by)
    for kind in KINDS
    for state, stage in kind.stages.items()
    for one in stage.exits
    for to in one.to or ("",)
]
CASES = [(key, way) for key in EXITS for way in (("page", "api") if key[4] in PERSONS else ("platform",))]
AFTER = {
    "prepare_agreement": lambda p: agreement_of(application_id=p.ids["app"]) is not None,
    "open_facility": lambda p: servicing_facade.facility_of_agreement(agreement_id=p.ids["agr"]) is not None,
}
"""What there is after an exit that leaves the state of its own case as it is."""


@pytest.fixture
def place(world: Any, registers: Any) -> Iterator[Place]:
    with as_platform():
        yield Place(world, registers)
    forget()  # the rules of a test go with its transaction


def test_the_table_takes_each_declared_exit_and_no_other() -> None:
    assert set(TABLE) == set(EXITS)


@pytest.mark.parametrize(("key", "way"), CASES, ids=lambda one: one if isinstance(one, str) else "-".join(one[:4]))
class TestEachExit:
    def test_leads_where_it_is_declared_to_lead(self, place: Place, key: Any, way: str) -> None:
        kind, state, action, to, _by = key
        taken = TABLE[key]
        taken.bring(place)
        assert place.state(kind) == state
        act = getattr(taken, way)
        assert act is not None, f"{action} cannot be taken by {way}"
        act(place)
        assert place.state(kind) == (to or state)
        if not to:
            assert AFTER[action](place)
