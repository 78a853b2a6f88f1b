"""How raw text becomes canonical values, which rows are refused and why, and what makes two rows the same: SQL expressions."""

from rongtong.records.rules.casts import canonical_sql, texts_sql
from rongtong.records.rules.checks import reason_sql
from rongtong.records.rules.keys import identity_sql, occurred_sql, version_order_sql
from rongtong.records.rules.views import view, view_needs, within_spans

__all__ = [
    "canonical_sql",
    "identity_sql",
    "occurred_sql",
    "reason_sql",
    "texts_sql",
    "version_order_sql",
    "view",
    "view_needs",
    "within_spans",
]
