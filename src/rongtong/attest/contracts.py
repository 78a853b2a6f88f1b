"""What crosses the door of attest: steps, leaves, checkpoints, proofs, the result of a verification."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rongtong.core.frozen_columns import Versions

LoadEvidence = Callable[[Sequence[UUID], Versions], Mapping[UUID, bytes]]
"""Gives the bytes behind evidence ids in the versions that a step was made with; ids without a row are left out."""

FindFault = Callable[[], str | None]
"""Names the first row of a domain that does not hold together with its other rows; None where all do."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a financing. `evidence_digest` is `core.canonical.digest` of the bytes that the loader returns."""

    kind: str
    """The event's name, such as `agreement.signed`."""
    subject: str
    """What it was done to, as a prefixed id."""
    enterprise_id: UUID | None
    """The firm concerned, which may read the step."""
    evidence_kind: str
    evidence_id: UUID
    evidence_digest: str
    occurred_at: datetime
    lender_id: UUID | None = None
    """The lender concerned, which may read the step too."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A step in the log; `leaf_index` is None while it waits for the sequencer."""

    step_id: UUID
    step: Step
    leaf_index: int | None
    leaf_hash: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement of the log's size and root; `note` is the C2SP signed note that anyone may keep."""

    tree_size: int
    root_hash: str
    signed_at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That a leaf is in the tree of a size (RFC 9162, 2.1.3); hashes as hex, leaf to root."""

    leaf_index: int
    tree_size: int
    leaf_hash: str
    root_hash: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of `new_size` only appended to the tree of `old_size` (RFC 9162, 2.1.4)."""

    old_size: int
    new_size: int
    old_root: str
    new_root: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogState:
    """How far the log is behind what is written; each moment is None where there is none such."""

    rows_wait_since: datetime | None
    """When the oldest row was written that waits for its seal."""
    steps_wait_since: datetime | None
    """When the oldest step was written that waits for its place."""
    last_seal_at: datetime | None
    last_checkpoint_at: datetime | None
    rows_late: bool = False
    """Whether rows wait for longer than seals take when all is well."""
    steps_late: bool = False

    @property
    def late(self) -> bool:
        """Whether anything waits for too long."""
        return self.rows_late or self.steps_late


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What recomputing everything found; `first_bad` names the first thing that is not as it was written."""

    leaves: int
    ok: bool
    first_bad: str | None
    pending: int = 0
    """Steps that wait for the sequencer; their evidence was checked too."""
    checkpoints: int = 0
    kept: int = 0
    """Checkpoints kept outside of the database that the log was held against."""
    key_fingerprint: str = ""
    """The SHA-256 of the log's public key, as a stranger should have written it down."""
    restored: tuple[str, ...] = ()
    """Each restore that was declared, in words: when, from which backup, how many leaves it cut off."""
    foreign: tuple[str, ...] = ()
    """The first sealed rows that the platform did not write, in words."""
    state: LogState | None = None
