"""Reads of offers, and the bytes that the transparency log holds of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from rongtong.core.canonical import canonical_json
from rongtong.core.errors import NotFound
from rongtong.core.frozen_columns import Versions, frozen_columns
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.credit.contracts import AnnualCost, RepaymentMethod
from rongtong.matching import models
from rongtong.matching.contracts import (
    Capacity,
    Document,
    MatchId,
    MatchResult,
    NearMiss,
    Offer,
    OfferId,
    OfferPage,
    OfferState,
    ProductId,
)
from rongtong.parties.contracts import OrganisationId

PAGE_SIZE_MAX = 100


class OfferUnknown(NotFound):
    """There is no offer under this id, or not for who asks."""

    code = "offer_unknown"
    message = _("There is no such offer.")


class MatchUnknown(NotFound):
    """There is no search for offers under this id, or not for who asks."""

    code = "match_unknown"
    message = _("There is no such search for offers.")


def offer(*, offer_id: OfferId) -> Offer:
    """One offer. Raises OfferUnknown."""
    row = _rows().filter(id=offer_id).first()
    if row is None:
        raise OfferUnknown(offer=str(offer_id))
    return offer_contract(row)


def offers(*, offer_ids: Sequence[OfferId]) -> dict[OfferId, Offer]:
    """Many offers by id; those unknown are left out."""
    return {OfferId(row.id): offer_contract(row) for row in _rows().filter(id__in=offer_ids)}


def offers_of(
    *,
    enterprise_id: OrganisationId | None = None,
    lender_id: OrganisationId | None = None,
    state: OfferState | None = None,
    page: int = 1,
    page_size: int = 20,
) -> OfferPage:
    """A firm's or a lender's offers, newest search first, best rank first."""
    rows = _rows()
    if enterprise_id is not None:
        rows = rows.filter(enterprise_id=enterprise_id)
    if lender_id is not None:
        rows = rows.filter(lender_id=lender_id)
    if state is not None:
        rows = rows.filter(state=state.value)
    page, page_size = max(page, 1), min(max(page_size, 1), PAGE_SIZE_MAX)
    first = (page - 1) * page_size
    found = rows.order_by("-recorded_at", "match_id", "rank")[first : first + page_size]
    return OfferPage(tuple(offer_contract(row) for row in found), page, page_size, rows.count())


def match(*, match_id: MatchId) -> MatchResult:
    """One search with its offers and near misses. Raises MatchUnknown."""
    row = models.Match.objects.filter(id=match_id).first()
    if row is None:
        raise MatchUnknown(match=str(match_id))
    return match_contracts([row])[OrganisationId(row.enterprise_id)]


def latest_match(*, enterprise_id: OrganisationId, at: datetime | None = None) -> MatchResult | None:
    """A firm's newest search that still stands, at a moment if one is named; None where there is none."""
    rows = models.Match.objects.filter(enterprise_id=enterprise_id, open=True)
    if at is not None:
        rows = rows.filter(expires_at__gt=at)
    row = rows.order_by("-recorded_at", "-id").first()
    return match_contracts([row])[enterprise_id] if row else None


def match_contracts(rows: Sequence[models.Match]) -> dict[OrganisationId, MatchResult]:
    """Searches as contracts by enterprise, in one query for all their offers; what was withdrawn is left out."""
    by_match: dict[UUID, list[Offer]] = {row.id: [] for row in rows}
    withdrawn: Counter[UUID] = Counter()
    found = _rows().filter(match_id__in=list(by_match)).exclude(state=OfferState.EXPIRED.value)
    for row in found.order_by("rank"):
        if row.state == OfferState.WITHDRAWN.value:
            withdrawn[row.match_id] += 1
        else:
            by_match[row.match_id].append(offer_contract(row))
    return {
        OrganisationId(row.enterprise_id): MatchResult(
            match_id=MatchId(row.id),
            enterprise_id=OrganisationId(row.enterprise_id),
            as_of=row.as_of,
            offers=tuple(by_match[row.id]),
            near_misses=tuple(
                NearMiss(**{**miss, "lender_id": OrganisationId(UUID(miss["lender_id"]))}) for miss in row.near_misses
            ),
            products=row.products,
            fitting=row.fitting,
            withdrawn=withdrawn[row.id],
        )
        for row in rows
    }


