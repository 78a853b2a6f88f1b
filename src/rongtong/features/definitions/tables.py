"""What the definitions read: the subjects, and of each item the columns that a feature needs."""

from __future__ import annotations

from collections.abc import Mapping

import ibis

SUBJECTS: Mapping[str, str] = {
    "ordinal": "int64",
    "enterprise_id": "string",
    "as_of": "date",
    "own_name": "string",
    "own_code": "string",
    "courts_covered": "boolean",
    "news_covered": "boolean",
    "registration_covered": "boolean",
    "low_balance_share": "float64",
    "night_from": "string",
    "night_to": "string",
}
"""One row per (enterprise, as-of date). `ordinal` numbers the rows; `own_name` and `own_code` tell a firm's transfers to itself;
the covered flags say that a source of events was read for the firm, so that no event means zero and not unknown;
the last three are rulebook parameters in force on the as-of date."""

_RECORD = {"row_id": "string", "enterprise_id": "string", "occurred_date": "date", "generated": "boolean"}

ITEMS: Mapping[str, Mapping[str, str]] = {
    "invoices": _RECORD
    | {
        "direction": "string",
        "invoice_key": "string",
        "invoice_no": "string",
        "counterparty_id": "string",
        "net_fen": "int64",
        "gross_fen": "int64",
        "status": "string",
        "blue_invoice_key": "string",
    },
    "tax": _RECORD
    | {
        "period_month": "date",
        "tax_type": "string",
        "declared_sales_fen": "int64",
        "tax_paid_fen": "int64",
        "late_fee_fen": "int64",
        "due_date": "date",
        "filed_date": "date",
        "paid_date": "date",
        "grade": "string",
    },
    "social_insurance": _RECORD
    | {
        "period_month": "date",
        "insured_headcount": "int64",
        "due_fen": "int64",
        "paid_fen": "int64",
        "due_date": "date",
        "paid_date": "date",
    },
    "electricity": _RECORD | {"energy_wh": "int64"},
    "bank_flows": _RECORD
    | {
        "booked_time": "string",
        "amount_fen": "int64",
        "balance_fen": "int64",
        "counterparty_id": "string",
        "counterparty_name": "string",
        "entry_ref": "string",
    },
    "registration": _RECORD | {"change_type": "string", "registered_capital_fen": "int64", "paid_in_fen": "int64"},
    "courts": _RECORD | {"case_no": "string", "role": "string", "amount_fen": "int64", "stage": "string"},
    "news": _RECORD | {"headline": "string", "body": "string"},
}
"""Item -> column -> type: a subset of the canonical schemas of records. `occurred_date` is the first day on which a row's fact could be known."""


def unbound(name: str) -> ibis.Table:
    """The table `subjects`, or that of an item, as an ibis table without data."""
    return ibis.table(dict(SUBJECTS if name == "subjects" else ITEMS[name]), name=name)
