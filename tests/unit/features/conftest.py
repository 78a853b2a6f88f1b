"""Small tables of records, written as rows of plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from rongtong.features.adapters.engine import schema
from rongtong.features.adapters.frame import Subject, evaluate
from rongtong.features.definitions.catalogue import names

Rows = Sequence[Mapping[str, Any]]
Values = dict[str, float | None]

DEFAULTS: dict[str, dict[str, Any]] = {
    "invoices": {
        "direction": "sale",
        "invoice_no": "12345678",
        "counterparty_id": "B1",
        "net_fen": 0,
        "status": "valid",
        "blue_invoice_key": None,
    },
    "tax": {
        "tax_type": "vat",
        "declared_sales_fen": 0,
        "tax_paid_fen": 0,
        "late_fee_fen": 0,
        "filed_date": None,
        "paid_date": None,
        "grade": None,
    },
    "social_insurance": {"insured_headcount": 0, "due_fen": 0, "paid_fen": 0, "paid_date": None},
    "electricity": {"energy_wh": 0},
    "bank_flows": {
        "booked_time": None,
        "amount_fen": 0,
        "balance_fen": 0,
        "counterparty_id": "X",
        "counterparty_name": "X",
    },
    "registration": {"registered_capital_fen": None, "paid_in_fen": None},
    "courts": {"role": "defendant", "amount_fen": 0},
    "news": {"body": ""},
}
FIRM = "firm"


def table(item: str, rows: Rows) -> pa.Table:
    """Rows as the canonical table of an item; what a test does not name is harmless."""
    filled = []
    for number, row in enumerate(rows):
        full = {"row_id": f"{item}-{number}", "enterprise_id": FIRM, "generated": False, **DEFAULTS[item], **row}
        if item == "invoices":
            full.setdefault("invoice_key", f"key-{number}")
            full.setdefault("gross_fen", full["net_fen"])
        if item == "bank_flows":
            full.setdefault("entry_ref", f"{number:06d}")
        if item in {"tax", "social_insurance"}:
            dates = [full["due_date"], full.get("filed_date"), full.get("paid_date")]
            full.setdefault("occurred_date", min(day for day in dates if day is not None))
        filled.append(full)
    return pa.Table.from_pylist(filled, schema=schema(item))


@pytest.fixture(scope="session")
def measure() -> Callable[..., Values]:
    """`measure(as_of, invoices=[…], tax=[…], covered={…})`: all features of one firm, None for no value."""

    def run(as_of: date, covered: Sequence[str] = (), own_name: str | None = None, **items: Rows) -> Values:
        asked = frozenset(covered) | ({"registration"} & items.keys())
        subject = Subject(FIRM, as_of, own_name=own_name, covered=asked)
        evaluated = evaluate([subject], {item: table(item, rows) for item, rows in items.items()})
        return {
            name: None if np.isnan(value) else float(value)
            for name, value in zip(names(), evaluated.values[0], strict=True)
        }

    return run
