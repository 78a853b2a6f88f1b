"""The database that a home or DATABASE_URL names: what cannot be used is refused in words."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from rongtong.config.database_errors import DatabaseUnsuited
from rongtong.config.ready import _check_rights, _check_server

pytestmark = pytest.mark.django_db


class TestTheServer:
    def test_is_taken_when_it_is_new_enough_and_in_utf8(self) -> None:
        _check_server(connection)

    def test_is_refused_to_a_role_that_may_not_make_tables(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            (role,) = cursor.fetchone()
        with pytest.raises(DatabaseUnsuited, match="may not make tables") as refused:
            _check_rights(connection)  # tests work as the application's plain role
        assert role in str(refused.value)


class TestAFault:
    def test_is_a_problem_document_and_503_while_the_database_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        client = Client(raise_request_exception=False)
        monkeypatch.setitem(connection.settings_dict, "PORT", "1")
        connection.close()
        try:
            answer = client.get("/api/health")
            page = client.get("/", HTTP_COOKIE="sessionid=something")
        finally:
            monkeypatch.undo()
            connection.close()
        assert answer.status_code == 503
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Retry-After"] == "5"
        assert answer.json()["code"] == "database_unavailable"
        assert page.status_code in {200, 503}
        assert b"Traceback" not in page.content
