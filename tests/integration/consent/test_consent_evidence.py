"""What was agreed is in the transparency log: a changed byte is named, a race leaves one truth."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from rongtong.attest import facade as attest
from rongtong.consent import facade as consent
from rongtong.consent import models
from rongtong.consent.contracts import ConsentDraft, Grantee
from rongtong.core.actors import system_actor
from rongtong.core.roles import as_owner
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft
from tests.authorisations import draft_of, entries

ACTOR = system_actor("test")
AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)


def make_draft() -> ConsentDraft:
    (firm,) = parties.register_enterprises(
        drafts=[EnterpriseDraft("甲", (("set", "甲"),), legal_representative="李明")], actor=ACTOR, at=AT
    )
    operator = parties.platform()
    return draft_of(firm.id, entries(grantees=[Grantee(operator.id, operator.name, "platform")], items=["tax"]), at=AT)


@pytest.mark.django_db
class TestTheLog:
    @pytest.mark.parametrize(
        ("table", "change"),
        [
            ("consent_authorisation", "items = '{tax,courts}'"),
            ("consent_authorisation", "entries = jsonb_set(entries, '{0,item}', '\"courts\"')"),
            ("consent_authorisation", "text = text || '。'"),
            ("consent_revocation", "reason = 'y'"),
        ],
    )
    def test_names_what_was_changed_behind_it(self, table, change) -> None:
        with as_platform():
            granted = consent.grant_consent(draft=make_draft(), actor=ACTOR, at=AT)
            consent.revoke_consent(consent_id=granted.id, reason="x", actor=ACTOR, at=LATER)
            while attest.sequence(at=LATER):
                pass
            assert attest.verify_log().ok
            with as_owner(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
                cursor.execute(f"UPDATE {table} SET {change}")
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")
            found = attest.verify_log()
        assert not found.ok
        assert found.first_bad


def at_once(*acts):
    def run(act):
        try:
            with as_platform():
                return act()
        except consent.ConsentSuperseded as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_the_same_grant_is_one(self) -> None:
        with as_platform():
            draft = make_draft()

        def act():
            return consent.grant_consent(draft=draft, actor=ACTOR, at=AT).id

        assert len(set(at_once(act, act, act))) == 1

    def test_an_authorisation_is_replaced_once(self) -> None:
        with as_platform():
            draft = make_draft()
            first = consent.grant_consent(draft=draft, actor=ACTOR, at=AT)

        def replaced_for(days: int):
            following = replace(draft, prior_id=first.id, supplement=f"{days}")
            return lambda: consent.grant_consent(draft=following, actor=ACTOR, at=LATER).version

        assert sorted(at_once(replaced_for(1), replaced_for(2)), key=str) == [2, "consent_superseded"]

    def test_a_revocation_is_one(self) -> None:
        with as_platform():
            first = consent.grant_consent(draft=make_draft(), actor=ACTOR, at=AT)

        def act():
            return consent.revoke_consent(consent_id=first.id, reason="x", actor=ACTOR, at=LATER).revoked_at

        assert at_once(act, act, act) == [LATER] * 3
        with as_platform():
            assert models.Revocation.objects.count() == 1
