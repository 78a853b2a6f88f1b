"""What belongs to somebody else is answered as what is not there: by API and by page, in an address, a query or a body."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import get_resolver

from rongtong.consent import models as consent_models
from rongtong.core.clock import china_date, now
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.features import models as features_models
from rongtong.matching import models as matching_models
from rongtong.origination import models as origination_models
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Licence, LicenceType, Role
from rongtong.records import facade as records
from rongtong.servicing import models as servicing_models
from rongtong.workflows.models import SetAside
from tests.integration.portals.conftest import JOB, World

STRANGERS = ("newcomer", "other_bank")
_numbers = count()

# How each parameter of an address, a query or a body names a thing; None: no thing that belongs to one tenant.
PREFIXES: dict[str, str | None] = {
    "account_id": "acc",
    "application_id": "app", "agreement_id": "agr", "batch_id": "bat", "consent_id": "cns", "decision_id": "dec",
    "enterprise": "ent", "entry_id": "", "facility_id": "fac", "key_id": "key", "lender": "org", "loan": "loan",
    "loan_id": "loan", "mandate_id": "mnd", "mandate": "mnd", "match_id": "mat", "objection_id": "obj", "offer_id": "off",
    "organisation": "org", "organisation_id": "ent", "portrait": "prt", "prior": "cns", "proposal_id": "prp",
    "subject": "loan", "task_id": "tsk", "user_id": "usr", "line_id": "sas", "batch": "bat", "row_id": None, "product_id": None, "job_id": None, "as_of": None,
    "token": None, "code": None, "rule_id": None, "kind": None, "item": None, "feature": None, "product_code": None,
}  # fmt: skip
FIXED = {"code": "none", "token": "none", "kind": "invoices", "item": "invoices", "feature": "sales_12m", "rule_id": "none", "product_code": "none", "as_of": "2024-01-01", "job_id": "999999", "product_id": "prd_00000000000000000000000000"}  # fmt: skip
PUBLIC = {"/parties/organisations/{organisation_id}", "/parties/organisations/{organisation_id}/licences"}
"""Where an institution's name and licence stand for everybody."""


@pytest.fixture
def things(world: World) -> dict[str, UUID]:
    """One thing of each kind that is the firm's, or its lender's."""
    at, firm, lender = now(), world.firm.id, world.lender.id
    with as_platform():
        proposal = origination_models.Proposal.objects.create(
            application_id=world.waiting.id, enterprise_id=world.other.id, lender_id=lender, outcome="approved",
            reason="可", proposer_id="u", proposer_name="甲", proposed_at=at,
        )  # fmt: skip
        objection = origination_models.Objection.objects.create(
            application_id=world.application.id, decision_id=world.decision.id, enterprise_id=firm, lender_id=lender,
            text="有异议", raised_at=at, deadline=china_date(at),
        )  # fmt: skip
        mandate = consent_models.Mandate.objects.create(
            enterprise_id=firm,
            name="书",
            media_type="application/pdf",
            content=b"%PDF",
            digest="0" * 64,
            recorded_at=at,
        )
        entry = servicing_models.StatementEntry.objects.filter(lender_id=lender).first()
        assert entry is not None
        unbooked = servicing_models.UnbookedEntry.objects.create(
            entry=entry, lender_id=lender, reason="unmatched", amount_minor=100
        )
        key = parties.issue_api_key(organisation_id=firm, name="ERP", role=Role.OWNER, actor=JOB, at=at).key
        portrait = features_models.PortraitRow.objects.filter(enterprise_id=firm).first()
        match = matching_models.Match.objects.filter(enterprise_id=firm).first()
        facility = servicing_models.Facility.objects.filter(enterprise_id=firm).first()
        account = records.name_account(
            enterprise_id=firm, institution_id=lender, account_number="3301040160000123456", actor=JOB, at=at
        )
        line = SetAside.objects.create(
            step="scan", subject=encode_id("ent", firm), code="fault", first_at=at, last_at=at
        )
        signer = get_user_model().objects.get(username="owner")
    assert portrait is not None
    assert match is not None
    assert facility is not None
    return {
        "acc": account.id, "app": world.application.id, "agr": world.agreement_id, "bat": world.batch_id, "cns": world.consent_id,
        "dec": world.decision.id, "ent": firm, "": unbooked.pk, "fac": facility.pk, "key": key.id, "org": lender,
        "loan": world.loan_id, "mnd": mandate.pk, "mat": match.pk, "obj": objection.pk, "off": world.offer.id,
        "prt": portrait.pk, "prp": proposal.pk, "tsk": world.task_id, "sas": line.id, "usr": signer.pk,
    }  # fmt: skip


