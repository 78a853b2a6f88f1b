"""Products in force on a day, and the market they make."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import NotFound
from rongtong.matching import models
from rongtong.matching.contracts import Product, ProductId
from rongtong.matching.rules.eligibility import RuleBook
from rongtong.matching.rules.product_terms import read_terms
from rongtong.parties import facade as parties


class ProductUnknown(NotFound):
    """There is no product under this code or id."""

    code = "product_unknown"
    message = _("There is no such product.")


@dataclass(frozen=True, slots=True)
class Market:
    """The products that can be offered on a day, and their compiled conditions."""

    products: tuple[Product, ...]
    rulebook: RuleBook


def products(*, on: date) -> tuple[Product, ...]:
    """The version of each product in force on a day (before its first day, the first one), by code.

    Products of lenders without a licence in force are left out.
    """
    suspended = parties.suspended_institutions(on=on)
    return tuple(product for product in _all(on=on) if product.lender_id not in suspended)


def product(*, product_id: ProductId) -> Product:
    """One version of a product, in force or not. Raises ProductUnknown."""
    row = models.Product.objects.select_related("lender").filter(id=product_id).first()
    if row is None:
        raise ProductUnknown(product=str(product_id))
    return _contract(row)


def product_by_code(*, code: str, on: date) -> Product:
    """The version of a product in force on a day. Raises ProductUnknown."""
    found = next((product for product in products(on=on) if product.code == code), None)
    if found is None:
        raise ProductUnknown(product=code)
    return found


def market(*, on: date, licensed_on: date) -> Market:
    """The products of a day whose lenders are licensed then and on another, with their conditions compiled."""
    found = products(on=on)
    if licensed_on != on:
        suspended = parties.suspended_institutions(on=licensed_on)
        found = tuple(product for product in found if product.lender_id not in suspended)
    return Market(found, _compiled(tuple(product.rules for product in found)))


def _all(*, on: date) -> list[Product]:
    newest: dict[str, models.Product] = {}
    for row in models.Product.objects.select_related("lender").order_by("code", "version"):
        if row.code not in newest or row.effective_from <= on:
            newest[row.code] = row
    return [_contract(row) for _code, row in sorted(newest.items())]


def _contract(row: models.Product) -> Product:
    return read_terms(
        row.terms,
        product_id=row.id,
        version=row.version,
        lender_id=row.lender_id,
        lender_name=row.lender.name,
        lender_type=row.lender_type,
        effective_from=row.effective_from,
        digest=row.digest,
    )


_compiled = lru_cache(maxsize=16)(RuleBook)
