"""Offers for 300 firms at once: judged, priced, ranked, reserved, journalled and put into the transparency log."""

from __future__ import annotations

import random
import sys
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, OrganisationId
from tests.market import ACTOR, AS_OF, AT, open_market, portrait_of

FIRMS, SEED, WAN = 300, 20260101, 1_000_000


def made_up_portrait(firm: OrganisationId, source: random.Random) -> Portrait:
    values: dict[str, float | None] = {
        "inv_sales_12m_fen": source.lognormvariate(6, 1.2) * WAN,
        "inv_sales_growth_12m": source.uniform(-0.4, 0.5),
        "inv_months_observed": float(source.randint(6, 60)),
        "inv_zero_months_12m": float(source.choice([0, 0, 0, 1, 2, 4])),
        "inv_days_since_last_sale": float(source.randint(1, 60)),
        "inv_buyers_12m": float(source.randint(2, 80)),
        "inv_top1_buyer_share": source.uniform(0.1, 0.8),
        "inv_buyer_retention": source.uniform(0.1, 0.9),
        "inv_void_red_rate": source.uniform(0, 0.2),
    }
    return portrait_of(firm, values)


@pytest.mark.django_db(transaction=True)
def test_three_hundred_firms(capsys: pytest.CaptureFixture[str]) -> None:
    source = random.Random(SEED)
    with as_platform():
        open_market()
        drafts = [
            EnterpriseDraft(
                name=f"bench {index}",
                identifiers=(("bench", str(index)),),
                region_code="330106",
                industry_code=source.choice(["C33", "C39", "F51", "I65"]),
                generated=True,
            )
            for index in range(FIRMS)
        ]
        firms = parties.register_enterprises(drafts=drafts, actor=ACTOR, at=AT)
        portraits = [made_up_portrait(firm.id, source) for firm in firms]
        scored = [
            (portrait, credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed))
            for portrait in portraits
        ]
        started = time.perf_counter()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found = matching.find_offers_for(firms=scored, as_of=AS_OF, actor=ACTOR, at=AT)
        seconds = time.perf_counter() - started
        alone = []
        for portrait, score in scored[:30]:
            started = time.perf_counter()
            matching.find_offers(
                enterprise_id=portrait.enterprise_id,
                portrait=portrait,
                score=score,
                amount_minor=20 * WAN,
                as_of=AS_OF,
                actor=ACTOR,
                at=AT,
            )
            alone.append(time.perf_counter() - started)
    offers = sum(len(result.offers) for result in found.values())
    with capsys.disabled():
        sys.stdout.write(
            f"\noffers: {FIRMS} firms at once in {seconds:.2f} s, {offers} offers with capacity reserved, "
            f"{len(queries)} queries; one firm alone {sorted(alone)[15] * 1000:.0f} ms (median), "
            f"{max(alone) * 1000:.0f} ms at most; seed {SEED}\n"
        )
    assert len(queries) < 60
