"""The declared related parties (关联方) of the platform or of a lender."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.origination import models
from rongtong.origination.contracts import RelatedParty
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation


def related_parties(*, of: UUID) -> tuple[RelatedParty, ...]:
    """The related parties that an organisation declared, the latest first; seen by itself and the platform only."""
    rows = models.RelatedParty.objects.filter(of_id=of).order_by("-declared_at", "-id")
    return tuple(
        RelatedParty(
            of=row.of_id, scheme=row.scheme, value=row.value, relation=row.relation, declared_at=row.declared_at
        )
        for row in rows
    )


def relations(
    firms: Sequence[Organisation], lender_ids: Sequence[UUID]
) -> dict[tuple[UUID, UUID], list[dict[str, str]]]:
    """How firms are related to the platform or to lenders: by being one of them, or by a declared identifier.

    The lists are the operator's and the lenders' own; who decides needs no more than the answer.
    """
    holders = {(one.scheme, one.value): firm.id for firm in firms for one in firm.identifiers}
    found: dict[tuple[UUID, UUID], list[dict[str, str]]] = {}
    with as_platform():
        platform = parties.platform().id
        declared = models.RelatedParty.objects.filter(
            of_id__in=[platform, *lender_ids],
            scheme__in={scheme for scheme, _value in holders},
            value__in={value for _scheme, value in holders},
        ).order_by("of_id", "scheme", "value")
        for row in declared:
            firm_id = holders.get((row.scheme, row.value))
            if firm_id is None:
                continue
            relation = {"of": encode_id("org", row.of_id), "relation": row.relation, "scheme": row.scheme}
            for lender_id in lender_ids if row.of_id == platform else [row.of_id]:
                found.setdefault((firm_id, lender_id), []).append(relation)
    for firm in firms:
        itself = {"of": encode_id("org", firm.id), "relation": "self", "scheme": ""}
        for lender_id in lender_ids:
            if firm.id in {platform, lender_id}:
                found.setdefault((firm.id, lender_id), []).append(itself)
    return found
