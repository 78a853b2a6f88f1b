"""What waits too long stands on the operator's list, and is ended, or done again, when its time is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rongtong.core.actors import system_actor
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.features import facade as features
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination.contracts import AgreementState, ApplicationState, Outcome, Proposal, Side
from rongtong.parties.contracts import Organisation
from rongtong.servicing import facade as servicing
from rongtong.servicing import models as servicing_models
from rongtong.workflows import jobs, setting_aside, trying_again, waiting
from rongtong.workflows.connections import Connection
from rongtong.workflows.models import LoopRun, SetAside
from tests import hands
from tests.integration.origination import conftest as kit
from tests.jobs import run_jobs

pytestmark = pytest.mark.django_db
JOB = system_actor("tests")


@pytest.fixture
def firm(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Organisation]:
    with as_platform():
        kit.open_market()
        (firm,) = kit.register_firms(1)
        monkeypatch.setattr(features, "latest_portrait", lambda **_: kit.portray(firm))
        yield firm


def overdue(days: float) -> dict[str, str]:
    return {one.kind: one.state for one in waiting.overdue_cases(at=kit.AT + timedelta(days=days))}


def advance(days: float) -> int:
    return waiting.advance_overdue(actor=JOB, at=kit.AT + timedelta(days=days))


def state(application_id: object) -> ApplicationState:
    return origination.application(application_id=application_id).state


class TestOverdueCases:
    def test_an_application_that_no_job_decided_is_decided(self, firm: Organisation) -> None:
        application = kit.submit(firm)
        assert overdue(0) == {}
        assert overdue(0.1) == {"application": "submitted"}
        assert advance(0.1) == 1
        assert state(application.id) is ApplicationState.APPROVED

    def test_a_referral_is_listed_after_its_days_and_lapses_after_more(self, firm: Organisation) -> None:
        application = kit.submit(firm, human_review=True)
        kit.decide(application)
        assert overdue(2) == {}
        assert overdue(5) == {"application": "referred"}
        assert advance(5) == 0
        assert advance(31) == 1
        assert state(application.id) is ApplicationState.LAPSED
        assert matching.offer(offer_id=application.offer_id).state == "withdrawn"
        assert overdue(40) == {}

    def test_a_demonstration_s_history_is_listed_as_its_desk_shows_it_and_lapses_from_when_it_was_handed_over(
        self, firm: Organisation, settings: Any
    ) -> None:
        application = kit.submit(firm, human_review=True)
        kit.decide(application)
        played, settings.DEMO = kit.AT + timedelta(days=76), True
        LoopRun.objects.create(as_of=kit.AS_OF, started_at=kit.AT, finished_at=played)
        assert overdue(77)["application"] == "referred"
        assert advance(77) == 0
        assert state(application.id) is ApplicationState.REFERRED
        assert overdue(76 + 10)["application"] == "referred"
        assert advance(76 + 31) == 1

    def test_an_approval_that_the_firm_leaves_lapses(self, firm: Organisation) -> None:
        application = kit.submit(firm)
        kit.decide(application)
        assert (overdue(29), advance(29)) == ({}, 0)
        assert advance(31) == 1
        assert state(application.id) is ApplicationState.LAPSED
        with pytest.raises(origination.ApplicationMoved):
            origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=kit.AT)

    def test_an_acceptance_without_an_agreement_gets_one(self, firm: Organisation) -> None:
        application = kit.accepted(firm)
        assert advance(0.1) == 1
        assert origination.agreement_of(application_id=application.id) is not None

    @pytest.mark.parametrize("signed", [False, True])
    def test_an_agreement_that_one_side_leaves_lapses(self, firm: Organisation, signed: bool) -> None:
        agreement = kit.prepared(firm)
        if signed:
            origination.sign_agreement(
                agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=kit.AT
            )
            assert overdue(10) == {"agreement": "signed_by_firm"}
        assert advance(31) == 1
        assert state(agreement.application_id) is ApplicationState.LAPSED
        assert origination.agreement(agreement_id=agreement.id).state is AgreementState.VOID

    def test_the_capacity_is_held_as_long_as_the_platform_gives_time(self, firm: Organisation) -> None:
        """Each takes nearly all of its time: the desk, the firm twice, the lender; none of them comes too late."""
        application = kit.submit(firm, human_review=True)
        kit.decide(application)
        moment = kit.AT + timedelta(days=4)
        lender = kit.parties.organisation(application.lender_id)
        given = {"application_id": application.id, "outcome": Outcome.APPROVED, "reason": "已核实", "at": moment}
        made = origination.decide_manually(**given, actor=kit.person(lender))
        if isinstance(made, Proposal):
            second = kit.person(lender, "second")
            origination.confirm_proposal(proposal_id=made.id, actor=second, at=moment)
        moment += timedelta(days=29)
        matching.release_expired(at=moment)
        origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=moment)
        agreement = origination.prepare_agreement(application_id=application.id, actor=JOB, at=moment)
        moment += timedelta(days=29)
        matching.release_expired(at=moment)
        origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=moment)
        moment += timedelta(days=2)
        matching.release_expired(at=moment)
        signed = origination.sign_agreement(
            agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=moment
        )
        assert signed.state is AgreementState.SIGNED

    def test_an_acceptance_lapses_whose_lender_lost_its_licence(self, firm: Organisation) -> None:
        application = kit.accepted(firm)
        for licence in kit.parties.licences_of(application.lender_id):
            kit.parties.withdraw_licence(
                number=licence.number, withdrawn_date=kit.AS_OF, reason="注销", actor=JOB, at=kit.AT
            )
        assert (advance(5), overdue(5)) == (0, {"application": "accepted"})
        assert advance(31) == 1
        assert state(application.id) is ApplicationState.LAPSED
        assert matching.offer(offer_id=application.offer_id).state == "withdrawn"
        assert origination.timeline(application_id=application.id, at=kit.AT).steps[-1].detail
        assert overdue(60) == {}

    def test_each_side_finds_what_waits_for_it_the_longest_first(self, firm: Organisation) -> None:
        def waits() -> tuple[int, int]:
            at_firm = origination.awaiting_firm(enterprise_id=firm.id)
            at_lender = origination.awaiting_lender_signature(lender_id=application.lender_id)
            return at_firm.total, at_lender.total

        application = kit.submit(firm)
        assert waits() == (0, 0)
        kit.decide(application)
        assert waits() == (1, 0)
        origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=kit.AT)
        assert waits() == (0, 0), "the platform draws the agreement up"
        agreement = origination.prepare_agreement(application_id=application.id, actor=JOB, at=kit.AT)
        assert waits() == (1, 0)
        origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=kit.AT)
        assert waits() == (0, 1)
        origination.sign_agreement(
            agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=kit.AT
        )
        assert waits() == (0, 0)

    def test_a_signature_that_no_job_paid_out_is_paid_out(self, firm: Organisation) -> None:
        agreement = kit.signed(firm)
        assert overdue(0.1) == {"application": "signed"}
        assert advance(0.1) == 1
        assert servicing.facility_of_agreement(agreement_id=agreement.id) is not None
        assert servicing_models.Instruction.objects.count() == 1
        late = overdue(10)
        assert late["loan"] == "instructed"
        assert late["message"] == "prepared"

    def test_one_that_fails_stops_no_other(self, firm: Organisation, monkeypatch: pytest.MonkeyPatch) -> None:
        (other,) = kit.register_firms(1, name="另一家{}公司")
        ids = [kit.submit(firm).id, kit.submit(other).id]
        real = waiting.financing.decide_submitted

        def sometimes(**given: object) -> object:
            if given["application_id"] == ids[0]:
                raise RuntimeError("broken")
            return real(**given)

        monkeypatch.setattr(waiting.financing, "decide_submitted", sometimes)
        assert advance(0.1) == 1
        assert [state(one) for one in ids] == [ApplicationState.SUBMITTED, ApplicationState.APPROVED]
        assert overdue(1.2)["set_aside"] == "open"
        monkeypatch.setattr(waiting.financing, "decide_submitted", real)
        assert advance(0.1) == 1
        assert "set_aside" not in overdue(1.2)


class TestSettingAside:
    def test_a_statement_that_cannot_be_read_waits_and_is_tried_again(
        self, firm: Organisation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answers = [servicing.MessageMalformed(why="no XML"), servicing.MessageMalformed(why="no XML"), "read"]

        def import_statement(**_: object) -> object:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(servicing, "import_statement", import_statement)
        monkeypatch.setattr(trying_again, "connected", lambda: nullcontext(Connection("http://bank", "", True)))
        lender = kit.parties.institutions()[0]
        subject = encode_id("org", lender.id)
        made = setting_aside.attempt("import_statement", subject, import_statement, at=kit.AT, business_date=kit.AS_OF)
        assert made is None
        assert (overdue(0.9), overdue(1.1)) == ({}, {"set_aside": "open"})
        assert trying_again.try_again(actor=JOB, at=kit.AT) == 0
        assert SetAside.objects.get().attempts == 2
        assert trying_again.try_again(actor=JOB, at=kit.AT) == 1
        assert overdue(1.1) == {}


class TestJobsThatGaveUp:
    def test_are_listed_and_called_again_by_the_operator(
        self, firm: Organisation, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kit.signed(firm)
        real = waiting.financing.pay_out

        def broken(**_: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr(waiting.financing, "pay_out", broken)
        run_jobs(raising=False)
        (job,) = jobs.given_up()
        assert job.name == "pay_out"
        assert overdue(0)["job"] == "failed"
        monkeypatch.setattr(waiting.financing, "pay_out", real)
        jobs.retry_job(job_id=job.id, actor=JOB, at=kit.AT)
        with pytest.raises(jobs.JobNotFailed):
            jobs.retry_job(job_id=job.id, actor=JOB, at=kit.AT)
        run_jobs()
        assert servicing_models.Instruction.objects.count() == 1
        assert jobs.given_up() == []
        assert ProcrastinateJob.objects.get(id=job.id).status == "succeeded"
