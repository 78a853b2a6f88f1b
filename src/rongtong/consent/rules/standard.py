"""The standard authorisation: the platform reads what it needs for the portrait, lenders read the portrait."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    source_items, named = tuple(dict.fromkeys(map(str, items))), tuple(lenders)
    return chosen_entries(
        platform=platform,
        items={str(purpose): source_items for purpose in purposes},
        lenders={str(purpose): named for purpose in purposes},
        range_from=range_from,
        range_to=range_to,
        retention_days=retention_days,
    )


def chosen_entries(
    *,
    platform: Grantee,
    items: Mapping[str, Sequence[str]],
    lenders: Mapping[str, Sequence[Grantee]],
    range_from: date,
    range_to: date,
    retention_days: int,
) -> tuple[Entry, ...]:
    """The same, chosen one by one: by purpose the items that the platform may have, and the lenders that may query the portrait.

    Where either is chosen for a purpose the platform has the portrait for it too, for it computes it.
    """
    common = Entry((platform,), str(Item.PORTRAIT), "", range_from, range_to, retention_days, mode=Mode.STORE)
    entries = []
    for purpose in dict.fromkeys((*items, *lenders)):
        own, others = items.get(purpose, ()), tuple(lenders.get(purpose, ()))
        if own or others:
            entries += [
                replace(common, item=item, purpose=purpose, sensitive=item in SENSITIVE)
                for item in (*own, str(Item.PORTRAIT))
            ]
        if others:
            entries.append(replace(common, grantees=others, purpose=purpose, mode=Mode.QUERY))
    return tuple(entries)
