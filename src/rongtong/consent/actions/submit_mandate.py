"""Hand in the power of attorney by which an agent signs for a firm."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Length
from django.utils.translation import gettext_lazy as _

from rongtong.consent import models
from rongtong.consent.actions.grant_consent import require_own
from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.limits import one_at_a_time, refuse_beyond
from rongtong.rulebook import facade as rulebook

_KINDS = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class MandateUnreadable(Invalid):
    """The file is no PDF, PNG or JPEG, or is empty or too large; `megabytes` is the most it may have."""

    code = "mandate_unreadable"
    message = _("The power of attorney must be a PDF, PNG or JPEG file of at most %(megabytes)s MB.")


class MandatesTooMany(Conflict):
    """The firm has handed in as many powers of attorney within a day as it may; `retry_at` says when it may again."""

    code = "mandates_too_many"
    message = _("%(limit)s powers of attorney were handed in within a day, which is the most. Please try again later.")


class MandatesTooLarge(Conflict):
    """The powers of attorney of the firm would together be larger than they may; `megabytes` says how large."""

    code = "mandates_too_large"
    message = _("The powers of attorney of a firm may together have at most %(megabytes)s MB.")


def submit_mandate(*, enterprise_id: UUID, name: str, content: bytes, actor: Actor, at: datetime) -> UUID:
    """Keep the file with its digest; the same file of a firm again is the same mandate.

    Raises MandateUnreadable, MandatesTooMany, MandatesTooLarge, ConsentForeign.

    What the file says is not read here: a person checks it before the signature counts.
    """
    require_own({enterprise_id}, actor)
    megabytes = int(rulebook.value("consent.mandate_megabytes_max", on=china_date(at)))
    media_type = next((kind for mark, kind in _KINDS.items() if content.startswith(mark)), "")
    if not media_type or len(content) > megabytes * 1_000_000:
        raise MandateUnreadable(megabytes=megabytes)
    mark = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        one_at_a_time(f"mandates of {enterprise_id}")
        known = models.Mandate.objects.filter(enterprise_id=enterprise_id, digest=mark).values_list("id", flat=True)
        first = known.first()
        if first is not None:
            return first
        _refuse_too_many(enterprise_id, len(content), actor, at)
        row = models.Mandate.objects.create(
            enterprise_id=enterprise_id,
            name=_file_name(name),
            media_type=media_type,
            content=content,
            digest=mark,
            recorded_at=at,
            recorded_by=str(actor),
            **actor.behalf(),
        )
        facts = {"sha256": mark, "media_type": media_type, "bytes": len(content)}
        deed = Deed("consent.mandate_submitted", encode_id("mnd", row.id), enterprise_id, facts)
        record(deed=deed, actor=actor, at=at)
    return row.id


def _refuse_too_many(enterprise_id: UUID, size: int, actor: Actor, at: datetime) -> None:
    """What the platform's own jobs and the operator hand in for a firm is not counted by the day."""
    own = models.Mandate.objects.filter(enterprise_id=enterprise_id)
    if actor.kind != "system" and actor.organisation_id == enterprise_id:
        limit = int(rulebook.value("consent.mandates_firm_day", on=china_date(at)))
        refuse_beyond(own, moment="recorded_at", at=at, limit=limit, error=MandatesTooMany)
    megabytes = int(rulebook.value("consent.mandates_megabytes_firm", on=china_date(at)))
    kept = own.aggregate(size=Sum(Length("content"), default=0))["size"]
    if kept + size > megabytes * 1_000_000:
        raise MandatesTooLarge(megabytes=megabytes)


def _file_name(text: str) -> str:
    """The last part of a name, of printable letters only."""
    last = text.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable() and not "\ud800" <= letter <= "\udfff")[:200]
