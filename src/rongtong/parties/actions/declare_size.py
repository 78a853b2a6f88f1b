"""Take note of what a firm says about its size; contracts signed later are judged by it (支付条例 art. 3)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.parties import models
from rongtong.parties.actions.require_right import require_own_or_operator
from rongtong.parties.contracts import OrganisationId, SizeDeclaration
from rongtong.parties.queries.organisations import organisation, size_class

_STAFF_MOST = 10_000_000
_FEN_MOST = 10**17


class SizeMalformed(Invalid):
    """A declaration of size names no figure, or one that cannot be."""

    code = "size_malformed"
    message = _("Please state staff, revenue or assets, in figures that can be.")


def _require_figures(staff: int | None, *amounts: int | None) -> None:
    told = [figure for figure in (staff, *amounts) if figure is not None]
    plausible = all(0 <= figure <= _FEN_MOST for figure in told) and (staff or 0) <= _STAFF_MOST
    if not told or not plausible:
        raise SizeMalformed()


def declare_size(
    *,
    organisation_id: UUID,
    staff: int | None,
    revenue_minor: int | None,
    assets_minor: int | None,
    actor: Actor,
    at: datetime,
) -> SizeDeclaration:
    """Keep the figures (amounts in fen) and class the firm by them from today on.

    Raises OrganisationUnknown, MembershipMissing, SizeMalformed.
    """
    require_own_or_operator(actor, organisation_id)
    _require_figures(staff, revenue_minor, assets_minor)
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
