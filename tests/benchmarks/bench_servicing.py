"""A close of business over many loans, and the transparency log behind it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from rongtong.attest import facade as attest
from rongtong.core.actors import system_actor
from rongtong.core.ids import new_id
from rongtong.core.tenancy import as_platform
from rongtong.ledger import facade as ledger
from rongtong.origination.contracts import Agreement, AgreementState
from rongtong.parties.contracts import OrganisationKind
from rongtong.parties.models import Organisation
from rongtong.servicing import facade
from rongtong.servicing.actions.receive_status import apply_statuses
from rongtong.servicing.adapters.reports import Status

AT = datetime(2026, 1, 15, tzinfo=UTC)
DAY = date(2026, 1, 15)
ACTOR = system_actor("bench")
LOANS, DAYS = 500, 20


@dataclass
class Clock:
    """What each part took, in seconds."""

    seconds: dict[str, float]

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


def agreement(lender_id: UUID, enterprise_id: UUID) -> Agreement:
    return Agreement(
        id=new_id(),  # type: ignore[arg-type]  # an id
        number=new_id().hex,
        application_id=new_id(),
        decision_id=new_id(),
        enterprise_id=enterprise_id,
        lender_id=lender_id,
        product_id=new_id(),
        amount_minor=30_000_000,
        term_months=12,
        annual_rate=Decimal("0.06"),
        penalty_rate=Decimal("0.09"),
        fees_minor=0,
        repayment_method="annuity",
        annual_cost_simple=Decimal("0.06"),
        annual_cost_effective=Decimal("0.0617"),
        start_date=DAY,
        state=AgreementState.SIGNED,
        pdf_digest="0" * 64,
        prepared_at=AT,
        firm_signed_at=AT,
        lender_signed_at=AT,
    )


@pytest.mark.django_db(transaction=True)
def test_loans_closed_per_second(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock({})
    with as_platform():
        lender = Organisation.objects.create(kind=OrganisationKind.INSTITUTION, name="bench").id
        firms = Organisation.objects.bulk_create(
            [Organisation(kind=OrganisationKind.ENTERPRISE, name=f"firm {number}") for number in range(LOANS)]
        )
        with clock.part("instructed"):
            loans = []
            for firm in firms:
                line = facade.open_facility(agreement=agreement(lender, firm.id), actor=ACTOR, at=AT)
                loans.append(
                    facade.request_drawdown(
                        facility_id=line.id, amount_minor=30_000_000, business_date=DAY, actor=ACTOR, at=AT
                    )
                )
        names = [facade.instructions(loan_id=loan.id)[0].end_to_end_id for loan in loans]
        with clock.part("confirmed"):
            for start in range(0, LOANS, 100):
                said = [Status(name, accepted=True, settled=True, reason="") for name in names[start : start + 100]]
                apply_statuses(statuses=said, lender_id=lender, actor=ACTOR, at=AT)
        with clock.part("closed"):
            for offset in range(1, DAYS + 1):
                facade.close_of_business(business_date=DAY + timedelta(days=offset), actor=ACTOR, at=AT)
        with clock.part("sequenced"):
            leaves = attest.sequence(at=AT)
        with clock.part("verified"):
            result = attest.verify_log()
        assert result.ok
        assert ledger.check_balanced()
    taken = clock.seconds
    with capsys.disabled():
        sys.stdout.write(
            f"\nservicing, {LOANS} loans: {LOANS / taken['instructed']:,.0f} drawdowns/s instructed, "
            f"{LOANS / taken['confirmed']:,.0f}/s confirmed; close of business "
            f"{LOANS * DAYS / taken['closed']:,.0f} loan-days/s\n"
            f"log: {leaves / taken['sequenced']:,.0f} leaves/s sequenced, {leaves} leaves and the rows behind them "
            f"verified in {taken['verified']:.2f} s\n"
        )
