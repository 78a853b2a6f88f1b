"""The features again, naively: plain Python over lists of dicts, one firm at a time. Slow and obvious."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from rongtong.features.definitions.lexicon import NEGATIVE, REASSURING

Row = dict[str, Any]
Values = dict[str, float | None]


def months_back(as_of: date, day: date) -> int:
    """Rolling months from the as-of date back to a day."""
    ends_month = (as_of + timedelta(days=1)).day == 1
    anchor = 31 if ends_month else as_of.day
    return (as_of.year - day.year) * 12 + as_of.month - day.month - (1 if day.day > anchor else 0)


def calendar_back(as_of: date, day: date) -> int:
    return (as_of.year - day.year) * 12 + as_of.month - day.month


def quotient(a: float, b: float) -> float | None:
    return a / b if b > 0 else None


def minus_one(value: float | None) -> float | None:
    return None if value is None else value - 1


def invoices(rows: list[Row], as_of: date) -> Values:
    dates: dict[tuple[str, str], date] = {}
    for row in rows:
        key = (row["direction"], row["invoice_key"])
        dates[key] = min(dates.get(key, row["occurred_date"]), row["occurred_date"])
    lines = []
    for row in rows:
        if row["occurred_date"] > as_of:
            continue
        blue_date = dates.get((row["direction"], row["blue_invoice_key"]), row["occurred_date"])
        red = row["status"] == "red" or (row["status"] == "valid" and row["net_fen"] < 0)
        void = row["status"] == "void"
        belongs = min(row["occurred_date"], blue_date)
        lines.append(
            row
            | {
                "age": months_back(as_of, row["occurred_date"]),
                "month": months_back(as_of, belongs),
                "calendar": calendar_back(as_of, belongs),
                "red": red,
                "void": void,
                "blue": not red and not void,
            }
        )
    if not lines:
        return {}
    sold = [one for one in lines if one["direction"] == "sale"]
    return by_month(lines, sold) | quality(sold, as_of) | counterparties(lines)


def net(lines: list[Row], first: int, end: int) -> int:
    return sum(one["net_fen"] for one in lines if not one["void"] and first <= one["month"] < end)


def by_month(lines: list[Row], sold: list[Row]) -> Values:
    bought = [one for one in lines if one["direction"] == "purchase"]
    observed = max(one["age"] for one in lines) + 1
    seen = min(observed, 12)
    months = [net(sold, k, k + 1) for k in range(12)]
    mean = sum(months) / seen
    spread = sum((amount - mean) ** 2 for amount in months[:seen]) / seen
    run = longest = 0
    for k in range(seen):
        run = run + 1 if months[k] <= 0 else 0
        longest = max(longest, run)
    year, year_before = net(sold, 0, 12), net(sold, 12, 24)
    margin = quotient(net(bought, 0, 24), year + year_before)
    return {
        "inv_sales_12m_fen": year,
        "inv_sales_growth_12m": minus_one(quotient(year, year_before)) if observed >= 24 else None,
        "inv_sales_cv_12m": spread**0.5 / mean if observed >= 6 and mean > 0 else None,
        "inv_zero_months_12m": sum(amount <= 0 for amount in months[:seen]),
        "inv_max_zero_run_12m": longest,
        "inv_last3_over_prior3": minus_one(quotient(net(sold, 0, 3), net(sold, 3, 6))) if observed >= 6 else None,
        "inv_last3_yoy": minus_one(quotient(net(sold, 0, 3), net(sold, 12, 15))) if observed >= 15 else None,
        "inv_months_observed": observed,
        "inv_purchases_12m_fen": net(bought, 0, 12),
        "inv_input_output_ratio": quotient(net(bought, 0, 12), year),
        "inv_margin_proxy": None if margin is None else 1 - margin,
    }


def quality(sold: list[Row], as_of: date) -> Values:
    year = [one for one in sold if one["age"] < 12]
    blue = [one for one in year if one["blue"]]
    red = [one for one in year if one["red"]]
    void = [one for one in year if one["void"]]
    voidable = [one for one in year if len(one["invoice_no"]) != 20]
    last = max((one["occurred_date"] for one in sold if one["blue"]), default=None)
    amount = sum(one["net_fen"] for one in blue)
    return {
        "inv_void_rate": quotient(sum(one["void"] for one in voidable), len(voidable)),
        "inv_red_rate": quotient(-sum(one["net_fen"] for one in red), amount),
        "inv_void_red_rate": quotient(len(void) + len(red), len(year)),
        "inv_avg_ticket_fen": quotient(amount, len(blue)),
        "inv_days_since_last_sale": (as_of - last).days if last else None,
    }


def counterparties(lines: list[Row]) -> Values:
    observed = max(one["age"] for one in lines) + 1
    by: dict[str, list[Row]] = defaultdict(list)
    for one in lines:
        by[one["counterparty_id"]].append(one)
    sold, bought, first, second, before = {}, {}, {}, {}, {}
    for who, rows in by.items():
        sales = [one for one in rows if one["direction"] == "sale"]
        sold[who] = max(net(sales, 0, 12), 0)
        bought[who] = max(net([one for one in rows if one["direction"] == "purchase"], 0, 12), 0)
        first[who], second[who], before[who] = net(sales, 6, 12), net(sales, 0, 6), net(sales, 6, 18)
    total, total_bought = sum(sold.values()), sum(bought.values())
    top = sorted(sold.values(), reverse=True)
    earlier = [who for who in by if first[who] > 0]
    recent = sum(amount for amount in second.values() if amount > 0)
    newcomers = sum(second[who] for who in by if second[who] > 0 and before[who] <= 0)
    known_before = any(amount > 0 for amount in before.values())
    return {
        "inv_buyers_12m": sum(amount > 0 for amount in top),
        "inv_top1_buyer_share": quotient(top[0], total),
        "inv_top5_buyer_share": quotient(sum(top[:5]), total),
        "inv_buyer_hhi": sum((amount / total) ** 2 for amount in top) if total > 0 else None,
        "inv_buyer_retention": quotient(sum(second[who] > 0 for who in earlier), len(earlier))
        if observed >= 12
        else None,
        "inv_new_buyer_share": quotient(newcomers, recent) if observed >= 18 and known_before else None,
        "inv_circular_share": quotient(sum(min(sold[who], bought[who]) for who in by), total),
        "inv_suppliers_12m": sum(amount > 0 for amount in bought.values()),
        "inv_top5_supplier_share": quotient(sum(sorted(bought.values(), reverse=True)[:5]), total_bought),
    }


def tax(rows: list[Row], as_of: date) -> Values:
    rows = [row for row in rows if row["occurred_date"] <= as_of]
    if not rows:
        return {}
    grades = sorted(
        (row["occurred_date"], row["period_month"], row["grade"]) for row in rows if row["tax_type"] == "grade"
    )
    values: Values = {"tax_grade_points": {"A": 4, "B": 3, "M": 2, "C": 1, "D": 0}[grades[-1][2]] if grades else None}
    declared = [row for row in rows if row["tax_type"] != "grade"]
    if not declared:
        return values
    filed = [row for row in declared if row["filed_date"] and row["filed_date"] <= as_of]
    vat = [row for row in filed if row["tax_type"] == "vat" and calendar_back(as_of, row["period_month"]) <= 12]
    paid = [row for row in declared if row["paid_date"] and row["paid_date"] <= as_of]
    late = 0
    fees = 0
    for row in declared:
        due = months_back(as_of, row["due_date"])
        if 0 <= due < 12:
            not_filed = not row["filed_date"] or row["filed_date"] > as_of
            late += (not_filed and row["due_date"] < as_of) or (not not_filed and row["filed_date"] > row["due_date"])
        if row["paid_date"]:
            fees += row["late_fee_fen"] if row in paid and months_back(as_of, row["paid_date"]) < 12 else 0
        elif 0 <= due < 12:
            fees += row["late_fee_fen"]
    return values | {
        "tax_paid_12m_fen": sum(row["tax_paid_fen"] for row in paid if months_back(as_of, row["paid_date"]) < 12),
        "tax_vat_burden": quotient(
            sum(row["tax_paid_fen"] for row in vat if row in paid), sum(row["declared_sales_fen"] for row in vat)
        ),
        "tax_late_filings_12m": late,
        "tax_late_fee_12m_fen": fees,
        "tax_zero_filings_12m": sum(row["declared_sales_fen"] == 0 for row in vat),
    }


def social_insurance(rows: list[Row], as_of: date) -> Values:
    rows = [row for row in rows if row["occurred_date"] <= as_of]
    if not rows:
        return {}
    staff = {row["period_month"].year * 12 + row["period_month"].month: row["insured_headcount"] for row in rows}
    arrears = 0
    for row in rows:
        in_time = row["paid_date"] is not None and row["paid_date"] <= min(row["due_date"], as_of)
        settled = row["due_fen"] <= 0 or (in_time and row["paid_fen"] >= row["due_fen"])
        arrears += row["due_date"] < as_of and months_back(as_of, row["due_date"]) < 12 and not settled
    latest = max(staff)
    before = staff.get(latest - 3)
    return {
        "soc_headcount": staff[latest],
        "soc_headcount_change_3m": minus_one(quotient(staff[latest], before)) if before is not None else None,
        "soc_arrears_months_12m": arrears,
    }


def electricity(rows: list[Row], as_of: date) -> Values:
    rows = [row for row in rows if row["occurred_date"] <= as_of]
    if not rows:
        return {}

    def change(now: tuple[int, int], before: tuple[int, int], enough: int) -> float | None:
        means = []
        for first, end in (now, before):
            window = [row["energy_wh"] for row in rows if first <= months_back(as_of, row["occurred_date"]) < end]
            if len(window) < enough:
                return None
            means.append(sum(window) / len(window))
        return means[0] / means[1] - 1 if means[1] else None

    months = [change((0, 1), (12, 13), 20), change((1, 2), (13, 14), 20)]
    last = max(row["occurred_date"] for row in rows)
    on = [row["occurred_date"] for row in rows if row["energy_wh"] > 0]
    off = (last - max(on)).days if on else (last - min(row["occurred_date"] for row in rows)).days + 1
    return {
        "pow_kwh_yoy": change((0, 3), (12, 15), 60),
        "pow_drop_2m": None if None in months else max(min(-months[0], -months[1]), 0.0),
        "pow_zero_run_days": off,
    }


def bank_flows(rows: list[Row], as_of: date, own_name: str) -> Values:
    rows = [row for row in rows if row["occurred_date"] <= as_of]
    if not rows:
        return {}
    year = [row for row in rows if months_back(as_of, row["occurred_date"]) < 12]
    inflow = sum(row["amount_fen"] for row in year if row["amount_fen"] > 0 and row["counterparty_name"] != own_name)
    closing: dict[date, tuple[tuple[str, str], int]] = {}
    for row in rows:
        order = (row["booked_time"] or "", row["entry_ref"])
        held = closing.get(row["occurred_date"])
        if held is None or order > held[0]:
            closing[row["occurred_date"]] = (order, row["balance_fen"])
    balances = []
    for back in range(365):
        known = [day for day in closing if day <= as_of - timedelta(days=back)]
        if known:
            balances.append((back, closing[max(known)][1]))
    timed = [row for row in year if row["booked_time"] is not None]
    night = [row for row in timed if row["booked_time"] >= "22:00" or row["booked_time"] < "06:00"]
    return {
        "bnk_inflow_12m_fen": inflow,
        "bnk_avg_balance_fen": quotient(sum(balance for _, balance in balances), len(balances)),
        "bnk_low_balance_days": sum(back < 90 and balance < 0.01 * inflow for back, balance in balances),
        "bnk_night_share": quotient(
            sum(abs(row["amount_fen"]) for row in night), sum(abs(row["amount_fen"]) for row in timed)
        ),
    }


def registration(rows: list[Row], as_of: date) -> Values:
    rows = [row for row in rows if row["occurred_date"] <= as_of]
    if not rows:
        return {}
    kinds = [row["change_type"] for row in rows]
    ages = [months_back(as_of, row["occurred_date"]) for row in rows if row["change_type"] == "established"]
    stated = [row for row in rows if (row["registered_capital_fen"] or 0) > 0]
    stated.sort(key=lambda row: (-row["occurred_date"].toordinal(), row["row_id"]))
    changes = ("legal_rep", "shareholders", "address")
    return {
        "reg_age_months": max(ages, default=None),
        "reg_paid_in_ratio": quotient(stated[0]["paid_in_fen"], stated[0]["registered_capital_fen"])
        if stated and stated[0]["paid_in_fen"] is not None
        else None,
        "reg_changes_12m": sum(
            row["change_type"] in changes and months_back(as_of, row["occurred_date"]) < 12 for row in rows
        ),
        "reg_abnormal": int(kinds.count("abnormal_listed") > kinds.count("abnormal_removed") or "revoked" in kinds),
    }


def courts(rows: list[Row], as_of: date) -> Values:
    cases: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["role"] == "defendant" and row["occurred_date"] <= as_of:
            cases[row["case_no"]].append(row)
    recent = enforced = dishonest = 0
    for events in cases.values():
        closed = max((one["occurred_date"] for one in events if one["stage"] == "closed"), default=date.min)
        under = [
            one
            for one in events
            if one["occurred_date"] > closed
            and one["stage"] in ("enforcement", "terminated", "dishonest", "consumption_limit")
        ]
        recent += any(months_back(as_of, one["occurred_date"]) < 24 for one in events)
        enforced += max((one["amount_fen"] for one in under), default=0)
        dishonest |= any(one["stage"] == "dishonest" for one in under)
    return {
        "crt_defendant_count_24m": recent,
        "crt_enforced_amount_fen": enforced,
        "crt_dishonest": int(dishonest),
    }


def news(rows: list[Row], as_of: date) -> Values:
    recent = [row for row in rows if 0 <= (as_of - row["occurred_date"]).days < 90]
    texts = [re.sub(REASSURING, "", row["headline"] + " " + row["body"]) for row in recent]
    return {"nws_negative_90d": sum(re.search(NEGATIVE, text) is not None for text in texts)}


def cross_checks(items: dict[str, list[Row]], as_of: date, own_name: str) -> Values:
    values: Values = {}
    dates = {}
    for row in items["invoices"]:
        key = (row["direction"], row["invoice_key"])
        dates[key] = min(dates.get(key, row["occurred_date"]), row["occurred_date"])
    by_calendar: dict[int, int] = defaultdict(int)
    billed = 0
    seen = False
    for row in items["invoices"]:
        if row["occurred_date"] > as_of or row["direction"] != "sale" or row["status"] == "void":
            continue
        seen = True
        day = min(row["occurred_date"], dates.get((row["direction"], row["blue_invoice_key"]), row["occurred_date"]))
        by_calendar[calendar_back(as_of, day)] += row["net_fen"]
        billed += row["gross_fen"] if months_back(as_of, day) < 12 else 0
    filed = [
        row
        for row in items["tax"]
        if row["tax_type"] == "vat"
        and row["occurred_date"] <= as_of
        and row["filed_date"]
        and row["filed_date"] <= as_of
        and calendar_back(as_of, row["period_month"]) <= 12
    ]
    invoiced = sum(by_calendar[back] for back in {calendar_back(as_of, row["period_month"]) for row in filed})
    declared = sum(row["declared_sales_fen"] for row in filed)
    values["tax_sales_gap"] = quotient(abs(declared - invoiced), invoiced) if filed else None
    flows = [row for row in items["bank_flows"] if row["occurred_date"] <= as_of]
    received = bank_flows(flows, as_of, own_name).get("bnk_inflow_12m_fen")
    values["bnk_in_invoice_ratio"] = quotient(received, billed) if flows and seen else None
    return values


def all_features(items: dict[str, list[Row]], as_of: date, own_name: str) -> Values:
    """Every feature that has a value, for a firm whose events are covered."""
    return (
        invoices(items["invoices"], as_of)
        | tax(items["tax"], as_of)
        | social_insurance(items["social_insurance"], as_of)
        | electricity(items["electricity"], as_of)
        | bank_flows(items["bank_flows"], as_of, own_name)
        | registration(items["registration"], as_of)
        | courts(items["courts"], as_of)
        | news(items["news"], as_of)
        | cross_checks(items, as_of, own_name)
    )
