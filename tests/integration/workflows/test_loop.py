"""The loop over many firms: live with the firms' own particulars and their own signatures; one that fails stops no other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection as database

from rongtong.core.actors import Right, system_actor
from rongtong.core.clock import china_date, now
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import Book, as_platform, in_book
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination import models as origination_models
from rongtong.origination.contracts import AgreementState, ApplicationState, Channel, Lapse, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation
from rongtong.records import facade as records
from rongtong.servicing import models as servicing_models
from rongtong.workflows import loop_steps
from rongtong.workflows.connections import Connection
from rongtong.workflows.loop import LoopReport, run_loop
from rongtong.workflows.market import prepare_market
from rongtong.workflows.models import CaseState, LoopCase
from rongtong.workflows.plans import LoopPlan
from rongtong.workflows.region import grant_consents
from tests import hands
from tests.integration.origination import conftest as kit
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
ACTOR = system_actor("loop", right=Right.COMMAND_LINE)
OWN_ACCOUNT = "6222020200112233445"


@pytest.fixture
def firms(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Organisation]]:
    """Three firms that authorised everybody, in front of the packaged lenders; their portraits are of the day asked for."""
    with as_platform():
        prepare_market(actor=ACTOR, at=now())
        made = kit.register_firms(3)
        by_id = {firm.id: firm for firm in made}
        grant_consents(list(by_id), actor=ACTOR, at=now())

        def build_portraits(*, enterprise_ids: Sequence[UUID], as_of: date, **_: Any) -> tuple[Portrait, ...]:
            return tuple(kit.portray(by_id[one], as_of=as_of) for one in enterprise_ids)

        def latest_portrait(*, enterprise_id: UUID, as_of: date, **_: Any) -> Portrait:
            return kit.portray(by_id[enterprise_id], as_of=as_of)

        monkeypatch.setattr(features, "build_portraits", build_portraits)
        monkeypatch.setattr(features, "latest_portrait", latest_portrait)
        yield made


def run(
    firms: Sequence[Organisation],
    *,
    book: Book = Book.LIVE,
    as_of: date | None = None,
    connection: Connection | None = None,
) -> LoopReport:
    plan = LoopPlan(
        as_of=as_of or china_date(now()),
        book=book,
        enterprise_ids=tuple(one.id for one in firms),
        own=len(firms),
        asserted=0,
        made_up=0,
        unauthorised=0,
        lenders=(),
    )
    return run_loop(plan=plan, actor=ACTOR, connection=connection)


def apply_before(firm: Organisation, **changes: Any) -> None:
    """The firm applied by its own hand, and withdrew: it has said whom to call, and where to pay."""
    today = china_date(now())
    portrait = kit.portray(firm, as_of=today)
    offer = matching.find_offers(
        enterprise_id=firm.id,
        portrait=portrait,
        score=kit.credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed),
        as_of=today,
        actor=kit.person(firm),
        at=now(),
    ).offers[0]
    draft = kit.draft_for(offer, contact_name="沈文斌", contact_phone="0571-88000000", **changes)
    made = origination.submit_application(draft=draft, actor=kit.person(firm), at=now())
    origination.withdraw_application(application_id=made.id, reason="x", actor=kit.person(firm), at=now())


def case_of(firm: Organisation) -> LoopCase:
    return LoopCase.objects.get(enterprise_id=firm.id)


class TestLive:
    def test_applies_with_what_the_firm_named_and_waits_for_both_signatures(self, firms: list[Organisation]) -> None:
        firm = firms[0]
        apply_before(firm)
        report = run([firm])
        assert (report.approved, report.waiting, report.drawn, report.set_aside) == (1, 1, 0, [])
        application = origination.application(application_id=case_of(firm).application_id)
        assert application.channel is Channel.BATCH
        assert (application.contact_name, application.contact_phone) == ("沈文斌", "0571-88000000")
        assert (application.account_bank, application.account_number) == ("清江银行城东支行", OWN_ACCOUNT)
        run_jobs()
        assert application.state is ApplicationState.APPROVED
        assert not origination_models.Agreement.objects.exists(), "nobody accepted for the firm"
        assert not servicing_models.Facility.objects.exists()

        origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=now())
        run_jobs()
        agreement = origination.agreement_of(application_id=application.id)
        assert agreement is not None
        assert agreement.state is AgreementState.PREPARED
        assert run([firm]).waiting == 1
        for side, hand in ((Side.FIRM, hands.of_firm), (Side.LENDER, hands.of_lender)):
            origination.sign_agreement(agreement_id=agreement.id, side=side, actor=hand(agreement), at=now())
        run_jobs()
        again = run([firm])
        assert (again.approved, again.waiting) == (1, 0)
        assert case_of(firm).state == CaseState.INSTRUCTED
        assert servicing_models.Facility.objects.get().account_number == OWN_ACCOUNT

    def test_prefers_the_account_that_its_bank_confirmed(self, firms: list[Organisation]) -> None:
        firm = firms[0]
        apply_before(firm)
        bank = next(one for one in parties.institutions() if "银行" in one.name)
        named = {"enterprise_id": firm.id, "institution_id": bank.id, "account_number": "33019988776655", "at": now()}
        records.name_account(**named, actor=kit.person(firm))
        records.name_account(**named, actor=kit.person(bank))
        run([firm])
        application = origination.application(application_id=case_of(firm).application_id)
        assert (application.account_bank, application.account_number) == (bank.name, "33019988776655")

    def test_makes_none_without_the_firms_own_account_and_names_it(self, firms: list[Organisation]) -> None:
        known, silent, claimed = firms
        apply_before(known)
        apply_before(silent, account_bank="", account_number="")
        bank = next(one for one in parties.institutions() if "银行" in one.name)
        records.name_account(
            enterprise_id=claimed.id,
            institution_id=bank.id,
            account_number="33019988776655",
            actor=kit.person(bank),
            at=now(),
        )
        before = origination_models.Application.objects.filter(channel="batch").count()
        report = run(firms)
        assert origination_models.Application.objects.filter(channel="batch").count() == before + 1
        assert {(one["enterprise"], one["state"], one["code"]) for one in report.set_aside} == {
            (encode_id("ent", silent.id), "matched", "own_account_unknown"),
            (encode_id("ent", claimed.id), "matched", "own_account_unknown"),
        }
        assert case_of(known).state == CaseState.APPROVED
        records.name_account(
            enterprise_id=silent.id,
            institution_id=bank.id,
            account_number="33011122334455",
            actor=kit.person(silent),
            at=now(),
        )
        assert [one["enterprise"] for one in run(firms).set_aside] == [encode_id("ent", claimed.id)]
        assert case_of(silent).obstacle == ""

    def test_asks_nobody_twice_for_what_was_withdrawn_or_lapsed(self, firms: list[Organisation]) -> None:
        one, other = firms[:2]
        apply_before(one)
        apply_before(other)
        run([one, other])
        first, second = (case_of(firm).application_id for firm in (one, other))
        origination.withdraw_application(application_id=first, reason="x", actor=kit.person(one), at=now())
        origination.lapse_application(application_id=second, reason=Lapse.NOT_ACCEPTED, actor=ACTOR, at=now())
        report = run([one, other])
        assert (report.approved, report.ended, report.waiting) == (0, 2, 0)


class TestOneThatFails:
    @pytest.mark.parametrize("step", ["submit_application", "decide_application", "accept_decision", "sign_agreement"])
    def test_stops_no_other_is_named_and_tried_again(
        self, firms: list[Organisation], monkeypatch: pytest.MonkeyPatch, step: str
    ) -> None:
        real, broken = getattr(origination, step), firms[1].id

        def sometimes(**given: Any) -> Any:
            if firm_of(given) == broken:
                raise RuntimeError("the disk is full")
            return real(**given)

        monkeypatch.setattr(origination, step, sometimes)
        report = play(firms)
        (left,) = report.set_aside
        assert (left["enterprise"], left["code"]) == (encode_id("ent", broken), "RuntimeError")
        assert paid() == {firms[0].id, firms[2].id}
        monkeypatch.setattr(origination, step, real)
        assert play(firms).set_aside == []
        assert paid() == {one.id for one in firms}

    def test_does_not_keep_the_others_from_their_offers(
        self, firms: list[Organisation], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real, broken = features.build_portraits, firms[1].id

        def sometimes(*, enterprise_ids: Sequence[UUID], **given: Any) -> tuple[Portrait, ...]:
            if broken in enterprise_ids:
                raise RuntimeError("a row nobody can read")
            return real(enterprise_ids=enterprise_ids, **given)

        monkeypatch.setattr(features, "build_portraits", sometimes)
        (left,) = play(firms).set_aside
        assert (left["enterprise"], left["state"]) == (encode_id("ent", broken), "pending")
        assert paid() == {firms[0].id, firms[2].id}

    def test_is_matched_anew_where_its_offer_ended_before_it_applied(
        self, firms: list[Organisation], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Cut off between offers and applications, and gone on with when the offers were over."""
        day, real = china_date(now()) - timedelta(days=40), origination.submit_application

        def cut_off(**_: Any) -> None:
            raise RuntimeError("cut off")

        monkeypatch.setattr(origination, "submit_application", cut_off)
        assert len(play(firms, as_of=day).set_aside) == 3
        with in_book(Book.EVALUATION):
            assert matching.release_expired(at=now()) > 0
        monkeypatch.setattr(origination, "submit_application", real)
        assert play(firms, as_of=day).set_aside == []
        assert paid() == {one.id for one in firms}

    @pytest.mark.parametrize("ended", [ApplicationState.WITHDRAWN, ApplicationState.LAPSED])
    def test_is_not_taken_for_approved(
        self, firms: list[Organisation], monkeypatch: pytest.MonkeyPatch, ended: ApplicationState
    ) -> None:
        real = origination.submit_application

        def submit_and_end(*, draft: Any, actor: Any, at: datetime) -> Any:
            made = real(draft=draft, actor=actor, at=at)
            if ended is ApplicationState.WITHDRAWN:
                origination.withdraw_application(application_id=made.id, reason="x", actor=actor, at=at)
            else:
                origination.lapse_application(application_id=made.id, reason=Lapse.NOT_DECIDED, actor=actor, at=at)
            return made

        monkeypatch.setattr(origination, "submit_application", submit_and_end)
        report = play(firms[:1])
        assert (report.ended, report.approved, report.set_aside) == (1, 0, [])


