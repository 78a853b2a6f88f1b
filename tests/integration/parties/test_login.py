"""Logging in through the browser's door: password, one-time code, recovery code, the operator's help."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.test import Client

from rongtong.core.actors import system_actor
from rongtong.core.ids import new_id
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.parties import facade as parties
from rongtong.parties.adapters import accounts
from rongtong.parties.adapters.accounts import MfaAdapter, has_second_factor
from rongtong.parties.contracts import EnterpriseDraft, Role

AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
ACTOR = system_actor("test")
PASSWORD = "correct-horse-9"


def code(secret: str, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


@pytest.fixture
def people(db):
    cache.clear()
    with as_platform():
        firm, other = parties.register_enterprises(
            drafts=[EnterpriseDraft(name, (("set", name),)) for name in ("甲", "乙")], actor=ACTOR, at=AT
        )
        for name, places in {
            "owner": [(firm.id, Role.OWNER), (other.id, Role.BOOKKEEPER)],
            "operator": [(parties.platform().id, Role.OPERATOR)],
            "nobody": [],
        }.items():
            parties.create_user(
                username=name, password=PASSWORD, display_name=name, memberships=places, actor=ACTOR, at=AT
            )
    return firm, other


def log_in(client: Client, name: str, password: str = PASSWORD):
    return client.post("/accounts/login/", {"login": name, "password": password})


def me(client: Client):
    return client.get("/api/parties/me")


used: list[str] = []
"""The codes that second factors were set up with."""


def enrol(client: Client) -> str:
    """Set up one-time codes, as a person would; the secret, as the person's device knows it."""
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert page.status_code == 200
    assert secret in page.content.decode()
    used.append(code(secret))
    done = client.post("/accounts/2fa/totp/activate/", {"code": used[-1]})
    assert done.status_code == 302
    return str(secret)


@pytest.mark.usefixtures("people")
class TestPassword:
    def test_lets_in_whoever_has_it(self, client) -> None:
        assert me(client).status_code == 401
        assert log_in(client, "owner").status_code == 302
        assert me(client).json()["person_name"] == "owner"

    def test_keeps_out_whoever_has_it_not(self, client) -> None:
        assert log_in(client, "owner", "wrong-horse-9").status_code == 200
        assert me(client).status_code == 401

    def test_is_enough_for_an_operator_who_is_then_reminded(self, client) -> None:
        answer = log_in(client, "operator")
        assert answer.status_code == 302
        assert me(client).json()["role"] == "operator"
        assert [message.level_tag for message in get_messages(answer.wsgi_request)].count("warning") == 1
        assert not has_second_factor(answer.wsgi_request.user.pk)

    def test_brings_no_reminder_to_an_owner(self, client) -> None:
        answer = log_in(client, "owner")
        assert [message.level_tag for message in get_messages(answer.wsgi_request)].count("warning") == 0

    def test_makes_a_person_without_membership_a_stranger(self, client) -> None:
        assert log_in(client, "nobody").status_code == 302
        assert me(client).status_code == 401

    def test_opens_no_account_for_whoever_passes_by(self, client) -> None:
        client.post("/accounts/signup/", {"username": "me", "password1": PASSWORD, "password2": PASSWORD})
        assert me(client).status_code == 401

    def test_ends_with_the_log_out(self, client) -> None:
        log_in(client, "owner")
        client.post("/accounts/logout/")
        assert me(client).status_code == 401


