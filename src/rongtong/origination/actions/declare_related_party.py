"""Declare a related party (关联方) of the platform or of a lender: its financing is barred from then on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.origination import models
from rongtong.origination.actions.require_party import require_party
from rongtong.origination.rules.form import clean_text
from rongtong.parties import facade as parties
from rongtong.parties.contracts import IdentifierScheme


class RelatedPartyMalformed(Invalid):
    """A declaration names no identifier, or no relation."""

    code = "related_party_malformed"
    message = _("Please name the identifier and the relation.")


def declare_related_party(*, of: UUID, scheme: str, value: str, relation: str, actor: Actor, at: datetime) -> None:
    """Declare by identifier that an organisation is related to `of` (the operator or a lender); once is enough.

    Raises NotAParty, RelatedPartyMalformed.
    """
    require_party(actor, of)
    scheme, value, relation = (clean_text(text) for text in (scheme, value, relation))
    if scheme == IdentifierScheme.USCC:
        value = parties.check_uscc(value)[1]  # as the register keeps it
    if not (0 < len(scheme) <= 40 and 0 < len(value) <= 80 and 0 < len(relation) <= 200):
        raise RelatedPartyMalformed()
    with transaction.atomic():
        _row, made = models.RelatedParty.objects.get_or_create(
            of_id=of, scheme=scheme, value=value, defaults={"relation": relation, "declared_at": at}
        )
        if made:
            deed = Deed("related_party.declared", encode_id("org", of), None, {"scheme": scheme, "relation": relation})
            record(deed=deed, actor=actor, at=at)
