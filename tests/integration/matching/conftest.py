"""A market to test in: the six lenders as fixed in the packaged register, the packaged products, and made-up firms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest

from rongtong.core.actors import Actor, system_actor
from rongtong.core.canonical import digest
from rongtong.core.ids import new_id
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.features.contracts import Portrait, PortraitId
from rongtong.matching import facade as matching
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Licence, LicenceType, Organisation

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


@pytest.fixture
def market(db: None) -> Iterator[dict[str, Organisation]]:
    """The lenders by code, their products synchronised; looked at as the platform."""
    with as_platform():
        yield open_market()


def open_market() -> dict[str, Organisation]:
    lenders = {code: register_lender(code) for code in LENDERS}
    matching.sync_products(actor=ACTOR, at=AT)
    return lenders


def register_lender(code: str, *, name: str | None = None, valid_to: date = date(2031, 12, 31)) -> Organisation:
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


def register_firms(
    count: int, *, name: str = "测试企业{}有限公司", region: str = "330106", industry: str = "C39", scheme: str = "test"
) -> list[Organisation]:
    drafts = [
        EnterpriseDraft(
            name=name.format(index),
            identifiers=((scheme, f"firm-{index}"),),
            region_code=region,
            industry_code=industry,
            generated=True,
        )
        for index in range(count)
    ]
    return list(parties.register_enterprises(drafts=drafts, actor=ACTOR, at=AT))


def portray(firm: Organisation, values: dict[str, float | None], *, as_of: date = AS_OF) -> Portrait:
    return Portrait(
        id=PortraitId(new_id()),
        enterprise_id=firm.id,
        as_of=as_of,
        recorded_at=AT,
        version="1",
        values=values,
        dimensions=(),
        freshness={},
        monthly={},
        row_counts={},
        snapshot_ids={},
        content_digest=digest(dict(values)),
        digest=digest([str(firm.id), as_of, dict(values)]),
        generated=True,
    )


@pytest.fixture
def search(market: dict[str, Organisation]) -> Callable[..., matching.MatchResult]:
    """Find offers for one firm by its values."""

    def _search(
        firm: Organisation,
        values: dict[str, float | None],
        *,
        at: datetime = AT,
        as_of: date = AS_OF,
        actor: Actor = ACTOR,
        **ask,
    ):  # type: ignore[no-untyped-def]
        portrait = portray(firm, values, as_of=as_of)
        return matching.find_offers(
            enterprise_id=firm.id,
            portrait=portrait,
            score=credit.score(values=values),
            as_of=as_of,
            actor=actor,
            at=at,
            **ask,
        )

    return _search


@pytest.fixture
def kit() -> object:
    """This module's helpers, for tests that import nothing of each other."""
    import sys

    return sys.modules[__name__]


def packaged() -> list[dict[str, object]]:
    from rongtong.matching.actions.sync_products import packaged_products

    return packaged_products()


def terms_of(result: matching.MatchResult) -> list[tuple[object, ...]]:
    """What of a search may not depend on names: products, order, amounts, rates, odds."""
    return [
        (
            one.product_code,
            one.rank,
            one.amount_minor,
            one.annual_rate,
            one.term_months,
            one.annual_cost,
            one.approval_odds,
            one.utility,
        )
        for one in result.offers
    ]


def check_books() -> None:
    """Every pool holds what its reservations and agreements say, to the fen, and no more than its total."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT pool.product_code, pool.reserved_minor, pool.committed_minor, pool.total_minor,
                 coalesce(sum(r.amount_minor) FILTER (WHERE r.state = 'held'), 0),
                 coalesce(sum(r.consumed_minor - r.returned_minor) FILTER (WHERE r.state = 'consumed'), 0)
               FROM matching_capacity_pool pool LEFT JOIN matching_reservation r ON r.pool_id = pool.id
               GROUP BY pool.id"""
        )
        for code, reserved, committed, total, held, consumed in cursor.fetchall():
            assert (reserved, committed) == (held, consumed), code
            assert reserved + committed <= total, code
        cursor.execute(
            """SELECT count(*) FROM matching_offer o JOIN matching_reservation r ON r.id = o.reservation_id
               WHERE (o.state IN ('shown', 'applied')) <> (r.state = 'held')
                  OR (o.state = 'taken') <> (r.state = 'consumed')"""
        )
        assert cursor.fetchone() == (0,)
