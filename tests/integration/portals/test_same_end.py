"""The whole journey and its branches, once by page and once by API: the same end states, the same ledger, the same deeds by
the same sides and rights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform
from rongtong.ledger import facade as ledger
from rongtong.origination import facade as origination
from rongtong.parties import facade as parties
from rongtong.servicing import facade as servicing
from rongtong.servicing import models as servicing_models
from tests.jobs import run_jobs

from .conftest import undone
from .places import JOB, Place
from .ways import file_of


class ByPage:
    """Firm and lender use the pages, and nothing but the forms that stand there."""

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    def application(self) -> str:
        return self.place.name("app")

    def apply(self, **more: Any) -> None:
        p = self.place
        p.owner.send("/offers")
        offer = encode_id("off", _offer(p).id)
        led = p.owner.send(
            f"/offers/{offer}/apply", amount_minor="100", term_months="12", purpose="goods", contact_name="张三",
            contact_phone="13800138000", contact_role="legal_representative", declared="on",
            account_bank="清江银行", account_number="6222020200112233445", **({"human_review": "on"} if more else {}),
        )  # fmt: skip
        p.ids["app"] = decode_id("app", led.rpartition("/")[2])

    def withdraw(self) -> None:
        self.place.owner.send(f"/applications/{self.application}/withdraw", reason="不需要了")

    def decide(self, outcome: str, wan: str = "") -> None:
        terms = {"amount": wan} if wan else {}
        self.place.funder.send(
            f"/cases/{self.application}", f"/cases/{self.application}/decide", outcome=outcome, reason="已核实", **terms
        )

    def object(self) -> None:
        path = f"/applications/{self.application}"
        self.place.owner.send(path, f"{path}/object", text="数据有误")

    def accept(self) -> None:
        path = f"/applications/{self.application}"
        self.place.owner.send(path, f"{path}/accept")

    def sign(self) -> None:
        path = f"/agreements/{self.place.name('agr')}"
        self.place.owner.send(path, f"{path}/sign")
        self.place.funder.send(path, f"{path}/sign")

    def revoke(self) -> None:
        for one in self.place.consents():
            self.place.owner.send(f"/consents/{one}/revoke", reason="不再需要")

    def prepay(self) -> None:
        self.place.owner.send(f"/loans/{self.place.name('loan')}/prepay?mode=keep_term")

    def bring_statement(self) -> None:
        self.place.funder.send("/portfolio", "/portfolio/statements", file=file_of(self.place.statement()))


class ByApi(ByPage):
    """The same two, whose programs use the API with keys of their own."""

    def apply(self, **more: Any) -> None:
        p = self.place
        p.owner.call("matching/searches", {})
        body = {
            "offer_id": encode_id("off", _offer(p).id), "amount_minor": 100_000_000, "term_months": 12,
            "purpose": "goods", "contact_name": "张三", "contact_phone": "13800138000", "declared": True,
            "account_bank": "清江银行", "account_number": "6222020200112233445", "human_review": bool(more),
        }  # fmt: skip
        p.ids["app"] = decode_id("app", p.owner.call("origination/applications", body)["id"])

    def withdraw(self) -> None:
        self.place.owner.call(f"origination/applications/{self.application}/withdrawal", {"reason": "不需要了"})

    def decide(self, outcome: str, wan: str = "") -> None:
        body: dict[str, Any] = {"outcome": outcome, "reason": "已核实"}
        if wan:
            body["amount_minor"] = int(wan) * 1_000_000
        self.place.funder.call(f"origination/applications/{self.application}/desk-decision", body)

    def object(self) -> None:
        self.place.owner.call(f"origination/applications/{self.application}/objections", {"text": "数据有误"})

    def accept(self) -> None:
        self.place.owner.call(f"origination/applications/{self.application}/acceptance")

    def sign(self) -> None:
        path = f"origination/agreements/{self.place.name('agr')}/signatures"
        self.place.owner.call(path, {"side": "firm"})
        self.place.funder.call(path, {"side": "lender"})

    def revoke(self) -> None:
        for one in self.place.consents():
            self.place.owner.call(f"consent/consents/{one}/revoke", {"reason": "不再需要"})

    def prepay(self) -> None:
        self.place.owner.call(f"servicing/loans/{self.place.name('loan')}/prepayment", {"mode": "keep_term"})

    def bring_statement(self) -> None:
        self.place.funder.call("servicing/statements", self.place.statement())


def _offer(p: Place) -> Any:
    """The offer of the search that was just made."""
    p.__dict__.pop("offer", None)
    return p.offer


def whole(way: ByPage) -> None:
    """Apply, be decided by machine, accept, sign, be paid out, repay all, by what the bank's statement shows."""
    way.apply()
    run_jobs()
    agree(way)
    way.prepay()
    way.place.ask_bank()
    way.bring_statement()
    servicing.close_of_business(business_date=servicing_models.Loan.objects.get(id=way.place.ids["loan"]).start_date, actor=JOB, at=now())  # fmt: skip


