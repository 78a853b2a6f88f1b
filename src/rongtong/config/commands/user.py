"""`rongtong user`: the people who may log in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext_lazy as _

from rongtong.config.output import with_json
from rongtong.config.ready import platform
from rongtong.core.errors import Conflict

if TYPE_CHECKING:
    from rongtong.parties.contracts import Organisation

_ROLES = ("owner", "funder", "operator", "regulator")


class UserThereAlready(Conflict):
    """The user name is taken; accounts are not changed from the command line."""

    code = "user_there_already"
    message = _("There is a user %(username)s already.")


@click.group()
def command() -> None:
    """The people who may log in."""


@command.command()
@click.option("--username", required=True, help="What the person logs in with.")
@click.option("--name", required=True, help="The person's name, as pages and records show it.")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What the person does.")
@click.option("--organisation", help="Whose person: the code (USCC) or the name. Operator and regulator need none.")
@with_json
def add(username: str, name: str, role: str, organisation: str | None) -> dict[str, Any]:
    """Open an account, and print its password once. The person can change it and add a second factor after logging in."""
    with platform():
        from rongtong.core.actors import Right, system_actor
        from rongtong.core.clock import now
        from rongtong.parties import facade as parties
        from rongtong.parties.contracts import Role
        from rongtong.workflows.market import prepare_market

        actor, at = system_actor("command line", right=Right.COMMAND_LINE), now()
        prepare_market(actor=actor, at=at)
        seats = {"operator": parties.platform, "regulator": parties.regulator}
        seat = seats[role]() if role in seats else _find(role, organisation or "")
        if parties.username_taken(username=username):
            raise UserThereAlready(username=username)
        password = secrets.token_urlsafe(12)
        parties.create_user(
            username=username,
            password=password,
            display_name=name,
            memberships=[(seat.id, Role(role))],
            actor=actor,
            at=at,
        )
        return {"username": username, "role": role, "organisation": seat.name, "password": password}


@command.command()
@click.option("--username", required=True, help="Who lost the password or the device.")
@with_json
def recover(username: str) -> dict[str, Any]:
    """Set a new password, print it once, take the second factor away. Make sure who it is before."""
    with platform():
        from rongtong.core.actors import Right, system_actor
        from rongtong.core.clock import now
        from rongtong.parties import facade as parties

        password = secrets.token_urlsafe(12)
        parties.recover_login(
            username=username, password=password, actor=system_actor("command line", right=Right.RECOVERY), at=now()
        )
        return {"username": username, "password": password}


def _find(role: str, given: str) -> Organisation:
    from rongtong.parties import facade as parties
    from rongtong.parties.contracts import OrganisationKind

    kind = OrganisationKind.ENTERPRISE if role == "owner" else OrganisationKind.INSTITUTION
    for one in parties.search_organisations(kind=kind, text=given).items if given.strip() else ():
        if given.strip() in {one.name, *(identifier.value for identifier in one.identifiers)}:
            return one
    raise parties.OrganisationUnknown(organisation=given or "—")
