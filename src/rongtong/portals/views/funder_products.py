"""A lender's products: the rules they carry, the capacity behind them, their loan codes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongtong.core.clock import china_date, now
from rongtong.core.ids import decode_id
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Product, ProductId
from rongtong.origination import facade as origination
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.parties.facade import Action
from rongtong.portals.access import deed_only, for_action, for_roles
from rongtong.portals.deeds import FormRefused, attempt
from rongtong.portals.forms import WanField, wan_text
from rongtong.portals.once import once


class CapacityForm(forms.Form):
    """How much the lender puts behind a product, in 万元."""

    total = WanField()


@require_safe
@for_roles(Role.FUNDER)
def products(request: Any) -> HttpResponse:
    """The lender's products with what is free, reserved and committed behind each."""
    own, today = request.membership.organisation_id, china_date(now())
    pools = {one.product_code: one for one in matching.capacity(lender_id=own)}
    mine = [(one, pools.get(one.code)) for one in matching.products(on=today) if one.lender_id == own]
    context = {"products": mine, "licence": parties.licence_in_force(institution_id=own, on=today)}
    return render(request, "portals/funder/products.html", context)


@require_safe
@for_roles(Role.FUNDER)
def product(request: Any, product_id: str) -> HttpResponse:
    """One product with every condition it sets, and the form for its capacity."""
    found = _own(request, product_id)
    pool = next((one for one in matching.capacity(lender_id=found.lender_id) if one.product_code == found.code), None)
    form = CapacityForm(initial={"total": wan_text(pool.total_minor)} if pool else None)
    return render(request, "portals/funder/product.html", {"product": found, "pool": pool, "form": form})


@deed_only
@for_action(Action.SET_CAPACITY)
@once
def set_capacity(request: Any, product_id: str) -> HttpResponse:
    """Say how much is put behind a product."""
    found = _own(request, product_id)
    here = reverse("portals:funder_product", args=[product_id])

    def deed() -> Any:
        form = CapacityForm(request.POST)
        if not form.is_valid():
            raise FormRefused(form=form)
        return matching.set_capacity(
            lender_id=found.lender_id,
            product_code=found.code,
            total_minor=form.cleaned_data["total"],
            actor=request.actor,
            at=now(),
        )

    return attempt(request, deed, done=_("The capacity is set."), then=here, otherwise=here)


@deed_only
@for_roles(Role.FUNDER)
def loan_code(request: Any, product_id: str) -> HttpResponse:
    """Make a loan code for a product and show it, to be printed or sent."""
    found = _own(request, product_id)
    code = origination.make_loan_code(
        product_id=found.id, base_url=request.build_absolute_uri("/"), actor=request.actor, at=now()
    )
    return render(request, "portals/funder/loan_code.html", {"product": found, "code": code})


def _own(request: Any, product_id: str) -> Product:
    found = matching.product(product_id=ProductId(decode_id("prd", product_id)))
    if found.lender_id != request.membership.organisation_id:
        raise matching.ProductUnknown(product=product_id)
    return found
