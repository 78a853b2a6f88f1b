"""Register a licensed institution, or take note of its next licence."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.parties import models
from rongtong.parties.actions.register_enterprises import (
    IdentifierMalformed,
    IdentifierTaken,
    known_identifiers,
    lock_register,
)
from rongtong.parties.contracts import CheckResult, IdentifierScheme, Licence, Organisation, OrganisationKind
from rongtong.parties.queries.organisations import organisation
from rongtong.parties.rules.identifiers import check_uscc
from rongtong.parties.rules.names import clean_name


class LicenceMalformed(Invalid):
    """A licence ends before it begins, or has no number."""

    code = "licence_malformed"
    message = _("The licence %(number)s has no number or no days in force.")


class LicenceTaken(Conflict):
    """The licence number belongs to another institution."""

    code = "licence_taken"
    message = _("The licence %(number)s belongs to another institution.")


def register_institution(
    *,
    name: str,
    code: str,
    uscc: str,
    licence: Licence,
    region_code: str,
    actor: Actor,
    at: datetime,
    generated: bool = False,
) -> Organisation:
    """Register an institution under its code, or find it; a licence of a new number is added to its register.

    Raises IdentifierMalformed, IdentifierTaken, LicenceMalformed, LicenceTaken.
    """
    result, normal = check_uscc(uscc)
    if result is CheckResult.FORMAT_ERROR or not code.strip():
        raise IdentifierMalformed(scheme=IdentifierScheme.USCC, values=uscc[:80])
    own, national = (IdentifierScheme.LENDER.value, code.strip()), (IdentifierScheme.USCC.value, normal)
    deeds: list[Deed] = []
    with transaction.atomic():
        lock_register()
        owners = known_identifiers({own, national})
        known = owners.get(own)
        if owners.get(national, known) != known:
            raise IdentifierTaken(scheme=national[0], value=national[1])
        if known is None:
            row = models.Organisation.objects.create(
                kind=OrganisationKind.INSTITUTION, name=clean_name(name), region_code=region_code, generated=generated
            )
            known = row.id
            deeds.append(
                Deed("institution.registered", encode_id("org", known), facts={"name": row.name, "code": code})
            )
            _identify(known, own, CheckResult.UNCHECKED)
        if national not in owners:
            _identify(known, national, result)
        deeds += _licence(known, licence)
        record_all(deeds=deeds, actor=actor, at=at)
    return organisation(known)


def _identify(organisation_id: UUID, key: tuple[str, str], result: CheckResult) -> None:
    models.Identifier.objects.create(organisation_id=organisation_id, scheme=key[0], value=key[1], check_result=result)


def _licence(institution_id: UUID, licence: Licence) -> list[Deed]:
    if not licence.number.strip() or licence.valid_to <= licence.valid_from:
        raise LicenceMalformed(number=licence.number)
    row = models.Licence.objects.filter(number=licence.number).first()
    if row is not None:
        if row.institution_id != institution_id:
            raise LicenceTaken(number=licence.number)
        return []
    models.Licence.objects.create(
        institution_id=institution_id,
        type=licence.type,
        number=licence.number,
        scope=list(licence.scope),
        region_code=licence.region_code,
        valid_from=licence.valid_from,
        valid_to=licence.valid_to,
        withdrawn_date=licence.withdrawn_date,
    )
    facts = {"number": licence.number, "type": licence.type, "valid_to": licence.valid_to}
    return [Deed("licence.recorded", encode_id("org", institution_id), facts=facts)]
