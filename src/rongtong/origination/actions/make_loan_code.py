"""Make a loan code (贷款码): one scan leads to the application for a product."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Forbidden
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.matching import facade as matching
from rongtong.matching.contracts import ProductId
from rongtong.origination.contracts import LoanCode
from rongtong.origination.queries.loan_codes import code_contract, signing_key
from rongtong.origination.rules.loan_code import CodeContent, write_token
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind
from rongtong.rulebook import facade as rulebook


class LoanCodeNotYours(Forbidden):
    """Loan codes are given out by the product's lender, by the firm for itself, and by the platform."""

    code = "loan_code_not_yours"
    message = _("Only the lender of the product, the firm for itself, or the platform gives out this loan code.")


def make_loan_code(
    *, product_id: UUID, base_url: str, actor: Actor, at: datetime, enterprise_id: UUID | None = None
) -> LoanCode:
    """A loan code for a product, for anyone or for one firm, valid for the days that the rulebook names.

    Raises ProductUnknown, LoanCodeNotYours.
    """
    product = matching.product(product_id=ProductId(product_id))
    _require_giver(actor, product.lender_id, enterprise_id)
    days = int(rulebook.value("origination.loan_code_days", on=china_date(at)))
    content = CodeContent(product.id, enterprise_id, at + timedelta(days=days))
    code = code_contract(write_token(content, signing_key()), content, base_url)
    with transaction.atomic():
        facts = {"product": encode_id("prd", product.id), "expires_at": code.expires_at}
        deed = Deed("loan_code.made", encode_id("prd", product.id), enterprise_id, facts)
        record(deed=deed, actor=actor, at=at)
    return code


def _require_giver(actor: Actor, lender_id: UUID, enterprise_id: UUID | None) -> None:
    givers = {lender_id, enterprise_id} - {None}
    if actor.kind == "system" or actor.organisation_id in givers:
        return
    if actor.organisation_id is not None:
        kind = parties.organisation(actor.organisation_id).kind
        if kind is OrganisationKind.OPERATOR:
            return
    raise LoanCodeNotYours()
