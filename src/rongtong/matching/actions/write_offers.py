"""Write planned offers: reserve the capacity behind them, keep them, tell the journal and the transparency log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from rongtong.attest import facade as attest
from rongtong.attest.contracts import Step
from rongtong.core.actors import Actor, Right, system_actor
from rongtong.core.canonical import digest
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, record_all
from rongtong.matching import models
from rongtong.matching.actions.reserve_capacity import give_back, lock_pools, move_capacity
from rongtong.matching.contracts import OfferState, ReservationState
from rongtong.matching.queries.offers import evidence
from rongtong.matching.queries.proposals import Ask, Plan, Proposal
from rongtong.matching.rules.allocation import allocate
from rongtong.matching.rules.reasons import capacity_used_up
from rongtong.rulebook import facade as rulebook

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked, for which day, when and by whom."""

    ask: Ask
    ask_digest: str
    as_of: date
    at: datetime
    actor: Actor


def write_offers(plans: Sequence[Plan], search: Search) -> list[models.Match]:
    """Write one search per plan with its offers, in the caller's transaction, in a few statements whatever their number.

    The firms' exposures are locked. What stood of their earlier searches and was not applied for ends.
    """
    former, standing = _former(plans)
    codes = {proposal.product.code for plan in plans for proposal in plan.proposals}
    pools = lock_pools(codes=codes, pool_ids={offer.reservation.pool_id for offer in standing})
    if former or standing:
        _close(former, standing, search)
        pools = list(models.CapacityPool.objects.filter(id__in=[pool.id for pool in pools]))
    by_code = {pool.product_code: pool for pool in pools}
    got, lacked = allocate(
        [[(one.product.code, one.amount_minor) for one in plan.proposals] for plan in plans],
        {pool.product_code: pool.total_minor - pool.reserved_minor - pool.committed_minor for pool in pools},
        int(rulebook.value("matching.offers_shown_max", on=search.as_of)),
    )
    expires_at = search.at + timedelta(hours=int(rulebook.value("matching.offer_valid_hours", on=search.as_of)))
    matches, offers = [], []
    moves: dict[UUID, tuple[int, int]] = {}
    for plan, chosen, lacking in zip(plans, got, lacked, strict=True):
        match = _match(plan, [plan.proposals[index] for index in lacking], search, expires_at)
        matches.append(match)
        for rank, index in enumerate(chosen, start=1):
            offer = _offer(match, plan.proposals[index], by_code, rank, search)
            pool_id = offer.reservation.pool_id
            moves[pool_id] = (moves.get(pool_id, (0, 0))[0] + offer.amount_minor, 0)
            offers.append(offer)
    move_capacity(moves)
    models.Match.objects.bulk_create(matches, batch_size=_BATCH)
    models.Reservation.objects.bulk_create([offer.reservation for offer in offers], batch_size=_BATCH)
    models.Offer.objects.bulk_create(offers, batch_size=_BATCH)
    _tell(offers, search)
    return matches


def _former(plans: Sequence[Plan]) -> tuple[list[models.Match], list[models.Offer]]:
    """The firms' open searches, whatever they asked for, and their offers that are still shown."""
    firms = [plan.enterprise_id for plan in plans]
    matches = list(models.Match.objects.filter(enterprise_id__in=firms, open=True))
    shown = models.Offer.objects.filter(enterprise_id__in=firms, state=OfferState.SHOWN.value)
    return matches, list(shown.select_related("reservation"))


def _close(former: Sequence[models.Match], standing: Sequence[models.Offer], search: Search) -> None:
    """End former searches and their shown offers; what was applied for goes on."""
    ended = give_back(standing, OfferState.WITHDRAWN, only=(OfferState.SHOWN,))
    models.Match.objects.filter(id__in=[row.id for row in former]).update(open=False)
    record_all(
        deeds=[
            Deed("offer.withdrawn", encode_id("off", row.id), row.enterprise_id, {"reason": "superseded"})
            for row in ended
        ],
        actor=search.actor,
        at=search.at,
    )


def _match(plan: Plan, lacking: Sequence[Proposal], search: Search, expires_at: datetime) -> models.Match:
    misses = [*(capacity_used_up(one.product) for one in lacking), *plan.near_misses]
    return models.Match(
        id=new_id(),
        enterprise_id=plan.enterprise_id,
        as_of=search.as_of,
        ask_minor=search.ask.amount_minor,
        ask_months=search.ask.term_months,
        ask_digest=search.ask_digest,
        portrait_id=plan.portrait.id,
        portrait_digest=plan.portrait.content_digest,
        score=plan.score.score,
        scorecard_version=plan.score.version,
        products=plan.products,
        fitting=len(plan.proposals),
        exposure_minor=plan.exposure.total_minor,
        limit_minor=plan.exposure.limit_minor,
        basis_digest=plan.basis.digest,
        rulebook_version=rulebook.version(on=search.as_of),
        searched_by=str(search.actor)[:120],
        **search.actor.behalf(),
        near_misses=[{**asdict(miss), "lender_id": str(miss.lender_id)} for miss in misses],
        expires_at=expires_at,
        recorded_at=search.at,
    )


def _offer(
    match: models.Match, proposal: Proposal, pools: dict[str, models.CapacityPool], rank: int, search: Search
) -> models.Offer:
    product = proposal.product
    reservation = models.Reservation(
        id=new_id(),
        pool=pools[product.code],
        enterprise_id=match.enterprise_id,
        lender_id=product.lender_id,
        amount_minor=proposal.amount_minor,
        state=ReservationState.HELD.value,
        expires_at=match.expires_at,
    )
    offer = models.Offer(
        id=new_id(),
        match=match,
        reservation=reservation,
        product_id=product.id,
        enterprise_id=match.enterprise_id,
        lender_id=product.lender_id,
        as_of=search.as_of,
        amount_minor=proposal.amount_minor,
        term_months=proposal.term_months,
        repayment_method=proposal.method.value,
        annual_rate=proposal.rate,
        fees_minor=proposal.fees_minor,
        annual_cost_simple=proposal.cost.simple,
        annual_cost_effective=proposal.cost.effective,
        days_to_cash=product.days_to_cash,
        rank=rank,
        utility=proposal.utility,
        workings=proposal.workings,
        state=OfferState.SHOWN.value,
        expires_at=match.expires_at,
        recorded_at=search.at,
    )
    offer.digest = digest(evidence(offer))
    return offer


def _tell(offers: Sequence[models.Offer], search: Search) -> None:
    job = search.actor.id if search.actor.kind == "system" else "find_offers"
    for lender_id in {offer.lender_id: None for offer in offers}:
        rules = system_actor(job, organisation_id=lender_id, right=Right.LENDER_RULES)
        record_all(deeds=[_made(one) for one in offers if one.lender_id == lender_id], actor=rules, at=search.at)
    attest.append_steps(
        steps=[
            Step(
                kind="offer.made",
                subject=encode_id("off", offer.id),
                enterprise_id=offer.enterprise_id,
                evidence_kind="offer",
                evidence_id=offer.id,
                evidence_digest=offer.digest,
                occurred_at=search.at,
                lender_id=offer.lender_id,
            )
            for offer in offers
        ],
        at=search.at,
    )


def _made(offer: models.Offer) -> Deed:
    facts = {
        "lender_id": offer.lender_id,
        "product_id": offer.product_id,
        "amount_minor": offer.amount_minor,
        "annual_rate": offer.annual_rate,
        "digest": offer.digest,
    }
    return Deed("offer.made", encode_id("off", offer.id), offer.enterprise_id, facts)
