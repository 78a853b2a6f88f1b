"""What the signed text says and what the gate allows are the same, for every recipient, item and purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations, product
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongtong.consent import facade as consent
from rongtong.consent.contracts import ConsentDraft, Entry, Grantee, Item, Mode, Purpose
from rongtong.consent.rules import wording
from rongtong.consent.rules.text import Subject, chinese, english
from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id, new_id
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Licence, LicenceType, Organisation, Role
from tests.authorisations import SIGNATORY, draft_of, register_signatory

ACTOR = system_actor("test")
AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
DAYS = {"range_from": date(2021, 1, 1), "range_to": date(2027, 1, 1), "retention_days": 365}

Cell = tuple[Organisation, str, str]


class World:
    """A firm, the platform and three lenders, one of whose names looks like a line of the text."""

    def __init__(self) -> None:
        (self.firm,) = parties.register_enterprises(
            drafts=[EnterpriseDraft("甲", (("set", "甲"),), legal_representative=SIGNATORY.name)], actor=ACTOR, at=AT
        )
        names = {
            "a_bank": ("清江银行", "914403001922038216"),
            "b_bank": ("清江银行（放款机构）；用途：贷后管理", "91440300708461136T"),
            "c_bank": ("1.1 数据项：发票；用途：贷后管理；", "9144030071526726XG"),
        }
        self.lenders = tuple(
            parties.register_institution(
                name=name,
                code=code,
                uscc=uscc,
                licence=Licence(LicenceType.BANK, code, ("loan",), "33", date(2015, 1, 1), date(2031, 12, 31)),
                region_code="330000",
                actor=ACTOR,
                at=AT,
            )
            for code, (name, uscc) in names.items()
        )
        self.readers = (parties.platform(), *self.lenders)
        self.moment = AT

    def note_representative(self) -> None:
        """Have the register name the signatory on the day of the present moment."""
        register_signatory(self.firm.id, actor=ACTOR, at=self.moment)

    def entries(self, cells: set[Cell]) -> tuple[Entry, ...]:
        """One entry for each item and purpose, with those who may have it."""
        return tuple(
            Entry(
                grantees=tuple(
                    Grantee(one.id, one.name, "platform" if one is self.readers[0] else "lender")
                    for one in self.readers
                    if (one, item, purpose) in cells
                ),
                item=item,
                purpose=purpose,
                mode=Mode.QUERY,
                **DAYS,
            )
            for item, purpose in sorted({(item, purpose) for _one, item, purpose in cells})
        )

    def allowed(self) -> set[tuple[str, str, str]]:
        """What the gate allows, asked cell by cell."""
        return {
            (one.name, str(item), str(purpose))
            for one, item, purpose in product(self.readers, Item, Purpose)
            if consent.permitted(
                reader_id=one.id,
                enterprise_ids=[self.firm.id],
                item=item,
                purpose=purpose,
                actor=ACTOR,
                at=self.moment,
            )
        }

    def compare(self, cells: set[Cell]) -> None:
        self.moment += timedelta(minutes=2)
        draft = draft_of(self.firm.id, self.entries(cells), at=self.moment)
        granted = consent.grant_consent(draft=draft, actor=ACTOR, at=self.moment)
        wanted = {(one.name, item, purpose) for one, item, purpose in cells}
        assert consent.granted(granted.text) == wanted
        assert self.allowed() == wanted
        consent.revoke_consent(consent_id=granted.id, reason="", actor=ACTOR, at=self.moment + timedelta(minutes=1))


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with as_platform():
        yield World()


def subsets(of: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return list(chain.from_iterable(combinations(of, size) for size in range(1, len(of) + 1)))


class TestTextAndPermission:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_are_the_same_for_any_set_of_cells(self, world: World, data: st.DataObject) -> None:
        every = list(product(world.readers, map(str, Item), map(str, Purpose)))
        picked = data.draw(st.sets(st.sampled_from(range(len(every))), min_size=1))
        world.compare({every[place] for place in picked})

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_are_the_same_over_the_api(self, world: World, data: st.DataObject) -> None:
        every = list(product(world.readers, map(str, Item), map(str, Purpose)))
        picked = {every[place] for place in data.draw(st.sets(st.sampled_from(range(len(every))), min_size=1))}
        issued = parties.issue_api_key(
            organisation_id=world.firm.id, name=f"程序 {new_id()}", role=Role.OWNER, actor=ACTOR, at=AT
        )
        world.moment = now()
        world.note_representative()
        body = {
            "entries": [
                {
                    "grantees": [encode_id("org", one.organisation_id) for one in entry.grantees],
                    "item": entry.item,
                    "purpose": entry.purpose,
                    "range_from": "2021-01-01",
                    "range_to": "2027-01-01",
                    "retention_days": 365,
                    "mode": "query",
                }
                for entry in world.entries(picked)
            ],
            "valid_to": (world.moment + timedelta(days=30)).isoformat(),
            "signatory": {"name": SIGNATORY.name},
        }
        answer = Client().post(
            "/api/consent/consents",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {issued.secret}", "Idempotency-Key": str(new_id())},
        )
        assert answer.status_code == 201, answer.content.decode()
        granted, wanted = answer.json(), {(one.name, item, purpose) for one, item, purpose in picked}
        assert consent.granted(granted["text"]) == wanted
        world.moment = now()
        with as_platform():
            assert world.allowed() == wanted
            consent.revoke_consent(consent_id=decode_id("cns", granted["id"]), reason="", actor=ACTOR, at=world.moment)

    def test_of_the_standard_authorisation_let_lenders_read_the_portrait_alone(self, world: World) -> None:
        draft = consent.standard_draft(enterprise_id=world.firm.id, signatory=SIGNATORY, at=AT)
        granted = consent.grant_consent(draft=draft, actor=ACTOR, at=AT)
        allowed = world.allowed()
        assert consent.granted(granted.text) == allowed
        lenders = {one.name for one in world.lenders}
        assert {item for name, item, _purpose in allowed if name in lenders} == {"portrait"}
        assert {item for name, item, _purpose in allowed if name not in lenders} == set(Item)
        for lender in world.lenders:
            asked = {"enterprise_ids": [world.firm.id], "purpose": "financing", "actor": ACTOR, "at": LATER}
            assert consent.permitted(reader_id=lender.id, item="invoices", **asked) == {}

    def test_are_the_same_by_the_names_that_stand_on_each_line(self, world: World) -> None:
        """Not by the parser: each word of an item stands on the lines of those who have it, and nowhere else."""
        cells = {
            (world.readers[0], "invoices", "financing"),
            (world.readers[0], "bank_flows", "post_loan"),
            (world.lenders[0], "portrait", "financing"),
        }
        text = chinese_of(world, cells)
        assert occurrences(text) == {
            (world.readers[0].name, "invoices", "financing"),
            (world.readers[0].name, "bank_flows", "post_loan"),
            (world.lenders[0].name, "portrait", "financing"),
        }


def chinese_of(world: World, cells: set[Cell]) -> str:
    text, _english = consent.text_of(draft=draft_of(world.firm.id, world.entries(cells), at=AT), at=AT)
    return text


def occurrences(text: str) -> set[tuple[str, str, str]]:
    """Recipient, item and purpose wherever their words stand, by plain search."""
    found, recipient = set(), ""
    for line in text.split("\n"):
        if "】被授权人：" in line:
            recipient = line.split("】被授权人：")[1].rsplit("（", 1)[0]
        found |= {
            (recipient, str(item), str(purpose))
            for item, purpose in product(Item, Purpose)
            if wording.ITEMS[item].zh in line and wording.PURPOSES[purpose].zh in line
        }
        if not recipient or "】" in line:
            assert not any(words.zh in line for words in wording.ITEMS.values()), line
    return found


class TestBothLanguages:
    """Every small set, without a database."""

    @pytest.mark.parametrize("purposes", subsets(("financing", "post_loan")))
    @pytest.mark.parametrize("items", subsets(("tax", "invoices", "portrait")))
    def test_say_the_same(self, items: tuple[str, ...], purposes: tuple[str, ...]) -> None:
        people = tuple(Grantee(new_id(), name, role) for name, role in (("平台", "platform"), ("甲银行", "lender")))
        for named in subsets(people):
            entries = tuple(
                Entry(grantees=named, item=item, purpose=purpose, **DAYS) for item in items for purpose in purposes
            )
            draft = ConsentDraft(new_id(), entries, AT, LATER, SIGNATORY)
            wanted = {(one.name, item, purpose) for one, item, purpose in product(named, items, purposes)}
            assert consent.granted(chinese(draft, Subject("甲"), at=AT)) == wanted
            assert consent.granted(english(draft, Subject("甲"), at=AT)) == wanted

    def test_keep_a_statement_of_the_firm_apart_from_the_terms(self) -> None:
        forged = "好\n【9】被授权人：乙银行（放款机构）\n9.1 数据项：发票；用途：贷后管理；方式：查看。"
        grantee = Grantee(new_id(), "甲银行", "lender")
        draft = ConsentDraft(
            new_id(),
            (Entry(grantees=(grantee,), item="tax", purpose="financing", **DAYS),),
            AT,
            LATER,
            SIGNATORY,
            supplement=forged,
        )
        for text in (chinese(draft, Subject("甲"), at=AT), english(draft, Subject("甲"), at=AT)):
            assert consent.granted(text) == {("甲银行", "tax", "financing")}

    def test_have_every_word_in_both(self) -> None:
        tables = (wording.ITEMS, wording.PURPOSES, wording.MODES, wording.ROLES, wording.PROVIDERS)
        assert all(words.zh and words.en for table in tables for words in table.values())
        assert set(wording.ITEMS) == set(wording.PROVIDERS) == set(Item)
        assert (set(wording.PURPOSES), set(wording.MODES)) == (set(Purpose), set(Mode))
