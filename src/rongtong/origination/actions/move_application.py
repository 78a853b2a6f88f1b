"""Move an application along its arrows, once: of two that move it at once, one finds it moved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.origination import models
from rongtong.origination.contracts import ApplicationState
from rongtong.origination.queries.applications import ApplicationUnknown


class ApplicationMoved(Conflict):
    """The application stands in another state than the one in which this can be done."""

    code = "application_moved"
    message = _("This cannot be done with the application as it stands now.")


def held_application(application_id: UUID) -> models.Application:
    """The row, locked for the transaction, or ApplicationUnknown."""
    row = models.Application.objects.select_for_update(of=("self",)).filter(id=application_id).first()
    if row is None:
        raise ApplicationUnknown(application=encode_id("app", application_id))
    return row


def move_application(
    row: models.Application, *, to: ApplicationState, out_of: Iterable[ApplicationState], at: datetime
) -> None:
    """Move a row by a conditional update. Raises ApplicationMoved."""
    allowed = [state.value for state in out_of]
    moved = models.Application.objects.filter(id=row.id, state__in=allowed).update(state=to.value, state_since=at)
    if not moved:
        state = models.Application.objects.filter(id=row.id).values_list("state", flat=True).first()
        raise ApplicationMoved(application=encode_id("app", row.id), state=state, wanted=allowed)
    row.state, row.state_since = to.value, at
