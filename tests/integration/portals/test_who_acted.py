"""Who acted, on whose behalf, by what right: each action of each domain keeps all three, whoever it is that acts.

The actions are found at the doors, not listed: a new one has an entry among the acts, or the first test fails.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import models

import rongtong
from rongtong.consent import facade as consent
from rongtong.core.actors import Actor, Right, system_actor
from rongtong.core.clock import now
from rongtong.core.ids import encode_id, new_id
from rongtong.core.models import ActedBy, ActedFor, AuditEntry
from rongtong.core.tenancy import as_platform
from rongtong.features import facade as features
from rongtong.origination import models as origination_rows
from rongtong.parties import models as party_models
from tests.integration.portals import acts_of_loans, acts_of_parties, acts_of_records
from tests.integration.portals.acts import ACTIONS, Scene
from tests.integration.portals.conftest import World

ENTERED = (acts_of_loans, acts_of_parties, acts_of_records)
"""Where the actions are entered: importing them does it."""

READS = {
    "consent.permitted", "consent.require", "features.compute", "features.compute_panel", "features.latest_portrait",
    "features.latest_portraits", "features.portrait", "features.portrait_changes", "features.portrait_series",
    "features.provenance", "records.provenance", "records.quarantine", "records.read", "records.read_permitted",
}  # fmt: skip
"""Reads of a firm's data: what they keep is checked by `TestEachRead`."""

ELSEWHERE = {
    "ledger.open_accounts": "part of ledger.post's entry",
    "matching.apply_for_offer": "a step of origination.submit_application",
    "matching.consume_reservation": "a step of origination.sign_agreement",
    "matching.hold_again": "a step of origination.answer_objection",
    "matching.return_capacity": "a step of servicing's repayments and closes",
    "records.collect": "asks sources over HTTP as the platform's job: tests/integration/records/test_collect_records.py",
    "records.erase_expired_records": "the platform's job alone, by records.erase_records",
    "records.import_invoices": "the command line alone: tests/integration/records/test_import_invoices.py",
    "records.receive_push": "the same landing as an import: tests/integration/records/test_receive_push.py",
    "rulebook.sync_rules": "with the migrations, before anybody acts; each row keeps the job",
    "servicing.close_of_business": "the platform's job alone: tests/integration/servicing/test_close_of_business.py",
    "servicing.close_loan": "a step of the close, called again: tests/integration/servicing/test_close_of_business.py",
    "servicing.settle_line": "a step of the close, called again: tests/integration/servicing/test_settle_facilities.py",
    "servicing.receive_status": "the same deeds as servicing.send_instructions, by the bank's word",
    "servicing.resolve_entry": "books as servicing.import_statement does: tests/integration/servicing/test_statements.py",
    "servicing.send_collections": "the platform's job alone: tests/integration/servicing/test_lender_banks.py",
    "servicing.send_instructions": "the platform's job alone: tests/integration/servicing/test_lender_banks.py",
    "servicing.write_off_loan": "planned: no role reaches it yet",
}
"""Actions that stand in no entry of their own, each with the reason."""


def at_the_doors() -> set[str]:
    """Every function of a door that is told who acts."""
    found = set()
    for door in Path(rongtong.__file__).parent.glob("*/facade.py"):
        domain = door.parent.name
        module = importlib.import_module(f"rongtong.{domain}.facade")
        for name, one in vars(module).items():
            ours = inspect.isfunction(one) and one.__module__.startswith("rongtong.") and not name.startswith("_")
            if ours and "actor" in inspect.signature(one).parameters:
                found.add(f"{domain}.{name}")
    return found


KEPT = [
    model
    for model in apps.get_models()
    if issubclass(model, ActedFor) and model.__module__.startswith("rongtong.") and model._meta.managed
]
WHO = ("actor", "recorded_by", "signed_by", "changed_by", "revoked_by", "erased_by", "searched_by")
"""Columns that hold who acted as `kind:id`, beside those that tell on whose behalf and by what right."""


def actor_of(kind: str, organisation_id: UUID) -> Actor:
    if kind == "user":
        return Actor("user", str(new_id()), "某人", organisation_id)
    if kind == "client":
        return Actor("client", str(new_id()), "某程序", organisation_id, person_id=str(new_id()))
    return system_actor("some.job")


def parties_of_kind(kind: str) -> list[Any]:
    return list(party_models.Organisation.objects.filter(kind=kind))


def known() -> dict[type[models.Model], set[Any]]:
    return {model: set(model._default_manager.values_list("pk", flat=True)) for model in (*KEPT, AuditEntry)}


def fresh(before: dict[type[models.Model], set[Any]]) -> Iterator[models.Model]:
    for model, keys in before.items():
        yield from model._default_manager.exclude(pk__in=keys)


CASES = [(name, kind) for name, one in sorted(ACTIONS.items()) for kind in one.kinds]


