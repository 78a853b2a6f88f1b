"""Random records for hypothesis: dates crowd around the edges of windows, values repeat, kinds mix."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st

OWN = "清江机械有限公司"
HEADLINES = ["获评专精特新", "被列为失信被执行人", "拖欠货款", "未发生重大违约", "扩建厂房", "停产整顿", "扭亏为盈"]


def random_items(seed: int, as_of: date, size: int) -> dict[str, list[dict[str, Any]]]:
    """About `size` records of each item of one firm, up to three months after the date."""
    rng = np.random.default_rng(seed)
    return {
        "invoices": _invoices(rng, as_of, size),
        "tax": _tax(rng, as_of),
        "social_insurance": _social_insurance(rng, as_of),
        "electricity": _electricity(rng, as_of),
        "bank_flows": _bank_flows(rng, as_of, size),
        "registration": _registration(rng, as_of),
        "courts": _courts(rng, as_of),
        "news": _news(rng, as_of),
    }


SEEDS = st.integers(0, 2**32 - 1)
DATES = st.dates(date(2018, 1, 1), date(2026, 12, 31)) | st.sampled_from(
    [date(2020, 2, 29), date(2021, 2, 28), date(2024, 1, 31), date(2025, 4, 30), date(2020, 3, 1)]
)


def _day(rng: np.random.Generator, as_of: date, furthest: int = 900, ahead: int = 90) -> date:
    if rng.random() < 0.3:  # near the edges of rolling months
        return as_of - timedelta(days=int(rng.integers(0, 30)) * 30 + int(rng.integers(-3, 4)))
    return as_of - timedelta(days=int(rng.integers(-ahead, furthest)))


def _month(as_of: date, back: int) -> date:
    index = as_of.year * 12 + as_of.month - 1 - back
    return date(index // 12, index % 12 + 1, 1)


def _maybe(rng: np.random.Generator, value: Any, odds: float) -> Any:
    return value if rng.random() < odds else None


def _invoices(rng: np.random.Generator, as_of: date, size: int) -> list[dict[str, Any]]:
    rows = []
    for number in range(int(rng.integers(0, size))):
        status = str(rng.choice(["valid", "valid", "valid", "valid", "void", "red"]))
        amount = int(rng.choice([0, 1, 100, 999, 50_000, int(rng.integers(1, 10**9))]))
        rows.append(
            {
                "row_id": f"i{number}",
                "direction": str(rng.choice(["sale", "sale", "purchase"])),
                "invoice_key": f"k{number if rng.random() < 0.95 else 0}",
                "invoice_no": "1" * int(rng.choice([8, 20])),
                "occurred_date": _day(rng, as_of),
                "counterparty_id": f"c{int(rng.integers(0, 9))}",
                "net_fen": -amount if status == "red" or rng.random() < 0.05 else amount,
                "gross_fen": int(amount * 1.13),
                "status": status,
                "blue_invoice_key": _maybe(rng, f"k{int(rng.integers(0, size))}", 0.8) if status == "red" else None,
            }
        )
    return rows


def _tax(rng: np.random.Generator, as_of: date) -> list[dict[str, Any]]:
    rows = []
    for back in range(-2, int(rng.integers(0, 30))):
        for kind in ("vat", "cit", "grade"):
            if rng.random() < (0.2 if kind == "vat" else 0.7):
                continue
            due = _month(as_of, back - 1) + timedelta(days=14)
            grade = kind == "grade"
            filed = None if grade else _maybe(rng, due + timedelta(days=int(rng.integers(-14, 20))), 0.9)
            paid = None if grade else _maybe(rng, due + timedelta(days=int(rng.integers(-14, 60))), 0.8)
            rows.append(
                {
                    "row_id": f"t{back}{kind}",
                    "period_month": _month(as_of, back),
                    "tax_type": kind,
                    "declared_sales_fen": int(rng.choice([0, 1000, int(rng.integers(0, 10**8))])),
                    "tax_paid_fen": int(rng.integers(0, 10**6)) if paid else 0,
                    "late_fee_fen": int(rng.choice([0, 0, 77])),
                    "due_date": due,
                    "filed_date": filed,
                    "paid_date": paid,
                    "grade": str(rng.choice(list("ABMCD"))) if grade else None,
                    "occurred_date": min(day for day in (due, filed, paid) if day is not None),
                }
            )
    return rows


def _social_insurance(rng: np.random.Generator, as_of: date) -> list[dict[str, Any]]:
    rows = []
    for back in range(-2, int(rng.integers(0, 20))):
        if rng.random() < 0.15:
            continue
        due = _month(as_of, back) + timedelta(days=24)
        paid = _maybe(rng, due + timedelta(days=int(rng.integers(-20, 30))), 0.85)
        owed = int(rng.choice([0, 1000]))
        rows.append(
            {
                "row_id": f"s{back}",
                "period_month": _month(as_of, back),
                "insured_headcount": int(rng.integers(0, 50)),
                "due_fen": owed,
                "paid_fen": int(rng.choice([owed, owed, owed // 2])) if paid else 0,
                "due_date": due,
                "paid_date": paid,
                "occurred_date": min(due, paid or due),
            }
        )
    return rows


def _electricity(rng: np.random.Generator, as_of: date) -> list[dict[str, Any]]:
    off = int(rng.integers(0, 3)) * int(rng.integers(0, 30))
    return [
        {
            "row_id": f"e{back}",
            "occurred_date": as_of - timedelta(days=back),
            "energy_wh": 0 if back < off or rng.random() < 0.05 else int(rng.integers(1, 10**7)),
        }
        for back in range(-40, int(rng.integers(-30, 470)))
        if rng.random() < 0.9
    ]


def _bank_flows(rng: np.random.Generator, as_of: date, size: int) -> list[dict[str, Any]]:
    return [
        {
            "row_id": f"b{number}",
            "occurred_date": _day(rng, as_of, furthest=500),
            "booked_time": _maybe(rng, f"{int(rng.integers(0, 24)):02d}:{int(rng.integers(0, 60)):02d}", 0.7),
            "amount_fen": int(rng.integers(-(10**7), 10**7)),
            "balance_fen": int(rng.integers(-(10**5), 10**6)),
            "counterparty_id": "X",
            "counterparty_name": str(rng.choice([OWN, "甲", "乙"])),
            "entry_ref": f"{number:05d}",
        }
        for number in range(int(rng.integers(0, size)))
    ]


def _registration(rng: np.random.Generator, as_of: date) -> list[dict[str, Any]]:
    kinds = [
        "established",
        "capital",
        "legal_rep",
        "address",
        "shareholders",
        "abnormal_listed",
        "abnormal_removed",
        "revoked",
        "equity_pledge",
    ]
    odds = np.array([4, 2, 2, 2, 2, 2, 2, 0.3, 1])
    return [
        {
            "row_id": f"r{number}",
            "occurred_date": _day(rng, as_of, furthest=4000),
            "change_type": str(rng.choice(kinds, p=odds / odds.sum())),
            "registered_capital_fen": _maybe(rng, int(rng.choice([0, 1000, 5000])), 0.5),
            "paid_in_fen": _maybe(rng, int(rng.integers(0, 5000)), 0.9),
        }
        for number in range(int(rng.integers(0, 9)))
    ]


def _courts(rng: np.random.Generator, as_of: date) -> list[dict[str, Any]]:
    stages = ["filed", "hearing", "judgment", "enforcement", "dishonest", "consumption_limit", "terminated", "closed"]
    return [
        {
            "row_id": f"c{number}",
            "occurred_date": _day(rng, as_of, furthest=1500),
            "case_no": f"案{int(rng.integers(0, 4))}",
            "role": str(rng.choice(["defendant", "defendant", "plaintiff"])),
            "amount_fen": int(rng.integers(0, 10**7)),
            "stage": str(rng.choice(stages)),
        }
        for number in range(int(rng.integers(0, 12)))
    ]


def _news(rng: np.random.Generator, as_of: date) -> list[dict[str, Any]]:
    return [
        {
            "row_id": f"n{number}",
            "occurred_date": _day(rng, as_of, furthest=150),
            "headline": OWN + str(rng.choice(HEADLINES)),
            "body": str(rng.choice(["", *HEADLINES])),
        }
        for number in range(int(rng.integers(0, 8)))
    ]