def play(firms: Sequence[Organisation], **more: Any) -> LoopReport:
    """As an evaluation, whose bank has not answered yet."""
    report = run(firms, book=Book.EVALUATION, connection=Connection("", "", simulated=True), **more)
    with in_book(Book.EVALUATION):
        database.check_constraints()  # as a commit does; the test's own end sees the live book alone
    return report


def paid() -> set[UUID]:
    """Whose pay-out was instructed in the evaluation."""
    with in_book(Book.EVALUATION):
        return set(LoopCase.objects.filter(state=CaseState.INSTRUCTED).values_list("enterprise_id", flat=True))


def firm_of(given: dict[str, Any]) -> UUID:
    """Whom a step is for."""
    if "draft" in given:
        return matching.offer(offer_id=given["draft"].offer_id).enterprise_id
    if "agreement_id" in given:
        return origination.agreement(agreement_id=given["agreement_id"]).enterprise_id
    return origination.application(application_id=given["application_id"]).enterprise_id


class TestEveryState:
    def test_of_an_application_is_told_apart(self) -> None:
        assert set(loop_steps.STATES) == set(ApplicationState)
        approved = {ApplicationState.APPROVED, ApplicationState.COUNTERED, ApplicationState.ACCEPTED}
        assert {state for state, case in loop_steps.STATES.items() if case == CaseState.APPROVED} == approved
