"""Keep what an importer asserts about firms: no authorisation, and marked as what it is wherever it shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.attest import facade as attest
from rongtong.attest.contracts import Step
from rongtong.consent import models
from rongtong.consent.contracts import AssertionDraft, AssertionId
from rongtong.consent.queries.assertions import assertion_bytes
from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.clock import china_date
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.core.tenancy import Book, as_platform, in_book
from rongtong.rulebook import facade as rulebook

_LONGEST_TEXT, _LONGEST_NAME, _LARGEST_PAPER = 20_000, 200, 20_000_000


class AssertionMalformed(Invalid):
    """The words or a name are empty or too long, or the paper is empty or over 20 MB; `field` names the place."""

    code = "assertion_malformed"
    message = _("What is asserted cannot be kept as it is: %(field)s.")


def assert_consents(
    *, enterprise_ids: Sequence[UUID], draft: AssertionDraft, actor: Actor, at: datetime
) -> dict[UUID, AssertionId]:
    """Keep one assertion about each firm; by firm, its id. The same one, brought again, is the one that is there.

    Raises AssertionMalformed.
    """
    _check(draft)
    paper = draft.paper
    marks = {one: _mark(one, draft) for one in dict.fromkeys(enterprise_ids)}
    day = china_date(at)
    lasts = timedelta(days=int(rulebook.value("records.import_consent_days", on=day)))
    retention = int(rulebook.value("records.retention_days", on=day))
    with as_platform(), in_book(Book.LIVE), transaction.atomic():
        kept = None
        if paper is not None:
            kept, _new = models.AssertedPaper.objects.get_or_create(
                digest=digest(paper.content),
                defaults={
                    "name": paper.name[:_LONGEST_NAME],
                    "content": paper.content,
                    "recorded_at": at,
                    "recorded_by": str(actor)[:120],
                    **actor.behalf(),
                },
            )
        known = set(
            models.Assertion.objects.filter(content_digest__in=marks.values()).values_list("enterprise_id", flat=True)
        )
        rows = [
            models.Assertion(
                enterprise_id=one,
                items=sorted(map(str, draft.items)),
                text=draft.text,
                asserted_by=draft.asserted_by,
                checked_by=draft.checked_by,
                paper=kept,
                valid_to=at + lasts,
                retention_days=retention,
                actor=str(actor)[:120],
                **actor.behalf(),
                asserted_at=at,
                content_digest=mark,
            )
            for one, mark in marks.items()
            if one not in known
        ]
        models.Assertion.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
        found = dict(
            models.Assertion.objects.filter(content_digest__in=marks.values()).values_list("enterprise_id", "id")
        )
        _tell([row for row in rows if found[row.enterprise_id] == row.id], actor, at)
    return {one: AssertionId(found[one]) for one in marks}


def _check(draft: AssertionDraft) -> None:
    texts = (
        ("text", draft.text, _LONGEST_TEXT, True),
        ("asserted_by", draft.asserted_by, _LONGEST_NAME, True),
        ("checked_by", draft.checked_by, _LONGEST_NAME, False),
    )
    for field, value, longest, needed in texts:
        if (needed and not value.strip()) or len(value) > longest or "\x00" in value:
            raise AssertionMalformed(field=field)
    if draft.paper is not None and not 0 < len(draft.paper.content) <= _LARGEST_PAPER:
        raise AssertionMalformed(field="paper")


def _mark(enterprise_id: UUID, draft: AssertionDraft) -> str:
    paper = digest(draft.paper.content) if draft.paper else ""
    return digest(
        [str(enterprise_id), sorted(map(str, draft.items)), draft.text, draft.asserted_by, draft.checked_by, paper]
    )


def _tell(rows: Sequence[models.Assertion], actor: Actor, at: datetime) -> None:
    record_all(
        deeds=[
            Deed(
                "consent.asserted",
                encode_id("asn", row.id),
                row.enterprise_id,
                {"asserted_by": row.asserted_by, "checked_by": row.checked_by, "items": row.items},
            )
            for row in rows
        ],
        actor=actor,
        at=at,
    )
    attest.append_steps(
        steps=[
            Step(
                kind="consent.asserted",
                subject=encode_id("asn", row.id),
                enterprise_id=row.enterprise_id,
                evidence_kind="consent_assertion",
                evidence_id=row.id,
                evidence_digest=digest(assertion_bytes(row)),
                occurred_at=at,
            )
            for row in rows
        ],
        at=at,
    )
