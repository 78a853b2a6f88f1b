"""A lender's desk to test at: the packaged lenders and products, firms with a portrait, a consent, an offer."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from rongtong.consent import facade as consent
from rongtong.consent.contracts import ConsentDraft, Grantee, Signatory
from rongtong.core.actors import Actor, system_actor
from rongtong.core.canonical import digest
from rongtong.core.ids import new_id
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.features.contracts import Portrait, PortraitId
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Offer
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Agreement, Application, ApplicationDraft, Decision, Purpose, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Licence, LicenceType, Organisation

AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
AS_OF = date(2026, 6, 1)
JOB = system_actor("tests")
LENDERS = {
    "qingjiang_bank": ("清江银行股份有限公司", LicenceType.BANK, "91330100MA7BK0017X", "33"),
    "jiangzuo_rcb": ("江左农村商业银行股份有限公司", LicenceType.BANK, "91330600MA7BK0025J", "33"),
    "huayu_bank": ("华域银行股份有限公司", LicenceType.BANK, "91110000MA7BK0033Q", ""),
    "yunfan_bank": ("云帆网商银行股份有限公司", LicenceType.BANK, "91330100MA7BK0041E", ""),
    "qiming_factoring": ("启明商业保理有限公司", LicenceType.FACTOR, "91330200MA7FC005XF", ""),
    "huimin_microloan": ("惠民小额贷款有限公司", LicenceType.MICRO_LENDER, "91330300MA7ML0063J", "33"),
}
STRONG: dict[str, float | None] = {
    "inv_sales_12m_fen": 1800.0 * 1_000_000,
    "inv_months_observed": 40.0,
    "inv_zero_months_12m": 0.0,
    "inv_sales_cv_12m": 0.4,
    "inv_sales_growth_12m": 0.1,
    "inv_days_since_last_sale": 5.0,
    "inv_buyers_12m": 40.0,
    "inv_top1_buyer_share": 0.2,
    "inv_buyer_retention": 0.7,
    "inv_void_red_rate": 0.04,
    "inv_circular_share": 0.0,
    "inv_suppliers_12m": 30.0,
    "inv_margin_proxy": 0.2,
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


def open_market() -> dict[str, Organisation]:
    lenders = {code: register_lender(code) for code in LENDERS}
    matching.sync_products(actor=JOB, at=AT)
    return lenders


def register_lender(code: str) -> Organisation:
    name, kind, uscc, region = LENDERS[code]
    return parties.register_institution(
        name=name,
        code=code,
        uscc=uscc,
        licence=Licence(
            type=kind,
            number=f"L-{code}",
            scope=("factoring",) if kind is LicenceType.FACTOR else ("loan",),
            region_code=region,
            valid_from=date(2015, 1, 1),
            valid_to=date(2031, 12, 31),
        ),
        region_code="330000",
        actor=JOB,
        at=AT,
        generated=True,
    )


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
    return Portrait(
        id=PortraitId(new_id()),
        enterprise_id=firm.id,
        as_of=as_of,
        recorded_at=AT,
        version="1",
        values=known,
        dimensions=(),
        freshness={"invoices": freshness or as_of},
        monthly={},
        row_counts={},
        snapshot_ids={"invoices": 1},
        content_digest=digest(known),
        digest=digest([str(firm.id), as_of, known]),
        generated=True,
    )


def grant(firm: Organisation, *lenders: Organisation, items: tuple[str, ...] = ("portrait",)) -> None:
    grantees = tuple(Grantee(lender.id, lender.name, "lender") for lender in lenders)
    consent.grant_consent(
        draft=ConsentDraft(
            enterprise_id=firm.id,
            grantees=grantees,
            items=items,
            purposes=("financing",),
            range_from=date(2015, 1, 1),
            range_to=date(2027, 1, 1),
            valid_from=AT - timedelta(days=1),
            valid_to=AT + timedelta(days=300),
            retention_days=365,
            text="授权",
            signatory=Signatory("张三", "legal_representative"),
        ),
        actor=JOB,
        at=AT - timedelta(days=1),
    )


def offers_for(firm: Organisation, *, as_of: date = AS_OF, at: datetime = AT, **values: Any) -> tuple[Offer, ...]:
    portrait = portray(firm, as_of=as_of, **values)
    return matching.find_offers(
        enterprise_id=firm.id,
        portrait=portrait,
        score=credit.score(values=portrait.values),
        as_of=as_of,
        actor=JOB,
        at=at,
    ).offers


def offer_of(firm: Organisation, code: str = "", **arguments: Any) -> Offer:
    offers = offers_for(firm, **arguments)
    return next(one for one in offers if code in {"", one.product_code})


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
    lender = lender or parties.organisation(offer.lender_id)
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
    return origination.accept_decision(application_id=application.id, actor=JOB, at=AT)


def prepared(firm: Organisation, **changes: Any) -> Agreement:
    application = accepted(firm, **changes)
    return origination.prepare_agreement(application_id=application.id, actor=JOB, at=AT)


def signed(firm: Organisation, **changes: Any) -> Agreement:
    agreement = prepared(firm, **changes)
    origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=JOB, at=AT)
    return origination.sign_agreement(agreement_id=agreement.id, side=Side.LENDER, actor=JOB, at=AT)
