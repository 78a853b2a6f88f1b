"""A small market seen through its pages: firms with invoices and portraits, offers, applications, a running loan, a warning."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import Client
from django.test.utils import override_settings

from rongtong.attest import facade as attest
from rongtong.consent import facade as consent
from rongtong.core.actors import Actor, system_actor
from rongtong.core.clock import china_date, now
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, audit_only
from rongtong.core.tenancy import as_platform
from rongtong.credit import facade as credit
from rongtong.credit.contracts import ScoreResult
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Offer
from rongtong.monitoring import models as monitoring_models
from rongtong.origination import facade as origination
from rongtong.origination.contracts import Application, ApplicationDraft, Decision, Purpose, Side
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Organisation, Role
from rongtong.records import facade as records
from rongtong.servicing import facade as servicing
from rongtong.workflows.financing import pay_out
from rongtong.workflows.market import prepare_market
from tests import hands
from tests.authorisations import SIGNATORY, register_signatory

JOB = system_actor("tests")
NAMES = {
    "T1": "清江精密机械有限公司",
    "T2": "江左纺织有限公司",
    "T3": "<script>alert(1)</script>有限公司",
}
NEWCOMER = "未授权贸易有限公司"
ROLES = ("owner", "newcomer", "funder", "funder2", "operator", "regulator")


@dataclass
class World:
    """Who is there, what there is, and a browser for each role."""

    firm: Organisation
    newcomer: Organisation
    other: Organisation
    lender: Organisation
    application: Application
    decision: Decision
    waiting: Application
    agreement_id: UUID
    loan_id: UUID
    consent_id: UUID
    offer: Offer
    task_id: UUID
    batch_id: UUID
    browsers: dict[str, Client]

    def page(self, role: str, path: str) -> Any:
        return self.browsers[role].get(path)

    def actor(self, organisation: Organisation) -> Actor:
        return Actor("user", "u", "测试员", organisation.id)


def write_invoices(folder: Path, today: date) -> tuple[Path, Path]:
    """Two years of sales and purchases of three firms, in the layout of the invoice file connector."""
    head = ["enterprise", "invoice_no", "date", "counterparty", "amount", "tax", "total", "status"]
    paths = folder / "sales.csv", folder / "purchases.csv"
    for path, share, letter in ((paths[0], 100, "B"), (paths[1], 60, "S")):
        with path.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(head)
            for code in ("T1", "T2", "T3"):
                for number in range(26 * 12):
                    day = today - timedelta(days=3 + (number * 30) // 12)
                    net = (90_000 + 700 * (number % 13)) * share // 100
                    tax = net * 13 // 100
                    name = f"{letter}{number % 12}"
                    writer.writerow(
                        [code, f"{letter}{code}{number:05d}", day.isoformat(), name, net, tax, net + tax, "valid"]
                    )
    return paths


def open_accounts(firms: dict[str, Organisation], lender: Organisation, at: datetime) -> dict[str, Client]:
    seats = {
        "owner": (firms["T1"].id, Role.OWNER),
        "newcomer": (firms["T4"].id, Role.OWNER),
        "funder": (lender.id, Role.FUNDER),
        "funder2": (lender.id, Role.FUNDER),
        "operator": (parties.platform().id, Role.OPERATOR),
        "regulator": (parties.regulator().id, Role.REGULATOR),
    }
    browsers = {}
    for name, seat in seats.items():
        parties.create_user(
            username=name, password="correct horse 9", display_name=name, memberships=[seat], actor=JOB, at=at
        )
        browsers[name] = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
        browsers[name].force_login(
            get_user_model().objects.get(username=name), "allauth.account.auth_backends.AuthenticationBackend"
        )
    return browsers


def apply(
    firm: Organisation, offer: Offer, *, amount_minor: int | None = None, human_review: bool = False
) -> Application:
    draft = ApplicationDraft(
        offer_id=offer.id,
        amount_minor=amount_minor or offer.amount_minor,
        term_months=offer.term_months,
        purpose=Purpose.GOODS,
        contact_name="张三",
        contact_phone="13800138000",
        account_bank="清江银行",
        account_number="6222020200112233445",
        declared=True,
        human_review=human_review,
    )
    return origination.submit_application(draft=draft, actor=Actor("user", "u", "张三", firm.id), at=now())


def paid_out(agreement_id: UUID, today: date, at: datetime) -> UUID:
    """Both signatures and the bank's word that the money has moved."""
    loan = pay_out(agreement_id=agreement_id, business_date=today, actor=JOB, at=at)
    (told,) = servicing.instructions(loan_id=loan.id)
    space = "urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"
    yuan = f"{loan.principal_minor // 100}.{loan.principal_minor % 100:02d}"
    entry = (
        f'<Ntry><Amt Ccy="CNY">{yuan}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        f"<BookgDt><Dt>{today}</Dt></BookgDt><AcctSvcrRef>R1</AcctSvcrRef>"
        f"<NtryDtls><TxDtls><Refs><EndToEndId>{told.end_to_end_id}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
    )
    body = f"<BkToCstmrDbtCdtNtfctn><GrpHdr/><Ntfctn>{entry}</Ntfctn></BkToCstmrDbtCdtNtfctn>"
    xml = f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{space}">{body}</Document>'.encode()
    servicing.import_statement(lender_id=loan.lender_id, content=xml, actor=JOB, at=at)
    return loan.id


