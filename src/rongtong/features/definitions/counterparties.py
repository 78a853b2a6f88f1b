"""Features of who a firm sells to and buys from, out of its invoices (客户与供应商).

Shares are of what was sold to counterparties with a positive balance in the window, so that they sum to one;
they are held as whole parts of 10^9, which makes the sum of squares exact and the same in any order of rows.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from rongtong.features.definitions.timeline import count, ratio, total

_PARTS = 10**9

NAMES = (
    "inv_buyers_12m",
    "inv_top1_buyer_share",
    "inv_top5_buyer_share",
    "inv_buyer_hhi",
    "inv_buyer_retention",
    "inv_new_buyer_share",
    "inv_circular_share",
    "inv_suppliers_12m",
    "inv_top5_supplier_share",
)


def shares(rows: ir.Table) -> ir.Table:
    """One row per subject with invoices, from the lines of `invoices.lines`."""
    ranked = _ranked(_by_counterparty(rows))
    part = (ranked.sold.cast("float64") / ranked.all_sold.nullif(0).cast("float64") * _PARTS).round().cast("int64")
    summed = ranked.group_by("ordinal").agg(
        observed=ranked.observed.max(),
        sold=ranked.sold.sum().cast("int64"),
        bought=ranked.bought.sum().cast("int64"),
        buyers=count(ranked.sold > 0),
        suppliers=count(ranked.bought > 0),
        top1=ranked.sold.max(),
        top5=total(ranked.sold, ranked.sale_rank < 5),
        top5_bought=total(ranked.bought, ranked.purchase_rank < 5),
        squares=(part * part).sum().cast("float64"),
        first_half=count(ranked.first_half > 0),
        both_halves=count((ranked.first_half > 0) & (ranked.second_half > 0)),
        second_half=total(ranked.second_half, ranked.second_half > 0),
        newcomers=total(ranked.second_half, (ranked.second_half > 0) & (ranked.year_before <= 0)),
        year_before=total(ranked.year_before, ranked.year_before > 0),
        circular=ibis.least(ranked.sold, ranked.bought).sum().cast("int64"),
    )
    nothing = ibis.null("float64")
    return summed.select(
        "ordinal",
        inv_buyers_12m=summed.buyers,
        inv_top1_buyer_share=ratio(summed.top1, summed.sold),
        inv_top5_buyer_share=ratio(summed.top5, summed.sold),
        inv_buyer_hhi=ibis.ifelse(summed.sold > 0, summed.squares / float(_PARTS) / float(_PARTS), nothing),
        inv_buyer_retention=ibis.ifelse(summed.observed >= 12, ratio(summed.both_halves, summed.first_half), nothing),
        inv_new_buyer_share=ibis.ifelse(
            (summed.observed >= 18) & (summed.year_before > 0), ratio(summed.newcomers, summed.second_half), nothing
        ),
        inv_circular_share=ratio(summed.circular, summed.sold),
        inv_suppliers_12m=summed.suppliers,
        inv_top5_supplier_share=ratio(summed.top5_bought, summed.bought),
    )


def _by_counterparty(rows: ir.Table) -> ir.Table:
    sold, bought, month = rows.sale & rows.counted, ~rows.sale & rows.counted, rows.month
    sums = rows.group_by("ordinal", "counterparty_id").agg(
        observed=(rows.age.max() + 1).cast("int64"),
        sold=total(rows.net_fen, sold & (month < 12)),
        bought=total(rows.net_fen, bought & (month < 12)),
        first_half=total(rows.net_fen, sold & (month >= 6) & (month < 12)),
        second_half=total(rows.net_fen, sold & (month < 6)),
        year_before=total(rows.net_fen, sold & (month >= 6) & (month < 18)),
    )
    return sums.mutate(sold=ibis.greatest(sums.sold, 0), bought=ibis.greatest(sums.bought, 0))


def _ranked(by: ir.Table) -> ir.Table:
    subject = ibis.window(group_by="ordinal")
    largest_sale = ibis.window(group_by="ordinal", order_by=[ibis.desc("sold"), "counterparty_id"])
    largest_purchase = ibis.window(group_by="ordinal", order_by=[ibis.desc("bought"), "counterparty_id"])
    return by.mutate(
        all_sold=by.sold.sum().over(subject).cast("int64"),
        sale_rank=ibis.row_number().over(largest_sale),
        purchase_rank=ibis.row_number().over(largest_purchase),
    )


EVIDENCE = {
    "inv_buyers_12m": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_top1_buyer_share": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_top5_buyer_share": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_buyer_hhi": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_buyer_retention": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 12)},
    "inv_new_buyer_share": {"invoices": lambda rows: rows.sale & rows.counted & (rows.month < 18)},
    "inv_circular_share": {"invoices": lambda rows: rows.counted & (rows.month < 12)},
    "inv_suppliers_12m": {"invoices": lambda rows: ~rows.sale & rows.counted & (rows.month < 12)},
    "inv_top5_supplier_share": {"invoices": lambda rows: ~rows.sale & rows.counted & (rows.month < 12)},
}
