"""How raw text becomes canonical values, which rows are refused and why, and what makes two rows the same: SQL expressions."""

from rongtong.records.rules.casts import canonical_sql, texts_sql
from rongtong.records.rules.checks import reason_sql
from rongtong.records.rules.keys import identity_sql, occurred_sql, row_id_sql, version_order_sql
from rongtong.records.rules.ranks import counting_ranks, rank_of_source, with_ranks
from rongtong.records.rules.views import count_ranks, view, view_needs, within_spans

__all__ = [
    "canonical_sql",
    "count_ranks",
    "counting_ranks",
    "identity_sql",
    "occurred_sql",
    "rank_of_source",
    "reason_sql",
    "row_id_sql",
    "texts_sql",
    "version_order_sql",
    "view",
    "view_needs",
    "with_ranks",
    "within_spans",
]
