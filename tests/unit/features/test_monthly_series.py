"""The monthly series of a portrait's charts: calendar months, oldest first, up to that of the as-of date."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from rongtong.features.adapters.frame import Subject, evaluate, month_labels

from .conftest import FIRM, table
from .tables_of import OWN, random_items
from .test_against_reference import EVENTS, tables

AS_OF = date(2020, 3, 10)
Series = Mapping[str, tuple[int | None, ...]]


def monthly(own_name: str | None = None, **items: Any) -> Series:
    subject = Subject(FIRM, AS_OF, own_name=own_name)
    return evaluate([subject], {item: table(item, rows) for item, rows in items.items()}, with_series=True).monthly[0]


class TestMonthLabels:
    def test_are_24_months_ending_with_the_present_one(self) -> None:
        labels = month_labels(AS_OF)
        assert (len(labels), labels[0], labels[-3:]) == (24, "2018-04", ("2020-01", "2020-02", "2020-03"))


class TestMonthlySeries:
    def test_sales_are_zero_from_the_first_month_seen_and_unknown_before(self) -> None:
        series = monthly(
            invoices=[
                {"occurred_date": date(2019, 12, 5), "net_fen": 100},
                {"occurred_date": date(2020, 2, 5), "net_fen": 300},
                {"occurred_date": date(2020, 2, 6), "net_fen": 70, "direction": "purchase"},
                {"occurred_date": date(2020, 3, 11), "net_fen": 999},
            ]
        )
        assert series["sales_fen"] == (*[None] * 20, 100, 0, 300, 0)
        assert series["purchases_fen"] == (*[None] * 20, 0, 0, 70, 0)

    def test_a_red_invoice_is_taken_off_its_blue_one_and_counted_in_its_own_month(self) -> None:
        series = monthly(
            invoices=[
                {"occurred_date": date(2020, 1, 5), "net_fen": 100, "invoice_key": "blue"},
                {"occurred_date": date(2020, 3, 5), "net_fen": -40, "status": "red", "blue_invoice_key": "blue"},
                {"occurred_date": date(2020, 3, 5), "net_fen": 7, "status": "void"},
            ]
        )
        assert series["sales_fen"][-3:] == (60, 0, 0)
        assert series["red_count"][-3:] == (0, 0, 1)
        assert series["void_count"][-3:] == (0, 0, 1)

    def test_a_balance_is_that_at_the_end_of_the_month(self) -> None:
        series = monthly(
            own_name="甲",
            bank_flows=[
                {"occurred_date": date(2020, 1, 30), "amount_fen": 50, "balance_fen": 50},
                {"occurred_date": date(2020, 1, 31), "amount_fen": 50, "balance_fen": 100, "booked_time": "09:00"},
                {"occurred_date": date(2020, 1, 31), "amount_fen": -30, "balance_fen": 70, "booked_time": "17:00"},
                {"occurred_date": date(2020, 3, 1), "amount_fen": 5, "balance_fen": 75, "counterparty_name": "甲"},
            ],
        )
        assert series["inflow_fen"][-3:] == (100, 0, 0)
        assert series["outflow_fen"][-3:] == (30, 0, 0)
        assert series["balance_fen"][-3:] == (70, None, 75)

    def test_levels_without_records_are_unknown(self) -> None:
        series = monthly(
            electricity=[
                {"occurred_date": date(2020, 1, 30), "energy_wh": 2_500},
                {"occurred_date": date(2020, 3, 1), "energy_wh": 900},
            ],
            social_insurance=[
                {"period_month": date(2020, 1, 1), "insured_headcount": 9, "due_date": date(2020, 1, 25)}
            ],
            tax=[
                {
                    "period_month": date(2020, 1, 1),
                    "declared_sales_fen": 800,
                    "due_date": date(2020, 2, 15),
                    "filed_date": date(2020, 2, 11),
                }
            ],
        )
        assert series["energy_kwh"][-3:] == (2, None, 0)
        assert series["headcount"][-3:] == (9, None, None)
        assert series["declared_sales_fen"][-3:] == (800, None, None)


class TestThreads:
    def test_get_the_same_bits_at_once_as_one_by_one(self) -> None:
        firms = {f"firm{k}": random_items(k, AS_OF, 60) for k in range(4)}
        inputs = {firm: tables({firm: items}) for firm, items in firms.items()}

        def run(firm: str) -> tuple[bytes, Any]:
            one = evaluate([Subject(firm, AS_OF, own_name=OWN, covered=EVENTS)], inputs[firm], with_series=True)
            return one.values.tobytes(), one.monthly

        alone = {firm: run(firm) for firm in firms}
        with ThreadPoolExecutor(max_workers=4) as pool:
            asked = [firm for firm in firms for _ in range(5)]
            together = list(zip(asked, pool.map(run, asked), strict=True))
        assert all(found == alone[firm] for firm, found in together)

    @pytest.mark.parametrize("item", ["invoices", "bank_flows"])
    def test_rows_in_any_order_give_the_same_bits(self, item: str) -> None:
        items = random_items(9, AS_OF, 80)
        subject = Subject("firm", AS_OF, own_name=OWN, covered=EVENTS)
        straight = evaluate([subject], tables({"firm": items}), with_series=True)
        turned = evaluate([subject], tables({"firm": items | {item: items[item][::-1]}}), with_series=True)
        assert straight.values.tobytes() == turned.values.tobytes()
        assert straight.monthly == turned.monthly
