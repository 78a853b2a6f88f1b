"""The features against a naive reference, on random records: one run of several firms and dates at once."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings

from rongtong.features.adapters.engine import schema
from rongtong.features.adapters.frame import Subject, evaluate, evidence
from rongtong.features.definitions.catalogue import names
from rongtong.features.definitions.tables import ITEMS

from .reference import all_features
from .tables_of import DATES, OWN, SEEDS, random_items

EVENTS = frozenset({"courts", "news", "registration"})
"""Zero where nothing happened, because the tests say that their source was read."""


def tables(firms: dict[str, dict[str, list[dict[str, Any]]]]) -> dict[str, pa.Table]:
    return {
        item: pa.Table.from_pylist(
            [row | {"enterprise_id": firm, "generated": False} for firm, items in firms.items() for row in items[item]],
            schema=schema(item),
        )
        for item in ITEMS
    }


def same(ours: float, expected: float | None) -> bool:
    return math.isnan(ours) if expected is None else math.isclose(ours, expected, rel_tol=1e-8, abs_tol=1e-8)


class TestEvaluate:
    @settings(max_examples=25, deadline=None)
    @given(seed=SEEDS, as_of=DATES)
    def test_agrees_with_the_reference_on_every_feature(self, seed: int, as_of: date) -> None:
        firms = {f"firm{k}": random_items(seed + k, as_of, 60) for k in range(3)}
        dates = [as_of, as_of - timedelta(days=45)]
        subjects = [Subject(firm, day, own_name=OWN, covered=EVENTS) for firm in firms for day in dates]
        evaluated = evaluate(subjects, tables(firms))
        for index, subject in enumerate(subjects):
            expected = all_features(firms[subject.enterprise_id], subject.as_of, OWN)
            wrong = {
                name: (float(value), expected.get(name))
                for name, value in zip(names(), evaluated.values[index], strict=True)
                if not same(float(value), expected.get(name))
            }
            assert not wrong

    @settings(max_examples=6, deadline=None)
    @given(seed=SEEDS, as_of=DATES)
    def test_gives_a_firm_the_same_bits_alone_and_among_others(self, seed: int, as_of: date) -> None:
        firms = {f"firm{k}": random_items(seed + k, as_of, 80) for k in range(4)}
        subjects = [Subject(firm, as_of, own_name=OWN, covered=EVENTS) for firm in firms]
        together = evaluate(subjects, tables(firms), with_series=True)
        for index, subject in enumerate(subjects):
            alone = evaluate([subject], tables({subject.enterprise_id: firms[subject.enterprise_id]}), with_series=True)
            assert alone.values[0].tobytes() == together.values[index].tobytes()
            assert alone.monthly[0] == together.monthly[index]

    @settings(max_examples=6, deadline=None)
    @given(seed=SEEDS, as_of=DATES)
    def test_does_not_see_what_comes_after_the_date(self, seed: int, as_of: date) -> None:
        items = random_items(seed, as_of, 80)
        known = {item: [row for row in rows if row["occurred_date"] <= as_of] for item, rows in items.items()}
        subject = Subject("firm", as_of, own_name=OWN, covered=EVENTS)
        with_future = evaluate([subject], tables({"firm": items}), with_series=True)
        without = evaluate([subject], tables({"firm": known}), with_series=True)
        assert with_future.values.tobytes() == without.values.tobytes()
        assert (with_future.monthly, with_future.usage) == (without.monthly, without.usage)

    @settings(max_examples=6, deadline=None)
    @given(seed=SEEDS, as_of=DATES)
    def test_does_not_see_dates_within_a_record_that_come_after(self, seed: int, as_of: date) -> None:
        """A declaration filed, a tax or due paid after the date: as if it were not, as records tell it."""
        items = random_items(seed, as_of, 10)
        masked = items | {
            "tax": [
                _untold(row, as_of, {"filed_date": (), "paid_date": ("tax_paid_fen", "late_fee_fen")})
                for row in items["tax"]
            ],
            "social_insurance": [
                _untold(row, as_of, {"paid_date": ("paid_fen",)}) for row in items["social_insurance"]
            ],
        }
        subject = Subject("firm", as_of, own_name=OWN, covered=EVENTS)
        assert (
            evaluate([subject], tables({"firm": items})).values.tobytes()
            == evaluate([subject], tables({"firm": masked})).values.tobytes()
        )


def _untold(row: dict[str, Any], as_of: date, later: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    told = dict(row)
    for day, amounts in later.items():
        if told[day] is not None and told[day] > as_of:
            told[day] = None
            told.update(dict.fromkeys(amounts, 0))
    return told


class TestEvidence:
    @pytest.mark.parametrize("seed", range(3))
    def test_names_records_that_are_enough_for_each_value(self, seed: int) -> None:
        as_of = date(2024, 8, 20)
        items = random_items(seed, as_of, 60)
        for row in items["invoices"]:
            row["blue_invoice_key"] = None  # the blue one tells the month of a red one, without being part of a sum
        subject = Subject("firm", as_of, own_name=OWN, covered=EVENTS)
        everything = tables({"firm": items})
        values = dict(zip(names(), evaluate([subject], everything).values[0].tolist(), strict=True))
        for feature, value in values.items():
            named = evidence(subject, everything, feature)
            kept = {item: [row for row in rows if row["row_id"] in named.get(item, ())] for item, rows in items.items()}
            kept["invoices"].append(_frame(items["invoices"]))
            again = evaluate([subject], tables({"firm": kept})).values[0, names().index(feature)]
            assert same(again, None if math.isnan(value) else value) or (value == 0 and math.isnan(again)), feature


def _frame(invoices: list[dict[str, Any]]) -> dict[str, Any]:
    """A void purchase on the day of the first invoice: tells since when a firm is seen, and counts nowhere."""
    first = min(invoices, key=lambda row: row["occurred_date"])
    return first | {"row_id": "frame", "direction": "purchase", "status": "void", "net_fen": 0}
