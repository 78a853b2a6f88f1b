"""What follows an application by itself: decided, referred or lapsed; drawn up; paid out once, whatever dies in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rongtong.core.ids import encode_id
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination import models
from rongtong.origination.contracts import (
    AgreementState,
    Application,
    ApplicationState,
    Channel,
    DecidedBy,
    Lapse,
    Outcome,
    ProposalState,
    Side,
)
from rongtong.parties.contracts import Organisation
from rongtong.servicing import models as servicing_models
from rongtong.workflows import financing
from tests import hands
from tests.integration.origination import conftest as kit
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
REVOLVING = "yunfan_working"


@pytest.fixture
def firm(db: None) -> Iterator[Organisation]:
    """A firm in front of the packaged lenders."""
    with as_platform():
        kit.open_market()
        (firm,) = kit.register_firms(1)
        yield firm


@pytest.fixture
def portrayed(firm: Organisation, monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """The firm with a portrait of its day, as the records of a test have none."""

    def latest_portrait(**asked: object) -> Portrait:
        assert asked["as_of"] == kit.AS_OF, "decided as of the day of the application"
        return kit.portray(firm)

    monkeypatch.setattr(features, "latest_portrait", latest_portrait)
    return firm


def now_of(application: Application) -> Application:
    return origination.application(application_id=application.id)


class TestAfterTheApplication:
    def test_the_rules_decide_as_of_its_day_and_for_the_lender(self, portrayed: Organisation) -> None:
        application = kit.submit(portrayed)
        assert run_jobs() == ["decide_application"]
        (decision,) = origination.decisions_of(application_id=application.id)
        assert (decision.outcome, decision.as_of) == (Outcome.APPROVED, kit.AS_OF)
        row = models.Decision.objects.get()
        assert (row.actor_kind, row.actor_name) == ("system", "decide_application")

    def test_a_person_decides_where_the_firm_asked_for_one(self, portrayed: Organisation) -> None:
        application = kit.submit(portrayed, human_review=True)
        run_jobs()
        assert now_of(application).state is ApplicationState.REFERRED
        assert origination.decision_queue(lender_id=application.lender_id, at=kit.AT).total == 1

    def test_without_a_portrait_it_waits_at_the_desk_with_the_reason(self, firm: Organisation) -> None:
        application = kit.submit(firm)
        run_jobs()
        (decision,) = origination.decisions_of(application_id=application.id)
        assert (decision.outcome, decision.decided_by) == (Outcome.REFERRED, DecidedBy.AUTOMATIC)
        assert [one.code for one in decision.reasons] == ["undecided.portrait_missing"]
        assert origination.replay_decisions().differing == ()
        made = origination.decide_manually(
            application_id=application.id, outcome=Outcome.DECLINED, reason="资料不足", actor=kit.JOB, at=kit.AT
        )
        assert made.number == 2

    def test_a_fault_is_tried_again_and_then_waits_at_the_desk(
        self, portrayed: Organisation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(**_: object) -> None:
            raise RuntimeError("the disk is full")

        monkeypatch.setattr(features, "latest_portrait", broken)
        application = kit.submit(portrayed)
        assert run_jobs() == ["decide_application"] * 6
        assert now_of(application).state is ApplicationState.REFERRED
        assert origination.latest_decision(application_id=application.id).reasons[0].code == "undecided.fault"

    def test_it_lapses_where_the_consent_was_revoked(self, portrayed: Organisation) -> None:
        application = kit.submit(portrayed)
        kit.revoke(portrayed)
        run_jobs()
        assert now_of(application).state is ApplicationState.LAPSED
        assert matching.offer(offer_id=application.offer_id).state == "withdrawn"
        shown = origination.timeline(application_id=application.id, at=kit.AT)
        assert shown.steps[-1].detail
        assert shown.next_actor is None

    def test_a_revocation_ends_what_waits_at_the_desk(self, portrayed: Organisation) -> None:
        application = kit.submit(portrayed, human_review=True)
        run_jobs()
        kit.revoke(portrayed)
        assert set(run_jobs()) == {"end_without_consent"}
        assert now_of(application).state is ApplicationState.LAPSED

    def test_a_suspension_lets_them_wait_until_it_is_resumed(self, portrayed: Organisation) -> None:
        application = kit.submit(portrayed)
        every = kit.consent.consents_of(enterprise_id=portrayed.id, at=kit.AT)
        for one in every:
            kit.consent.suspend_consent(consent_id=one.id, reason="", actor=kit.person(portrayed), at=kit.AT)
        decide = {"application_id": application.id, "last_try": True}
        soon = kit.AT + timedelta(days=2)
        assert financing.decide_submitted(**decide, at=soon) is ApplicationState.SUBMITTED
        assert financing.end_without_consent(enterprise_id=portrayed.id, actor=kit.JOB, at=soon) == 0
        for one in every:
            kit.consent.resume_consent(consent_id=one.id, actor=kit.person(portrayed), at=soon)
        assert financing.decide_submitted(**decide, at=soon + timedelta(minutes=10)) is ApplicationState.APPROVED

    def test_a_suspension_that_lasts_ends_them(self, portrayed: Organisation) -> None:
        application = kit.submit(portrayed, human_review=True)
        run_jobs()
        for one in kit.consent.consents_of(enterprise_id=portrayed.id, at=kit.AT):
            kit.consent.suspend_consent(consent_id=one.id, reason="", actor=kit.person(portrayed), at=kit.AT)
        job = kit.JOB
        assert financing.end_without_consent(enterprise_id=None, actor=job, at=kit.AT + timedelta(days=20)) == 0
        assert now_of(application).state is ApplicationState.REFERRED
        assert financing.end_without_consent(enterprise_id=None, actor=job, at=kit.AT + timedelta(days=40)) == 1

    def test_a_revocation_leaves_alone_whom_another_authorisation_names(self, portrayed: Organisation) -> None:
        application = kit.submit(portrayed, human_review=True)
        run_jobs()
        kit.revoke(portrayed)
        kit.grant(portrayed, *kit.parties.institutions())
        run_jobs()
        assert now_of(application).state is ApplicationState.REFERRED

    def test_nothing_happens_to_what_was_withdrawn_in_the_meantime(self, portrayed: Organisation) -> None:
        application = kit.submit(portrayed)
        origination.withdraw_application(application_id=application.id, reason="x", actor=kit.JOB, at=kit.AT)
        run_jobs()
        assert now_of(application).state is ApplicationState.WITHDRAWN
        assert models.Decision.objects.count() == 0

    def test_the_loop_decides_its_own(self, portrayed: Organisation) -> None:
        kit.submit(portrayed, channel=Channel.BATCH)
        assert not ProcrastinateJob.objects.filter(task_name="decide_application").exists()


class TestAfterTheAcceptance:
    def test_the_agreement_is_drawn_up_once(self, portrayed: Organisation) -> None:
        application = kit.submit(portrayed)
        run_jobs()
        origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=kit.AT)
        assert run_jobs() == ["prepare_agreement"]
        agreement = origination.agreement_of(application_id=application.id)
        assert agreement is not None
        assert agreement.state is AgreementState.PREPARED
        again = financing.draw_up(application_id=application.id, at=kit.AT)
        assert again == agreement


class TestAfterTheLastSignature:
    def test_the_money_is_instructed_once_on_the_day_of_the_signature(self, portrayed: Organisation) -> None:
        agreement = kit.signed(portrayed)
        subject = encode_id("agr", agreement.id)
        jobs = ProcrastinateJob.objects.filter(task_name="pay_out")
        assert [job.args for job in jobs] == [{"agreement": subject}], "the firm's own signature pays nothing"
        run_jobs()
        (loan,) = servicing_models.Loan.objects.all()
        assert (loan.start_date, loan.principal_minor) == (kit.AS_OF, agreement.amount_minor)
        for _ in range(2):
            financing.pay_out_signed(agreement_id=agreement.id, at=kit.AT + timedelta(days=3))
        assert servicing_models.Facility.objects.count() == 1
        assert servicing_models.Instruction.objects.count() == 1

    def test_a_line_that_is_drawn_as_needed_pays_nothing_until_the_firm_orders_it(
        self, portrayed: Organisation
    ) -> None:
        agreement = kit.signed(portrayed, code=REVOLVING)
        assert agreement.revolving
        run_jobs()
        (line,) = servicing_models.Facility.objects.all()
        assert (line.limit_minor, line.used_minor) == (agreement.amount_minor, 0)
        assert not servicing_models.Loan.objects.exists()
        stands = origination.timeline(application_id=agreement.application_id, at=kit.AT)
        assert (stands.next_actor, stands.next_action) == ("firm", "request_drawdown")
        run_jobs()
        assert not servicing_models.Instruction.objects.exists()

    def test_a_played_line_is_drawn_in_the_firms_name(self, portrayed: Organisation) -> None:
        agreement = kit.signed(portrayed, code=REVOLVING)
        loan = financing.pay_out(agreement_id=agreement.id, business_date=kit.AS_OF, actor=kit.JOB, at=kit.AT)
        assert 0 < loan.principal_minor < agreement.amount_minor
        deed = AuditEntry.objects.get(action="drawdown.instructed")
        assert (deed.organisation_id, deed.actor_right) == (portrayed.id, "played")

    def test_a_quote_refuses_what_the_limit_of_the_day_refuses(self, portrayed: Organisation) -> None:
        agreement = kit.signed(portrayed)
        line = financing.servicing.open_facility(agreement=agreement, actor=kit.JOB, at=kit.AT)
        asked = {"facility_id": line.id, "amount_minor": line.first_drawdown_minor, "business_date": kit.AS_OF}
        assert financing.servicing.quote_drawdown(**asked).left_minor >= 0
        weak = kit.portray(portrayed, inv_sales_12m_fen=1_000_000.0)
        score = kit.credit.score(values=weak.values, unknown=weak.unknown, assumed=weak.assumed)
        matching.measure_firms(firms=[(weak, score)], on=kit.AS_OF, at=kit.AT)
        with pytest.raises(matching.ExposureExceeded):
            financing.servicing.quote_drawdown(**asked)
        with pytest.raises(matching.ExposureExceeded):
            financing.servicing.request_drawdown(**asked, actor=kit.JOB, at=kit.AT)

    def test_paid_out_by_the_loop_on_another_day_it_is_that_loan(self, portrayed: Organisation) -> None:
        agreement = kit.signed(portrayed)
        earlier = kit.AS_OF + timedelta(days=1)
        loan = financing.pay_out(agreement_id=agreement.id, business_date=earlier, actor=kit.JOB, at=kit.AT)
        run_jobs()
        assert [one.id for one in servicing_models.Loan.objects.all()] == [loan.id]

    @pytest.mark.parametrize("dies_at", ["open_facility", "request_drawdown", "loan"])
    def test_a_death_at_any_step_loses_and_doubles_nothing(
        self, portrayed: Organisation, monkeypatch: pytest.MonkeyPatch, dies_at: str
    ) -> None:
        """As by `kill -9`: what was committed before stays, the job comes again, the rest follows."""
        agreement = kit.signed(portrayed)
        real, calls = getattr(financing.servicing, "request_drawdown" if dies_at == "loan" else dies_at), []

        def dies(**given: object) -> object:
            calls.append(1)
            if len(calls) > 1:
                return real(**given)
            if dies_at == "loan":
                real(**given)
            raise SystemError("killed")

        monkeypatch.setattr(financing.servicing, "request_drawdown" if dies_at == "loan" else dies_at, dies)
        with pytest.raises(SystemError):
            financing.pay_out_signed(agreement_id=agreement.id, at=kit.AT)
        run_jobs()
        assert len(calls) > 1
        assert servicing_models.Facility.objects.count() == 1
        assert servicing_models.Loan.objects.count() == 1
        assert servicing_models.Instruction.objects.count() == 1


class TestWhatEndsWithAnApplication:
    def test_an_agreement_half_signed_is_void(self, portrayed: Organisation) -> None:
        agreement = kit.prepared(portrayed)
        origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=kit.AT)
        origination.withdraw_application(application_id=agreement.application_id, reason="x", actor=kit.JOB, at=kit.AT)
        assert origination.agreement(agreement_id=agreement.id).state is AgreementState.VOID
        with pytest.raises(origination.AgreementVoid):
            origination.sign_agreement(
                agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=kit.AT
            )

    def test_a_proposal_is_dropped(self, portrayed: Organisation, lower_rule: Callable[[str, str], None]) -> None:
        lower_rule("origination.four_eyes_amount", "1000000")
        application = kit.submit(portrayed, human_review=True)
        run_jobs()
        lender = kit.parties.organisation(application.lender_id)
        origination.decide_manually(
            application_id=application.id, outcome=Outcome.APPROVED, reason="好", actor=kit.person(lender), at=kit.AT
        )
        assert models.Proposal.objects.get().state == ProposalState.PENDING
        origination.lapse_application(application_id=application.id, reason=Lapse.NOT_DECIDED, actor=kit.JOB, at=kit.AT)
        assert models.Proposal.objects.get().state == ProposalState.DROPPED

    def test_another_decision_takes_an_open_proposal_s_place(
        self, portrayed: Organisation, lower_rule: Callable[[str, str], None]
    ) -> None:
        lower_rule("origination.four_eyes_amount", "1000000")
        application = kit.submit(portrayed, human_review=True)
        run_jobs()
        lender = kit.parties.organisation(application.lender_id)
        one, given = kit.person(lender), {"application_id": application.id, "at": kit.AT}
        origination.decide_manually(outcome=Outcome.APPROVED, reason="好", actor=one, **given)
        origination.decide_manually(outcome=Outcome.DECLINED, reason="不好", actor=one, **given)
        assert models.Proposal.objects.get().state == ProposalState.REPLACED
