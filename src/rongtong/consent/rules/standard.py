"""The standard authorisation: the platform reads what it needs for the portrait, lenders read the portrait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from rongtong.consent.contracts import Entry, Grantee, Item, Mode, Purpose

SOURCE_ITEMS = tuple(str(item) for item in Item if item != Item.PORTRAIT)
SENSITIVE = frozenset({Item.BANK_FLOWS})
"""What tells of accounts (PIPL art. 28: 金融账户): agreed to by a tick of its own."""


def standard_entries(
    *,
    platform: Grantee,
    lenders: Sequence[Grantee],
    items: Iterable[str] = SOURCE_ITEMS,
    purposes: Iterable[str] = tuple(Purpose),
    range_from: date,
    range_to: date,
    retention_days: int,
) -> tuple[Entry, ...]:
    """The platform fetches, keeps and computes with each item and with the portrait; lenders query the portrait for a decision."""
    source_items = tuple(dict.fromkeys(map(str, items)))
    common = Entry((platform,), str(Item.PORTRAIT), "", range_from, range_to, retention_days, mode=Mode.STORE)
    entries = []
    for purpose in purposes:
        entries += [
            replace(common, item=item, purpose=str(purpose), sensitive=item in SENSITIVE)
            for item in (*source_items, str(Item.PORTRAIT))
        ]
        if lenders:
            entries.append(replace(common, grantees=tuple(lenders), purpose=str(purpose), mode=Mode.QUERY))
    return tuple(entries)
