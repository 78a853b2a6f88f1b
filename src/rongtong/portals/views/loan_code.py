"""The landing page of a loan code (贷款码): what it is for, and the way on to applying."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rongtong.core.clock import china_date, now
from rongtong.matching import facade as matching
from rongtong.matching.contracts import ProductId
from rongtong.origination import facade as origination
from rongtong.parties import facade as parties

_KEPT = "loan_code"


@require_safe
def landing(request: Any, token: str) -> HttpResponse:
    """Say whose product the code leads to; the code is kept for the application to come."""
    code = origination.read_loan_code(token=token, at=now())
    request.session[_KEPT] = {"token": token, "product": str(code.product_id)}
    context = {
        "code": code,
        "product": matching.product(product_id=ProductId(code.product_id)),
        "licence": parties.licence_in_force(institution_id=code.lender_id, on=china_date(now())),
    }
    return render(request, "portals/public/loan_code.html", context)


def remembered_code(request: Any, product_id: UUID) -> str:
    """The code that the visitor came with, where it is for this product; else empty."""
    kept = request.session.get(_KEPT, {})
    return str(kept.get("token", "")) if kept.get("product") == str(product_id) else ""


def remembered_product(request: Any) -> str:
    """The product that the visitor's code leads to, as an id's text; empty where there was no code."""
    return str(request.session.get(_KEPT, {}).get("product", ""))


def forget_code(request: Any) -> None:
    """The code has done its work."""
    request.session.pop(_KEPT, None)
