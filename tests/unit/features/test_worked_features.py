"""The worked examples of practice, to the last digit that they state."""

from __future__ import annotations

from datetime import date

import pytest

AS_OF = date(2020, 3, 1)
CURRENT = [90, 95, 100, 0, 110, 120, 105, 98, 102, 99, 101, 130]
PRIOR = [80, 85, 90, 70, 95, 100, 90, 88, 92, 89, 91, 100]


def month(back: int) -> date:
    """A day in the rolling month so many back from 1 March 2020."""
    index = 2020 * 12 + 1 - back
    return date(index // 12, index % 12 + 1, 15)


def sales(*amounts: int, buyers: list[str] | None = None, **fields: object) -> list[dict[str, object]]:
    return [
        {"occurred_date": month(0), "net_fen": amount, "counterparty_id": buyers[i] if buyers else "B", **fields}
        for i, amount in enumerate(amounts)
    ]


class TestSalesByMonth:
    @pytest.fixture
    def values(self, measure):
        series = list(reversed(PRIOR + CURRENT))
        rows = [{"occurred_date": month(back), "net_fen": amount} for back, amount in enumerate(series) if amount]
        return measure(AS_OF, invoices=rows)

    def test_growth_is_7_4766_percent(self, values):
        assert values["inv_sales_growth_12m"] == pytest.approx(0.074766, abs=5e-7)

    def test_variation_is_0_320939(self, values):
        assert values["inv_sales_cv_12m"] == pytest.approx(0.320939, abs=5e-7)

    def test_one_month_is_without_sales(self, values):
        assert (values["inv_zero_months_12m"], values["inv_max_zero_run_12m"]) == (1, 1)

    def test_the_last_quarter_is_8_1967_percent_above_the_one_before(self, values):
        assert values["inv_last3_over_prior3"] == pytest.approx(0.081967, abs=5e-7)

    def test_sales_of_the_year_are_1150(self, values):
        assert values["inv_sales_12m_fen"] == 1150


class TestBuyers:
    @pytest.fixture
    def values(self, measure):
        return measure(AS_OF, invoices=sales(30, 20, 15, 10, 8, 7, 6, 4, buyers=list("abcdefgh")))

    def test_the_largest_has_30_percent_and_the_five_largest_83(self, values):
        assert (values["inv_top1_buyer_share"], values["inv_top5_buyer_share"]) == (0.30, 0.83)

    def test_concentration_is_0_1790(self, values):
        assert values["inv_buyer_hhi"] == pytest.approx(0.1790, abs=1e-12)

    def test_there_are_eight(self, values):
        assert values["inv_buyers_12m"] == 8

    def test_who_bought_in_both_halves_came_back(self, measure):
        rows = [
            {"occurred_date": month(back), "net_fen": 100, "counterparty_id": buyer}
            for buyer, months in {"a": [11, 1], "b": [8], "c": [7, 3], "d": [6], "new": [0]}.items()
            for back in months
        ]
        assert measure(AS_OF, invoices=rows)["inv_buyer_retention"] == 0.5

    def test_sales_to_a_supplier_are_circular_up_to_what_came_back(self, measure):
        rows = [
            *sales(600, 400, buyers=["a", "b"]),
            {"occurred_date": month(2), "net_fen": 250, "counterparty_id": "a", "direction": "purchase"},
            {"occurred_date": month(2), "net_fen": 999, "counterparty_id": "s", "direction": "purchase"},
        ]
        assert measure(AS_OF, invoices=rows)["inv_circular_share"] == 0.25


class TestInvoiceQuality:
    @pytest.fixture
    def values(self, measure):
        return measure(
            AS_OF,
            invoices=[*sales(1000, 2000, 3000, 1500), *sales(-500, status="red"), *sales(800, status="void")],
        )

    def test_red_are_6_667_percent_of_blue(self, values):
        assert values["inv_red_rate"] == pytest.approx(500 / 7500, abs=1e-12)

    def test_void_are_16_667_percent_of_all(self, values):
        assert values["inv_void_rate"] == pytest.approx(1 / 6, abs=1e-12)

    def test_net_sales_are_7000(self, values):
        assert values["inv_sales_12m_fen"] == 7000

    def test_void_and_red_together_are_a_third(self, values):
        assert values["inv_void_red_rate"] == pytest.approx(2 / 6, abs=1e-12)

    def test_a_negative_invoice_counts_as_red_however_it_is_marked(self, measure):
        values = measure(AS_OF, invoices=[*sales(1000, 1000), *sales(-500, status="valid")])
        assert values["inv_red_rate"] == 0.25

    def test_a_firm_of_digital_invoices_only_has_no_void_rate(self, measure):
        rows = sales(1000, 2000, -500, invoice_no="25332000000000000001")
        values = measure(AS_OF, invoices=rows)
        assert values["inv_void_rate"] is None
        assert values["inv_void_red_rate"] == pytest.approx(1 / 3)

    def test_the_void_rate_is_taken_over_invoices_that_can_be_void(self, measure):
        rows = [*sales(1, 1, 1), *sales(1, status="void"), *sales(1, 1, 1, 1, invoice_no="2" * 20)]
        assert measure(AS_OF, invoices=rows)["inv_void_rate"] == 0.25

    def test_a_red_invoice_is_taken_off_the_month_of_its_blue_one(self, measure):
        rows = [
            {"occurred_date": month(4), "net_fen": 1000, "invoice_key": "blue"},
            {"occurred_date": month(4), "net_fen": 100},
            {"occurred_date": month(1), "net_fen": 550},
            {"occurred_date": month(0), "net_fen": -1000, "status": "red", "blue_invoice_key": "blue"},
            {"occurred_date": month(6), "net_fen": 10},
        ]
        assert measure(AS_OF, invoices=rows)["inv_last3_over_prior3"] == 4.5

    def test_a_red_invoice_of_an_unknown_blue_one_is_taken_off_its_own_month(self, measure):
        rows = [
            {"occurred_date": month(4), "net_fen": 100},
            {"occurred_date": month(1), "net_fen": 550},
            {"occurred_date": month(0), "net_fen": -500, "status": "red", "blue_invoice_key": "elsewhere"},
            {"occurred_date": month(6), "net_fen": 10},
        ]
        assert measure(AS_OF, invoices=rows)["inv_last3_over_prior3"] == -0.5


class TestTax:
    def test_180k_paid_on_6m_declared_is_a_burden_of_3_percent(self, measure):
        rows = [
            {
                "period_month": date(2019, number, 1),
                "declared_sales_fen": 50_000_000,
                "tax_paid_fen": 1_500_000,
                "due_date": date(2019, number + 1, 15),
                "filed_date": date(2019, number + 1, 10),
                "paid_date": date(2019, number + 1, 12),
            }
            for number in range(3, 12)
        ]
        assert measure(AS_OF, tax=rows)["tax_vat_burden"] == 0.03

    @pytest.mark.parametrize(("grade", "points"), [("A", 4), ("B", 3), ("M", 2), ("C", 1), ("D", 0)])
    def test_grades_give_points(self, measure, grade, points):
        rows = [{"period_month": date(2018, 1, 1), "tax_type": "grade", "grade": grade, "due_date": date(2019, 4, 1)}]
        assert measure(AS_OF, tax=rows)["tax_grade_points"] == points

    def test_the_latest_grade_counts(self, measure):
        rows = [
            {"period_month": date(year, 1, 1), "tax_type": "grade", "grade": grade, "due_date": date(year + 1, 4, 1)}
            for year, grade in ((2016, "A"), (2018, "C"), (2017, "B"))
        ]
        assert measure(AS_OF, tax=rows)["tax_grade_points"] == 1

    def test_a_grade_alone_says_nothing_of_declarations(self, measure):
        rows = [{"period_month": date(2018, 1, 1), "tax_type": "grade", "grade": "A", "due_date": date(2019, 4, 1)}]
        values = measure(AS_OF, tax=rows)
        assert values["tax_late_filings_12m"] is None
        assert values["tax_paid_12m_fen"] is None

    def test_declared_against_invoiced_is_the_gap(self, measure):
        filed = {
            "period_month": date(2020, 1, 1),
            "declared_sales_fen": 900,
            "due_date": date(2020, 2, 15),
            "filed_date": date(2020, 2, 10),
        }
        invoices = [
            {"occurred_date": date(2020, 1, 31), "net_fen": 1000},
            {"occurred_date": date(2020, 2, 1), "net_fen": 7},
        ]
        assert measure(AS_OF, tax=[filed], invoices=invoices)["tax_sales_gap"] == 0.1


class TestBankFlows:
    def test_5400_received_on_6000_invoiced_is_0_9(self, measure):
        values = measure(
            AS_OF,
            invoices=sales(5310, gross_fen=6000),
            bank_flows=[{"occurred_date": month(0), "amount_fen": 5400, "balance_fen": 5400}],
        )
        assert values["bnk_in_invoice_ratio"] == 0.9

    def test_a_transfer_from_the_firm_itself_is_no_income(self, measure):
        rows = [
            {"occurred_date": month(1), "amount_fen": 500},
            {"occurred_date": month(1), "amount_fen": 900, "counterparty_name": "清江机械有限公司"},
        ]
        assert measure(AS_OF, own_name="清江机械有限公司", bank_flows=rows)["bnk_inflow_12m_fen"] == 500

    def test_a_balance_counts_for_each_day_it_stood(self, measure):
        rows = [
            {"occurred_date": date(2020, 2, 21), "amount_fen": 100, "balance_fen": 100},
            {"occurred_date": date(2020, 2, 27), "amount_fen": -70, "balance_fen": 30, "entry_ref": "a"},
            {"occurred_date": date(2020, 2, 27), "amount_fen": 170, "balance_fen": 200, "entry_ref": "b"},
        ]
        values = measure(AS_OF, bank_flows=rows)
        # six days of 100 (21 to 26 February), then four of 200 (27 February to 1 March, 2020 being a leap year)
        assert values["bnk_avg_balance_fen"] == (6 * 100 + 4 * 200) / 10

    def test_days_below_the_line_are_counted(self, measure):
        rows = [
            {"occurred_date": date(2020, 2, 21), "amount_fen": 10_000, "balance_fen": 99},
            {"occurred_date": date(2020, 2, 28), "amount_fen": 0, "balance_fen": 100},
        ]
        assert measure(AS_OF, bank_flows=rows)["bnk_low_balance_days"] == 7

    def test_the_night_is_from_22_to_6(self, measure):
        times = [("21:59", 1), ("22:00", 10), ("05:59", 100), ("06:00", 1000), (None, 9999)]
        rows = [{"occurred_date": month(0), "amount_fen": -fen, "booked_time": time} for time, fen in times]
        assert measure(AS_OF, bank_flows=rows)["bnk_night_share"] == 110 / 1111


class TestElectricity:
    @staticmethod
    def readings(wh_by_back: dict[int, int]) -> list[dict[str, object]]:
        return [
            {"occurred_date": date(month(back).year, month(back).month, day), "energy_wh": wh}
            for back, wh in wh_by_back.items()
            for day in range(2, 29)
        ]

    def test_use_is_compared_with_the_same_months_a_year_ago(self, measure):
        rows = self.readings({0: 60, 1: 60, 2: 60, 12: 50, 13: 50, 14: 50})
        assert measure(AS_OF, electricity=rows)["pow_kwh_yoy"] == pytest.approx(0.2)

    def test_the_fall_is_the_lesser_of_two_months(self, measure):
        rows = self.readings({0: 40, 1: 65, 12: 100, 13: 100})
        assert measure(AS_OF, electricity=rows)["pow_drop_2m"] == pytest.approx(0.35)

    def test_a_rise_in_one_month_is_no_fall(self, measure):
        rows = self.readings({0: 40, 1: 110, 12: 100, 13: 100})
        assert measure(AS_OF, electricity=rows)["pow_drop_2m"] == 0

    def test_days_without_power_run_to_the_last_reading(self, measure):
        rows = [{"occurred_date": date(2020, 2, day), "energy_wh": 5 if day <= 10 else 0} for day in range(1, 26)]
        assert measure(AS_OF, electricity=rows)["pow_zero_run_days"] == 15

    def test_missing_readings_are_no_fall(self, measure):
        rows = self.readings({0: 100, 1: 100, 2: 100, 12: 100, 13: 100, 14: 100})
        rows = [row for row in rows if row["occurred_date"].day < 24]
        assert measure(AS_OF, electricity=rows)["pow_kwh_yoy"] == 0


class TestSocialInsurance:
    def test_staff_of_the_latest_month_is_held_against_three_months_earlier(self, measure):
        rows = [
            {"period_month": date(2019, number, 1), "insured_headcount": staff, "due_date": date(2019, number, 25)}
            for number, staff in ((9, 40), (10, 38), (11, 36), (12, 28))
        ]
        values = measure(AS_OF, social_insurance=rows)
        assert (values["soc_headcount"], values["soc_headcount_change_3m"]) == (28, pytest.approx(-0.3))

    def test_late_short_and_unpaid_months_are_in_arrears(self, measure):
        paid = {"due_fen": 100, "paid_fen": 100}
        rows = [
            {"period_month": date(2019, 8, 1), "due_date": date(2019, 8, 25), "paid_date": date(2019, 8, 25), **paid},
            {"period_month": date(2019, 9, 1), "due_date": date(2019, 9, 25), "paid_date": date(2019, 9, 26), **paid},
            {
                "period_month": date(2019, 10, 1),
                "due_date": date(2019, 10, 25),
                "paid_date": date(2019, 10, 20),
                "due_fen": 100,
                "paid_fen": 99,
            },
            {"period_month": date(2019, 11, 1), "due_date": date(2019, 11, 25), "due_fen": 100},
            {"period_month": date(2019, 12, 1), "due_date": date(2019, 12, 25), "due_fen": 0},
        ]
        assert measure(AS_OF, social_insurance=rows)["soc_arrears_months_12m"] == 3


class TestRegistration:
    def test_a_firm_on_and_off_the_abnormal_list_is_not_abnormal(self, measure):
        rows = [
            {
                "occurred_date": date(2015, 3, 1),
                "change_type": "established",
                "registered_capital_fen": 1000,
                "paid_in_fen": 200,
            },
            {"occurred_date": date(2018, 7, 1), "change_type": "abnormal_listed"},
            {"occurred_date": date(2018, 9, 1), "change_type": "abnormal_removed"},
            {
                "occurred_date": date(2019, 5, 1),
                "change_type": "capital",
                "registered_capital_fen": 1000,
                "paid_in_fen": 500,
            },
            {"occurred_date": date(2019, 6, 1), "change_type": "legal_rep"},
            {"occurred_date": date(2019, 6, 1), "change_type": "address"},
            {"occurred_date": date(2018, 6, 1), "change_type": "shareholders"},
        ]
        values = measure(AS_OF, registration=rows)
        assert values["reg_abnormal"] == 0
        assert values["reg_age_months"] == 60
        assert values["reg_paid_in_ratio"] == 0.5
        assert values["reg_changes_12m"] == 2

    @pytest.mark.parametrize("event", ["abnormal_listed", "revoked"])
    def test_a_firm_on_the_list_or_revoked_is(self, measure, event):
        assert (
            measure(AS_OF, registration=[{"occurred_date": date(2019, 6, 1), "change_type": event}])["reg_abnormal"]
            == 1
        )


class TestCourts:
    def test_a_case_counts_once_whatever_its_stages(self, measure):
        rows = [
            {"occurred_date": date(2019, 3, 1), "case_no": "1", "stage": "filed", "amount_fen": 500},
            {"occurred_date": date(2019, 6, 1), "case_no": "1", "stage": "enforcement", "amount_fen": 500},
            {"occurred_date": date(2019, 9, 1), "case_no": "1", "stage": "terminated", "amount_fen": 450},
            {"occurred_date": date(2019, 9, 1), "case_no": "2", "stage": "hearing", "amount_fen": 70},
            {"occurred_date": date(2019, 9, 1), "case_no": "3", "stage": "hearing", "role": "plaintiff"},
            {"occurred_date": date(2015, 9, 1), "case_no": "4", "stage": "judgment"},
        ]
        values = measure(AS_OF, courts=rows, covered=["courts"])
        assert values["crt_defendant_count_24m"] == 2
        assert values["crt_enforced_amount_fen"] == 500
        assert values["crt_dishonest"] == 0

    def test_a_closed_case_is_enforced_no_more(self, measure):
        rows = [
            {"occurred_date": date(2019, 6, 1), "case_no": "1", "stage": "dishonest", "amount_fen": 500},
            {"occurred_date": date(2019, 9, 1), "case_no": "1", "stage": "closed", "amount_fen": 0},
        ]
        values = measure(AS_OF, courts=rows, covered=["courts"])
        assert (values["crt_enforced_amount_fen"], values["crt_dishonest"]) == (0, 0)

    def test_a_debtor_listed_again_is_dishonest_again(self, measure):
        rows = [
            {"occurred_date": date(2019, 6, 1), "case_no": "1", "stage": "closed"},
            {"occurred_date": date(2019, 9, 1), "case_no": "1", "stage": "dishonest", "amount_fen": 500},
        ]
        assert measure(AS_OF, courts=rows, covered=["courts"])["crt_dishonest"] == 1


class TestNews:
    @pytest.mark.parametrize(
        ("headline", "bad"),
        [
            ("清江机械被列为失信被执行人", 1),
            ("清江机械拖欠供应商货款", 1),
            ("清江机械获评省级专精特新企业", 0),
            ("清江机械连续三年未发生重大违约", 0),
            ("清江机械扭亏为盈", 0),
        ],
    )
    def test_words_tell_bad_news(self, measure, headline, bad):
        rows = [{"occurred_date": date(2020, 2, 1), "headline": headline}]
        assert measure(AS_OF, news=rows, covered=["news"])["nws_negative_90d"] == bad

    def test_news_older_than_90_days_is_old(self, measure):
        rows = [
            {"occurred_date": date(2019, 12, 3), "headline": "欠薪"},
            {"occurred_date": date(2019, 12, 2), "headline": "停产"},
        ]
        assert measure(AS_OF, news=rows, covered=["news"])["nws_negative_90d"] == 1
