"""Lines, loans and a lender's book, and what the lenders' banks report, over HTTP: parse, call, render."""

from ninja import Router

from rongtong.servicing.api.loans import router as loans
from rongtong.servicing.api.statements import router as statements

router = Router()
for _part in (loans, statements):
    router.add_router("", _part)
