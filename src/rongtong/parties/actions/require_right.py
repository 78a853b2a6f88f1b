"""Who may write about an organisation: its own people in what is theirs, the operator in what the platform keeps."""

from __future__ import annotations

from uuid import UUID

from rongtong.core.actors import Actor
from rongtong.parties.contracts import OrganisationKind
from rongtong.parties.queries.memberships import MembershipMissing
from rongtong.parties.queries.organisations import organisation


def require_own_or_operator(actor: Actor, organisation_id: UUID) -> None:
    """Refuse whoever acts neither for the organisation nor for the operator. Raises MembershipMissing."""
    if actor.organisation_id != organisation_id:
        require_operator(actor)


def require_operator(actor: Actor) -> None:
    """Refuse whoever does not act for the operator; the platform's own jobs may. Raises MembershipMissing."""
    if actor.organisation_id is None and actor.kind == "system":
        return
    if actor.organisation_id is None or organisation(actor.organisation_id).kind is not OrganisationKind.OPERATOR:
        raise MembershipMissing()
