"""Before a lender signs it sees whether the account that it is to pay to is known to be the firm's."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.tenancy import as_platform
from rongtong.records import facade as records

from .places import Place

NUMBER = "6222020200112233445"
WARNING = "收款账户未经确认"
FOREIGN = "收款账户属于他人"


@pytest.fixture
def place(world: Any, registers: Any, settings: Any) -> Place:
    """An agreement that waits for the lender's signature."""
    settings.DEMO = True
    place = Place(world, registers)
    with as_platform():
        place.signed_by_firm()
    return place


def shown(place: Place, role: str = "funder") -> str:
    response = getattr(place, role).browser.get(f"/agreements/{place.name('agr')}")
    assert response.status_code == 200
    return str(response.content.decode())


def confirm(place: Place, firm_id: Any) -> None:
    """The operator found out whose the account is."""
    with as_platform():
        records.name_account(
            enterprise_id=firm_id, institution_id=place.offer.lender_id, account_number=NUMBER,
            actor=system_actor("tests"), at=now(),
        )  # fmt: skip


def standing(place: Place) -> str:
    answer = Client().get(f"/api/origination/agreements/{place.name('agr')}", headers=place.funder.headers)
    return str(answer.json()["account_standing"])


def test_that_nobody_confirmed_is_warned_of(place: Place) -> None:
    page = shown(place)
    assert WARNING in page
    assert "账户未经确认" in page
    assert NUMBER[-4:] in page
    assert standing(place) == "unknown"
    assert WARNING not in shown(place, "owner"), "the firm knows its own; it sees the account's standing"
    assert "账户未经确认" in shown(place, "owner")


def test_that_is_somebody_elses_is_told(place: Place) -> None:
    confirm(place, place.world.firm.id)
    assert FOREIGN in shown(place)
    assert standing(place) == "foreign"


def test_that_its_bank_confirmed_is_signed_for_without_a_warning(place: Place) -> None:
    confirm(place, place.firm_id)
    page = shown(place)
    assert WARNING not in page
    assert FOREIGN not in page
    assert "账户已由开户行确认" in page
    assert standing(place) == "confirmed"