def raise_warning(firm: Organisation, today: date, at: datetime) -> UUID:
    signal = monitoring_models.Signal.objects.create(
        enterprise_id=firm.id,
        code="sales_drop",
        level="orange",
        facts={"last3_over_prior3": -0.5, "days_since_last_sale": 70},
        first_seen_date=today,
        last_seen_date=today,
        recorded_at=at,
    )
    task = monitoring_models.Task.objects.create(
        signal=signal,
        enterprise_id=firm.id,
        lender_id=None,
        code=signal.code,
        level=signal.level,
        facts=signal.facts,
        seen_date=today,
        deadline_at=at + timedelta(days=3),
        recorded_at=at,
    )
    return task.id


@pytest.fixture(scope="module", autouse=True)
def importers_count() -> Iterator[None]:
    """The world's firms have imported invoices and nothing else: here an importer's word counts, as it does in an evaluation."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("facade", "actions.read_records"):
            patch.setattr(f"rongtong.records.{module}.assertions_count", lambda: True)
        yield


@pytest.fixture(scope="module")
def market(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    """The market, built once for a module inside a transaction that is never committed."""
    apart = override_settings(
        RECORDS_CATALOGUE=f"test-{uuid4()}", PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]
    )
    with django_db_blocker.unblock(), apart, undone():
        yield build(tmp_path_factory.mktemp("files"))


@pytest.fixture
def world(market: World) -> Iterator[World]:
    """The market as it was built, with a fresh browser for each role; what a test does to it is undone."""
    with undone():
        yield replace(market, browsers={name: fresh(one) for name, one in market.browsers.items()})


@contextmanager
def undone() -> Iterator[None]:
    """A transaction, or a savepoint of one, that is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def fresh(browser: Client) -> Client:
    """Another browser of the same person, with nothing but the session."""
    another = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    another.cookies[settings.SESSION_COOKIE_NAME] = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return another


def build(folder: Path) -> World:
    """Everything through the facades; requests then look with the eyes of whoever is logged in."""
    at = now()
    today = china_date(at)
    with as_platform():
        lenders = {one.id: one for one in prepare_market(actor=JOB, at=at)}
        firms = _import_firms(folder, today, at)
        register_signatory(*(one.id for one in firms.values()), actor=JOB, at=at)
        granted, *_others = consent.grant_consents(
            drafts=[
                consent.standard_draft(enterprise_id=firms[code].id, signatory=SIGNATORY, at=at)
                for code in ("T1", "T2", "T3")
            ],
            actor=JOB,
            at=at,
        )
        scored = _portray(firms, today, at)
        offers = _match(scored, today, at)
        lender = lenders[offers["T1"][0].lender_id]
        application = apply(firms["T1"], offers["T1"][0], amount_minor=40_000_000)  # room for another is left
        decision = origination.decide_application(application_id=application.id, as_of=today, actor=JOB, at=now())
        assert decision.outcome == "approved", decision.reasons
        theirs = next(one for one in offers["T2"] if one.lender_id == lender.id)
        waiting = apply(firms["T2"], theirs, human_review=True)
        origination.decide_application(application_id=waiting.id, as_of=today, actor=JOB, at=now())
        agreement_id = _signed(application)
        loan_id = paid_out(agreement_id, today, now())
        offers |= _match({"T1": scored["T1"]}, today, now())
        task_id = raise_warning(firms["T1"], today, at)
        _refuse(firms["T4"], lender, at)
        while attest.sequence(at=now()):
            pass
        browsers = open_accounts(firms, lender, at)
        (batch, *_rest) = records.batches().items
    return World(
        firm=firms["T1"], newcomer=firms["T4"], other=firms["T2"], lender=lender, application=application,
        decision=decision, waiting=waiting, agreement_id=agreement_id, loan_id=loan_id, consent_id=granted.id,
        offer=offers["T1"][0], task_id=task_id, batch_id=batch.id, browsers=browsers,
    )  # fmt: skip


