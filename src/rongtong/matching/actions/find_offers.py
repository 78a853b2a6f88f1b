"""Find offers: judge, price and rank, then reserve each lender's capacity behind what is shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item, Purpose
from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.clock import china_date
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.credit.contracts import ScoreResult
from rongtong.features.contracts import Portrait
from rongtong.matching import models
from rongtong.matching.actions.lock_exposure import lock_exposures
from rongtong.matching.actions.measure_firms import measure_firms
from rongtong.matching.actions.require_searches_left import require_searches_left
from rongtong.matching.actions.write_offers import Search, write_offers
from rongtong.matching.contracts import Exposure, MatchResult, OfferState
from rongtong.matching.queries.exposures import exposure
from rongtong.matching.queries.offers import match_contracts
from rongtong.matching.queries.products import Market, market
from rongtong.matching.queries.proposals import Ask, Basis, bases_of, plan_offers
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId


class AskInvalid(Invalid):
    """An amount of nothing or a term of no months was asked for."""

    code = "ask_invalid"
    message = _("The amount must be over 0 and the term between 1 and 360 months.")


def find_offers(
    *,
    enterprise_id: OrganisationId,
    portrait: Portrait,
    score: ScoreResult,
    as_of: date,
    actor: Actor,
    at: datetime,
    amount_minor: int | None = None,
    term_months: int | None = None,
) -> MatchResult:
    """Offers for one firm, as `find_offers_for` finds them for many."""
    if portrait.enterprise_id != enterprise_id:
        raise AskInvalid(enterprise=encode_id("ent", enterprise_id))
    return find_offers_for(
        firms=[(portrait, score)],
        as_of=as_of,
        actor=actor,
        at=at,
        amount_minor=amount_minor,
        term_months=term_months,
    )[enterprise_id]


def find_offers_for(
    *,
    firms: Sequence[tuple[Portrait, ScoreResult]],
    as_of: date,
    actor: Actor,
    at: datetime,
    amount_minor: int | None = None,
    term_months: int | None = None,
) -> dict[OrganisationId, MatchResult]:
    """Offers for many firms, decided by the rules and products of `as_of`, with capacity reserved behind each.

    The same search (firm, day, ask) of the same portrait is found again as long as its offers stand and the firm's
    exposure, authorisations and standing, the products and the rules are the same; any other search ends the firm's earlier offers that were not applied for. Firms take turns, so
    that no firm empties a pool before another's first choice. A lender without a licence in force, then or now, offers
    nothing. Raises AskInvalid, SearchLimitReached.
    """
    if (amount_minor is not None and amount_minor <= 0) or (term_months is not None and not 1 <= term_months <= 360):
        raise AskInvalid(amount_minor=amount_minor, term_months=term_months)
    firms = list({portrait.enterprise_id: (portrait, score) for portrait, score in firms}.values())
    ask = Ask(amount_minor, term_months)
    search = Search(ask, digest([amount_minor, term_months]), as_of, at, actor)
    firm_ids = [portrait.enterprise_id for portrait, _score in firms]
    with as_platform(), transaction.atomic():
        lock_exposures(enterprise_ids=firm_ids)
        measure_firms(firms=firms, on=as_of, at=at)
        exposures = exposure(enterprise_ids=firm_ids, on=as_of)
        offered = market(on=as_of, licensed_on=china_date(at))
        readers = _readers(firm_ids, offered, at)
        bases = bases_of(enterprise_ids=firm_ids, market=offered, readers=readers, as_of=as_of)
        standing = _standing(firms, exposures, bases, search)
        wanted = [firm for firm in firms if firm[0].enterprise_id not in standing]
        if not wanted:
            return match_contracts(list(standing.values()))
        left = [portrait.enterprise_id for portrait, _score in wanted]
        require_searches_left(enterprise_ids=left, actor=actor, at=at)
        plans = plan_offers(
            firms=wanted,
            organisations=parties.organisations(left),
            market=offered,
            exposures=exposures,
            bases=bases,
            ask=ask,
            as_of=as_of,
        )
        return match_contracts([*standing.values(), *write_offers(plans, search)])


def _readers(firm_ids: Sequence[OrganisationId], offered: Market, at: datetime) -> Mapping[UUID, Collection[UUID]]:
    return consent.readers_of(
        enterprise_ids=firm_ids,
        reader_ids=[product.lender_id for product in offered.products],
        item=Item.PORTRAIT,
        purpose=Purpose.FINANCING,
        at=at,
    )


def _standing(
    firms: Sequence[tuple[Portrait, ScoreResult]],
    exposures: Mapping[OrganisationId, Exposure],
    bases: Mapping[UUID, Basis],
    search: Search,
) -> dict[OrganisationId, models.Match]:
    """The same searches made before, of the same portraits, exposures and bases, whose offers still stand."""
    digests = {portrait.enterprise_id: portrait.content_digest for portrait, _score in firms}
    rows = models.Match.objects.filter(
        enterprise_id__in=list(digests),
        as_of=search.as_of,
        ask_digest=search.ask_digest,
        open=True,
        expires_at__gt=search.at,
    ).exclude(id__in=models.Offer.objects.exclude(state=OfferState.SHOWN.value).values("match_id"))
    found = {OrganisationId(row.enterprise_id): row for row in rows}
    return {
        enterprise: row
        for enterprise, row in found.items()
        if row.portrait_digest == digests[enterprise]
        and row.basis_digest == bases[enterprise].digest
        and (row.exposure_minor, row.limit_minor)
        == (exposures[enterprise].total_minor, exposures[enterprise].limit_minor)
    }
