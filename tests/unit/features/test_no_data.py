"""No data is not zero: a source that was not read gives no value, one that was read and holds nothing gives zero."""

from __future__ import annotations

from datetime import date

from rongtong.features.definitions.catalogue import names

AS_OF = date(2024, 8, 20)
BOUGHT = {"occurred_date": date(2024, 8, 1), "net_fen": 500, "direction": "purchase"}


class TestNoData:
    def test_a_firm_of_which_nothing_is_known_has_no_value_at_all(self, measure) -> None:
        assert measure(AS_OF) == dict.fromkeys(names())

    def test_tables_without_rows_give_no_values(self, measure) -> None:
        empty = {item: [] for item in ("invoices", "tax", "bank_flows", "courts", "news", "registration")}
        assert measure(AS_OF, **empty) == dict.fromkeys(names())

    def test_a_court_that_was_asked_and_knows_nothing_means_zero(self, measure) -> None:
        values = measure(AS_OF, covered=["courts", "news"])
        assert values["crt_defendant_count_24m"] == 0
        assert values["crt_enforced_amount_fen"] == 0
        assert values["crt_dishonest"] == 0
        assert values["nws_negative_90d"] == 0

    def test_only_what_was_asked_is_zero(self, measure) -> None:
        values = measure(AS_OF, covered=["courts"])
        assert values["crt_dishonest"] == 0
        assert values["nws_negative_90d"] is None

    def test_a_firm_that_only_buys_has_sold_nothing(self, measure) -> None:
        values = measure(AS_OF, invoices=[BOUGHT])
        assert values["inv_sales_12m_fen"] == 0
        assert values["inv_buyers_12m"] == 0
        assert values["inv_zero_months_12m"] == 1
        assert values["inv_days_since_last_sale"] is None
        assert values["inv_input_output_ratio"] is None
        assert values["inv_top1_buyer_share"] is None

    def test_a_young_firm_is_not_said_to_have_grown(self, measure) -> None:
        rows = [{"occurred_date": date(2024, month, 10), "net_fen": 100} for month in range(2, 9)]
        values = measure(AS_OF, invoices=rows)
        assert values["inv_sales_growth_12m"] is None
        assert values["inv_months_observed"] == 7
        assert values["inv_zero_months_12m"] == 0
        assert values["inv_sales_cv_12m"] == 0

    def test_records_of_the_future_alone_say_nothing(self, measure) -> None:
        assert measure(AS_OF, invoices=[{"occurred_date": date(2024, 8, 21), "net_fen": 1}]) == dict.fromkeys(names())


class TestHugeAmounts:
    def test_do_not_overflow(self, measure) -> None:
        huge = 9 * 10**14  # nine trillion yuan
        rows = [
            {"occurred_date": date(2024, 8, day), "net_fen": huge, "counterparty_id": str(day)} for day in range(1, 20)
        ]
        flows = [{"occurred_date": date(2024, 1, 1), "amount_fen": huge, "balance_fen": huge}]
        values = measure(AS_OF, invoices=rows, bank_flows=flows)
        assert values["inv_sales_12m_fen"] == 19 * huge
        assert abs(values["inv_buyer_hhi"] - 1 / 19) < 1e-9
        assert values["bnk_avg_balance_fen"] == huge