def _refuse(firm: Organisation, lender: Organisation, at: datetime) -> None:
    facts = {"reader": lender.id, "items": ["portrait"], "purpose": "financing", "refusal": "no_consent"}
    audit_only(deeds=[Deed("consent.refused", encode_id("ent", firm.id), firm.id, facts)], actor=JOB, at=at)


def _import_firms(folder: Path, today: date, at: datetime) -> dict[str, Organisation]:
    named = folder / "enterprises.csv"
    named.write_text(
        "enterprise,name\n" + "".join(f"{code},{name}\n" for code, name in NAMES.items()), encoding="utf-8"
    )
    sales, purchases = write_invoices(folder, today)
    records.import_invoices(
        sales=sales, purchases=purchases, enterprises=named, authorisation="授权查询发票", actor=JOB, at=at
    )
    known = parties.by_identifier(scheme="invoices_cn", values=list(NAMES))
    found = parties.organisations(known.values())
    newcomer = EnterpriseDraft(name=NEWCOMER, identifiers=(("test", "T4"),))
    (fresh_firm,) = parties.register_enterprises(drafts=[newcomer], actor=JOB, at=at)
    return {code: found[key] for code, key in known.items()} | {"T4": fresh_firm}


def _portray(firms: dict[str, Organisation], today: date, at: datetime) -> dict[str, tuple[Portrait, ScoreResult]]:
    platform = parties.platform().id
    ids = {code: firms[code].id for code in ("T1", "T2", "T3")}
    for as_of in (today - timedelta(days=60), today):
        portraits = features.build_portraits(
            enterprise_ids=list(ids.values()), as_of=as_of, reader_id=platform, actor=JOB, at=at
        )
    codes = {key: code for code, key in ids.items()}
    return {
        codes[one.enterprise_id]: (one, credit.score(values=one.values, unknown=one.unknown, assumed=one.assumed))
        for one in portraits
    }


def _match(scored: dict[str, tuple[Portrait, ScoreResult]], today: date, at: datetime) -> dict[str, tuple[Offer, ...]]:
    found = matching.find_offers_for(firms=list(scored.values()), as_of=today, actor=JOB, at=at)
    return {code: found[portrait.enterprise_id].offers for code, (portrait, _score) in scored.items()}


def _signed(application: Application) -> UUID:
    origination.accept_decision(application_id=application.id, actor=hands.of_firm(application), at=now())
    agreement = origination.prepare_agreement(application_id=application.id, actor=JOB, at=now())
    origination.sign_agreement(agreement_id=agreement.id, side=Side.FIRM, actor=hands.of_firm(agreement), at=now())
    origination.sign_agreement(agreement_id=agreement.id, side=Side.LENDER, actor=hands.of_lender(agreement), at=now())
    return agreement.id


@pytest.fixture
def ids(world: World) -> dict[str, str]:
    """The numbers of things as they stand in addresses."""
    return numbers(world)


def numbers(world: World) -> dict[str, str]:
    return {
        "app": encode_id("app", world.application.id),
        "waiting": encode_id("app", world.waiting.id),
        "agr": encode_id("agr", world.agreement_id),
        "loan": encode_id("loan", world.loan_id),
        "cns": encode_id("cns", world.consent_id),
        "off": encode_id("off", world.offer.id),
        "dec": encode_id("dec", world.decision.id),
        "tsk": encode_id("tsk", world.task_id),
        "bat": encode_id("bat", world.batch_id),
        "org": encode_id("org", world.lender.id),
        "ent": encode_id("ent", world.firm.id),
    }


@pytest.fixture
def once() -> Any:
    """The key of the form on a page."""

    def key_of(response: Any) -> str:
        found = re.search(r'name="once" value="([0-9a-f]+)"', response.content.decode())
        assert found is not None
        return found[1]

    return key_of
