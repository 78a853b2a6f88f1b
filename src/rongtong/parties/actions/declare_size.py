"""Take note of what a firm says about its size; contracts signed later are judged by it (支付条例 art. 3)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.parties import models
from rongtong.parties.contracts import OrganisationId, SizeDeclaration
from rongtong.parties.queries.memberships import MembershipMissing
from rongtong.parties.queries.organisations import organisation, size_class


def declare_size(
    *,
    organisation_id: UUID,
    staff: int | None,
    revenue_minor: int | None,
    assets_minor: int | None,
    actor: Actor,
    at: datetime,
) -> SizeDeclaration:
    """Keep the figures (amounts in fen) and class the firm by them from today on. Raises OrganisationUnknown, MembershipMissing."""
    if actor.organisation_id not in {None, organisation_id}:
        raise MembershipMissing()
    firm, day = organisation(organisation_id), china_date(at)
    size = size_class(
        industry_code=firm.industry_code,
        staff=staff,
        revenue_minor=revenue_minor,
        assets_minor=assets_minor,
        on=day,
    )
    declared = SizeDeclaration(
        organisation_id=OrganisationId(organisation_id),
        declared_date=day,
        staff=staff,
        revenue_minor=revenue_minor,
        assets_minor=assets_minor,
        size_class=size,
    )
    with transaction.atomic():
        models.SizeDeclaration.objects.create(**asdict(declared))
        models.Organisation.objects.filter(pk=organisation_id).update(size_class=size)
        deed = Deed("size.declared", encode_id("ent", organisation_id), organisation_id, {"size_class": size})
        record(deed=deed, actor=actor, at=at)
    return declared
