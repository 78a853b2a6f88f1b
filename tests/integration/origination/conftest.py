"""A lender's desk to test at: the packaged lenders and products, firms with a portrait, a consent, an offer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Grantee
from rongtong.core.actors import Actor
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Offer
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Agreement, Application, ApplicationDraft, Decision, Purpose, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Organisation
from tests import hands
from tests import market as market_kit
from tests.authorisations import draft_of, entries, let_lenders_read
from tests.market import ACTOR, AS_OF, AT, open_market, portrait_of

JOB = ACTOR
STRONG = {
    **market_kit.STRONG,
    "inv_sales_12m_fen": 1500.0 * 1_000_000,
    "crt_dishonest": 0.0,
    "crt_enforced_amount_fen": 0.0,
    "reg_abnormal": 0.0,
    "reg_age_months": 80.0,
    "tax_grade_points": 4.0,
}


@pytest.fixture
def market(db: None) -> Iterator[dict[str, Organisation]]:
    """The lenders by code, their products synchronised; looked at as the platform."""
    with as_platform():
        yield open_market()


@pytest.fixture
def kit() -> ModuleType:
    """This module's helpers, for tests that import nothing of each other."""
    return sys.modules[__name__]


def register_firms(count: int, *, name: str = "测试企业{}有限公司", region: str = "330106") -> list[Organisation]:
    drafts = [
        EnterpriseDraft(
            name=name.format(index),
            identifiers=(("test", f"firm-{name[:8]}-{index}"),),
            region_code=region,
            industry_code="C39",
            generated=True,
        )
        for index in range(count)
    ]
    return list(parties.register_enterprises(drafts=drafts, actor=JOB, at=AT))


def person(organisation: Organisation, name: str = "someone") -> Actor:
    return Actor("user", f"{name}-{organisation.id}", name, organisation.id)


def portray(firm: Organisation, *, as_of: date = AS_OF, freshness: date | None = None, **values: Any) -> Portrait:
    known = {**STRONG, **values}
    return portrait_of(
        firm.id, known, as_of=as_of, freshness={"invoices": freshness or as_of}, snapshot_ids={"invoices": 1}
    )


def grant(firm: Organisation, *lenders: Organisation, items: tuple[str, ...] = ("portrait",)) -> None:
    grantees = tuple(Grantee(lender.id, lender.name, "lender") for lender in lenders)
    consent.grant_consent(
        draft=draft_of(
            firm.id,
            entries(
                grantees=grantees,
                items=items,
                range_from=date(2015, 1, 1),
                range_to=date(2027, 1, 1),
                retention_days=365,
            ),
            at=AT - timedelta(days=1),
            days=301,
            form="paper",
        ),
        actor=JOB,
        at=AT - timedelta(days=1),
    )


def revoke(firm: Organisation, *, at: datetime = AT) -> None:
    """The firm revokes every authorisation it gave."""
    for one in consent.consents_of(enterprise_id=firm.id, at=at):
        consent.revoke_consent(consent_id=one.id, reason="不再需要", actor=person(firm), at=at)


def offers_for(firm: Organisation, *, as_of: date = AS_OF, at: datetime = AT, **values: Any) -> tuple[Offer, ...]:
    if not consent.has_live_consent(enterprise_id=firm.id, at=at):
        let_lenders_read(firm.id, actor=JOB, at=at)
    portrait = portray(firm, as_of=as_of, **values)
    return matching.find_offers(
        enterprise_id=firm.id,
        portrait=portrait,
        score=credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed),
        as_of=as_of,
        actor=JOB,
        at=at,
    ).offers


def offer_of(firm: Organisation, code: str = "", **arguments: Any) -> Offer:
    """An offer that the firm can apply for: its lender may read the portrait."""
    offers = offers_for(firm, **arguments)
    found = next(one for one in offers if code in {"", one.product_code})
    grant(firm, parties.organisation(found.lender_id))
    return found


def draft_for(offer: Offer, **changes: Any) -> ApplicationDraft:
    draft = ApplicationDraft(
        offer_id=offer.id,
        amount_minor=offer.amount_minor,
        term_months=offer.term_months,
        purpose=Purpose.RAW_MATERIALS,
        purpose_note="一季度备货",
        contact_name="张三",
        contact_phone="13800000000",
        account_bank="清江银行城东支行",
        account_number="6222020200112233445",
        declared=True,
    )
    return replace(draft, **changes)


def submit(firm: Organisation, lender: Organisation | None = None, *, code: str = "", **changes: Any) -> Application:
    """An application with the lender's consent in place; the offer of a product code, else the best one."""
    offer = offer_of(firm, code)
    if lender is not None:
        grant(firm, lender)
    return origination.submit_application(draft=draft_for(offer, **changes), actor=JOB, at=AT)


def decide(application: Application, *, at: datetime = AT, as_of: date = AS_OF, **values: Any) -> Decision:
    firm = parties.organisation(application.enterprise_id)
    return origination.decide_application(
        application_id=application.id, as_of=as_of, actor=JOB, at=at, portrait=portray(firm, as_of=as_of, **values)
    )


def accepted(firm: Organisation, **changes: Any) -> Application:
    application = submit(firm, **changes)
    decide(application)
    return origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=AT)


def prepared(firm: Organisation, **changes: Any) -> Agreement:
    application = accepted(firm, **changes)
    return origination.prepare_agreement(application_id=application.id, actor=JOB, at=AT)


def signed(firm: Organisation, **changes: Any) -> Agreement:
    agreement = prepared(firm, **changes)
    origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=AT)
    return origination.sign_agreement(
        agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=AT
    )
