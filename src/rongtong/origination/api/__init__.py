"""Applications, the lender's desk, agreements, objections and loan codes over HTTP: parse, call, render."""

from ninja import Router

from rongtong.origination.api.agreements import router as agreements
from rongtong.origination.api.applications import router as applications
from rongtong.origination.api.desk import router as desk
from rongtong.origination.api.loan_codes import router as loan_codes

router = Router()
for _part in (applications, desk, agreements, loan_codes):
    router.add_router("", _part)
