"""A firm tries to borrow more than its limit: walks of random steps over all lenders, some of them at the same moment.

What it owes or may come to owe is summed here from the cases themselves, never from the figure that is tried. Each walk
has its own seed, and says its steps when it fails.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections

from rongtong.core.errors import RongtongError
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.matching import facade as matching
from rongtong.matching.models import Offer
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Outcome, Side
from rongtong.origination.models import Agreement, Application, Decision
from rongtong.parties.contracts import Organisation
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import PrepaymentMode
from rongtong.servicing.models import Facility, Loan
from tests import hands
from tests.authorisations import let_lenders_read
from tests.integration.matching.conftest import check_books
from tests.integration.origination import conftest as desk

from .conftest import FakeBank, statement

WAN = 1_000_000
LATER = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
STEPS = 36
MOMENTS = ("offered", "decided", "signed", "drawn")
SALES = 1800 * WAN
ROOM = {"inv_sales_12m_fen": SALES, "bnk_inflow_12m_fen": 1.2 * SALES, "tax_paid_12m_fen": 60.0 * WAN}

Move = tuple[str, Callable[[], str | None]]
"""Its name, and the step; it says at which of the moments it was let through."""


@dataclass
class Walk:
    """One firm, its cases at all lenders, and what it tries next."""

    firm: Organisation
    chance: random.Random
    bank: FakeBank = field(default_factory=FakeBank)
    strength: float = 1.0
    let_through: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def moves(self) -> list[Move]:
        """All that can be tried now, and some that should be refused."""
        firm = self.firm.id
        found: list[Move] = [("search", self.search)]
        offers = Offer.objects.filter(enterprise_id=firm).order_by("id")
        for shown in offers.filter(state="shown"):
            found.append((f"apply {shown.id.hex[-4:]}", self.apply(shown.id)))
        if old := list(offers.exclude(state="shown")):
            found.append(("retry", self.apply(self.chance.choice(old).id)))
        for case in Application.objects.filter(enterprise_id=firm).order_by("id"):
            found += self._next(case)
        for facility in Facility.objects.filter(enterprise_id=firm).order_by("id"):
            found.append((f"draw {facility.id.hex[-4:]}", self.draw(facility.id, facility.limit_minor)))
        for loan in Loan.objects.filter(enterprise_id=firm, state="active").order_by("id"):
            found.append((f"repay {loan.id.hex[-4:]}", self.repay(loan.id, loan.outstanding_minor)))
        return found

    def _next(self, case: Application) -> list[Move]:
        name = case.id.hex[-4:]
        agreement = Agreement.objects.filter(application_id=case.id).first()
        steps: dict[str, list[Move]] = {
            "submitted": [(f"decide {name}", self.decide(case.id)), (f"withdraw {name}", self.withdraw(case.id))],
            "referred": [(f"desk {name}", self.approve(case.id, case.amount_minor))],
            "approved": [(f"accept {name}", self.accept(case.id))],
            "countered": [(f"accept {name}", self.accept(case.id))],
            "accepted": [(f"prepare {name}", self.prepare(case.id))],
        }
        if agreement is not None and case.state == "accepted":
            side = Side.FIRM if agreement.state == "prepared" else Side.LENDER
            return [
                (f"sign {name}", self.sign(agreement.id, side)),
                (f"sign too {name}", self.sign(agreement.id, side)),
            ]
        if (
            agreement is not None
            and case.state == "signed"
            and not Facility.objects.filter(agreement_id=agreement.id).exists()
        ):
            return [(f"open {name}", self.open(agreement.id))]
        return steps.get(case.state, [])

    def search(self) -> str | None:
        values = {**desk.STRONG, **{name: value * self.strength for name, value in ROOM.items()}}
        portrait = desk.portray(self.firm, **values)
        found = matching.find_offers(
            enterprise_id=self.firm.id,
            portrait=portrait,
            score=credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed),
            as_of=desk.AS_OF,
            actor=desk.JOB,
            at=desk.AT,
            amount_minor=self.chance.choice([None, None, 20 * WAN, 80 * WAN, 300 * WAN]),
        )
        return "offered" if found.offers else None

    def apply(self, offer_id: Any) -> Callable[[], str | None]:
        share, review = self.chance.choice([1.0, 1.0, 0.6]), self.chance.random() < 0.25

        def step() -> str | None:
            again = Application.objects.filter(offer_id=offer_id).exists()
            offer = matching.offer(offer_id=offer_id)
            product = matching.product(product_id=offer.product_id)
            amount = max(product.min_minor, int(offer.amount_minor * share) // WAN * WAN)
            draft = desk.draft_for(offer, amount_minor=amount, human_review=review)
            origination.submit_application(draft=draft, actor=desk.JOB, at=desk.AT)
            return None if again else "applied"

        return step

    def decide(self, case_id: Any) -> Callable[[], str | None]:
        def step() -> str | None:
            values = {**desk.STRONG, **{name: value * self.strength for name, value in ROOM.items()}}
            made = origination.decide_application(
                application_id=case_id,
                as_of=desk.AS_OF,
                actor=desk.JOB,
                at=desk.AT,
                portrait=desk.portray(self.firm, **values),
            )
            return "decided" if made.outcome is Outcome.APPROVED else None

        return step

    def approve(self, case_id: Any, asked: int) -> Callable[[], str | None]:
        amount = max(WAN, int(asked * self.chance.choice([1.0, 0.5])) // WAN * WAN)

        def step() -> str | None:
            origination.decide_manually(
                application_id=case_id,
                outcome=Outcome.APPROVED,
                reason="已核实",
                amount_minor=amount,
                actor=desk.JOB,
                at=desk.AT,
            )
            return "decided"

        return step

    def accept(self, case_id: Any) -> Callable[[], str | None]:
        def step() -> str | None:
            hand = hands.of_firm(origination.application(application_id=case_id))
            origination.accept_decision(application_id=case_id, actor=hand, at=desk.AT)
            return None

        return step

    def withdraw(self, case_id: Any) -> Callable[[], str | None]:
        def step() -> str | None:
            origination.withdraw_application(application_id=case_id, reason="", actor=desk.JOB, at=desk.AT)
            return None

        return step

    def prepare(self, case_id: Any) -> Callable[[], str | None]:
        def step() -> str | None:
            origination.prepare_agreement(application_id=case_id, actor=desk.JOB, at=desk.AT)
            return None

        return step

    def sign(self, agreement_id: Any, side: Side) -> Callable[[], str | None]:
        def step() -> str | None:
            agreement = origination.agreement(agreement_id=agreement_id)
            hand = hands.of_firm(agreement) if side is Side.FIRM else hands.of_lender(agreement)
            origination.sign_agreement(agreement_id=agreement_id, side=side, actor=hand, at=desk.AT)
            return "signed"

        return step

    def open(self, agreement_id: Any) -> Callable[[], str | None]:
        def step() -> str | None:
            agreement = origination.agreement(agreement_id=agreement_id)
            servicing.open_facility(agreement=agreement, actor=desk.JOB, at=desk.AT)
            return None

        return step

    def draw(self, facility_id: Any, limit: int) -> Callable[[], str | None]:
        amount, key = max(1, int(limit * self.chance.choice([1.0, 0.5, 0.3]))), f"{self.chance.random()}"

        def step() -> str | None:
            servicing.request_drawdown(
                facility_id=facility_id,
                amount_minor=amount,
                business_date=desk.AS_OF,
                key=key,
                actor=desk.JOB,
                at=desk.AT,
            )
            return "drawn"

        return step

    def repay(self, loan_id: Any, owed: int) -> Callable[[], str | None]:
        amount = max(1, owed // self.chance.choice([1, 2, 3]))

        def step() -> str | None:
            servicing.request_prepayment(
                loan_id=loan_id,
                business_date=desk.AS_OF,
                mode=PrepaymentMode.KEEP_TERM,
                principal_minor=amount,
                actor=desk.JOB,
                at=desk.AT,
            )
            return "repaid"

        return step

    def settle_banks(self) -> None:
        """The banks answer what was sent to them, and say what was booked."""
        servicing.send_instructions(actor=desk.JOB, at=desk.AT, bank=self.bank)  # type: ignore[arg-type]  # in process
        booked = list(self.bank.entries.pop(desk.AS_OF, {}).values())
        for lender_id in set(Loan.objects.filter(enterprise_id=self.firm.id).values_list("lender_id", flat=True)):
            servicing.import_statement(
                lender_id=lender_id, content=statement(booked), business_date=None, actor=desk.JOB, at=LATER
            )

    def owes(self) -> int:
        """What the firm owes or may come to owe, in fen, case by case."""
        total = 0
        for case in Application.objects.filter(enterprise_id=self.firm.id):
            agreement = Agreement.objects.filter(application_id=case.id).first()
            if case.state in {"submitted", "referred"}:
                total += case.amount_minor
            elif case.state in {"approved", "countered", "accepted"}:
                total += Decision.objects.filter(application_id=case.id).order_by("-number")[0].amount_minor or 0
            elif case.state == "signed":
                assert agreement is not None
                total += _of_facility(agreement)
        return total


def _of_facility(agreement: Agreement) -> int:
    facility = Facility.objects.filter(agreement_id=agreement.id).first()
    if facility is None:
        return agreement.amount_minor
    owed = sum(
        loan.principal_minor if loan.state == "instructed" else loan.outstanding_minor
        for loan in Loan.objects.filter(facility_id=facility.id)
    )
    return facility.limit_minor if facility.revolving else facility.limit_minor - facility.used_minor + owed


def together(moves: list[Move]) -> list[tuple[str, str | None]]:
    """Take all steps at the same moment, each on a connection of its own; what came of each: a moment, or a refusal's code."""
    gate, ends = threading.Barrier(len(moves)), []

    def work(name: str, step: Callable[[], str | None]) -> None:
        try:
            with as_platform():
                gate.wait(timeout=60)
                ends.append((name, step()))
        except RongtongError as refusal:
            ends.append((name, f"! {refusal.code}"))
        except Exception as error:
            ends.append((name, f"fault: {error!r}"))
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=work, args=move) for move in moves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(ends) == len(moves), "a step waits for ever"
    return ends


