"""Authorisations as the API gives them."""

from __future__ import annotations

from typing import Any

from rongtong.consent.api.schemas import EntryOut
from rongtong.consent.contracts import Authorisation, Entry, Grantee
from rongtong.core.ids import encode_id


def _named(given: tuple[Grantee, ...]) -> list[dict[str, Any]]:
    return [{"organisation": encode_id("org", it.organisation_id), "name": it.name, "role": it.role} for it in given]


def _entry(one: Entry) -> dict[str, Any]:
    plain = {name: getattr(one, name) for name in EntryOut.model_fields if name not in {"grantees", "onward"}}
    return plain | {"grantees": _named(one.grantees), "onward": _named(one.onward), "fields": list(one.fields)}


def consent_out(one: Authorisation) -> dict[str, Any]:
    """An authorisation as the API gives it."""
    mandate = one.signatory.mandate_id
    return {
        "id": encode_id("cns", one.id),
        "version": one.version,
        "prior": encode_id("cns", one.prior_id) if one.prior_id else None,
        "enterprise": encode_id("ent", one.enterprise_id),
        "signatory": {
            "name": one.signatory.name,
            "role": one.signatory.role,
            "mandate": encode_id("mnd", mandate) if mandate else None,
        },
        "basis": one.basis,
        "entries": [_entry(it) for it in one.entries],
        "grantees": _named(one.grantees),
        "items": list(one.items),
        "purposes": list(one.purposes),
        "range_from": one.range_from,
        "range_to": one.range_to,
        "valid_from": one.valid_from,
        "valid_to": one.valid_to,
        "retention_days": one.retention_days,
        "supplement": one.supplement,
        "text": one.text,
        "text_sha256": one.text_digest,
        "state": one.state,
        "signed_at": one.signed_at,
        "revoked_at": one.revoked_at,
        "form": one.form,
    }
