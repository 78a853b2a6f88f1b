"""The loaders by which the domains above let the log read the rows behind its steps, and what else must hold of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from rongtong.attest.contracts import FindFault, LoadEvidence

_loaders: dict[str, LoadEvidence] = {}
_checks: dict[str, FindFault] = {}


def register_evidence(kind: str, load: LoadEvidence) -> None:
    """Say how evidence of a kind is read; called once, from `AppConfig.ready` of the domain that owns the rows.

    `load(ids)` returns the bytes whose digest the steps carry, and leaves out what it does not find.
    """
    _loaders[kind] = load


def load_evidence(kind: str, ids: Sequence[UUID]) -> Mapping[UUID, bytes] | None:
    """The bytes behind ids of a kind; None where no domain registered the kind."""
    load = _loaders.get(kind)
    return None if load is None else load(ids)


def register_check(name: str, find_fault: FindFault) -> None:
    """Have each verification ask for the first row that does not hold, beyond the digests of the steps' evidence."""
    _checks[name] = find_fault


def find_fault() -> str | None:
    """The first fault that a registered check finds."""
    for name, check in _checks.items():
        fault = check()
        if fault:
            return f"{name}: {fault}"
    return None