@pytest.mark.usefixtures("people")
class TestLimits:
    def fail(self, address: str, name: str, times: int) -> None:
        for _ in range(times):
            log_in(Client(REMOTE_ADDR=address), name, "wrong-horse-9")

    def test_keep_out_an_address_that_guesses_and_nobody_else(self) -> None:
        self.fail("203.0.113.5", "owner", 6)
        guesser, owner = Client(REMOTE_ADDR="203.0.113.5"), Client(REMOTE_ADDR="198.51.100.7")
        assert log_in(guesser, "owner").status_code == 200
        assert me(guesser).status_code == 401
        assert log_in(owner, "owner").status_code == 302
        assert me(owner).status_code == 200

    def test_keep_out_an_address_that_tries_many_names(self) -> None:
        for number in range(11):
            self.fail("203.0.113.5", f"nobody{number}", 1)
        assert log_in(Client(REMOTE_ADDR="203.0.113.5"), "owner").status_code == 200
        assert log_in(Client(REMOTE_ADDR="198.51.100.7"), "owner").status_code == 302

    def test_slow_down_an_account_that_many_addresses_try_without_locking_it(self, monkeypatch) -> None:
        monkeypatch.setitem(accounts._ATTACKED["config"], "failed", "6/h/key")
        for number in range(6):
            self.fail(f"203.0.113.{number}", "owner", 1)
        late = Client(REMOTE_ADDR="203.0.113.99")
        log_in(late, "owner", "wrong-horse-9")
        assert log_in(late, "owner").status_code == 200
        assert log_in(Client(REMOTE_ADDR="198.51.100.7"), "owner").status_code == 302

    def test_take_no_user_name_for_a_password(self) -> None:
        for password in ("shopkeeper-hangzhou", "Shopkeeper-Hangzhou1"):
            with as_platform(), pytest.raises(parties.UserMalformed):
                parties.create_user(
                    username="shopkeeper-hangzhou", password=password, display_name="店", memberships=[],
                    actor=ACTOR, at=AT,
                )  # fmt: skip


@pytest.mark.usefixtures("people")
class TestOneTimeCode:
    def test_is_asked_for_once_it_is_set_up(self, client) -> None:
        log_in(client, "operator")
        secret = enrol(client)
        again = Client()
        assert log_in(again, "operator")["Location"].startswith("/accounts/2fa/authenticate/")
        assert me(again).status_code == 401
        assert again.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
        assert me(again).status_code == 401
        assert again.post("/accounts/2fa/authenticate/", {"code": used[-1]}).status_code == 200  # it is used up
        cache.clear()  # as after its half minute
        assert again.post("/accounts/2fa/authenticate/", {"code": code(secret)}).status_code == 302
        assert me(again).status_code == 200
        user = again.get("/api/parties/me").wsgi_request.user
        assert has_second_factor(user.pk)

    def test_can_be_replaced_by_a_recovery_code_once(self, client) -> None:
        log_in(client, "operator")
        enrol(client)
        codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
        assert len(codes) >= 8
        for attempt, status in ((Client(), 200), (Client(), 401)):
            log_in(attempt, "operator")
            attempt.post("/accounts/2fa/authenticate/", {"code": codes[0]})
            assert me(attempt).status_code == status

    def test_can_be_taken_away_by_the_operator_with_a_new_password(self, client) -> None:
        log_in(client, "owner")
        enrol(client)
        with as_platform():
            parties.recover_login(username="owner", password="battery-staple-7", actor=ACTOR, at=AT)
        assert me(client).status_code == 401
        again = Client()
        assert log_in(again, "owner").status_code == 200
        log_in(again, "owner", "battery-staple-7")
        assert me(again).status_code == 200
        assert not Authenticator.objects.exists()

    def test_is_no_other_tenants_to_see(self, client, people) -> None:
        log_in(client, "owner")
        enrol(client)
        for firm, seen in zip(people, (2, 2), strict=True):
            with as_tenant(firm.id):
                assert Authenticator.objects.count() == seen
        with as_tenant(new_id()):
            assert Authenticator.objects.count() == 0

    def test_is_kept_encrypted(self) -> None:
        kept = MfaAdapter().encrypt("JBSWY3DPEHPK3PXP")
        assert "JBSWY3DPEHPK3PXP" not in kept
        assert MfaAdapter().decrypt(kept) == "JBSWY3DPEHPK3PXP"


class TestChoiceOfMembership:
    def test_lasts_for_the_session(self, client, people) -> None:
        log_in(client, "owner")
        assert me(client).json()["organisation_name"] == "甲"
        assert [one["organisation_name"] for one in client.get("/api/parties/memberships").json()] == ["甲", "乙"]
        other = client.get("/api/parties/memberships").json()[1]["organisation"]
        headers = {"Idempotency-Key": "1"}
        client.post(
            "/api/parties/memberships/choice", {"organisation": other}, content_type="application/json", headers=headers
        )
        assert me(client).json()["organisation_name"] == "乙"
        assert me(client).json()["role"] == "bookkeeper"

    def test_is_among_ones_own(self, client, people) -> None:
        log_in(client, "owner")
        with as_platform():
            from rongtong.core.ids import encode_id

            foreign = encode_id("org", parties.platform().id)
        answer = client.post(
            "/api/parties/memberships/choice",
            {"organisation": foreign},
            content_type="application/json",
            headers={"Idempotency-Key": "2"},
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "membership_missing")
