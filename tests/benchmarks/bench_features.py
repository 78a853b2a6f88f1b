"""All features of a portfolio and of one firm, beside one bare DuckDB statement of the invoice features over the same rows.

The bare statement is what a data engineer would write by hand for a fixed date: no portability, no rolling months for
several dates, red invoices off their own month. What the expressions cost beside it is the ratio.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from rongtong.features.adapters import engine
from rongtong.features.adapters.frame import Subject, evaluate
from rongtong.features.definitions.catalogue import names

AS_OF = date(2026, 6, 30)
FIRMS, INVOICES, DAYS, FLOWS = 300, 1200, 760, 900
EVENTS = frozenset({"courts", "news", "registration"})

BARE = """
WITH lines AS (
  SELECT enterprise_id, counterparty_id, net_fen, direction = 'sale' AS sale, status = 'void' AS void,
         status = 'red' AS red, length(invoice_no) = 20 AS digital, occurred_date,
         2026 * 12 + 6 - year(occurred_date) * 12 - month(occurred_date) AS month
  FROM invoices WHERE occurred_date <= DATE '2026-06-30'),
months AS (
  SELECT enterprise_id, month, coalesce(sum(net_fen) FILTER (sale), 0) AS sold,
         coalesce(sum(net_fen) FILTER (NOT sale), 0) AS bought
  FROM lines WHERE NOT void AND month < 24 GROUP BY ALL),
totals AS (
  SELECT enterprise_id, sum(sold) FILTER (month < 12) AS sales, sum(sold) FILTER (month >= 12) AS before,
         sum(sold) FILTER (month < 3) AS q, sum(sold) FILTER (month BETWEEN 3 AND 5) AS q1,
         sum(bought) FILTER (month < 12) AS purchases, stddev_pop(sold) FILTER (month < 12) / avg(sold) FILTER (month < 12) AS cv,
         12 - count(*) FILTER (month < 12 AND sold > 0) AS zero
  FROM months GROUP BY ALL),
quality AS (
  SELECT enterprise_id,
         count(*) FILTER (void AND NOT digital) / nullif(count(*) FILTER (NOT digital), 0) AS void_rate,
         -sum(net_fen) FILTER (red) / sum(net_fen) FILTER (NOT red AND NOT void) AS red_rate,
         count(*) FILTER (void OR red) / count(*) AS void_red_rate,
         avg(net_fen) FILTER (NOT red AND NOT void) AS ticket,
         DATE '2026-06-30' - max(occurred_date) FILTER (NOT red AND NOT void) AS days_since
  FROM lines WHERE sale AND month < 12 GROUP BY ALL),
parties AS (
  SELECT enterprise_id, counterparty_id, greatest(coalesce(sum(net_fen) FILTER (sale), 0), 0) AS sold,
         greatest(coalesce(sum(net_fen) FILTER (NOT sale), 0), 0) AS bought,
         coalesce(sum(net_fen) FILTER (sale AND month >= 6), 0) AS h1, coalesce(sum(net_fen) FILTER (sale AND month < 6), 0) AS h2
  FROM lines WHERE NOT void AND month < 12 GROUP BY ALL),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY enterprise_id ORDER BY sold DESC) AS rank,
         sold / sum(sold) OVER (PARTITION BY enterprise_id) AS share FROM parties),
shares AS (
  SELECT enterprise_id, count(*) FILTER (sold > 0) AS buyers, max(share) AS top1, sum(share) FILTER (rank <= 5) AS top5,
         sum(share * share) AS hhi, count(*) FILTER (h1 > 0 AND h2 > 0) / nullif(count(*) FILTER (h1 > 0), 0) AS retention,
         sum(least(sold, bought)) / sum(sold) AS circular
  FROM ranked GROUP BY ALL)
SELECT enterprise_id, sales, sales / nullif(before, 0) - 1, cv, zero, q / nullif(q1, 0) - 1, buyers, top1, top5, hhi,
       retention, void_rate, red_rate, void_red_rate, ticket, days_since, circular, purchases, purchases / nullif(sales, 0)
