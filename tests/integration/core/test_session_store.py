"""A login lies in the database under a digest of its key, and what the table holds opens nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from rongtong.core.session_store import SessionStore, stored_key
from rongtong.parties.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def zhang() -> User:
    return User.objects.create_user(username="zhang", password="x")  # type: ignore[no-any-return]


def logged_in(user: User) -> tuple[Client, str]:
    client = Client()
    client.force_login(user)
    return client, client.cookies["sessionid"].value


def known_by(key: str) -> str | None:
    return SessionStore(key).get("_auth_user_id")


class TestSessionStore:
    def test_a_login_stands_under_its_digest_and_the_table_opens_none(self, zhang: User) -> None:
        _client, key = logged_in(zhang)
        (row,) = Session.objects.all()
        assert row.session_key == stored_key(key) != key
        assert key not in row.session_data
        assert known_by(key) == str(zhang.pk)
        assert known_by(row.session_key) is None

    def test_what_one_row_holds_is_nothing_in_another(self, zhang: User) -> None:
        _client, key = logged_in(zhang)
        own = SessionStore()
        own.create()
        Session.objects.filter(session_key=stored_key(own.session_key)).update(
            session_data=Session.objects.get(session_key=stored_key(key)).session_data
        )
        assert known_by(own.session_key) is None

    def test_logout_and_flush_end_it(self, zhang: User) -> None:
        client, key = logged_in(zhang)
        client.logout()
        assert not Session.objects.exists()
        assert known_by(key) is None
        store = SessionStore()
        store["n"] = 1
        store.save()
        store.flush()
        assert not Session.objects.exists()

    def test_a_new_key_takes_the_place_of_the_old_one(self) -> None:
        store = SessionStore()
        store["n"] = 1
        store.save()
        old = store.session_key
        store.cycle_key()
        store.save()
        assert store.session_key != old
        assert SessionStore(old).get("n") is None
        assert SessionStore(store.session_key).get("n") == 1
        assert Session.objects.count() == 1
        assert store.exists(store.session_key)
        assert not store.exists(old)

    def test_what_is_saved_again_is_the_same_row(self) -> None:
        store = SessionStore()
        store["n"] = 1
        store.save()
        again = SessionStore(store.session_key)
        again["n"] = 2
        again.save()
        assert Session.objects.count() == 1
        assert SessionStore(store.session_key)["n"] == 2

    def test_what_expired_opens_nothing_and_is_cleared(self, zhang: User) -> None:
        _client, key = logged_in(zhang)
        Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
        assert known_by(key) is None
        call_command("clearsessions")
        assert not Session.objects.exists()
