from __future__ import annotations

from datetime import datetime, timedelta
from types import ModuleType

import pytest

from rongtong.origination import facade as origination
from rongtong.origination.contracts import (
    Agreement,
    AgreementState,
    ApplicationState,
    Objection,
    ObjectionState,
    Outcome,
    Side,
)
from rongtong.parties.contracts import Organisation
from tests import hands

pytestmark = pytest.mark.django_db


class TestAnUpheldObjectionToWhatWasGranted:
    """It is decided anew before anything is signed or paid; until the answer nobody signs."""

    @pytest.mark.parametrize("signed_by_firm", [False, True])
    def test_comes_back_to_the_desk_and_its_agreement_is_void(
        self, market: dict[str, Organisation], kit: ModuleType, signed_by_firm: bool
    ) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        if signed_by_firm:
            sign(agreement, Side.FIRM, kit)
        objection = object_to(agreement, kit)
        later = kit.AT + timedelta(days=3)
        answer(objection, kit, upheld=True, at=later)

        application = origination.application(application_id=agreement.application_id)
        assert (application.state, application.agreement_id) == (ApplicationState.REFERRED, None)
        assert origination.agreement(agreement_id=agreement.id).state is AgreementState.VOID
        timeline = origination.timeline(application_id=application.id, at=later)
        assert (timeline.next_actor, timeline.next_action) == ("lender", "decide_manually")
        assert timeline.next_deadline is not None
        with pytest.raises(origination.AgreementVoid):
            sign(agreement, Side.LENDER, kit)

        origination.decide_manually(
            application_id=application.id, outcome=Outcome.APPROVED, reason="异议成立", actor=kit.JOB, at=later
        )
        origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=later)
        assert origination.timeline(application_id=application.id, at=later).next_action == "prepare_agreement"
        anew = origination.prepare_agreement(application_id=application.id, actor=kit.JOB, at=later)
        assert anew.number != agreement.number
        for side in (Side.FIRM, Side.LENDER):
            anew = sign(anew, side, kit, at=later)
        assert anew.state is AgreementState.SIGNED
        assert origination.application(application_id=application.id).agreement_id == anew.id

    def test_holds_both_signatures_until_the_answer(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        objection = object_to(agreement, kit)
        timeline = origination.timeline(application_id=agreement.application_id, at=kit.AT)
        assert (timeline.next_actor, timeline.next_action) == ("lender", "answer_objection")
        assert origination.awaiting_firm(enterprise_id=firm.id).total == 0
        with pytest.raises(origination.ObjectionOpen):
            sign(agreement, Side.FIRM, kit)

        late = kit.AT + timedelta(days=40)
        overdue = {one.kind for one in origination.overdue_cases(at=late)}
        assert overdue == {"objection"}, "the firm is not late with what it may not sign"
        answer(objection, kit, upheld=False, at=late)
        assert origination.overdue_cases(at=late) == (), "its days begin anew"
        assert sign(agreement, Side.FIRM, kit, at=late).state is AgreementState.SIGNED_BY_FIRM

    def test_is_refused_once_both_sides_have_signed(self, market: dict[str, Organisation], kit: ModuleType) -> None:
        (firm,) = kit.register_firms(1)
        agreement = kit.prepared(firm)
        for side in (Side.FIRM, Side.LENDER):
            sign(agreement, side, kit)
        objection = object_to(agreement, kit)
        with pytest.raises(origination.DecisionFinal):
            answer(objection, kit, upheld=True)
        assert answer(objection, kit, upheld=False).state is ObjectionState.DISMISSED


def object_to(agreement: Agreement, kit: ModuleType) -> Objection:
    return origination.raise_objection(
        application_id=agreement.application_id, text="额度有误", actor=kit.JOB, at=kit.AT
    )


def answer(objection: Objection, kit: ModuleType, *, upheld: bool, at: datetime | None = None) -> Objection:
    return origination.answer_objection(
        objection_id=objection.id, upheld=upheld, text="已核对", actor=kit.JOB, at=at or kit.AT
    )


def sign(agreement: Agreement, side: Side, kit: ModuleType, *, at: datetime | None = None) -> Agreement:
    hand = hands.of_firm(agreement) if side is Side.FIRM else hands.of_lender(agreement)
    return origination.sign_agreement(agreement_id=agreement.id, side=side, actor=hand, at=at or kit.AT)
