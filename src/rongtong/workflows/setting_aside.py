"""Do what can be done: what fails for one lender, firm or message is set aside on the operator's list, and stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from django.db import connection as database
from django.db import transaction
from django.db.models import F

from rongtong.core.actors import Actor
from rongtong.core.errors import RongtongError
from rongtong.core.ids import decode_id
from rongtong.core.tenancy import as_platform
from rongtong.servicing import facade as servicing
from rongtong.workflows.connections import connected
from rongtong.workflows.models import SetAside

log = logging.getLogger("rongtong.workflows")
T = TypeVar("T")


def attempt(
    step: str, subject: str, do: Callable[[], T], *, at: datetime, business_date: date | None = None
) -> T | None:
    """Do one thing and settle the line that an earlier failure left; None where it failed, and stands on the list.

    Where the database itself is gone the error is raised: then nothing goes on.
    """
    try:
        result = do()
    except Exception as error:
        if database.needs_rollback or not database.is_usable():
            raise
        log.warning("%s for %s is set aside", step, subject, exc_info=error)
        _set_aside(step, subject, business_date, error, at)
        return None
    SetAside.objects.filter(step=step, subject=subject, business_date=business_date, settled_at=None).update(
        settled_at=at
    )
    return result


def _set_aside(step: str, subject: str, business_date: date | None, error: Exception, at: datetime) -> None:
    known = isinstance(error, RongtongError)
    code = error.code if isinstance(error, RongtongError) else type(error).__name__
    why = str(error.facts.get("why", "")) if isinstance(error, RongtongError) else ""
    told = {"code": code[:80], "detail": (f"{error} {why}".strip() if known else str(error))[:500], "last_at": at}
    with transaction.atomic():
        row, new = SetAside.objects.get_or_create(
            step=step,
            subject=subject,
            business_date=business_date,
            settled_at=None,
            defaults={**told, "first_at": at},
        )
        if not new:
            SetAside.objects.filter(pk=row.pk).update(**told, attempts=F("attempts") + 1)


def why_set_aside(step: str, subject: str, business_date: date | None) -> str:
    """The code of what stands in the way of a thing; empty where nothing does."""
    open_lines = SetAside.objects.filter(step=step, subject=subject, business_date=business_date, settled_at=None)
    return open_lines.values_list("code", flat=True).first() or ""


def try_again(*, actor: Actor, at: datetime) -> int:
    """Ask again for the statements that were set aside, each on its own; how many are settled now.

    Steps of a whole day come again with the next close.
    """
    settled = 0
    with as_platform(), connected() as connection, connection.bank() as bank:
        for row in list(SetAside.objects.filter(settled_at=None, step="import_statement").order_by("first_at")):
            asking = partial(
                servicing.import_statement,
                lender_id=decode_id("org", row.subject),
                business_date=row.business_date,
                actor=actor,
                at=at,
                bank=bank,
            )
            if bank is not None:
                done = attempt(row.step, row.subject, asking, at=at, business_date=row.business_date)
                settled += done is not None
    return settled
