"""Each action of origination and servicing, ready to be done by anybody."""

from __future__ import annotations

from dataclasses import replace

from rongtong.core.actors import Actor
from rongtong.core.clock import now
from rongtong.core.ids import new_id
from rongtong.matching import facade as matching
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Lapse, Outcome, Side
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import PrepaymentMode
from tests import hands
from tests.integration.portals.acts import JOB, Do, Scene, accepting, action


@action("third")
def origination__submit_application(s: Scene) -> Do:
    draft = s.draft(s.offers("third")[0])
    return lambda who: origination.submit_application(draft=draft, actor=who, at=now())


@action("platform", "system", right="lender_rules")
def origination__decide_application(s: Scene) -> Do:
    key = s.applied()
    return lambda who: origination.decide_application(application_id=key, as_of=s.today, actor=who, at=now())


@action("platform", "system")
def origination__refer_application(s: Scene) -> Do:
    key = s.applied()
    return lambda who: origination.refer_application(
        application_id=key, obstacle_code="x", as_of=s.today, actor=who, at=now()
    )


@action("third", "user", "client")
def origination__accept_decision(s: Scene) -> Do:
    key = s.decided()
    return lambda who: origination.accept_decision(application_id=key, actor=who, at=now())


@action("third")
def origination__withdraw_application(s: Scene) -> Do:
    key = s.applied()
    return lambda who: origination.withdraw_application(application_id=key, reason="", actor=who, at=now())


@action("platform", "system")
def origination__lapse_application(s: Scene) -> Do:
    key = s.decided()
    return lambda who: origination.lapse_application(application_id=key, reason=Lapse.NOT_ACCEPTED, actor=who, at=now())


@action("platform", "system")
def origination__prepare_agreement(s: Scene) -> Do:
    key = s.decided()
    origination.accept_decision(application_id=key, actor=accepting(key), at=now())
    return lambda who: origination.prepare_agreement(application_id=key, actor=who, at=now())


@action("third", "user", "client")
def origination__sign_agreement(s: Scene) -> Do:
    key = s.decided()
    origination.accept_decision(application_id=key, actor=accepting(key), at=now())
    agreement = origination.prepare_agreement(application_id=key, actor=JOB, at=now())
    return lambda who: origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=who, at=now())


@action("lender")
def origination__decide_manually(s: Scene) -> Do:
    return lambda who: origination.decide_manually(
        application_id=s.world.waiting.id, outcome=Outcome.DECLINED, reason="现金流不足", actor=who, at=now()
    )


@action("lender", "user", "client", right="second_person")
def origination__confirm_proposal(s: Scene) -> Do:
    from rongtong.rulebook.contracts import Rule

    threshold = next(one for one in rulebook.rules(on=s.today) if one.id == "origination.four_eyes_amount")
    lower: Rule = replace(threshold, value="1")
    from rongtong.rulebook import queries

    rulebook.record_rules(rules=[lower], actor=JOB, at=now())
    queries.forget()
    proposer = Actor("user", str(new_id()), "提议人", s.world.lender.id)
    proposal = origination.decide_manually(
        application_id=s.world.waiting.id, outcome=Outcome.APPROVED, reason="同意", actor=proposer, at=now()
    )
    return lambda who: origination.confirm_proposal(proposal_id=proposal.id, actor=who, at=now())


@action("lender")
def origination__declare_related_party(s: Scene) -> Do:
    return lambda who: origination.declare_related_party(
        of=s.world.lender.id, scheme="lei", value="X1", relation="股东", actor=who, at=now()
    )


@action("lender")
def origination__make_loan_code(s: Scene) -> Do:
    product = next(one for one in matching.products(on=s.today) if one.lender_id == s.world.lender.id)
    return lambda who: origination.make_loan_code(product_id=product.id, base_url="https://x.test", actor=who, at=now())


@action("other")
def origination__raise_objection(s: Scene) -> Do:
    key = s.declined()
    return lambda who: origination.raise_objection(application_id=key, text="请复核", actor=who, at=now())


@action("lender")
def origination__answer_objection(s: Scene) -> Do:
    objection = origination.raise_objection(application_id=s.declined(), text="请复核", actor=JOB, at=now())
    return lambda who: origination.answer_objection(
        objection_id=objection.id, upheld=False, text="维持", actor=who, at=now()
    )


@action("platform")
def servicing__freeze_limits(s: Scene) -> Do:
    facility = s.facility()
    return lambda who: servicing.freeze_limits(facility_id=facility.id, reason="预警", actor=who, at=now())


@action("platform")
def servicing__unfreeze_limits(s: Scene) -> Do:
    facility = s.facility()
    servicing.freeze_limits(facility_id=facility.id, reason="预警", actor=JOB, at=now())
    return lambda who: servicing.unfreeze_limits(facility_id=facility.id, reason="解除", actor=who, at=now())


@action("lender")
def servicing__import_statement(s: Scene) -> Do:
    head = "entry_ref,booked_date,amount,direction,end_to_end_id,text\n"
    content = (head + f"R9,{s.today},100.00,CRDT,nobody,还款\n").encode()
    return lambda who: servicing.import_statement(lender_id=s.world.lender.id, content=content, actor=who, at=now())


@action("platform", "system")
def servicing__open_facility(s: Scene) -> Do:
    key = s.decided()
    origination.accept_decision(application_id=key, actor=accepting(key), at=now())
    agreement = origination.prepare_agreement(application_id=key, actor=JOB, at=now())
    for side, hand in ((Side.FIRM, hands.of_firm), (Side.LENDER, hands.of_lender)):
        agreement = origination.sign_agreement(agreement_id=agreement.id, side=side, actor=hand(agreement), at=now())
    return lambda who: servicing.open_facility(agreement=agreement, actor=who, at=now())


@action("third")
def servicing__request_drawdown(s: Scene) -> Do:
    facility = s.facility()
    return lambda who: servicing.request_drawdown(
        facility_id=facility.id,
        amount_minor=facility.limit_minor,
        business_date=s.today,
        key="k",
        actor=who,
        at=now(),
    )


@action("firm")
def servicing__request_prepayment(s: Scene) -> Do:
    return lambda who: servicing.request_prepayment(
        loan_id=s.world.loan_id,
        business_date=s.today,
        mode=PrepaymentMode.KEEP_TERM,
        principal_minor=None,
        actor=who,
        at=now(),
    )
