"""Withholding never pays: no source left out of an authorisation gives a firm a better score, or a higher limit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest

from rongtong.credit import facade as credit
from rongtong.credit.contracts import LimitBasis, LimitTerms, ScoreResult
from rongtong.features.adapters.compute import evaluate_known
from rongtong.features.adapters.observations import Observed, Reader, observe
from rongtong.features.contracts import SourceState
from rongtong.features.definitions.catalogue import catalogue, names
from rongtong.features.definitions.tables import ITEMS
from rongtong.features.rules.knowledge import UNKNOWN, features_of
from rongtong.records import facade as records
from tests.integration.features.conftest import ACTOR, AT

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
