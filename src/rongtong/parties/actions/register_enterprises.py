"""Register enterprises, one or many thousands, each known by its first identifier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.parties import models
from rongtong.parties.actions.note_legal_representatives import note_legal_representatives
from rongtong.parties.contracts import CheckResult, EnterpriseDraft, Organisation, OrganisationId, OrganisationKind
from rongtong.parties.queries.organisations import organisations
from rongtong.parties.rules.identifiers import check_identifier
from rongtong.parties.rules.names import clean_name
from rongtong.parties.rules.sizes import classify_size
from rongtong.rulebook import facade as rulebook

Key = tuple[str, str]


class IdentifierMalformed(Invalid):
    """An identifier is not of its scheme's form; `values` names the first five."""

    code = "identifier_malformed"
    message = _("Not of the form of %(scheme)s: %(values)s")


class IdentifierTaken(Conflict):
    """An identifier of a draft already belongs to another organisation."""

    code = "identifier_taken"
    message = _("%(scheme)s %(value)s belongs to another organisation.")


def register_enterprises(*, drafts: Sequence[EnterpriseDraft], actor: Actor, at: datetime) -> tuple[Organisation, ...]:
    """Register what is not known yet; the organisations of all drafts, in their order.

    A draft whose first identifier is known stands for the organisation that has it, which stays as it is. Raises
    IdentifierMalformed, IdentifierTaken.
    """
    checked = [_checked(draft) for draft in drafts]
    with transaction.atomic():
        lock_register()
        owners = known_identifiers({key for keys in checked for key in keys})
        fresh: dict[Key, tuple[EnterpriseDraft, models.Organisation]] = {}
        rows: list[models.Identifier] = []
        for draft, keys in zip(drafts, checked, strict=True):
            first = next(iter(keys))
            if first in owners:
                continue
            row = _organisation(draft, first)
            for key, result in keys.items():
                if key in owners:
                    raise IdentifierTaken(scheme=key[0], value=key[1])
                owners[key] = row.id
                rows.append(_identifier(row.id, key, result))
            fresh[first] = draft, row
        declarations = _classify(list(fresh.values()), at)
        models.Organisation.objects.bulk_create([row for _, row in fresh.values()], batch_size=1000)
        models.Identifier.objects.bulk_create(rows, batch_size=1000)
        models.SizeDeclaration.objects.bulk_create(declarations, batch_size=1000)
        record_all(deeds=[_deed(row, key) for key, (_, row) in fresh.items()], actor=actor, at=at)
        _note_representatives(drafts, [owners[next(iter(keys))] for keys in checked], actor, at)
    found = organisations(owners[next(iter(keys))] for keys in checked)
    return tuple(found[OrganisationId(owners[next(iter(keys))])] for keys in checked)


def lock_register() -> None:
    """One registration at a time, so that nobody is registered twice; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('parties_register'))")


def known_identifiers(keys: set[Key]) -> dict[Key, UUID]:
    """The owners of those (scheme, value) pairs that are known: one query for each scheme."""
    owners: dict[Key, UUID] = {}
    for scheme in sorted({key[0] for key in keys}):
        values = [value for one, value in keys if one == scheme]
        rows = models.Identifier.objects.filter(scheme=scheme, value__in=values)
        owners |= {(scheme, value): owner for value, owner in rows.values_list("value", "organisation_id")}
    return owners


def _checked(draft: EnterpriseDraft) -> dict[Key, CheckResult]:
    keys: dict[Key, CheckResult] = {}
    for scheme, value in draft.identifiers:
        result, normal = check_identifier(scheme, value)
        if result is CheckResult.FORMAT_ERROR:
            raise IdentifierMalformed(scheme=scheme, values=value[:80])
        keys[scheme, normal] = result
    if not keys:
        raise IdentifierMalformed(scheme="—", values=draft.name[:80])
    return keys


def _organisation(draft: EnterpriseDraft, first: Key) -> models.Organisation:
    return models.Organisation(
        kind=OrganisationKind.ENTERPRISE,
        name=clean_name(draft.name) or first[1],
        region_code=draft.region_code,
        industry_code=draft.industry_code,
        established_date=draft.established_date,
        generated=draft.generated,
    )


def _identifier(organisation_id: UUID, key: Key, result: CheckResult) -> models.Identifier:
    return models.Identifier(organisation_id=organisation_id, scheme=key[0], value=key[1], check_result=result)


def _classify(
    fresh: Sequence[tuple[EnterpriseDraft, models.Organisation]], at: datetime
) -> list[models.SizeDeclaration]:
    day = china_date(at)
    table = rulebook.table("parties.size_thresholds", on=day) if fresh else []
    declarations = []
    for draft, row in fresh:
        if draft.staff is None and draft.revenue_minor is None and draft.assets_minor is None:
            continue
        row.size_class = classify_size(
            table,
            industry_code=draft.industry_code,
            staff=draft.staff,
            revenue_minor=draft.revenue_minor,
            assets_minor=draft.assets_minor,
        )
        declarations.append(
            models.SizeDeclaration(
                organisation_id=row.id,
                declared_date=day,
                staff=draft.staff,
                revenue_minor=draft.revenue_minor,
                assets_minor=draft.assets_minor,
                size_class=row.size_class,
            )
        )
    return declarations


def _note_representatives(
    drafts: Sequence[EnterpriseDraft], owners: Sequence[UUID], actor: Actor, at: datetime
) -> None:
    """Of firms that were registered before without one too: the register's word is news about them."""
    names = {
        owner: draft.legal_representative
        for owner, draft in zip(owners, drafts, strict=True)
        if draft.legal_representative
    }
    if names:
        note_legal_representatives(names=names, source="registration", as_of=china_date(at), actor=actor, at=at)


def _deed(row: models.Organisation, key: Key) -> Deed:
    return Deed(
        "enterprise.registered",
        subject=encode_id("ent", row.id),
        enterprise_id=row.id,
        facts={"name": row.name, "scheme": key[0], "value": key[1], "generated": row.generated},
    )