@pytest.fixture
def strangers(world: World) -> dict[str, Client]:
    """Another firm, and another lender."""
    with as_platform():
        other = parties.register_institution(
            name="乙方商业银行股份有限公司", code="stranger", uscc="914403001922038216", region_code="320500",
            licence=Licence(LicenceType.BANK, "B0001H999", ("loans",), "100000", date(2020, 1, 1), date(2099, 1, 1)),
            actor=JOB, at=now(),
        )  # fmt: skip
        parties.create_user(
            username="other_bank", password="correct horse 9", display_name="乙行",
            memberships=[(other.id, Role.FUNDER)], actor=JOB, at=now(),
        )  # fmt: skip
    browser = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    browser.force_login(
        get_user_model().objects.get(username="other_bank"), "allauth.account.auth_backends.AuthenticationBackend"
    )
    return {"newcomer": world.browsers["newcomer"], "other_bank": browser}


def name_of(prefix: str, thing: UUID) -> str:
    return encode_id(prefix, thing) if prefix else str(thing)


def bodies(side: str) -> dict[str, dict[str, Any]]:
    """A body that is valid but for the things it names."""
    today = china_date(now())
    entry = {"grantees": [], "item": "portrait", "purpose": "financing", "range_from": "2020-01-01", "range_to": str(today), "retention_days": 30}  # fmt: skip
    later = str(today + timedelta(days=90))
    return {
        "ChoiceIn": {}, "KeyIn": {"name": "k", "role": "bookkeeper"}, "RevocationIn": {"reason": "不再需要"},
        "DraftIn": {"entries": [entry], "valid_to": later},
        "ConsentIn": {"entries": [entry], "valid_to": later, "signatory": {"name": "张三", "role": "agent"}, "text_sha256": "0" * 64},
        "AskIn": {}, "CapacityIn": {"total_minor": 1}, "WithdrawalIn": {"reason": "x"}, "ObjectionIn": {"text": "有异议"},
        "ApplicationIn": {"amount_minor": 1000000, "term_months": 12, "purpose": "goods", "contact_name": "张三", "contact_phone": "13800138000", "declared": True},
        "DeskIn": {"outcome": "declined", "reason": "不符合要求"}, "AnswerIn": {"upheld": False, "text": "维持原决定"},
        "LoanCodeIn": {"product": "prd_00000000000000000000000000"}, "DrawdownIn": {"amount_minor": 1000000},
        "SignatureIn": {"side": side}, "PrepaymentIn": {"mode": "keep_term", "principal_minor": 100000}, "ResolutionIn": {"note": "已核对"}, "FindingIn": {"disposition": "false_alarm", "note": "已核实"},
    }  # fmt: skip


