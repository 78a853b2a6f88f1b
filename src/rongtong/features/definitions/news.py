"""Features of news: how much of it is bad (舆情), by a published list of words. No news is zero where the source was read."""

from __future__ import annotations

import ibis.expr.types as ir

from rongtong.features.definitions.lexicon import NEGATIVE, REASSURING
from rongtong.features.definitions.timeline import count, dated, days_before, events, per_subject


def lines(subjects: ir.Table, news: ir.Table) -> ir.Table:
    """Each subject's news items; `bad` ones hold a negative word in headline or body once reassuring phrases are taken out."""
    rows = dated(subjects, news)
    text = (rows.headline + " " + rows.body).re_replace(REASSURING, "")
    return rows.mutate(bad=text.re_search(NEGATIVE) & (days_before(rows, rows.occurred_date) < 90))


def features(subjects: ir.Table, tables: dict[str, ir.Table]) -> ir.Table:
    """One row per subject with all features of news; nothing where the source was not read for the firm."""
    rows = lines(subjects, tables["news"])
    row = per_subject(subjects, rows.group_by("ordinal").agg(bad=count(rows.bad)))
    return row.select("ordinal", nws_negative_90d=events(row.bad, row.news_covered))


EVIDENCE = {"nws_negative_90d": {"news": lambda rows: rows.bad}}
