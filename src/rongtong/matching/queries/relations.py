"""Who is related to whom, asked of the domain that keeps the declarations: it stands above, and says so when it starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from rongtong.parties.contracts import Organisation

Relations = Mapping[tuple[UUID, UUID], Sequence[Mapping[str, str]]]
"""By firm and lender, how the firm is related to the platform or to the lender; pairs without a relation are left out."""
Reader = Callable[[Sequence[Organisation], Sequence[UUID]], Relations]
_readers: list[Reader] = []


def register_relations(reader: Reader) -> None:
    """Have a domain asked for relations; registering again changes nothing."""
    if reader not in _readers:
        _readers.append(reader)


def relations_between(*, firms: Sequence[Organisation], lender_ids: Sequence[UUID]) -> Relations:
    """The relations that are declared between firms and lenders, or the platform."""
    found: dict[tuple[UUID, UUID], Sequence[Mapping[str, str]]] = {}
    for reader in _readers:
        found |= reader(firms, lender_ids)
    return found
