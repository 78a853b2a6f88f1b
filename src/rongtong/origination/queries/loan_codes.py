"""Read a loan code: who scans it learns the product, and nothing about anybody."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Conflict, Forbidden, NotFound
from rongtong.matching import facade as matching
from rongtong.matching.contracts import ProductId
from rongtong.origination.adapters.qr import qr_svg
from rongtong.origination.contracts import LoanCode
from rongtong.origination.rules.loan_code import CodeContent, read_token


class LoanCodeInvalid(NotFound):
    """The token was not made by this platform, or a character of it was changed."""

    code = "loan_code_invalid"
    message = _("This loan code is not one of ours.")


class LoanCodeExpired(Conflict):
    """The loan code's time is over; the lender or the platform gives out a new one."""

    code = "loan_code_expired"
    message = _("This loan code has expired.")


class LoanCodeForeign(Forbidden):
    """The loan code is for another firm or another product than the offer applied for."""

    code = "loan_code_foreign"
    message = _("This loan code is for another firm or product.")


def read_loan_code(*, token: str, at: datetime, base_url: str = "") -> LoanCode:
    """What a token stands for. Raises LoanCodeInvalid, LoanCodeExpired."""
    content = read_token(token, signing_key())
    if content is None:
        raise LoanCodeInvalid()
    if content.expires_at <= at:
        raise LoanCodeExpired(expired_at=content.expires_at)
    return code_contract(token, content, base_url)


def code_contract(token: str, content: CodeContent, base_url: str) -> LoanCode:
    """A token with its address and picture."""
    product = matching.product(product_id=ProductId(content.product_id))
    url = f"{base_url.rstrip('/')}/c/{token}"
    return LoanCode(
        token=token,
        url=url,
        qr_svg=qr_svg(url),
        lender_id=product.lender_id,
        product_id=product.id,
        enterprise_id=content.enterprise_id,
        expires_at=content.expires_at,
    )


def signing_key() -> bytes:
    """The key of loan codes, derived from the installation's secret."""
    return salted_hmac("rongtong.origination.loan_code", "key", secret=settings.SECRET_KEY, algorithm="sha256").digest()
