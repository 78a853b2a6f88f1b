"""Products, a firm's offers with what it nearly has, and a lender's capacity.

The firm is the caller's; the operator and the regulator name one by `enterprise`. A lender sees the offers made in its
name, and sets its own capacity.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema, Status
from pydantic import Field

from rongtong.core.actors import system_actor
from rongtong.core.bounds import Ref
from rongtong.core.clock import china_date, now
from rongtong.core.errors import Forbidden
from rongtong.core.ids import decode_id
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Exposure, ExposureStage, MatchId, OfferId, OfferState, ProductKind
from rongtong.matching.rules.rendering import (
    render_capacity,
    render_exposure,
    render_match,
    render_offer,
    render_product,
    render_sheet,
)
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId, OrganisationKind

router = Router()
_OVERSEERS = {OrganisationKind.OPERATOR, OrganisationKind.REGULATOR}


class NotAParty(Forbidden):
    """Only the firm searches for itself, and only a lender has capacity."""

    code = "not_a_party"
    message = _("This is open to the firm or the lender concerned only.")


class DocumentOut(Schema):
    """A paper that the lender asks for."""

    code: str
    title_en: str
    title_zh: str


class ConditionOut(Schema):
    """One condition of a product; `unknown` says what it does where the fact is not known: fail, refer or ignore."""

    fact: str
    title_en: str
    title_zh: str
    operator: str
    value: float | list[str]
    unknown: str


class ProductOut(Schema):
    """A loan product as it is in force. Amounts in fen, rates as fractions per year in text."""

    id: str
    code: str
    version: int
    kind: ProductKind
    lender: str
    lender_name: str
    lender_type: str
    name_en: str
    name_zh: str
    summary_en: str
    summary_zh: str
    min_minor: int
    max_minor: int
    terms_months: list[int]
    methods: list[str]
    min_rate: str
    max_rate: str
    fee_rate: str
    regions: list[str]
    industries: list[str]
    rules: list[ConditionOut]
    documents: list[DocumentOut]
    days_to_cash: int
    approve_from: int
    refer_from: int


class AmountLineOut(Schema):
    """One line of an amount; lines sum to it."""

    code: str
    title_en: str
    title_zh: str
    amount_minor: int


class RateLineOut(Schema):
    """One line of a rate; lines sum to it."""

    code: str
    title_en: str
    title_zh: str
    rate: str


class OfferOut(Schema):
    """An offer with the lender's capacity reserved behind it. Its annual cost is given both ways: simple and effective (IRR).

    `automatic` says that the lender's rules alone approve an application of today; otherwise a person decides.
    """

    id: str
    match: str
    enterprise: str
    lender: str
    lender_name: str
    product: str
    product_code: str
    product_version: int
    product_name_en: str
    product_name_zh: str
    amount_minor: int
    term_months: int
    repayment_method: str
    annual_rate: str
    fees_minor: int
    annual_cost_simple: str
    annual_cost_effective: str
    automatic: bool
    days_to_cash: int
    rank: int
    utility: str
    limit_lines: list[AmountLineOut]
    rate_lines: list[RateLineOut]
    reasons_en: list[str]
    reasons_zh: list[str]
    documents: list[DocumentOut]
    state: OfferState
    as_of: date
    expires_at: str
    created_at: str
    digest: str


class NearMissOut(Schema):
    """A product that the firm nearly has, and what is missing."""

    product_code: str
    product_name_en: str
    product_name_zh: str
    lender: str
    lender_name: str
    code: str
    text_en: str
    text_zh: str
    gap: float | None


class MatchOut(Schema):
    """One search: `products` were looked at, `fitting` of them would lend, the best are `offers`; near misses, nearest first."""

    id: str
    enterprise: str
    as_of: date
    products: int
    fitting: int
    offers: list[OfferOut]
    near_misses: list[NearMissOut]


class OffersOut(Schema):
    """One page of offers."""

    items: list[OfferOut]
    total: int
    page: int
    page_size: int


class AskIn(Schema):
    """What the firm asks for: fen and months; left out, as much as there is and the usual term."""

    amount_minor: Annotated[int, Field(gt=0, le=10**13)] | None = None
    term_months: Annotated[int, Field(ge=1, le=360)] | None = None


class CapacityOut(Schema):
    """What a lender puts behind a product, in fen."""

    product_code: str
    total_minor: int
    reserved_minor: int
    committed_minor: int
    free_minor: int


class CapacityIn(Schema):
    """The new total, in fen."""

    total_minor: Annotated[int, Field(ge=0, le=10**16)]


class ExposureLineOut(Schema):
    """A part of a firm's exposure, in fen; `lender_kind` is the lender's licence type, empty outside of the platform."""

    stage: ExposureStage
    lender_kind: str
    own: bool
    amount_minor: int


class ExposureOut(Schema):
    """What a firm owes or may come to owe at all lenders together, and what it may, in fen.

    `measured_minor` is None where the firm was never measured, `elsewhere_minor` (under enforcement by
    a court) where the public register was not asked; other debts outside of the platform are not known. A lender gets its own lines, and all else as one sum.
    """

    enterprise: str
    total_minor: int
    own_minor: int
    others_minor: int
    elsewhere_minor: int | None
    limit_minor: int
    firm_max_minor: int
    measured_minor: int | None
    headroom_minor: int
    lines: list[ExposureLineOut]


class ExposuresOut(Schema):
    """One page of firms by exposure, the largest first."""

    items: list[ExposureOut]
    total: int
    page: int
    page_size: int


class SheetOut(Schema):
    """The published scorecard: every feature, bin and point."""

    name: str
    version: str
    base_points: int
    scale_score: int
    scale_odds: int
    points_to_double_odds: int
    grades: list[dict[str, Any]]
    features: list[dict[str, Any]]
    note_en: str
    note_zh: str


@router.get("/products", response=list[ProductOut], auth=None, summary="The products on offer today")
def list_products(request: HttpRequest) -> list[dict[str, Any]]:
    return [render_product(product) for product in matching.products(on=china_date(now()))]


@router.get("/products/{code}", response=ProductOut, auth=None, summary="One product as it is in force today")
def show_product(request: HttpRequest, code: str) -> dict[str, Any]:
    return render_product(matching.product_by_code(code=code, on=china_date(now())))


@router.get("/scorecard", response=SheetOut, auth=None, summary="The published scorecard")
def show_scorecard(request: HttpRequest) -> dict[str, Any]:
    return render_sheet(credit.scorecard_sheet())


@router.post("/searches", response={201: MatchOut}, summary="Find the offers of today for the caller's firm")
def search_offers(request: HttpRequest, given: AskIn) -> Status[dict[str, Any]]:
    own = parties.require_action(request, parties.Action.SEARCH_OFFERS)
    at, actor = now(), parties.actor_of_membership(own)
    portrait = features.latest_portrait(
        enterprise_id=own.organisation_id,
        reader_id=parties.platform().id,
        actor=system_actor("find_offers"),
        at=at,
    )
    found = matching.find_offers(
        enterprise_id=OrganisationId(own.organisation_id),
        portrait=portrait,
        score=credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed),
        amount_minor=given.amount_minor,
        term_months=given.term_months,
        as_of=china_date(at),
        actor=actor,
        at=at,
    )
    return Status(201, render_match(found))


@router.get("/searches/{match_id}", response=MatchOut, summary="One search with its offers and near misses")
def show_search(request: HttpRequest, match_id: str) -> dict[str, Any]:
    parties.require_membership(request)
    return render_match(matching.match(match_id=MatchId(decode_id("mat", match_id))))


@router.get("/offers", response=OffersOut, summary="The caller's offers, the newest search first")
def list_offers(
    request: HttpRequest,
    enterprise: Ref | None = None,
    state: OfferState | None = None,
    page: Annotated[int, Field(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Field(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    own = parties.require_membership(request)
    firm = OrganisationId(decode_id("ent", enterprise)) if enterprise else None
    lender = None
    if own.organisation_kind is OrganisationKind.ENTERPRISE:
        firm = OrganisationId(own.organisation_id)
    elif own.organisation_kind not in _OVERSEERS:
        lender = OrganisationId(own.organisation_id)
    found = matching.offers_of(enterprise_id=firm, lender_id=lender, state=state, page=page, page_size=page_size)
    items = [render_offer(offer) for offer in found.offers]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


@router.get("/offers/{offer_id}", response=OfferOut, summary="One offer")
def show_offer(request: HttpRequest, offer_id: str) -> dict[str, Any]:
    parties.require_membership(request)
    return render_offer(matching.offer(offer_id=OfferId(decode_id("off", offer_id))))


@router.get("/exposure", response=ExposureOut, summary="What a firm owes or may come to owe at all lenders together")
def show_exposure(request: HttpRequest, enterprise: Ref | None = None) -> dict[str, Any]:
    """The firm sees its own; a lender a firm that it was applied to by; the operator and the regulator any."""
    own = parties.require_membership(request)
    if own.organisation_kind is OrganisationKind.ENTERPRISE:
        return render_exposure(_exposure(own.organisation_id))
    firm = decode_id("ent", enterprise or "")
    if own.organisation_kind in _OVERSEERS:
        return render_exposure(_exposure(firm))
    if not matching.deals_with(enterprise_id=firm, lender_id=own.organisation_id):
        raise NotAParty()
    return render_exposure(_exposure(firm, own.organisation_id), own_only=True)


@router.get("/exposures", response=ExposuresOut, summary="Firms by what they owe or may come to owe, the largest first")
def list_exposures(
    request: HttpRequest,
    page: Annotated[int, Field(ge=1, le=100_000)] = 1,
    page_size: Annotated[int, Field(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """For the operator and the regulator."""
    if parties.require_membership(request).organisation_kind not in _OVERSEERS:
        raise NotAParty()
    found = matching.exposures(page=page, page_size=page_size)
    items = [render_exposure(one) for one in found.items]
    return {"items": items, "total": found.total, "page": found.page, "page_size": found.page_size}


@router.get("/capacity", response=list[CapacityOut], summary="What the caller's institution puts behind its products")
def list_capacity(request: HttpRequest) -> list[dict[str, Any]]:
    return [render_capacity(pool) for pool in matching.capacity(lender_id=_lender(request))]


@router.put("/capacity/{product_code}", response=CapacityOut, summary="Set what is put behind a product")
def set_capacity(request: HttpRequest, product_code: str, given: CapacityIn) -> dict[str, Any]:
    lender = OrganisationId(parties.require_action(request, parties.Action.SET_CAPACITY).organisation_id)
    pool = matching.set_capacity(
        lender_id=lender,
        product_code=product_code,
        total_minor=given.total_minor,
        actor=parties.actor_of_request(request),
        at=now(),
    )
    return render_capacity(pool)


def _exposure(enterprise_id: UUID, lender_id: UUID | None = None) -> Exposure:
    return next(iter(matching.exposure(enterprise_ids=[enterprise_id], lender_id=lender_id).values()))


def _lender(request: HttpRequest) -> OrganisationId:
    own = parties.require_membership(request)
    if own.organisation_kind is not OrganisationKind.INSTITUTION:
        raise NotAParty()
    return OrganisationId(own.organisation_id)
