"""Bring a case of any kind into any of its states, by what really leads there, and say in which state it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from procrastinate.contrib.django.models import ProcrastinateJob

from rongtong.consent import facade as consent
from rongtong.core.actors import system_actor
from rongtong.core.clock import china_date, now
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.matching import facade as matching
from rongtong.monitoring import models as monitoring_models
from rongtong.origination import facade as origination
from rongtong.origination import models as origination_models
from rongtong.origination.contracts import ApplicationDraft, Outcome, Purpose, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import facade as servicing
from rongtong.servicing import models as servicing_models
from rongtong.workflows import setting_aside, tasks, waiting
from rongtong.workflows.models import BusinessDay, LoopRun, SetAside
from tests import hands
from tests.integration.servicing.conftest import FakeBank
from tests.integration.servicing.conftest import entry as bank_entry
from tests.integration.servicing.conftest import statement as bank_statement
from tests.jobs import run_jobs

from .ways import Person

JOB = system_actor("tests")
LATER = timedelta(days=45)
"""Long after every deadline of an application."""


class Everybody(set[str]):
    """Whom a bank refuses that refuses all."""

    def __contains__(self, _: object) -> bool:
        return True


@dataclass
class Place:
    """One firm that has applied for nothing yet, its best offer, that offer's lender, and what came of it so far."""

    world: Any
    registers: Any
    bank: FakeBank = field(default_factory=FakeBank)
    ids: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def firm_id(self) -> UUID:
        return parties.by_identifier(scheme="invoices_cn", values=["T3"])["T3"]

    @cached_property
    def offer(self) -> Any:
        match = matching.latest_match(enterprise_id=self.firm_id)
        assert match is not None
        return next(one for one in match.offers if one.product_code == "huayu_invoice")

    @cached_property
    def owner(self) -> Person:
        return Person(self.firm_id, Role.OWNER)

    @cached_property
    def funder(self) -> Person:
        return Person(self.offer.lender_id, Role.FUNDER)

    @cached_property
    def second(self) -> Person:
        return Person(self.offer.lender_id, Role.FUNDER)

    @cached_property
    def operator(self) -> Person:
        return Person(parties.platform().id, Role.OPERATOR)

    def name(self, prefix: str, key: str = "") -> str:
        return encode_id(prefix, self.ids[key or prefix])

    def state(self, kind: str) -> str:
        with as_platform():
            return str(_STATES[kind](self))

    # what leads from state to state; each by the platform's own jobs where those do it

    def submitted(self, *, human: bool = False) -> None:
        run_jobs()
        draft = ApplicationDraft(
            offer_id=self.offer.id, amount_minor=self.offer.amount_minor, term_months=self.offer.term_months,
            purpose=Purpose.GOODS, contact_name="张三", contact_phone="13800138000", declared=True, human_review=human,
            account_bank="清江银行", account_number="6222020200112233445",
        )  # fmt: skip
        self.ids["app"] = origination.submit_application(draft=draft, actor=JOB, at=now()).id

    def referred(self) -> None:
        self.submitted(human=True)
        run_jobs()

    def approved(self) -> None:
        self.submitted()
        run_jobs()

    def declined(self) -> None:
        self.referred()
        self.decided(Outcome.DECLINED)

    def countered(self) -> None:
        self.referred()
        self.decided(Outcome.COUNTERED)

    def decided(self, outcome: Outcome) -> None:
        less = {"amount_minor": self.offer.amount_minor // 2} if outcome is Outcome.COUNTERED else {}
        origination.decide_manually(
            application_id=self.ids["app"], outcome=outcome, reason="见报告", actor=JOB, at=now(), **less
        )

    def proposed(self, outcome: Outcome = Outcome.APPROVED) -> None:
        """A first person's proposal, above the amount from which on a second one has to confirm."""
        self.referred()
        today = china_date(now())
        lower = replace(rulebook.rule("origination.four_eyes_amount", on=today), value="1000000", effective_from=today)
        rulebook.record_rules(rules=[lower], actor=JOB, at=now())
        rulebook.refresh()
        body: dict[str, Any] = {"outcome": outcome.value, "reason": "同意"}
        if outcome is Outcome.COUNTERED:
            body["amount_minor"] = 150_000_000
        made = self.funder.call(f"origination/applications/{self.name('app')}/desk-decision", body)
        assert made["proposal"], made
        self.ids["prp"] = origination_models.Proposal.objects.get(application_id=self.ids["app"]).id

    def accepted(self) -> None:
        self.approved()
        application = origination.application(application_id=self.ids["app"])
        origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=now())

    def prepared(self) -> None:
        self.accepted()
        run_jobs()
        agreement = origination.agreement_of(application_id=self.ids["app"])
        assert agreement is not None
        self.ids["agr"] = agreement.id

    def signed_by_firm(self) -> None:
        self.prepared()
        firm = hands.of_firm(origination.agreement(agreement_id=self.ids["agr"]))
        origination.sign_agreement(agreement_id=self.ids["agr"], side=Side.FIRM, actor=firm, at=now())

    def signed(self) -> None:
        self.signed_by_firm()
        lender = hands.of_lender(origination.agreement(agreement_id=self.ids["agr"]))
        origination.sign_agreement(agreement_id=self.ids["agr"], side=Side.LENDER, actor=lender, at=now())

    def objected(self) -> None:
        self.declined()
        made = origination.raise_objection(application_id=self.ids["app"], text="数据有误", actor=JOB, at=now())
        self.ids["obj"] = made.id

    def instructed(self) -> None:
        self.signed()
        run_jobs()
        facility = servicing.facility_of_agreement(agreement_id=self.ids["agr"])
        assert facility is not None
        loan = servicing_models.Loan.objects.get(facility_id=facility.id)
        self.ids |= {"fac": facility.id, "loan": loan.id}
        self.ids["msg"] = servicing_models.Instruction.objects.get(loan=loan).message_id

    def sent(self) -> None:
        """The bank was asked and did not answer."""
        self.instructed()
        self.bank.down = True
        self.ask_bank()
        self.bank.down = False

    def active(self) -> None:
        self.instructed()
        self.ask_bank()

    def prepaying(self) -> None:
        """The firm asked to repay all, and its bank pays."""
        self.active()
        self.owner.call(f"servicing/loans/{self.name('loan')}/prepayment", {"mode": "keep_term"})
        self.ask_bank()

    def unbooked(self) -> None:
        content = bank_statement([bank_entry("X1", "CRDT", 12_345, china_date(now()), "NOBODY")])
        servicing.import_statement(lender_id=self.offer.lender_id, content=content, actor=JOB, at=now())
        self.ids["entry"] = servicing_models.UnbookedEntry.objects.get(entry__entry_ref="X1").id

    def alarmed(self, *, for_lender: bool) -> None:
        today = china_date(now())
        signal = monitoring_models.Signal.objects.create(
            enterprise_id=self.firm_id, code="power_drop", level="orange", facts={}, first_seen_date=today,
            last_seen_date=today, recorded_at=now(),
        )  # fmt: skip
        task = monitoring_models.Task.objects.create(
            signal=signal, enterprise_id=self.firm_id, lender_id=self.offer.lender_id if for_lender else None,
            code=signal.code, level=signal.level, seen_date=today, deadline_at=now() + timedelta(days=3),
            recorded_at=now(),
        )  # fmt: skip
        self.ids["tsk"] = task.id

    def job_given_up(self) -> None:
        run_jobs()
        self.ids["job"] = tasks.pay_out.defer(agreement="agr_nonsense")
        run_jobs(raising=False)

    def set_aside(self) -> None:
        def fails() -> None:
            raise RuntimeError("unreadable")

        setting_aside.attempt("scan_firm", encode_id("ent", self.firm_id), fails, at=now())
        self.ids["sas"] = SetAside.objects.get(settled_at=None).id

    def day_over(self) -> None:
        self.ids["day"] = china_date(now()) - timedelta(days=1)
        LoopRun.objects.create(as_of=self.ids["day"] - timedelta(days=1), started_at=now())
        BusinessDay.objects.create(business_date=self.ids["day"])

    # what the platform does by itself

    def ask_bank(self) -> None:
        servicing.send_instructions(actor=system_actor("send_instructions"), at=now(), bank=self.bank)  # type: ignore[arg-type]  # the bank in process

    def advance(self, at: datetime | None = None) -> None:
        waiting.advance_overdue(actor=system_actor("advance_overdue"), at=at or now() + LATER)

    def consents(self) -> list[str]:
        return [encode_id("cns", one.id) for one in consent.consents_of(enterprise_id=self.firm_id, at=now())]

    def revoke(self) -> None:
        for one in consent.consents_of(enterprise_id=self.firm_id, at=now()):
            consent.revoke_consent(consent_id=one.id, reason="不再需要", actor=JOB, at=now())
        run_jobs()

    def statement(self) -> bytes:
        """What the lender's bank has booked so far."""
        if not self.bank.entries:
            self.bank.pay("", servicing_models.Message.objects.get(id=self.ids["msg"]).xml)
        return bank_statement([one for day in self.bank.entries.values() for one in day.values()])

    def answer(self) -> bytes:
        """What the lender's bank says to the payout."""
        return self.bank.pay("", servicing_models.Message.objects.get(id=self.ids["msg"]).xml)


