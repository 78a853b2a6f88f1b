"""Find offers: judge, price and rank, then reserve each lender's capacity behind what is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

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
from rongtong.matching.contracts import Exposure, MatchResult
from rongtong.matching.queries.exposures import exposure
from rongtong.matching.queries.offers import match_contracts
from rongtong.matching.queries.products import market
from rongtong.matching.queries.proposals import Ask, Plan, plan_offers
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
    exposure is the same; any other search ends the firm's earlier offers that were not applied for. Firms take turns, so
    that no firm empties a pool before another's first choice. A lender without a licence in force, then or now, offers
    nothing. Raises AskInvalid, SearchLimitReached.
    """
    if (amount_minor is not None and amount_minor <= 0) or (term_months is not None and not 1 <= term_months <= 360):
        raise AskInvalid(amount_minor=amount_minor, term_months=term_months)
    firms = list({portrait.enterprise_id: (portrait, score) for portrait, score in firms}.values())
    ask = Ask(amount_minor, term_months)
    search = Search(ask, digest([amount_minor, term_months]), as_of, at, actor)
    with as_platform(), transaction.atomic():
        lock_exposures(enterprise_ids=[portrait.enterprise_id for portrait, _score in firms])
        measure_firms(firms=firms, on=as_of, at=at)
        exposures = exposure(enterprise_ids=[portrait.enterprise_id for portrait, _score in firms], on=as_of)
        standing = _standing(firms, exposures, search)
        wanted = [firm for firm in firms if firm[0].enterprise_id not in standing]
        if not wanted:
            return match_contracts(list(standing.values()))
        require_searches_left(
            enterprise_ids=[portrait.enterprise_id for portrait, _score in wanted], actor=actor, at=at
        )
        rows = write_offers(_plan(wanted, exposures, search), search)
        return match_contracts([*standing.values(), *rows])


def _standing(
    firms: Sequence[tuple[Portrait, ScoreResult]], exposures: Mapping[OrganisationId, Exposure], search: Search
) -> dict[OrganisationId, models.Match]:
    """The same searches made before, of the same portraits and exposures, whose offers still stand."""
    digests = {portrait.enterprise_id: portrait.content_digest for portrait, _score in firms}
    rows = models.Match.objects.filter(
        enterprise_id__in=list(digests),
        as_of=search.as_of,
        ask_digest=search.ask_digest,
        open=True,
        expires_at__gt=search.at,
    )
    found = {OrganisationId(row.enterprise_id): row for row in rows}
    return {
        enterprise: row
        for enterprise, row in found.items()
        if row.portrait_digest == digests[enterprise]
        and (row.exposure_minor, row.limit_minor)
        == (exposures[enterprise].total_minor, exposures[enterprise].limit_minor)
    }


def _plan(
    firms: Sequence[tuple[Portrait, ScoreResult]], exposures: Mapping[OrganisationId, Exposure], search: Search
) -> list[Plan]:
    firm_ids = [portrait.enterprise_id for portrait, _score in firms]
    offered = market(on=search.as_of, licensed_on=china_date(search.at))
    return plan_offers(
        firms=firms,
        organisations=parties.organisations(firm_ids),
        market=offered,
        exposures=exposures,
        readers=consent.readers_of(
            enterprise_ids=firm_ids,
            reader_ids=[product.lender_id for product in offered.products],
            item=Item.PORTRAIT,
            purpose=Purpose.FINANCING,
            at=search.at,
        ),
        ask=search.ask,
        as_of=search.as_of,
    )