def agree(way: ByPage) -> None:
    way.accept()
    run_jobs()
    agreement = origination.agreement_of(application_id=way.place.ids["app"])
    assert agreement is not None
    way.place.ids["agr"] = agreement.id
    way.sign()
    run_jobs()
    facility = servicing.facility_of_agreement(agreement_id=agreement.id)
    assert facility is not None
    way.place.ids["loan"] = servicing_models.Loan.objects.get(facility_id=facility.id).id
    way.place.ids["msg"] = servicing_models.Instruction.objects.get(loan_id=way.place.ids["loan"]).message_id
    way.place.ask_bank()


def to_a_person(way: ByPage) -> None:
    way.apply(human_review=True)
    run_jobs()


def declined(way: ByPage) -> None:
    to_a_person(way)
    way.decide("declined")
    way.object()


def countered(way: ByPage) -> None:
    to_a_person(way)
    way.decide("countered", "80")
    agree(way)


def withdrawn(way: ByPage) -> None:
    to_a_person(way)
    way.withdraw()


def revoked(way: ByPage) -> None:
    to_a_person(way)
    way.revoke()
    run_jobs()


def declined_by_machine(way: ByPage) -> None:
    way.place.registers.against = {"dishonest"}
    way.apply()
    run_jobs()


_BY_HAND = {"membership": "a person", "api_key": "a person"}
"""The two rights of a side's own people; each is named as it is, and here they stand for the same."""
JOURNEYS: dict[Callable[[ByPage], None], str] = {
    whole: "signed",
    to_a_person: "referred",
    declined: "declined",
    declined_by_machine: "declined",
    countered: "signed",
    withdrawn: "withdrawn",
    revoked: "lapsed",
}


@pytest.fixture
def as_all(world: Any) -> Iterator[Any]:
    with as_platform():
        run_jobs()
        yield world


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda one: one.__name__)
class TestEachJourney:
    def test_ends_alike_by_page_and_by_api(
        self, as_all: Any, registers: Any, journey: Callable[[ByPage], None]
    ) -> None:
        by_page, by_api = (_played(journey, way, as_all, registers) for way in (ByPage, ByApi))
        assert by_page["application"] == JOURNEYS[journey]
        assert by_page.pop("deeds") == by_api.pop("deeds")
        assert by_page == by_api


def _played(journey: Callable[[ByPage], None], way: type[ByPage], world: Any, registers: Any) -> dict[str, Any]:
    """What a journey comes to, and is undone again."""
    with undone():
        registers.reset()
        place = Place(world, registers)
        _ = (place.owner, place.funder)
        before = AuditEntry.objects.order_by("-id").values_list("id", flat=True)[0]
        journey(way(place))
        found = _found(place, before)
    return found


def _found(place: Place, before: Any) -> dict[str, Any]:
    application = origination.application(application_id=place.ids["app"])
    agreement = origination.agreement_of(application_id=application.id)
    loans = servicing.loans_of(enterprise_id=place.firm_id).items
    balances = Counter(
        {str(kind): minor for one in loans for (kind, _), minor in ledger.balances_of(references=[one.id]).items()}
    )
    sides = {place.firm_id: "firm", application.lender_id: "lender", parties.platform().id: "platform", None: "none"}
    deeds = Counter(
        (row.action, sides.get(row.organisation_id, "another"), _BY_HAND.get(row.actor_right, row.actor_right))
        for row in AuditEntry.objects.filter(id__gt=before)
    )
    return {
        "application": application.state.value,
        "agreement": agreement and agreement.state.value,
        "loans": [(one.state.value, one.principal_minor, one.outstanding_minor) for one in loans],
        "ledger": {kind: minor for kind, minor in balances.items() if minor},
        "deeds": deeds,
    }
