"""The platform's two standing seats: who runs it, and the authority that supervises it."""

from __future__ import annotations

from django.db import transaction

from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.tenancy import as_platform
from rongtong.parties import models
from rongtong.parties.actions.register_enterprises import lock_register
from rongtong.parties.contracts import CheckResult, IdentifierScheme, Organisation, OrganisationKind
from rongtong.parties.queries.organisations import contract


def platform() -> Organisation:
    """The organisation that runs the platform, made with the installation's first use of it."""
    return _seat(OrganisationKind.OPERATOR, "融通中小企业融资服务平台")


def regulator() -> Organisation:
    """The authority that supervises the platform, made with the installation's first use of it."""
    return _seat(OrganisationKind.REGULATOR, "地方金融管理局")


def _seat(kind: OrganisationKind, name: str) -> Organisation:
    found = _find(kind)
    if found is not None:
        return found
    with as_platform(), transaction.atomic():
        lock_register()
        found = _find(kind)
        if found is not None:
            return found
        row = models.Organisation.objects.create(kind=kind, name=name)
        models.Identifier.objects.create(
            organisation=row, scheme=IdentifierScheme.PLATFORM, value=kind.value, check_result=CheckResult.UNCHECKED
        )
        deed = Deed("organisation.seated", encode_id("org", row.id), facts={"kind": kind, "name": name})
        record(deed=deed, actor=system_actor("parties.seat"), at=now())  # an installation has no other clock
        return contract(row)


def _find(kind: OrganisationKind) -> Organisation | None:
    rows = models.Organisation.objects.filter(
        kind=kind, identifiers__scheme=IdentifierScheme.PLATFORM, identifiers__value=kind.value
    )
    row = rows.prefetch_related("identifiers").first()
    return None if row is None else contract(row)