class TestTheDoors:
    def test_have_an_entry_for_each_action(self) -> None:
        there = at_the_doors()
        assert sorted(there - set(ACTIONS) - READS - set(ELSEWHERE)) == [], "actions without an entry"
        assert sorted((set(ACTIONS) | READS | set(ELSEWHERE)) - there) == [], "entries without an action"


class TestEachAction:
    @pytest.mark.parametrize(("name", "kind"), CASES, ids=[f"{name}-{kind}" for name, kind in CASES])
    def test_keeps_who_acted_for_whom_and_by_what_right(self, world: World, name: str, kind: str) -> None:
        case = ACTIONS[name]
        with as_platform():
            scene = Scene(world)
            deed, who = case.prepare(scene), actor_of(kind, scene.sides[case.side])
            before = known()
            deed(who)
            written = list(fresh(before))
        entries = [one for one in written if isinstance(one, AuditEntry)]
        assert written, "nothing was written down"
        right = case.right or who.right
        if (
            right == "offered by the lenders"
        ):  # each lender's rules make its offers; who searched is kept with the search
            lenders = {one.id for one in parties_of_kind("institution")}
            offered = [one for one in entries if one.action == "offer.made"]
            assert offered
            assert {(one.actor_kind, one.actor_right) for one in offered} == {("system", "lender_rules")}
            assert {one.organisation_id for one in offered} <= lenders
            written = [one for one in written if one not in offered]
            entries, right = [one for one in entries if one not in offered], who.right
            assert written, "the search itself was not kept"
        for entry in entries:
            assert (entry.actor_kind, entry.actor_id, entry.actor_name) == (who.kind, who.id, who.name), entry.action
            if right == "lender_rules":
                assert (entry.organisation_id is None, entry.actor_right) in {(False, right), (True, "platform_job")}
            else:
                assert entry.organisation_id == who.organisation_id, entry.action
                assert entry.actor_right in {right, who.right}, entry.action
        assert not entries or any(entry.actor_right == right for entry in entries)
        for row in written:
            if isinstance(row, AuditEntry) or not row.actor_right:  # type: ignore[attr-defined]  # of ActedFor
                assert isinstance(row, AuditEntry | ActedBy), f"{row!r} tells no right"
                continue
            assert row.actor_right in {right, who.right}, row  # type: ignore[attr-defined]  # as above
            if right != "lender_rules":
                assert row.actor_organisation_id == who.organisation_id, row  # type: ignore[attr-defined]  # as above
            if isinstance(row, ActedBy):
                assert (row.actor_kind, row.actor_id, row.actor_name) == (who.kind, who.id, who.name), row
            for column in WHO:
                if isinstance(getattr(row, column, None), str):
                    assert getattr(row, column) == str(who), (row, column)


class TestMachineDecision:
    def test_is_the_lenders_by_its_rules_and_nobodys_name(self, world: World) -> None:
        with as_platform():
            row = origination_rows.Decision.objects.get(pk=world.decision.id)
            entries = AuditEntry.objects.filter(subject=encode_id("app", world.application.id))
            decided = entries.filter(actor_right=Right.LENDER_RULES)
            assert decided.count() == 1
            for one in (row, decided.get()):
                behalf = getattr(one, "actor_organisation_id", None) or getattr(one, "organisation_id", None)
                assert (one.actor_kind, one.actor_right, behalf) == ("system", "lender_rules", world.lender.id)


READERS = {
    "features.latest_portrait": lambda w, who, reader: features.latest_portrait(
        enterprise_id=w.firm.id, reader_id=reader, actor=who, at=now()
    ),
    "features.latest_portraits": lambda w, who, reader: features.latest_portraits(
        enterprise_ids=[w.firm.id], reader_id=reader, actor=who, at=now()
    ),
    "consent.require": lambda w, who, reader: consent.require(
        reader_id=reader, enterprise_ids=[w.firm.id], item="portrait", purpose="financing", actor=who, at=now()
    ),
    "consent.permitted": lambda w, who, reader: consent.permitted(
        reader_id=reader, enterprise_ids=[w.firm.id], item="portrait", purpose="financing", actor=who, at=now()
    ),
}


class TestEachRead:
    @pytest.mark.parametrize("kind", ["user", "client", "system"])
    @pytest.mark.parametrize("name", sorted(READERS))
    def test_keeps_who_read_for_whom_and_by_what_right(self, world: World, name: str, kind: str) -> None:
        from rongtong.consent.models import Access

        with as_platform():
            who = actor_of(kind, world.lender.id)
            before = set(Access.objects.values_list("pk", flat=True))
            READERS[name](world, who, world.lender.id)
            rows = list(Access.objects.exclude(pk__in=before))
        assert rows, "the read was not kept"
        assert {(row.actor_kind, row.actor_id, row.actor_name, row.actor_right, row.reader_id) for row in rows} == {
            (who.kind, who.id, who.name, who.right, world.lender.id)
        }
