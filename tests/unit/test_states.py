"""Every state of each kind of case has a way out, somebody who acts next and a deadline; the enums and the database agree."""

from __future__ import annotations

from importlib import import_module

import pytest

from rongtong.core.cases import CaseKind
from rongtong.monitoring import contracts as monitoring
from rongtong.monitoring.contracts import TaskState
from rongtong.origination import contracts as origination
from rongtong.origination.contracts import AgreementState, ApplicationState, ObjectionState, ProposalState
from rongtong.servicing import contracts as servicing
from rongtong.servicing.contracts import FacilityState, InstructionState, LoanState
from rongtong.workflows.own_cases import CASE_KINDS as OF_THE_PLATFORM

KINDS = (*origination.CASE_KINDS, *servicing.CASE_KINDS, *monitoring.CASE_KINDS, *OF_THE_PLATFORM)
OWN = (
    "servicing.actions.settle_facilities",
    "workflows.jobs",
    "workflows.day",
    "workflows.setting_aside",
    "workflows.trying_again",
)
"""Where actions stand that no facade needs to publish."""
ENUMS = {
    "application": ApplicationState,
    "proposal": ProposalState,
    "agreement": AgreementState,
    "objection": ObjectionState,
    "facility": FacilityState,
    "loan": LoanState,
    "message": InstructionState,
    "alarm_task": TaskState,
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
class TestEachKind:
    def test_declares_all_its_states(self, kind: CaseKind) -> None:
        if kind.name in ENUMS:
            assert kind.states == {one.value for one in ENUMS[kind.name]}

    def test_leaves_no_state_without_a_way_out(self, kind: CaseKind) -> None:
        for state, stage in kind.stages.items():
            assert stage.exits, f"{kind.name} is stuck in {state}"
            assert stage.deadline, state
            assert any(
                one.by is stage.next_actor or stage.next_actor in {"platform", "lenders_bank"} for one in stage.exits
            ) or kind.name in {
                "facility",
            }, f"{stage.next_actor} can do nothing in {state}"

    def test_comes_to_an_end_from_every_state(self, kind: CaseKind) -> None:
        ends = set(kind.final)
        if kind.name == "application":
            ends |= {"signed"}  # from there its facility goes on
        for _ in kind.stages:
            ends |= {state for state, to in kind.arrows if to in ends}
        assert ends == kind.states

    def test_names_actions_that_there_are(self, kind: CaseKind) -> None:
        for stage in kind.stages.values():
            for one in stage.exits:
                assert any(
                    hasattr(import_module(f"rongtong.{domain}"), one.action)
                    for domain in ("origination.facade", "servicing.facade", "monitoring.facade", *OWN)
                ), one.action


class TestTheDatabasesGuards:
    def test_allow_what_is_declared_and_nothing_else(self) -> None:
        guards = dict(import_module("rongtong.origination.migrations.0005_lapse_and_void").ARROWS)
        guards["application"] = (import_module("rongtong.origination.migrations.0007_decided_anew").ARROWS, "")
        for kind in (origination.APPLICATION, origination.PROPOSAL, origination.AGREEMENT):
            allowed = {tuple(arrow.split(">")) for arrow in guards[kind.name][0].split()}
            declared = kind.arrows | (origination.cases.REOPENED if kind.name == "application" else frozenset())
            assert allowed == declared, kind.name