def choose(walk: Walk) -> list[Move]:
    """One move, or two or three at once; what leads on to money is tried more often than a new search."""
    found = walk.moves()
    kinds: dict[str, list[Move]] = {}
    for move in found:
        kinds.setdefault(move[0].split()[0], []).append(move)
    weight = {"search": 2, "apply": 5, "withdraw": 1, "repay": 2, "retry": 1}
    names = sorted(kinds)
    count = walk.chance.choice([1, 2, 2, 3])
    chosen = walk.chance.choices(names, [weight.get(name, 4) for name in names], k=count)
    return [walk.chance.choice(kinds[name]) for name in chosen]


def take(walk: Walk) -> None:
    """One turn, and what must hold after it."""
    before = walk.owes()
    ends = together(choose(walk))
    walk.told.append(" + ".join(f"{name} → {end}" for name, end in ends))
    assert not [end for _name, end in ends if end and end.startswith("fault")], ends
    reached = [end for _name, end in ends if end and not end.startswith("!")]
    walk.let_through.update(reached)
    walk.refused.update(end[2:] for _name, end in ends if end and end.startswith("!"))
    if walk.chance.random() < 0.3:
        walk.settle_banks()
    found = matching.exposure(enterprise_ids=[walk.firm.id], on=desk.AS_OF)[walk.firm.id]
    owes = walk.owes()
    assert found.total_minor == owes, "the figure is what the cases come to"
    if {"applied", "decided", "signed", "drawn"} & set(reached):
        assert owes <= found.limit_minor, reached
    assert owes <= max(found.limit_minor, before)
    for shown in Offer.objects.filter(enterprise_id=walk.firm.id, state="shown"):
        assert shown.amount_minor <= found.headroom_minor, "what is offered can be applied for"


@pytest.fixture
def lenders(transactional_db: None) -> Iterator[None]:
    with as_platform():
        desk.open_market()
        yield


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("lenders")
class TestBorrowingAtOnce:
    def test_never_leads_over_the_limit(self) -> None:
        let_through: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        for seed, firm in enumerate(desk.register_firms(3)):
            let_lenders_read(firm.id, actor=desk.JOB, at=desk.AT)
            walk = Walk(firm, random.Random(seed))
            try:
                walk.search()
                for turn in range(STEPS):
                    if turn == STEPS * 2 // 3:  # the business shrinks while promises stand
                        walk.strength = 0.5
                        walk.search()
                    take(walk)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {error}\n" + "\n".join(walk.told)) from error
            let_through += walk.let_through
            refused += walk.refused
        check_books()
        for moment in MOMENTS:
            assert let_through[moment] > len(MOMENTS), (let_through, refused)
        assert refused["exposure_exceeded"] >= 1, refused