_STATES: dict[str, Any] = {
    "application": lambda p: origination.application(application_id=p.ids["app"]).state,
    "proposal": lambda p: origination_models.Proposal.objects.get(id=p.ids["prp"]).state,
    "agreement": lambda p: origination.agreement(agreement_id=p.ids["agr"]).state,
    "objection": lambda p: origination_models.Objection.objects.get(id=p.ids["obj"]).state,
    "facility": lambda p: servicing_models.Facility.objects.get(id=p.ids["fac"]).state,
    "loan": lambda p: servicing_models.Loan.objects.get(id=p.ids["loan"]).state,
    "message": lambda p: servicing_models.Message.objects.get(id=p.ids["msg"]).state,
    "unbooked_entry": lambda p: (
        "open" if servicing_models.UnbookedEntry.objects.get(id=p.ids["entry"]).resolved_at is None else "resolved"
    ),
    "alarm_task": lambda p: monitoring_models.Task.objects.get(id=p.ids["tsk"]).state,
    "job": lambda p: ProcrastinateJob.objects.get(id=p.ids["job"]).status,
    "set_aside": lambda p: "open" if SetAside.objects.get(id=p.ids["sas"]).settled_at is None else "settled",
    "business_day": lambda p: "open" if BusinessDay.objects.get(pk=p.ids["day"]).closed_at is None else "closed",
}
