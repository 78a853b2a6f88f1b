"""The bytes behind an authorisation and a revocation: what the log has digested and what the firm holds as receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from rongtong.consent import models
from rongtong.core.canonical import canonical_json, digest
from rongtong.core.frozen_columns import Versions, frozen_columns
from rongtong.core.ids import encode_id

_BLOCK = (
    "id version prior_id enterprise_id subject signatory grantee_ids grantees items purposes range_from range_to "
    "valid_from valid_to retention_days text form signed_at signed_by content_digest"
)
_REVOKED = "id authorisation_id enterprise_id reason channel revoked_at revoked_by"
_BEHALF = "actor_organisation_id actor_right"
_ENTRIES = "edition entries supplement basis awaits_check"
AUTHORISATION = frozen_columns("consent_authorisation", _BLOCK, f"{_BLOCK} {_BEHALF}", f"{_BLOCK} {_BEHALF} {_ENTRIES}")
REVOCATION = frozen_columns("consent_revocation", _REVOKED, f"{_REVOKED} {_BEHALF}")
CHANGE = frozen_columns(
    "consent_state_change", f"id authorisation_id enterprise_id kind reason channel changed_at changed_by {_BEHALF}"
)


def authorisation_bytes(row: models.Authorisation, versions: Versions | None = None) -> bytes:
    """Every column of an authorisation, as canonical JSON; `versions` (None: the present ones) tell which are meant.

    Those of one of edition 1 are the bytes that it was first digested with.
    """
    if row.edition == 1 and versions is None:
        versions = {AUTHORISATION.name: 2 if row.actor_right else 1}
    body: dict[str, Any] = {
        "type": f"rongtong.consent/{row.edition}",
        "id": encode_id("cns", row.id),
        "version": row.version,
        "prior": encode_id("cns", row.prior_id) if row.prior_id else None,
        "enterprise": encode_id("ent", row.enterprise_id),
        "subject": row.subject,
        "signatory": row.signatory,
        "grantees": [
            {"organisation": encode_id("org", organisation_id), **grantee}
            for organisation_id, grantee in zip(row.grantee_ids, row.grantees, strict=True)
        ],
        "items": row.items,
        "purposes": row.purposes,
        "range_from": row.range_from,
        "range_to": row.range_to,
        "valid_from": row.valid_from,
        "valid_to": row.valid_to,
        "retention_days": row.retention_days,
        "text": row.text,
        "text_sha256": digest(row.text.encode()),
        "form": row.form,
        "signed_at": row.signed_at,
        "signed_by": row.signed_by,
        "content_digest": row.content_digest,
    }
    return canonical_json(body | AUTHORISATION.added(row, versions))


def revocation_bytes(row: models.Revocation, versions: Versions | None = None) -> bytes:
    """Every column of a revocation, as canonical JSON; `versions` (None: the present ones) tell which are meant."""
    body = {
        "type": "rongtong.consent_revocation/1",
        "id": row.id,
        "consent": encode_id("cns", row.authorisation_id),
        "enterprise": encode_id("ent", row.enterprise_id),
        "reason": row.reason,
        "channel": row.channel,
        "revoked_at": row.revoked_at,
        "revoked_by": row.revoked_by,
    }
    return canonical_json(body | REVOCATION.added(row, versions))


def change_bytes(row: models.StateChange, versions: Versions | None = None) -> bytes:
    """Every column of a change of state, as canonical JSON; `versions` (None: the present ones) tell which are meant."""
    return canonical_json({"type": "rongtong.consent_change/1"} | CHANGE.values(row, versions))


def load_authorisations(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Evidence of kind `consent`."""
    return {row.id: authorisation_bytes(row, versions) for row in models.Authorisation.objects.filter(pk__in=ids)}


def load_revocations(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Evidence of kind `consent_revocation`."""
    return {row.id: revocation_bytes(row, versions) for row in models.Revocation.objects.filter(pk__in=ids)}


def load_changes(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Evidence of kind `consent_change`."""
    return {row.id: change_bytes(row, versions) for row in models.StateChange.objects.filter(pk__in=ids)}
