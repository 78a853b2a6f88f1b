"""Put the capacity that each lender states behind its products, where a book has none yet."""

from __future__ import annotations

from rongtong.core.tenancy import as_platform
from rongtong.matching import models


def open_pools() -> int:
    """Open the pools that the present book lacks, by the newest terms of each product; say how many. Safe to run again.

    An evaluation's capacity is its own: what it reserves takes nothing from what lenders really have.
    """
    with as_platform():
        newest = {row.code: row for row in models.Product.objects.order_by("code", "version")}
        there = set(models.CapacityPool.objects.values_list("product_code", flat=True))
        missing = [row for code, row in newest.items() if code not in there]
        models.CapacityPool.objects.bulk_create(
            [
                models.CapacityPool(
                    lender_id=row.lender_id, product_code=row.code, total_minor=row.terms["capacity_minor"]
                )
                for row in missing
            ],
            ignore_conflicts=True,
        )
    return len(missing)
