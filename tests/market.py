"""What several tests and benchmarks set up alike: the six packaged lenders with their products, and a portrait of a firm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from rongtong.core.actors import system_actor
from rongtong.core.canonical import digest
from rongtong.core.ids import new_id
from rongtong.features.contracts import Portrait, PortraitId
from rongtong.matching import facade as matching
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Licence, LicenceType, Organisation, OrganisationId

AT = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
AS_OF = date(2026, 6, 1)
ACTOR = system_actor("tests")
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
}
"""A firm that most products are open to."""


def open_market() -> dict[str, Organisation]:
    """The lenders by code, their products synchronised; called as the platform."""
    lenders = {code: register_lender(code) for code in LENDERS}
    matching.sync_products(actor=ACTOR, at=AT)
    return lenders


def register_lender(code: str, *, name: str | None = None, valid_to: date = date(2031, 12, 31)) -> Organisation:
    """One of the lenders, by another name or with a licence that ends on another day."""
    own_name, kind, uscc, region = LENDERS[code]
    return parties.register_institution(
        name=name or own_name,
        code=code,
        uscc=uscc,
        licence=Licence(
            type=kind,
            number=f"L-{code}",
            scope=("factoring",) if kind is LicenceType.FACTOR else ("loan",),
            region_code=region,
            valid_from=date(2015, 1, 1),
            valid_to=valid_to,
        ),
        region_code="330000",
        actor=ACTOR,
        at=AT,
        generated=True,
    )


def portrait_of(
    firm_id: OrganisationId, values: Mapping[str, float | None], *, as_of: date = AS_OF, **others: Any
) -> Portrait:
    """A portrait of these values, as if it had just been built."""
    content: dict[str, Any] = {
        "dimensions": (),
        "freshness": {},
        "monthly": {},
        "row_counts": {},
        "snapshot_ids": {},
        **others,
    }
    return Portrait(
        id=PortraitId(new_id()),
        enterprise_id=firm_id,
        as_of=as_of,
        recorded_at=AT,
        version="1",
        values=dict(values),
        content_digest=digest(dict(values)),
        digest=digest([str(firm_id), as_of, dict(values)]),
        generated=True,
        **content,
    )
