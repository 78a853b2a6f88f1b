"""Applications, the lender's desk, agreements, objections and loan codes over HTTP: parse, call, render."""

from ninja import Router

from rongtong.origination.api.agreements import router as agreements
from rongtong.origination.api.applications import router as applications
from rongtong.origination.api.desk import router as desk
from rongtong.origination.api.loan_codes import router as loan_codes
from rongtong.origination.api.related_parties import router as related_parties

router = Router()
for _part in (applications, desk, agreements, loan_codes, related_parties):
    router.add_router("", _part)