FROM totals JOIN quality USING (enterprise_id) JOIN shares USING (enterprise_id) ORDER BY enterprise_id
"""
COMPARED = [
    "inv_sales_12m_fen",
    "inv_sales_growth_12m",
    "inv_sales_cv_12m",
    "inv_zero_months_12m",
    "inv_last3_over_prior3",
    "inv_buyers_12m",
    "inv_top1_buyer_share",
    "inv_top5_buyer_share",
    "inv_buyer_hhi",
    "inv_buyer_retention",
    "inv_void_rate",
    "inv_red_rate",
    "inv_void_red_rate",
    "inv_avg_ticket_fen",
    "inv_days_since_last_sale",
    "inv_circular_share",
    "inv_purchases_12m_fen",
    "inv_input_output_ratio",
]


def generated(firms: int) -> dict[str, pa.Table]:
    """Records of firms that trade steadily for three years, seeded."""
    rng = np.random.default_rng(7)
    first = np.datetime64("2023-07-01")

    def firm_ids(each: int) -> np.ndarray[Any, Any]:
        return np.repeat([f"firm{number:04d}" for number in range(firms)], each)

    def table(item: str, each: int, **columns: Any) -> pa.Table:
        size = firms * each
        base = {
            "row_id": np.arange(size).astype(str),
            "enterprise_id": firm_ids(each),
            "generated": np.ones(size, dtype=bool),
        }
        full = base | columns
        wanted = engine.schema(item)
        return pa.table({f.name: pa.array(full[f.name]).cast(f.type) for f in wanted}, schema=wanted)

    n = firms * INVOICES
    status = rng.choice(["valid", "void", "red"], n, p=[0.94, 0.03, 0.03])
    amounts = rng.lognormal(13, 1, n).astype(np.int64) + 1
    days = rng.integers(0, 1096, n)
    m, f = firms * DAYS, firms * FLOWS
    return {
        "invoices": table(
            "invoices",
            INVOICES,
            occurred_date=first + days,
            direction=rng.choice(["sale", "purchase"], n),
            invoice_key=np.arange(n).astype(str),
            invoice_no=np.where(rng.random(n) < 0.5, "12345678", "2" * 20),
            counterparty_id=np.char.add("c", rng.integers(0, 60, n).astype(str)),
            net_fen=np.where(status == "red", -amounts // 4, amounts),
            gross_fen=np.where(status == "red", -amounts // 4, amounts),
            status=status,
            blue_invoice_key=pa.nulls(n, pa.string()),
        ),
        "electricity": table(
            "electricity",
            DAYS,
            occurred_date=np.tile(np.datetime64(AS_OF) - np.arange(DAYS), firms),
            energy_wh=rng.integers(0, 10**7, m),
        ),
        "bank_flows": table(
            "bank_flows",
            FLOWS,
            occurred_date=first + rng.integers(0, 1096, f),
            booked_time=np.where(rng.random(f) < 0.9, "10:30", "23:10"),
            amount_fen=rng.integers(-(10**7), 10**7, f),
            balance_fen=rng.integers(0, 10**8, f),
            counterparty_id=np.full(f, "X"),
            counterparty_name=np.full(f, "X"),
            entry_ref=np.arange(f).astype(str),
        ),
    }


def best(run: Callable[[], Any], times: int = 5) -> tuple[float, float]:
    """Seconds by the clock and of processor time, each of the fastest of some runs."""
    clock, processor = [], []
    for _ in range(times):
        started, worked = time.perf_counter(), time.process_time()
        run()
        clock.append(time.perf_counter() - started)
        processor.append(time.process_time() - worked)
    return min(clock), min(processor)


def test_features_beside_bare_sql(capsys: pytest.CaptureFixture[str]) -> None:
    tables = generated(FIRMS)
    subjects = [Subject(f"firm{number:04d}", AS_OF, covered=EVENTS) for number in range(FIRMS)]
    trading = [Subject(one.enterprise_id, AS_OF) for one in subjects]
    started = time.perf_counter()
    engine.warm()
    compiled = time.perf_counter() - started
    bare = duckdb.connect()
    bare.register("invoices", tables["invoices"])
    theirs = bare.execute(BARE).fetchnumpy()
    ours = evaluate(subjects, tables).values
    for name, column in zip(COMPARED, list(theirs)[1:], strict=True):
        expected = np.ma.filled(np.ma.asarray(theirs[column], dtype=np.float64), np.nan)
        np.testing.assert_allclose(ours[:, names().index(name)], expected, rtol=1e-6, err_msg=name)
    one = {item: table.filter(pa.compute.equal(table["enterprise_id"], "firm0000")) for item, table in tables.items()}
    dates = [date(2024 + month // 12, month % 12 + 1, 1) for month in range(6, 30)]
    panel = [Subject(f"firm{number:04d}", day, covered=EVENTS) for number in range(FIRMS) for day in dates]
    figures = {
        "invoice features by bare SQL": best(lambda: bare.execute(BARE).fetchnumpy()),
        "invoice features by expressions": best(lambda: evaluate(trading, {"invoices": tables["invoices"]})),
        "all features": best(lambda: evaluate(subjects, tables)),
        "all features and monthly series": best(lambda: evaluate(subjects, tables, with_series=True)),
        f"all features as of {len(dates)} dates": best(lambda: evaluate(panel, tables), times=2),
    }
    single = best(lambda: evaluate(subjects[:1], one), times=20)
    with capsys.disabled():
        rows = sum(table.num_rows for table in tables.values())
        sys.stdout.write(f"\nfeatures of {FIRMS} firms over {rows:,} records (compiled once in {compiled:.2f} s):\n")
        for label, (clock, processor) in figures.items():
            sys.stdout.write(f"  {label}: {clock:.3f} s, {processor:.3f} s of processor time\n")
        ratio = figures["invoice features by expressions"][1] / figures["invoice features by bare SQL"][1]
        sys.stdout.write(
            f"  expressions / bare SQL, processor time: {ratio:.2f}; "
            f"one firm, all features: {single[0] * 1000:.0f} ms\n"
        )
