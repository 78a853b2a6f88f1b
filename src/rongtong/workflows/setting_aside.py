"""Do what can be done: what fails for one lender, firm, loan or message is set aside on the operator's list, and stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor, system_actor
from rongtong.core.apart import Obstacle
from rongtong.core.errors import Conflict, Invalid, NotFound
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.servicing.contracts import SendReport
from rongtong.workflows.models import SetAside

log = logging.getLogger("rongtong.workflows")
T = TypeVar("T")


class SetAsideUnknown(NotFound):
    """Nothing of this number is set aside."""

    code = "set_aside_unknown"
    message = _("Nothing of this number is set aside.")


class SetAsideSettled(Conflict):
    """It was settled before."""

    code = "set_aside_settled"
    message = _("This was settled before.")


class SettlementNoteMissing(Invalid):
    """It was to be settled without a word about how."""

    code = "settlement_note_missing"
    message = _("Please say how it was settled.")


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
        set_aside(step, Obstacle(subject, error).told(subject), at=at, business_date=business_date)
        return None
    SetAside.objects.filter(step=step, subject=subject, business_date=business_date, settled_at=None).update(
        settled_at=at
    )
    return result


def keep_lines(step: str, bad: Iterable[tuple[str, str, str]], *, at: datetime, all_tried: bool = True) -> None:
    """Set the bad ones of a step aside; where all were tried, settle the lines of those that are bad no more."""
    found = list(bad)
    for told in found:
        set_aside(step, told, at=at)
    if all_tried:
        done = SetAside.objects.filter(step=step, settled_at=None).exclude(subject__in=[one[0] for one in found])
        done.update(settled_at=at)


def keep_answers(sent: SendReport | None, *, at: datetime) -> None:
    """Set aside the loans whose bank answered and whose books could not take the answer; it is asked for again with its message."""
    if sent is not None:
        keep_lines("book_answer", sent.set_aside, at=at, all_tried=not sent.failed)


def set_aside(step: str, told: tuple[str, str, str], *, at: datetime, business_date: date | None = None) -> None:
    """Open a line for a subject, or count another attempt on the one that is open."""
    subject, code, detail = told
    words = {"code": code[:80], "detail": detail[:500], "last_at": at}
    with transaction.atomic():
        row, new = SetAside.objects.get_or_create(
            step=step,
            subject=subject,
            business_date=business_date,
            settled_at=None,
            defaults={**words, "first_at": at},
        )
        if new:
            facts = {"step": step, "code": row.code, "business_date": business_date}
            record(deed=Deed("set_aside.opened", subject, facts=facts), actor=system_actor(step), at=at)
        else:
            SetAside.objects.filter(pk=row.pk).update(**words, attempts=F("attempts") + 1)


def why_set_aside(step: str, subject: str, business_date: date | None) -> str:
    """The code of what stands in the way of a thing; empty where nothing does."""
    open_lines = SetAside.objects.filter(step=step, subject=subject, business_date=business_date, settled_at=None)
    return open_lines.values_list("code", flat=True).first() or ""


def settled_by_hand(step: str, subject: str, business_date: date | None) -> bool:
    """Whether an operator said that a thing is settled otherwise and is not to be tried again."""
    lines = SetAside.objects.filter(step=step, subject=subject, business_date=business_date)
    return lines.exclude(settled_at=None).exclude(note="").exists()


def open_lines(*, limit: int = 200) -> list[SetAside]:
    """What is set aside, the oldest first."""
    return list(SetAside.objects.filter(settled_at=None).order_by("first_at")[:limit])


def count_open() -> int:
    """How much is set aside."""
    return SetAside.objects.filter(settled_at=None).count()


def retry_set_aside(*, line_id: UUID, actor: Actor, at: datetime) -> None:
    """Have what was set aside tried again now, by a job. Raises SetAsideUnknown, SetAsideSettled."""
    with transaction.atomic():
        row = _open(line_id)
        subject = encode_id("sas", row.id)
        record(deed=Deed("set_aside.retried", subject, facts={"step": row.step}), actor=actor, at=at)


def settle_set_aside(*, line_id: UUID, note: str, actor: Actor, at: datetime) -> None:
    """Close a line whose matter was settled otherwise; it is not tried again. Raises SetAsideUnknown, SetAsideSettled, SettlementNoteMissing."""
    told = note.strip()[:400]
    if not told:
        raise SettlementNoteMissing()
    with transaction.atomic():
        row = _open(line_id)
        row.settled_at, row.note = at, told
        row.save(update_fields=["settled_at", "note"])
        facts = {"step": row.step, "subject": row.subject, "business_date": row.business_date, "note": told}
        record(deed=Deed("set_aside.settled", encode_id("sas", row.id), facts=facts), actor=actor, at=at)


def _open(line_id: UUID) -> SetAside:
    row = SetAside.objects.select_for_update().filter(pk=line_id).first()
    if row is None:
        raise SetAsideUnknown(line=encode_id("sas", line_id))
    if row.settled_at is not None:
        raise SetAsideSettled(line=encode_id("sas", line_id))
    return row
