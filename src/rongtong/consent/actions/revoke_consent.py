"""Revoke an authorisation: new reads stop at once, what was read before stays lawful (PIPL art. 15, 47)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.attest import facade as attest
from rongtong.consent import models
from rongtong.consent.actions.grant_consent import lock_authorisations, require_own, revoked
from rongtong.consent.contracts import Authorisation
from rongtong.consent.queries.authorisations import ConsentUnknown, consent
from rongtong.core.actors import Actor
from rongtong.core.journal import record


def revoke_consent(
    *, consent_id: UUID, reason: str, actor: Actor, at: datetime, channel: str = "platform"
) -> Authorisation:
    """Revoke for good; a second revocation changes nothing. Raises ConsentUnknown, ConsentForeign."""
    with transaction.atomic():
        owner = models.Authorisation.objects.filter(pk=consent_id).values_list("enterprise_id", flat=True).first()
        if owner is None:
            raise ConsentUnknown()
        require_own({owner}, actor)
        lock_authorisations()
        row, new = models.Revocation.objects.get_or_create(
            authorisation_id=consent_id,
            defaults={
                "enterprise_id": owner,
                "reason": reason.strip()[:400],
                "channel": channel,
                "revoked_at": at,
                "revoked_by": str(actor),
                **actor.behalf(),
            },
        )
        if new:
            deed, step = revoked(row, at)
            record(deed=deed, actor=actor, at=at)
            attest.append_steps(steps=[step], at=at)
    return consent(consent_id=consent_id, at=max(at, row.revoked_at))
