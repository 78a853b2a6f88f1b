"""Drafts of firms and users, as the tests of parties make them."""

from datetime import UTC, datetime

from rongtong.core.actors import system_actor
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Role

ACTOR = system_actor("test")
AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
USCC = "91440300MA5X00006X"


def draft(value: str = USCC, scheme: str = "uscc", **more) -> EnterpriseDraft:
    return EnterpriseDraft(**({"name": "清江机械有限公司", "identifiers": ((scheme, value),)} | more))


def user(name: str, *organisations, role: Role = Role.OWNER):
    return parties.create_user(
        username=name,
        password="correct-horse-9",
        display_name=f"用户{name}",
        memberships=[(one.id, role) for one in organisations],
        actor=ACTOR,
        at=AT,
    )
