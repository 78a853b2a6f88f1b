"""The bytes behind an erasure, which the transparency log has digested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from rongtong.core.canonical import canonical_json
from rongtong.core.frozen_columns import Versions, frozen_columns
from rongtong.records.models import Erasure

_ERASED = "id enterprise_id item consent_ids rows reason erased_by erased_at"
ERASURE = frozen_columns("records_erasure", _ERASED, f"{_ERASED} actor_organisation_id actor_right")


def erasure_bytes(row: Erasure, versions: Versions | None = None) -> bytes:
    """Every column of an erasure, as canonical JSON; `versions` (None: the present ones) tell which are meant."""
    return canonical_json(
        {
            "type": "rongtong.erasure/1",
            "id": row.id,
            "enterprise": row.enterprise_id,
            "item": row.item,
            "consents": list(row.consent_ids),
            "rows": row.rows,
            "reason": row.reason,
            "erased_by": row.erased_by,
            "erased_at": row.erased_at,
        }
        | ERASURE.added(row, versions)
    )


def load_erasures(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """The bytes of erasures by id; those without a row are left out."""
    return {row.id: erasure_bytes(row, versions) for row in Erasure.objects.filter(pk__in=ids)}
