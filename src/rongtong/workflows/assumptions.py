"""What an evaluation takes for granted, by name: it could not ask, or nobody was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Item
from rongtong.core.clock import now
from rongtong.core.tenancy import Book, current_book
from rongtong.records import facade as records
from rongtong.records.contracts import ITEMS, PublicRegister


def assumptions_of(enterprise_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """What an evaluation of firms rests on beside their records, each as a code with the number of firms; none when live.

    `importer_asserts_consent`: an importer's word stands for their authorisation and for the standing of their records.
    `generated_consent`: nobody gave their authorisation. `source_not_asked`: the source `item` was not asked about them,
    and what it would have said is taken as nothing that stands in the way. `register_not_asked`: the same of the public
    register `register`. `simulated_banks`: no real bank paid.
    """
    if current_book() is not Book.EVALUATION or not enterprise_ids:
        return []
    asserted = consent.asserted(enterprise_ids=enterprise_ids, items=[Item.PORTRAIT], at=now())
    held = records.freshness(enterprise_ids=enterprise_ids)
    asked = records.coverage(enterprise_ids=enterprise_ids)
    unasked = {
        item: sum(item not in held.get(one, ()) and item not in asked.get(one, ()) for one in enterprise_ids)
        for item in ITEMS
    }
    found = [
        ("importer_asserts_consent", {}, len(asserted)),
        ("generated_consent", {}, len(enterprise_ids) - len(asserted)),
        *(("source_not_asked", {"item": item}, count) for item, count in unasked.items()),
        *(("register_not_asked", {"register": one.value}, len(enterprise_ids)) for one in PublicRegister),
        ("simulated_banks", {}, len(enterprise_ids)),
    ]
    return [{"code": code, **facts, "enterprises": count} for code, facts, count in found if count]
