"""Who may act for a side of an application."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Forbidden


class NotAParty(Forbidden):
    """The actor acts for neither the side that may do this, nor the platform's own jobs."""

    code = "not_a_party"
    message = _("Only the party concerned may do this.")


def require_party(actor: Actor, organisation_id: UUID) -> None:
    """Refuse whoever does not act for the organisation; the platform's own jobs may. Raises NotAParty."""
    if actor.organisation_id != organisation_id and actor.kind != "system":
        raise NotAParty()
