"""Loan codes (贷款码): made by lenders, firms and the platform, read by whoever scans one."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from rongtong.core.clock import now
from rongtong.core.ids import decode_id
from rongtong.origination import facade as origination
from rongtong.origination.api.rendering import render_loan_code
from rongtong.origination.api.schemas import LoanCodeIn, LoanCodeOut, Rendered
from rongtong.parties import facade as parties

router = Router()


@router.post("/loan-codes", response={201: LoanCodeOut}, summary="Make a loan code for a product")
def make_loan_code(request: HttpRequest, given: LoanCodeIn) -> Status[Rendered]:
    own = parties.require_action(request, parties.Action.MAKE_LOAN_CODE)
    code = origination.make_loan_code(
        product_id=decode_id("prd", given.product),
        enterprise_id=decode_id("ent", given.enterprise) if given.enterprise else None,
        base_url=_base(request),
        actor=parties.actor_of_membership(own),
        at=now(),
    )
    return Status(201, render_loan_code(code))


@router.get("/loan-codes/{token}", response=LoanCodeOut, auth=None, summary="What a loan code stands for")
def show_loan_code(request: HttpRequest, token: str) -> Rendered:
    return render_loan_code(origination.read_loan_code(token=token[:200], at=now(), base_url=_base(request)))


def _base(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"
