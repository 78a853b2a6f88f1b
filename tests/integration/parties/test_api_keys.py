"""API keys: whose they are, what they may do, and when they end."""

import pytest
from django.test import Client, RequestFactory

from rongtong.core.actors import Actor
from rongtong.core.ids import new_id
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.parties import facade as parties
from rongtong.parties import models
from rongtong.parties.contracts import (
    Organisation,
    Role,
    UserId,
)
from tests.integration.parties.kit import ACTOR, AT


def maker_of(organisation: Organisation, role: Role, name: str = "maker") -> UserId:
    with as_platform():
        return parties.create_user(
            username=name,
            password="correct horse 9",
            display_name=name,
            memberships=[(organisation.id, role)],
            actor=ACTOR,
            at=AT,
        )


class TestApiKeys:
    def test_are_no_more_at_once_than_a_person_needs(self, firms, lower_rule) -> None:
        lower_rule("parties.api_keys_live_max", "2")
        maker = Actor("user", str(maker_of(firms[0], Role.OWNER)), "U", firms[0].id)
        other = Actor("user", str(maker_of(firms[0], Role.OWNER, "other")), "V", firms[0].id)

        def make(name: str, actor: Actor = maker) -> object:
            return parties.issue_api_key(
                organisation_id=firms[0].id, name=name, role=Role.OWNER, actor=actor, at=AT
            ).key.id

        with as_platform():
            first, _ = make("a"), make("b")
            with pytest.raises(parties.ApiKeysTooMany):
                make("c")
            make("c", other)
            parties.revoke_api_key(key_id=first, actor=maker, at=AT)
            make("c")

    def request(self, secret: str):
        return RequestFactory().get("/api/x", headers={"Authorization": f"Bearer {secret}"})

    def test_make_a_client_of_the_organisation(self, firms) -> None:
        with as_tenant(firms[0].id):
            issued = parties.issue_api_key(
                organisation_id=firms[0].id,
                name="ERP",
                role=Role.BOOKKEEPER,
                actor=Actor("user", str(maker_of(firms[0], Role.OWNER)), "U", firms[0].id),
                at=AT,
            )
        membership = parties.membership_of_request(self.request(issued.secret))
        assert membership is not None
        assert (membership.organisation_id, membership.role) == (firms[0].id, Role.BOOKKEEPER)
        actor = parties.actor_of_request(self.request(issued.secret))
        assert (actor.kind, actor.name, actor.organisation_id) == ("client", "ERP", firms[0].id)

    def test_are_kept_as_a_digest_only(self, firms) -> None:
        with as_platform():
            issued = parties.issue_api_key(organisation_id=firms[0].id, name="ERP", role=Role.OWNER, actor=ACTOR, at=AT)
            row = models.ApiKey.objects.get()
        assert issued.secret.startswith("rt_")
        assert issued.secret not in str(vars(row))

    def test_are_strangers_once_revoked(self, firms) -> None:
        with as_platform():
            issued = parties.issue_api_key(organisation_id=firms[0].id, name="ERP", role=Role.OWNER, actor=ACTOR, at=AT)
            parties.revoke_api_key(key_id=issued.key.id, actor=ACTOR, at=AT)
            parties.revoke_api_key(key_id=issued.key.id, actor=ACTOR, at=AT)
        assert parties.membership_of_request(self.request(issued.secret)) is None

    def made_by(self, maker: UserId, organisation: Organisation, role: Role = Role.OWNER) -> str:
        actor = Actor("user", str(maker), "maker", organisation.id)
        with as_tenant(organisation.id):
            return parties.issue_api_key(
                organisation_id=organisation.id, name=f"ERP {new_id()}", role=role, actor=actor, at=AT
            ).secret

    def test_name_the_person_who_made_them(self, firms) -> None:
        maker = maker_of(firms[0], Role.OWNER)
        keys = [self.made_by(maker, firms[0]) for _ in range(2)]
        actors = [parties.actor_of_request(self.request(secret)) for secret in keys]
        assert {one.person_id for one in actors} == {str(maker)}
        assert len({one.id for one in actors}) == 2
        assert {one.right for one in actors} == {"api_key"}

    def test_give_no_role_that_their_maker_does_not_hold(self, firms) -> None:
        maker = maker_of(firms[0], Role.BOOKKEEPER)
        with pytest.raises(parties.MembershipMissing):
            self.made_by(maker, firms[0], Role.OWNER)

    def test_die_with_the_role_in_which_they_were_made(self, firms) -> None:
        maker = maker_of(firms[0], Role.OWNER)
        secret = self.made_by(maker, firms[0])
        with as_platform():
            parties.end_membership(user_id=maker, organisation_id=firms[0].id, actor=ACTOR, at=AT)
        assert parties.membership_of_request(self.request(secret)) is None
        with as_platform():  # the same person back in the same role: the key stays dead
            parties.add_membership(username="maker", organisation_id=firms[0].id, role=Role.OWNER, actor=ACTOR, at=AT)
        assert parties.membership_of_request(self.request(secret)) is None

    def test_die_with_a_role_that_was_ended_by_any_other_way(self, firms) -> None:
        maker = maker_of(firms[0], Role.OWNER)
        secret = self.made_by(maker, firms[0])
        with as_platform():
            models.Membership.objects.filter(user_id=maker).update(role=Role.BOOKKEEPER)
        assert parties.membership_of_request(self.request(secret)) is None

    def test_die_with_the_account_of_their_maker(self, firms) -> None:
        maker = maker_of(firms[0], Role.OWNER)
        secret = self.made_by(maker, firms[0])
        with as_platform():
            models.User.objects.filter(pk=maker).update(is_active=False)
        assert parties.membership_of_request(self.request(secret)) is None

    def test_die_when_their_maker_is_let_in_again(self, firms) -> None:
        maker = maker_of(firms[0], Role.OWNER)
        secret = self.made_by(maker, firms[0])
        parties.recover_login(username="maker", password="another horse 10", actor=ACTOR, at=AT)
        assert parties.membership_of_request(self.request(secret)) is None

    @pytest.mark.parametrize("secret", ["", "rt_", "rt_x", "钥匙", "abc"])
    def test_that_nobody_made_are_strangers(self, db, secret) -> None:
        assert parties.membership_of_request(self.request(secret.encode().decode("latin-1"))) is None

    def test_are_made_and_revoked_by_their_own_organisation_only(self, firms) -> None:
        foreign = Actor("user", "u", "U", firms[1].id)
        with as_platform():
            with pytest.raises(parties.MembershipMissing):
                parties.issue_api_key(organisation_id=firms[0].id, name="x", role=Role.OWNER, actor=foreign, at=AT)
            issued = parties.issue_api_key(organisation_id=firms[0].id, name="x", role=Role.OWNER, actor=ACTOR, at=AT)
        with as_tenant(firms[1].id), pytest.raises(parties.ApiKeyUnknown):
            parties.revoke_api_key(key_id=issued.key.id, actor=foreign, at=AT)

    def test_die_with_the_password_of_their_maker(self, firms) -> None:
        maker = maker_of(firms[0], Role.OWNER)
        secret, browser = self.made_by(maker, firms[0]), Client()
        person = models.User.objects.get(pk=maker)
        browser.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
        given = {"oldpassword": "correct horse 9", "password1": "battery-staple-7", "password2": "battery-staple-7"}
        assert parties.membership_of_request(self.request(secret)) is not None
        assert browser.post("/accounts/password/change/", given).status_code == 302
        assert parties.membership_of_request(self.request(secret)) is None
        with as_platform():
            entry = AuditEntry.objects.get(action="api_key.revoked")
        assert (entry.actor_kind, entry.actor_id, entry.actor_right) == ("user", str(maker), "membership")
        assert entry.organisation_id == firms[0].id