def capacity(*, lender_id: OrganisationId) -> tuple[Capacity, ...]:
    """What a lender puts behind each of its products, and how much of it is spoken for."""
    return tuple(
        Capacity(
            OrganisationId(pool.lender_id),
            pool.product_code,
            pool.total_minor,
            pool.reserved_minor,
            pool.committed_minor,
        )
        for pool in models.CapacityPool.objects.filter(lender_id=lender_id).order_by("product_code")
    )


_BEFORE_ODDS = (
    "id match_id product_id enterprise_id lender_id as_of amount_minor term_months repayment_method annual_rate:8"
)
_AFTER_ODDS = "days_to_cash rank utility:6 workings recorded_at"
_COSTS = "fees_minor annual_cost_simple:10 annual_cost_effective:10"
OFFER_COLUMNS = frozen_columns(
    "matching_offer",
    f"{_BEFORE_ODDS} {_COSTS} approval_odds:4 {_AFTER_ODDS}",
    f"{_BEFORE_ODDS} {_COSTS} {_AFTER_ODDS}",
    left_out="reservation_id digest state expires_at approval_odds",
)
"""The first version is of offers from when odds of approval were shown."""


def evidence(row: models.Offer, versions: Versions | None = None) -> bytes:
    """The terms of an offer as the log holds them, out of the row's own columns: a changed column changes them."""
    return canonical_json(OFFER_COLUMNS.values(row, versions))


def load_evidence(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """What the transparency log reads to check its offers against these tables."""
    with as_platform():
        return {row.id: evidence(row, versions) for row in models.Offer.objects.filter(id__in=ids)}


def offer_contract(row: models.Offer) -> Offer:
    """A row as a contract; its product and lender are joined."""
    terms, workings = row.product.terms, row.workings
    return Offer(
        id=OfferId(row.id),
        match_id=MatchId(row.match_id),
        enterprise_id=OrganisationId(row.enterprise_id),
        lender_id=OrganisationId(row.lender_id),
        lender_name=row.lender.name,
        product_id=ProductId(row.product_id),
        product_code=row.product.code,
        product_version=row.product.version,
        product_name_en=terms["name_en"],
        product_name_zh=terms["name_zh"],
        amount_minor=row.amount_minor,
        term_months=row.term_months,
        repayment_method=RepaymentMethod(row.repayment_method),
        annual_rate=row.annual_rate.normalize(),
        fees_minor=row.fees_minor,
        annual_cost=AnnualCost(simple=row.annual_cost_simple, effective=row.annual_cost_effective),
        automatic=bool(workings.get("automatic", False)),
        doubtful=tuple(workings.get("doubtful", ())),
        days_to_cash=row.days_to_cash,
        rank=row.rank,
        utility=row.utility,
        limit_lines=tuple(credit.limit_line(code, amount) for code, amount in workings["limit_lines"]),
        rate_lines=tuple(credit.rate_line(code, Decimal(rate)) for code, rate in workings["rate_lines"]),
        reasons_en=tuple(workings["reasons_en"]),
        reasons_zh=tuple(workings["reasons_zh"]),
        documents=tuple(Document(**document) for document in terms["documents"]),
        state=OfferState(row.state),
        as_of=row.as_of,
        expires_at=row.expires_at,
        created_at=row.recorded_at,
        digest=row.digest,
    )


def _rows() -> QuerySet[models.Offer]:
    return models.Offer.objects.prefetch_related("product", "lender")
