"""Withholding never pays: no source left out of an authorisation gives a firm a better score, a higher limit or an approval."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from dataclasses import fields as dataclass_fields
from datetime import date
from decimal import Decimal
from itertools import combinations
from uuid import UUID

import pytest
from django.db import transaction

from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.credit.contracts import LimitBasis, LimitTerms, ScoreResult
from rongtong.features.actions.build_portraits import _rows
from rongtong.features.adapters.compute import evaluate_known
from rongtong.features.adapters.content import portrait_of
from rongtong.features.adapters.observations import Observed, Reader, observe
from rongtong.features.contracts import Portrait, SourceState
from rongtong.features.definitions.catalogue import catalogue, names
from rongtong.features.definitions.tables import ITEMS
from rongtong.features.rules.knowledge import UNKNOWN, features_of
from rongtong.matching import facade as matching
from rongtong.matching.contracts import MatchResult
from rongtong.origination import facade as origination
from rongtong.records import facade as records
from tests.authorisations import let_lenders_read
from tests.integration.features.conftest import ACTOR, AT
from tests.integration.origination.conftest import draft_for
from tests.market import open_market

Judged = list[tuple[ScoreResult, dict[LimitBasis, int]]]
MASKS = [*combinations(sorted(ITEMS), 1), *combinations(sorted(ITEMS), 2)]
TERMS = {basis: LimitTerms(basis, min_minor=1_000_000, max_minor=10**12, share=Decimal("0.5")) for basis in LimitBasis}


def judge(observed: Observed, as_of: date) -> Judged:
    evaluated, states = evaluate_known(observed, [as_of])
    judged = []
    for row, known in enumerate(states):
        values = {
            name: None if value != value else float(value)
            for name, value in zip(names(), evaluated.values[row], strict=True)
        }
        score = credit.score(values=values, unknown=features_of(known, catalogue(), UNKNOWN))
        limits = {
            basis: credit.propose_limit(values=values, score=score, terms=terms, on=as_of).amount_minor
            for basis, terms in TERMS.items()
        }
        judged.append((score, limits))
    return judged


def without(observed: Observed, items: Collection[str]) -> Observed:
    """As a reader sees the firms who may not read these items."""
    return replace(
        observed,
        tables={item: table for item, table in observed.tables.items() if item not in items},
        consents={
            firm: {item: one for item, one in held.items() if item not in items}
            for firm, held in observed.consents.items()
        },
    )


@pytest.fixture(scope="module")
def observed(collected, region) -> Observed:
    reader = Reader(collected.platform.id, "financing", ACTOR, AT)
    found = observe(
        [one.id for one in collected.firms], reader=reader, as_of=region.last_date, snapshots=records.snapshots()
    )
    return replace(found, evaluated=False)


@pytest.fixture(scope="module")
def whole(observed: Observed, region) -> Judged:
    return judge(observed, region.last_date)


class TestMasking:
    def test_has_firms_worth_masking(self, whole: Judged) -> None:
        assert len({score.score for score, _limits in whole}) > 1
        assert any(limit for _score, limits in whole for limit in limits.values())
        assert all(score.score_low == score.score for score, _limits in whole)

    @pytest.mark.parametrize("items", MASKS, ids="+".join)
    def test_of_any_source_or_two_raises_no_score_and_no_limit(
        self, items: tuple[str, ...], observed: Observed, whole: Judged, region
    ) -> None:
        masked = judge(without(observed, items), region.last_date)
        for (known, limits), (left, left_limits) in zip(whole, masked, strict=True):
            assert left.score_low <= known.score_low
            assert left.score <= known.score
            for basis, limit in left_limits.items():
                assert limit <= limits[basis], basis

    def test_by_a_source_that_falls_silent_pays_no_more(self, observed: Observed, whole: Judged, region) -> None:
        for item in ITEMS:
            coverage = {
                firm: {one: day if one != item else date(2025, 1, 1) for one, day in asked.items()}
                for firm, asked in observed.coverage.items()
            }
            for (known, limits), (left, left_limits) in zip(
                whole, judge(replace(observed, coverage=coverage), region.last_date), strict=True
            ):
                assert left.score_low <= known.score_low, item
                assert all(left_limits[basis] <= limits[basis] for basis in limits), item

    def test_is_told_by_source(self, observed: Observed, region) -> None:
        _evaluated, states = evaluate_known(without(observed, ["courts"]), [region.last_date])
        assert {known["courts"] for known in states} == {SourceState.MISSING}
        assert {known["tax"] for known in states} == {SourceState.KNOWN}


@dataclass(frozen=True)
class Offered:
    """What a firm would get: the most at all, the most by machine, and the exposure that its records carry."""

    most: int
    most_automatic: int
    limit: int
    score_low: int

    def no_better_than(self, other: Offered) -> bool:
        return all(getattr(self, one.name) <= getattr(other, one.name) for one in dataclass_fields(self))


def portraits(observed: Observed, as_of: date) -> list[Portrait]:
    firms = list(observed.enterprise_ids)
    return [portrait_of(row) for row in _rows(observed, firms, dict.fromkeys(firms, "0" * 64), as_of, AT)]


def search(drawn: list[Portrait], as_of: date) -> dict[UUID, MatchResult]:
    scored = [(one, credit.score(values=one.values, unknown=one.unknown, assumed=one.assumed)) for one in drawn]
    return dict(matching.find_offers_for(firms=scored, as_of=as_of, actor=ACTOR, at=AT))


def offered(observed: Observed, as_of: date) -> dict[UUID, Offered]:
    """What the platform shows, undone again."""
    drawn = portraits(observed, as_of)
    with transaction.atomic():
        found = search(drawn, as_of)
        limits = matching.exposure(enterprise_ids=[one.enterprise_id for one in drawn], on=as_of)
        transaction.set_rollback(True)
    return {
        one.enterprise_id: Offered(
            max((offer.amount_minor for offer in found[one.enterprise_id].offers), default=0),
            max((offer.amount_minor for offer in found[one.enterprise_id].offers if offer.automatic), default=0),
            limits[one.enterprise_id].limit_minor,
            credit.score(values=one.values, unknown=one.unknown, assumed=one.assumed).score_low,
        )
        for one in drawn
    }


@pytest.fixture(scope="module")
def lent(collected, django_db_blocker) -> Iterator[None]:
    """The six lenders with their products, who may read the portraits of all the firms."""
    with django_db_blocker.unblock(), as_platform(), transaction.atomic():
        open_market()
        let_lenders_read(*(one.id for one in collected.firms), actor=ACTOR, at=AT)
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def whole_offers(lent, observed: Observed, region) -> dict[UUID, Offered]:
    return offered(observed, region.last_date)


class TestMaskingOnTheAutomaticPath:
    def test_has_firms_that_a_machine_approves(self, whole_offers: dict[UUID, Offered]) -> None:
        assert any(one.most_automatic for one in whole_offers.values())

    @pytest.mark.parametrize("items", MASKS, ids="+".join)
    def test_of_any_source_or_two_opens_no_offer_and_raises_no_limit(
        self, items: tuple[str, ...], observed: Observed, whole_offers: dict[UUID, Offered], region
    ) -> None:
        for firm, masked in offered(without(observed, items), region.last_date).items():
            assert masked.no_better_than(whole_offers[firm]), (masked, whole_offers[firm])

    @pytest.mark.parametrize("item", sorted(ITEMS))
    def test_of_a_source_after_the_application_is_decided_no_better(
        self, item: str, observed: Observed, lent, region
    ) -> None:
        as_of = region.last_date
        with transaction.atomic():
            known = search(portraits(observed, as_of), as_of)
            masked = {one.enterprise_id: one for one in portraits(without(observed, [item]), as_of)}
            decided = 0
            for firm, match in known.items():
                for offer in (one for one in match.offers if one.automatic):
                    application = origination.submit_application(draft=draft_for(offer), actor=ACTOR, at=AT)
                    decision = origination.decide_application(
                        application_id=application.id, as_of=as_of, actor=ACTOR, at=AT, portrait=masked[firm]
                    )
                    granted = decision.amount_minor or 0
                    assert granted <= offer.amount_minor
                    decided += 1
                    break
            assert decided
            transaction.set_rollback(True)
