"""Each action of parties and the rulebook, ready to be done by anybody."""

from __future__ import annotations

import importlib
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from rongtong.core.actors import Actor
from rongtong.core.clock import now
from rongtong.parties import facade as parties
from rongtong.parties import models as party_models
from rongtong.parties.contracts import EnterpriseDraft, Role
from rongtong.rulebook import facade as rulebook
from tests.integration.portals.acts import JOB, Do, Scene, action
from tests.market import register_lender


def _account_of(name: str) -> UUID:
    return UUID(str(party_models.User.objects.get(username=name).pk))


@action("platform")
def parties__add_membership(s: Scene) -> Do:
    return lambda who: parties.add_membership(
        username="newcomer", organisation_id=s.world.firm.id, role=Role.OWNER, actor=who, at=now()
    )


@action("platform")
def parties__end_membership(s: Scene) -> Do:
    return lambda who: parties.end_membership(
        user_id=_account_of("owner"), organisation_id=s.world.firm.id, actor=who, at=now()
    )


@action("platform")
def parties__create_user(s: Scene) -> Do:
    return lambda who: parties.create_user(
        username="fresh", password="correct horse 9", display_name="新", memberships=[], actor=who, at=now()
    )


@action("platform")
def parties__recover_login(s: Scene) -> Do:
    return lambda who: parties.recover_login(username="owner", password="battery staple 7", actor=who, at=now())


@action("firm")
def parties__declare_size(s: Scene) -> Do:
    return lambda who: parties.declare_size(
        organisation_id=s.world.firm.id, staff=5, revenue_minor=1, assets_minor=1, actor=who, at=now()
    )


@action("firm", "system")
def parties__issue_api_key(s: Scene) -> Do:
    return lambda who: parties.issue_api_key(
        organisation_id=s.world.firm.id, name="ERP", role=Role.OWNER, actor=who, at=now()
    )


@action("firm")
def parties__revoke_api_key(s: Scene) -> Do:
    key = parties.issue_api_key(organisation_id=s.world.firm.id, name="E", role=Role.OWNER, actor=JOB, at=now()).key
    return lambda who: parties.revoke_api_key(key_id=key.id, actor=who, at=now())


@action("platform")
def parties__note_legal_representatives(s: Scene) -> Do:
    return lambda who: parties.note_legal_representatives(
        names={s.world.newcomer.id: "钱七"}, source="registration", as_of=s.today, actor=who, at=now()
    )


@action("platform")
def parties__register_enterprises(s: Scene) -> Do:
    return lambda who: parties.register_enterprises(
        drafts=[EnterpriseDraft(name="新设公司", identifiers=(("test", "N1"),))], actor=who, at=now()
    )


@action("platform")
def parties__register_institution(s: Scene) -> Do:
    def deed(who: Actor) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tests.market.ACTOR", who)
            patch.setitem(
                importlib.import_module("tests.market").LENDERS,
                "another",
                (
                    "另一银行股份有限公司",
                    importlib.import_module("tests.market").LicenceType.BANK,
                    "91330100MA7BK00A2K",
                    "33",
                ),
            )
            register_lender("another")

    return deed


@action("platform")
def parties__withdraw_licence(s: Scene) -> Do:
    licence = parties.licences_of(s.world.lender.id)[0]
    return lambda who: parties.withdraw_licence(
        number=licence.number, withdrawn_date=s.today, reason="处罚", actor=who, at=now()
    )


@action("platform")
def rulebook__record_rules(s: Scene) -> Do:
    rule = rulebook.rule("rate.lpr_1y", on=s.today)
    return lambda who: rulebook.record_rules(
        rules=[replace(rule, value="0.0299", effective_from=date(2027, 1, 20))], actor=who, at=now()
    )
