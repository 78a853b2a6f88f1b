"""A market to test in: the six lenders as fixed in the packaged register, the packaged products, and made-up firms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

import pytest

from rongtong.core.actors import Actor
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Organisation
from tests.authorisations import let_lenders_read
from tests.market import ACTOR, AS_OF, AT, STRONG, open_market, portrait_of

__all__ = ["ACTOR", "AS_OF", "AT", "STRONG", "open_market"]  # what the tests call by the kit


@pytest.fixture
def market(db: None) -> Iterator[dict[str, Organisation]]:
    """The lenders by code, their products synchronised; looked at as the platform."""
    with as_platform():
        yield open_market()


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
    firms = list(parties.register_enterprises(drafts=drafts, actor=ACTOR, at=AT))
    let_lenders_read(*(firm.id for firm in firms), actor=ACTOR, at=AT)
    return firms


def portray(firm: Organisation, values: dict[str, float | None], *, as_of: date = AS_OF) -> Portrait:
    return portrait_of(firm.id, values, as_of=as_of)


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
            score=credit.score(values=values, unknown=()),
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
    """What of a search may not depend on names: products, order, amounts, rates, who decides."""
    return [
        (
            one.product_code,
            one.rank,
            one.amount_minor,
            one.annual_rate,
            one.term_months,
            one.annual_cost,
            one.automatic,
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
