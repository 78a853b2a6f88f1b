"""Entries as they lie in the rows of authorisations, those of edition 1 too, which had one block for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from rongtong.consent import models
from rongtong.consent.contracts import Entry, Fetch, Grantee, Item, Mode
from rongtong.consent.rules.coverage import EntryTerms


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry as it is kept; recipients by their ids, which the row names."""
    return {
        "grantees": [str(one.organisation_id) for one in entry.grantees],
        "item": str(entry.item),
        "purpose": str(entry.purpose),
        "range_from": entry.range_from.isoformat(),
        "range_to": entry.range_to.isoformat(),
        "retention_days": entry.retention_days,
        "mode": str(entry.mode),
        "fetch": str(entry.fetch),
        "frequency_days": entry.frequency_days,
        "fields": list(entry.fields),
        "provider": entry.provider,
        "legal_basis": entry.legal_basis,
        "sensitive": entry.sensitive,
        "onward": [
            {"organisation": str(one.organisation_id), "name": one.name, "role": one.role} for one in entry.onward
        ],
    }


def grantees_of(row: models.Authorisation) -> tuple[Grantee, ...]:
    """Everybody named in a row."""
    return tuple(
        Grantee(organisation_id=organisation_id, **grantee)
        for organisation_id, grantee in zip(row.grantee_ids, row.grantees, strict=True)
    )


def entries_of(row: models.Authorisation) -> tuple[Entry, ...]:
    """The entries of a row; of edition 1, what its block comes to."""
    named = {one.organisation_id: one for one in grantees_of(row)}
    if row.edition == 1:
        return tuple(
            Entry(
                grantees=tuple(named[one] for one in terms.grantee_ids),
                item=terms.item,
                purpose=terms.purpose,
                range_from=terms.range_from,
                range_to=terms.range_to,
                retention_days=row.retention_days,
                mode=terms.mode,
            )
            for terms in block_terms(
                row.grantee_ids, row.grantees, row.items, row.purposes, (row.range_from, row.range_to)
            )
        )
    return tuple(
        Entry(
            grantees=tuple(named[UUID(key)] for key in one["grantees"]),
            item=one["item"],
            purpose=one["purpose"],
            range_from=date.fromisoformat(one["range_from"]),
            range_to=date.fromisoformat(one["range_to"]),
            retention_days=one["retention_days"],
            mode=one["mode"],
            fetch=one["fetch"],
            frequency_days=one["frequency_days"],
            fields=tuple(one["fields"]),
            provider=one["provider"],
            legal_basis=one["legal_basis"],
            sensitive=one["sensitive"],
            onward=tuple(Grantee(UUID(to["organisation"]), to["name"], to["role"]) for to in one["onward"]),
        )
        for one in row.entries
    )


def entry_terms(number: int, kept: Mapping[str, Any]) -> EntryTerms:
    """What decides about a read, of an entry as it is kept."""
    return EntryTerms(
        number=number,
        grantee_ids=[UUID(key) for key in kept["grantees"]],
        item=kept["item"],
        purpose=kept["purpose"],
        range_from=date.fromisoformat(kept["range_from"]),
        range_to=date.fromisoformat(kept["range_to"]),
        mode=kept["mode"],
        fetch=kept["fetch"],
        frequency_days=kept["frequency_days"],
        fields=frozenset(kept["fields"]),
    )


def block_terms(
    grantee_ids: Sequence[UUID],
    grantees: Sequence[Mapping[str, str]],
    items: Iterable[str],
    purposes: Sequence[str],
    span: tuple[date, date],
) -> list[EntryTerms]:
    """What a block of edition 1 allows: the platform everything in it, a lender the portrait alone.

    Its texts told firms that lenders see the portrait only; the narrower reading of the two is what holds.
    """
    own = [one for one, named in zip(grantee_ids, grantees, strict=True) if named["role"] == "platform"]
    return [
        EntryTerms(
            number=0,
            grantee_ids=list(grantee_ids) if item == Item.PORTRAIT else own,
            item=item,
            purpose=purpose,
            range_from=span[0],
            range_to=span[1],
            mode=Mode.STORE,
            fetch=Fetch.PERIODIC,
        )
        for item in items
        for purpose in purposes
    ]
