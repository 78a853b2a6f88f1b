from __future__ import annotations

from datetime import date, timedelta
from types import ModuleType

import pytest
from django.utils import translation

from rongtong.core.tenancy import as_tenant
from rongtong.origination import facade as origination
from rongtong.origination.contracts import ApplicationState, Objection, ObjectionState, Outcome, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation
from tests import hands

pytestmark = pytest.mark.django_db


def objected(kit: ModuleType) -> Objection:
    (firm,) = kit.register_firms(1)
    application = kit.submit(firm)
    kit.decide(application, crt_dishonest=1.0)
    return origination.raise_objection(
        application_id=application.id, text="名单已移出，\n附证明。", actor=kit.person(firm), at=kit.AT
    )


class TestObjections:
    def test_are_answered_within_twenty_days(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        objection = objected(kit)
        assert objection.state is ObjectionState.RAISED
        assert objection.deadline == kit.AS_OF + timedelta(days=20)
        assert objection.text == "名单已移出，\n附证明。"
        timeline = origination.timeline(application_id=objection.application_id, at=kit.AT)
        assert (timeline.next_actor, timeline.next_action) == ("lender", "answer_objection")
        assert timeline.next_deadline == objection.deadline
        assert origination.open_objections(lender_id=objection.lender_id) == (objection,)

    def test_are_raised_once_per_decision(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        objection = objected(kit)
        given = {"application_id": objection.application_id, "actor": kit.JOB, "at": kit.AT}
        assert origination.raise_objection(text=objection.text, **given) == objection
        with pytest.raises(origination.ObjectionStands):
            origination.raise_objection(text="再次提出", **given)

    def test_bring_a_decline_back_to_the_desk_when_upheld(
        self, market: dict[str, Organisation], kit: ModuleType
    ) -> None:
        objection = objected(kit)
        lender = parties.organisation(objection.lender_id)
        kit.offers_for(parties.organisation(objection.enterprise_id))  # the record is mended: the firm is measured anew
        answer = {"objection_id": objection.id, "upheld": True, "text": "核实属实", "actor": kit.person(lender)}
        answered = origination.answer_objection(**answer, at=kit.AT)
        assert (answered.state, answered.answer) == (ObjectionState.UPHELD, "核实属实")
        assert origination.answer_objection(**answer, at=kit.AT) == answered
        application = origination.application(application_id=objection.application_id)
        assert application.state is ApplicationState.REFERRED
        decision = origination.decide_manually(
            application_id=application.id, outcome=Outcome.APPROVED, reason="异议成立", actor=kit.JOB, at=kit.AT
        )
        assert decision.outcome is Outcome.APPROVED
        with pytest.raises(origination.ObjectionAnswered):
            origination.answer_objection(
                objection_id=objection.id, upheld=False, text="改主意", actor=kit.JOB, at=kit.AT
            )

    def test_leave_a_decline_when_dismissed(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        objection = objected(kit)
        origination.answer_objection(objection_id=objection.id, upheld=False, text="名单仍在", actor=kit.JOB, at=kit.AT)
        assert origination.application(application_id=objection.application_id).state is ApplicationState.DECLINED
        timeline = origination.timeline(application_id=objection.application_id, at=kit.AT)
        assert timeline.next_actor is None

    @pytest.mark.parametrize("text", ["", " \n\x00 ", "长" * 4001])
    def test_need_a_text(self, market: dict[str, Organisation], kit: ModuleType, text: str) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        kit.decide(application)
        with pytest.raises(origination.ObjectionTextMissing):
            origination.raise_objection(application_id=application.id, text=text, actor=kit.JOB, at=kit.AT)

    def test_need_a_decision_and_a_party(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        firm, other = kit.register_firms(2)
        application = kit.submit(firm)
        with pytest.raises(origination.NothingDecided):
            origination.raise_objection(application_id=application.id, text="为什么", actor=kit.JOB, at=kit.AT)
        kit.decide(application)
        with pytest.raises(origination.NotAParty):
            origination.raise_objection(
                application_id=application.id, text="为什么", actor=kit.person(other), at=kit.AT
            )


class TestTimeline:
    def test_names_the_next_actor_at_each_step(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)

        def following() -> tuple[str | None, str, date | None]:
            now = origination.timeline(application_id=application.id, at=kit.AT)
            return now.next_actor, now.next_action, now.next_deadline

        assert following() == ("platform", "decide_application", date(2026, 6, 2))
        kit.decide(application)
        assert following() == ("firm", "accept_decision", date(2026, 7, 1))
        origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=kit.AT)
        assert following()[:2] == ("platform", "prepare_agreement")
        agreement = origination.prepare_agreement(application_id=application.id, actor=kit.JOB, at=kit.AT)
        assert following()[:2] == ("firm", "sign_agreement")
        origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=kit.AT)
        assert following() == ("lender", "sign_agreement", date(2026, 6, 4))
        origination.sign_agreement(
            agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=kit.AT
        )
        assert following() == ("lender", "pay_out", date(2026, 6, 8))

    def test_names_the_rules_and_not_who_set_them_going(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        origination.decide_application(
            application_id=application.id, as_of=kit.AS_OF, actor=kit.person(firm, "周雅琴"), at=kit.AT,
            portrait=kit.portray(firm),
        )  # fmt: skip
        with translation.override("zh-hans"):
            steps = origination.timeline(application_id=application.id, at=kit.AT).steps
        assert {step.name: step.actor_name for step in steps if step.done}["application.decided"] == "系统自动审批"

    def test_shows_what_was_done_and_what_is_to_come(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        kit.decide(application)
        now = origination.timeline(application_id=application.id, at=kit.AT)
        assert [(step.name, step.done) for step in now.steps] == [
            ("application.submitted", True),
            ("application.decided", True),
            ("decision.accepted", False),
            ("agreement.prepared", False),
            ("agreement.signed", False),
            ("agreement.signed", False),
            ("loan.paid_out", False),
        ]
        assert now.next_actor_name == firm.name
        assert now.steps[2].deadline == now.next_deadline

    def test_reads_in_chinese_by_default(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        from django.utils import translation

        (firm,) = kit.register_firms(1)
        application = kit.submit(firm)
        with translation.override("en"):
            now = origination.timeline(application_id=application.id, at=kit.AT)
            assert now.steps[0].title == "Application submitted"


class TestLists:
    def test_take_two_queries_a_page(
        self,
        market: dict[str, Organisation],
        kit: ModuleType,
        django_assert_num_queries,  # type: ignore[no-untyped-def]
    ) -> None:
        for firm in kit.register_firms(3):
            kit.prepared(firm)
        with django_assert_num_queries(2):
            page = origination.applications_at(page=1, page_size=2)
        assert (len(page.items), page.total) == (2, 3)
        assert all(one.agreement_id and one.decision_id for one in page.items)
        lender = page.items[0].lender_id
        with django_assert_num_queries(2):
            origination.applications_at(lender_id=lender, states=[ApplicationState.ACCEPTED])
        with django_assert_num_queries(1):
            assert sum(origination.count_by_state().values()) == 3

    def test_take_five_queries_for_the_desk(
        self,
        market: dict[str, Organisation],
        kit: ModuleType,
        django_assert_num_queries,  # type: ignore[no-untyped-def]
    ) -> None:
        firms = kit.register_firms(3)
        for firm in firms:
            kit.decide(kit.submit(firm, human_review=True))
        lender = origination.applications_at().items[0].lender_id
        origination.decision_queue(lender_id=lender, at=kit.AT)
        with django_assert_num_queries(5):  # two of them for the exposure of all firms shown
            queue = origination.decision_queue(lender_id=lender, at=kit.AT, page_size=2)
        assert queue.total == 3
        row = queue.items[0]
        assert row.application.enterprise_id == firms[0].id
        assert row.deadline == date(2026, 6, 4)
        assert not row.overdue
        assert row.score is not None
        assert row.reasons_zh
        late = origination.decision_queue(lender_id=lender, at=kit.AT + timedelta(days=9))
        assert all(row.overdue for row in late.items)

    def test_show_each_tenant_its_own(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        first, second = kit.register_firms(2)
        kit.submit(first)
        kit.submit(second)
        with as_tenant(first.id):
            assert origination.applications_at().total == 1
            assert origination.applications_of(enterprise_id=second.id).total == 0

    def test_bound_the_page(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        page = origination.applications_at(page=-3, page_size=10**9)
        assert (page.page, page.page_size) == (1, 200)
