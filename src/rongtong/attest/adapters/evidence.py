"""The loaders by which the domains above let the log read the rows behind its steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from rongtong.attest.contracts import LoadEvidence

_loaders: dict[str, LoadEvidence] = {}


def register_evidence(kind: str, load: LoadEvidence) -> None:
    """Say how evidence of a kind is read; called once, from `AppConfig.ready` of the domain that owns the rows.

    `load(ids)` returns the bytes whose digest the steps carry, and leaves out what it does not find.
    """
    _loaders[kind] = load


def load_evidence(kind: str, ids: Sequence[UUID]) -> Mapping[UUID, bytes] | None:
    """The bytes behind ids of a kind; None where no domain registered the kind."""
    load = _loaders.get(kind)
    return None if load is None else load(ids)
