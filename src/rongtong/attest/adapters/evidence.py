"""The kinds of evidence: how the domains above let the log read the rows behind its steps, in the version they were attested with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from rongtong.attest.contracts import FindFault, LoadEvidence
from rongtong.core.frozen_columns import FrozenColumns, Versions


@dataclass(frozen=True, slots=True)
class EvidenceKind:
    """How evidence of a kind is read, the column lists that it is made of, and the form in which they are put together."""

    load: LoadEvidence
    columns: tuple[FrozenColumns, ...]
    form: int


_kinds: dict[str, EvidenceKind] = {}
_checks: dict[str, FindFault] = {}


def register_evidence(kind: str, load: LoadEvidence, *columns: FrozenColumns, form: int = 1) -> None:
    """Say how evidence of a kind is read; called once, from `AppConfig.ready` of the domain that owns the rows.

    `load(ids, versions)` returns the bytes whose digest the steps carry, and leaves out what it does not find.
    `versions` names the version of each column list that the step was made with, and under the kind's own name the
    form: `form` grows when the bytes are put together in another way, and the loader then still makes the older ones.
    """
    _kinds[kind] = EvidenceKind(load, columns, form)


def evidence_kinds() -> Mapping[str, EvidenceKind]:
    """All that were registered, by kind."""
    return dict(sorted(_kinds.items()))


def current_versions(kind: str) -> dict[str, int]:
    """The versions that a step written now is made with."""
    known = _kinds.get(kind)
    if known is None:
        return {kind: 1}
    return {kind: known.form, **{columns.name: columns.current for columns in known.columns}}


def load_evidence(kind: str, ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes] | None:
    """The bytes behind ids of a kind, in those versions (None: the present ones); None where no domain registered the kind."""
    known = _kinds.get(kind)
    if known is None:
        return None
    return known.load(ids, current_versions(kind) if versions is None else versions)


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
