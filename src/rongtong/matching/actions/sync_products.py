"""Bring the packaged products into the tables: a change is a new version, nothing is overwritten."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.clock import china_date
from rongtong.core.errors import Forbidden, Invalid, NotFound
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, record_all
from rongtong.core.tenancy import as_platform
from rongtong.matching import models
from rongtong.matching.contracts import Product, ProductKind
from rongtong.matching.queries.products import products
from rongtong.matching.rules.product_terms import licence_scope, read_terms
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Licence

LENDER_SCHEME = "rongtong.lender"


class LenderUnknown(NotFound):
    """A product names a lender that is not registered."""

    code = "lender_unknown"
    message = _("There is no lender %(lender)s.")


class ProductMalformed(Invalid):
    """A product's terms lack something, or hold something that cannot be."""

    code = "product_malformed"
    message = _("The terms of product %(product)s cannot be used: %(problem)s.")


class ProductOutsideLicence(Forbidden):
    """A lender's licence is not in force, or covers neither the kind nor the region of its product."""

    code = "product_outside_licence"
    message = _("The licence of lender %(lender)s does not cover product %(product)s.")


def sync_products(
    *, actor: Actor, at: datetime, packaged: Sequence[Mapping[str, Any]] | None = None
) -> tuple[Product, ...]:
    """Write each product whose terms are new or changed as a new version, with a capacity pool; give those in force.

    Raises LenderUnknown, ProductMalformed, ProductOutsideLicence.
    """
    wanted = list(packaged_products() if packaged is None else packaged)
    with as_platform(), transaction.atomic():
        lenders = parties.by_identifier(scheme=LENDER_SCHEME, values={terms["lender"] for terms in wanted})
        for terms in wanted:
            if terms["lender"] not in lenders:
                raise LenderUnknown(lender=terms["lender"])
        licences = {
            code: parties.licence_in_force(institution_id=lender, on=china_date(at)) for code, lender in lenders.items()
        }
        newest = {row.code: row for row in models.Product.objects.select_for_update().order_by("code", "version")}
        rows = []
        for terms in wanted:
            licence = licences[terms["lender"]]
            known = newest.get(terms["code"])
            if known is not None and known.digest == digest(terms):
                continue
            rows.append(_row(terms, known, lenders[terms["lender"]], licence, china_date(at)))
        models.Product.objects.bulk_create(rows)
        models.CapacityPool.objects.bulk_create(
            [
                models.CapacityPool(
                    lender_id=row.lender_id, product_code=row.code, total_minor=row.terms["capacity_minor"]
                )
                for row in rows
            ],
            ignore_conflicts=True,
        )
        record_all(deeds=[_deed(row) for row in rows], actor=actor, at=at)
        return products(on=china_date(at))


def packaged_products() -> list[dict[str, Any]]:
    """The products that come with the platform, with their documents spelled out."""
    sheet = json.loads(files("rongtong.matching").joinpath("data/products.json").read_text(encoding="utf-8"))
    documents = {code: {"code": code, **titles} for code, titles in sheet["documents"].items()}
    return [{**terms, "documents": [documents[code] for code in terms["documents"]]} for terms in sheet["products"]]


def _row(
    terms: Mapping[str, Any], known: models.Product | None, lender_id: UUID, licence: Licence | None, today: date
) -> models.Product:
    if licence is None or not _covers(licence, terms):
        raise ProductOutsideLicence(lender=terms["lender"], product=terms["code"])
    row = models.Product(
        id=new_id(),
        code=terms["code"],
        version=1 if known is None else known.version + 1,
        lender_id=lender_id,
        lender_code=terms["lender"],
        lender_type=licence.type.value,
        terms=dict(terms),
        digest=digest(terms),
        effective_from=date.fromisoformat(terms["effective_from"]) if known is None else today,
    )
    try:
        read_terms(
            terms,
            product_id=row.id,
            version=row.version,
            lender_id=lender_id,
            lender_name="",
            lender_type=row.lender_type,
            effective_from=row.effective_from,
            digest=row.digest,
        )
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        raise ProductMalformed(product=str(terms.get("code", ""))[:80], problem=repr(error)[:200]) from error
    return row


def _covers(licence: Licence, terms: Mapping[str, Any]) -> bool:
    """Whether a licence allows the product's kind, and each of its regions; no region is the whole country."""
    if licence_scope(ProductKind(terms["kind"])) not in licence.scope:
        return False
    if not licence.region_code.strip("0"):
        return True
    own = licence.region_code.rstrip("0")
    return bool(terms["regions"]) and all(region.startswith(own) for region in terms["regions"])


def _deed(row: models.Product) -> Deed:
    return Deed(
        "product.published",
        encode_id("prd", row.id),
        facts={"code": row.code, "version": row.version, "lender": row.lender_code, "digest": row.digest},
    )