class TestTheApi:
    def test_answers_for_a_foreign_thing_as_for_none(
        self, world: World, things: dict[str, UUID], strangers: dict[str, Client]
    ) -> None:
        document = Client().get("/api/openapi.json").json()
        product = world.offer.product_id
        told_apart, asked = [], 0
        for path, methods in document["paths"].items():
            bare = path.removeprefix("/api")
            for method, operation in methods.items():
                named = [one["name"] for one in operation["parameters"] if one["in"] in {"path", "query"}]
                shape = (
                    operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
                )
                schema = shape.get("$ref", "").rpartition("/")[2]
                fields = list(document["components"]["schemas"][schema]["properties"]) if schema else []
                for name in [one for one in (*named, *fields) if PREFIXES.get(one) is not None]:
                    if bare in PUBLIC and name == "lender":
                        continue
                    prefix = PREFIXES[name] or ""
                    for role in STRANGERS:
                        asked += 1
                        answers = [
                            self._ask(strangers, role, method, path, schema, {name: name_of(prefix, thing)}, named, things, product)
                            for thing in (things[prefix], uuid4())
                        ]  # fmt: skip
                        if answers[0] != answers[1]:
                            told_apart.append((role, method, bare, name, *answers))
        assert asked > 80
        assert not told_apart, "\n".join(map(str, told_apart))

    def test_knows_of_every_parameter_whether_it_names_a_thing(self) -> None:
        document = Client().get("/api/openapi.json").json()
        named = {
            one["name"]
            for methods in document["paths"].values()
            for operation in methods.values()
            for one in operation["parameters"]
            if one["in"] == "path"
        }
        assert named <= set(PREFIXES)

    def _ask(
        self, strangers: dict[str, Client], role: str, method: str, path: str, schema: str, given: dict[str, str], named: list[str],
        things: dict[str, UUID], product: UUID,
    ) -> tuple[int, Any]:  # fmt: skip
        """Status and code; of an answer that is none of the two, what it says."""

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            prefix = PREFIXES[name]
            return given.get(name) or FIXED.get(name) or name_of(prefix or "", uuid4())

        address = re.sub(r"{(\w+)}", fill, path)
        query = {name: value for name, value in given.items() if name in named and f"{{{name}}}" not in path}
        body = bodies("lender" if "bank" in role else "firm").get(schema)
        if body is not None:
            body |= {name: value for name, value in given.items() if name not in named}
            if schema == "LoanCodeIn":
                body["product"] = encode_id("prd", product)
        if query:
            address += "?" + "&".join(f"{name}={value}" for name, value in query.items())
        response = getattr(strangers[role], method)(
            address,
            **({} if method == "get" else {"data": json.dumps(body), "content_type": "application/json"}),
            headers={} if method == "get" else {"Idempotency-Key": f"foreign{next(_numbers)}"},
        )
        said = json.loads(response.content) if "json" in response.get("Content-Type", "") else None
        if (
            isinstance(said, dict) and "token" in said
        ):  # a code of one's own product for a firm: it carries the number given
            return response.status_code, sorted(said)
        if isinstance(said, dict) and said.get("subjects") == list(given.values()):
            said.pop("subjects")
        return response.status_code, said["code"] if isinstance(said, dict) and "code" in said else said


class TestPages:
    def test_answer_for_a_foreign_thing_as_for_none(
        self, things: dict[str, UUID], strangers: dict[str, Client]
    ) -> None:
        told_apart, asked = [], 0
        for pattern in get_resolver("rongtong.portals.urls").url_patterns:
            route = str(pattern.pattern)
            names = re.findall(r"<str:(\w+)>", route)
            if not names or PREFIXES[names[0]] is None:
                continue
            prefix = PREFIXES[names[0]] or ""
            for role in STRANGERS:
                for method in ("get", "post"):
                    answers = []
                    for thing in (things[prefix], uuid4()):
                        number = name_of(prefix, thing)
                        address = "/" + re.sub(r"<str:\w+>", number, route)
                        response = getattr(strangers[role], method)(address)
                        place = response.get("Location", "").replace(number, "…")
                        answers.append((response.status_code, place))
                    asked += 1
                    if answers[0] != answers[1]:
                        told_apart.append((role, method, route, *answers))
        assert asked > 80
        assert not told_apart, "\n".join(map(str, told_apart))
