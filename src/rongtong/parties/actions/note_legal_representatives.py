"""Note who the register names as legal representatives of firms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.parties import models
from rongtong.parties.queries.legal_representatives import legal_representatives
from rongtong.parties.rules.names import clean_name

_NAME_MAX = 100


def note_legal_representatives(
    *, names: Mapping[UUID, str], source: str, as_of: date, actor: Actor, at: datetime
) -> int:
    """Note what a source said as of a day, by firm; say how many notes were made. What a later note says is left out.

    `source` says who said it: `registration` for the business register. Only the platform calls this: a firm does not
    state its own. A later day counts more than an earlier one, and of one day what was noted last.
    """
    known = legal_representatives(names)
    rows = []
    for firm, name in names.items():
        clean = clean_name(name)[:_NAME_MAX]
        before = known.get(firm)  # type: ignore[call-overload]  # an id is an id
        if clean and (before is None or before.as_of < as_of or (before.as_of == as_of and before.name != clean)):
            rows.append(
                models.LegalRepresentative(organisation_id=firm, name=clean, source=source, as_of=as_of, recorded_at=at)
            )
    with transaction.atomic():
        models.LegalRepresentative.objects.bulk_create(rows, batch_size=1000)
        deeds = [
            Deed(
                "enterprise.representative_noted",
                encode_id("ent", row.organisation_id),
                row.organisation_id,
                {"source": source, "as_of": as_of},
            )
            for row in rows
        ]
        record_all(deeds=deeds, actor=actor, at=at)
    return len(rows)
