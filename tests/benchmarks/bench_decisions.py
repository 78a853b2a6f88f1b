"""Applications decided one by one, agreements set and signed, decisions replayed: what a firm waits for, and an auditor."""

from __future__ import annotations

import statistics
import sys
import time
from datetime import date

import pytest

from rongtong.consent import facade as consent
from rongtong.consent.contracts import ConsentDraft, Grantee
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Offer
from rongtong.origination import facade as origination
from rongtong.origination.contracts import ApplicationDraft, ApplicationState, Purpose, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Organisation
from tests import hands
from tests.authorisations import draft_of, entries
from tests.market import ACTOR, AS_OF, AT, open_market, portrait_of

JOB = ACTOR
FIRMS, AGREEMENTS = 100, 20
VALUES: dict[str, float | None] = {
    "inv_sales_12m_fen": 1.8e9,
    "inv_months_observed": 40.0,
    "inv_zero_months_12m": 0.0,
    "inv_days_since_last_sale": 5.0,
    "inv_buyers_12m": 40.0,
    "inv_top1_buyer_share": 0.2,
    "inv_buyer_retention": 0.7,
    "inv_void_red_rate": 0.04,
    "inv_circular_share": 0.0,
}


def offered(lenders: list[Organisation]) -> list[tuple[Portrait, Offer]]:
    firms = parties.register_enterprises(
        drafts=[
            EnterpriseDraft(f"样本企业{n}", (("bench", str(n)),), "330106", "C39", generated=True) for n in range(FIRMS)
        ],
        actor=JOB,
        at=AT,
    )
    portraits = [portrait_of(firm.id, VALUES, freshness={"invoices": AS_OF}) for firm in firms]
    consent.grant_consents(drafts=[_consent(firm, lenders) for firm in firms], actor=JOB, at=AT)
    score = credit.score(values=VALUES, unknown=())
    found = matching.find_offers_for(firms=[(one, score) for one in portraits], as_of=AS_OF, actor=JOB, at=AT)
    return [(one, found[one.enterprise_id].offers[0]) for one in portraits]


def _consent(firm: Organisation, lenders: list[Organisation]) -> ConsentDraft:
    return draft_of(
        firm.id,
        entries(
            grantees=[Grantee(one.id, one.name, "lender") for one in lenders],
            items=("portrait",),
            range_from=date(2015, 1, 1),
            range_to=date(2027, 1, 1),
            retention_days=365,
        ),
        at=AT,
        days=300,
        form="paper",
    )


@pytest.mark.django_db(transaction=True)
def test_decisions_and_signatures(capsys: pytest.CaptureFixture[str]) -> None:
    decided: list[float] = []
    signed: list[float] = []
    with as_platform():
        for portrait, offer in offered(list(open_market().values())):
            started = time.perf_counter()
            draft = ApplicationDraft(
                offer_id=offer.id,
                amount_minor=offer.amount_minor,
                term_months=offer.term_months,
                purpose=Purpose.GOODS,
                contact_name="张三",
                contact_phone="13800000000",
                declared=True,
            )
            case = {"application_id": origination.submit_application(draft=draft, actor=JOB, at=AT).id, "actor": JOB}
            origination.decide_application(**case, as_of=AS_OF, at=AT, portrait=portrait)
            decided.append(time.perf_counter() - started)
        approved = origination.applications_at(states=[ApplicationState.APPROVED], page_size=AGREEMENTS).items
        for application in approved:
            case = {"application_id": application.id, "actor": JOB, "at": AT}
            origination.accept_decision(**case | {"actor": hands.of_firm(application)})
            agreement = origination.prepare_agreement(**case)
            for side in Side:
                hand = hands.of_firm(agreement) if side is Side.FIRM else hands.of_lender(agreement)
                started = time.perf_counter()
                origination.sign_agreement(agreement_id=agreement.id, side=side, actor=hand, at=AT)
                signed.append(time.perf_counter() - started)
        started = time.perf_counter()
        replayed = origination.replay_decisions()
        pace = replayed.decisions / (time.perf_counter() - started)
    assert replayed.identical == replayed.decisions == FIRMS
    with capsys.disabled():
        sys.stdout.write(
            f"\ndecisions: submitted and decided one by one in {_ms(decided, 50)} ms (p50), {_ms(decided, 99)} ms (p99); "
            f"a signature in {_ms(signed, 50)} ms (p50), {_ms(signed, 99)} ms (p99); {pace:,.0f} decisions replayed a second\n"
        )
    assert float(_ms(decided, 99)) < 1000


def _ms(seconds: list[float], percentile: int) -> str:
    return f"{statistics.quantiles(seconds, n=100)[percentile - 1] * 1000:.0f}"
