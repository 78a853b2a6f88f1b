"""Who may act for a side of an application, and who may bind it."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Forbidden
from rongtong.core.tenancy import is_played


class NotAParty(Forbidden):
    """The actor acts for neither the side that may do this, nor the platform's own jobs."""

    code = "not_a_party"
    message = _("Only the party concerned may do this.")


class HandMissing(Forbidden):
    """A job was to accept terms, or to sign, for a firm or a lender: that takes a person of theirs, or their own program."""

    code = "hand_missing"
    message = _("Terms are accepted and agreements signed by the party itself, not by a job of the platform.")


def require_party(actor: Actor, organisation_id: UUID) -> None:
    """Refuse whoever does not act for the organisation; the platform's own jobs may. Raises NotAParty."""
    if actor.organisation_id != organisation_id and actor.kind != "system":
        raise NotAParty()


def require_own_hand(actor: Actor, organisation_id: UUID) -> None:
    """Refuse whoever cannot bind the organisation: others, and outside of what is played the platform's own jobs, too.

    Raises NotAParty, HandMissing.
    """
    require_party(actor, organisation_id)
    if actor.kind == "system" and not is_played():
        raise HandMissing(job=actor.id)
