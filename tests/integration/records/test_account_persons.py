"""An account that one side named is confirmed by another person, not by the same one for the other side or by key."""

from __future__ import annotations

import pytest

from rongtong.core.actors import Actor
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Role
from rongtong.records import facade as records
from rongtong.records.contracts import KeepingState
from tests.integration.records.test_receive_push import A


def named(market, firm, actor: Actor):
    return records.name_account(
        enterprise_id=firm.id, institution_id=market.lender.id, account_number="6222 0001", actor=actor, at=market.at
    )


class TestTheSecondPerson:
    @pytest.mark.parametrize("way", ["session", "key", "two keys"])
    def test_is_another_one(self, market, way: str) -> None:
        (firm,) = market.register(A)
        with as_platform():
            person = parties.create_user(
                username="both", password="correct-horse-9", display_name="两边", actor=market.actor, at=market.at,
                memberships=[(firm.id, Role.OWNER), (market.lender.id, Role.FUNDER)],
            )  # fmt: skip
            first = second = Actor("user", str(person), "两边", firm.id)
            second = Actor("user", str(person), "两边", market.lender.id)
            if way != "session":
                first = key_of(person, firm.id, Role.OWNER, market)
            if way == "two keys":
                second = key_of(person, market.lender.id, Role.FUNDER, market)
            assert named(market, firm, first).state is KeepingState.NAMED
            with pytest.raises(records.AccountSelfConfirmed):
                named(market, firm, second)
            assert named(market, firm, first).state is KeepingState.NAMED
            other = Actor("user", "somebody else", "别人", market.lender.id)
            assert named(market, firm, other).state is KeepingState.CONFIRMED

    def test_at_the_operator_is_another_one_too(self, market) -> None:
        (firm,) = market.register(A)
        with as_platform():
            named(market, firm, Actor("user", "p", "人", firm.id))
            with pytest.raises(records.AccountSelfConfirmed):
                named(market, firm, Actor("user", "p", "人", parties.platform().id))
            assert named(market, firm, Actor("user", "q", "人", parties.platform().id)).state is KeepingState.CONFIRMED


def key_of(person, organisation_id, role: Role, market) -> Actor:
    actor = Actor("user", str(person), "两边", organisation_id)
    key = parties.issue_api_key(organisation_id=organisation_id, name="ERP", role=role, actor=actor, at=market.at).key
    return Actor("client", str(key.id), "ERP", organisation_id, person_id=str(person))
