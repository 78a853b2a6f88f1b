"""What crosses the door of records: the shape of landed rows, and the reports of landing and reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import NewType
from uuid import UUID

import pyarrow as pa

from rongtong.sources.contracts import (
    KNOWN_LATER,
    NATURAL_KEYS,
    OCCURRED,
    SOURCE_SCHEMAS,
    STANDINGS,
    PublicRegister,
    Rank,
    SourceKind,
    Standing,
)

BatchId = NewType("BatchId", UUID)
IMPORT_SCHEME = "invoices_cn"
"""Under which the codes of imported files stand that are no USCC, unless the importer names another scheme."""
AccountKeepingId = NewType("AccountKeepingId", UUID)

__all__ = [
    "ITEMS",
    "KNOWN_LATER",
    "NATURAL_KEYS",
    "OCCURRED",
    "RECORD_COLUMNS",
    "RECORD_SCHEMAS",
    "STANDINGS",
    "AccountKeepingId",
    "BatchId",
    "PublicRegister",
    "Rank",
    "SourceKind",
    "Standing",
]

ITEMS: tuple[str, ...] = tuple(kind.value for kind in SourceKind)
"""The kinds of records, as the consent items that cover them."""

RECORD_COLUMNS = pa.schema(
    [
        pa.field("row_id", pa.string(), nullable=False),  # hash of firm, natural key and content: 32 hex digits
        pa.field("record_key", pa.string(), nullable=False),  # hash of firm and natural key: 32 hex digits
        pa.field("version", pa.int32(), nullable=False),  # 1, then one more for each correction
        pa.field("enterprise_id", pa.string(), nullable=False),  # a UUID as text
        pa.field("occurred_date", pa.date32(), nullable=False),  # the first day on which the fact could be known
        pa.field("recorded_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("collected_at", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("source", pa.string(), nullable=False),
        pa.field("consent_id", pa.string(), nullable=False),
        pa.field("batch_id", pa.string(), nullable=False),
        pa.field("row_number", pa.int64(), nullable=False),  # in the batch's file or message, from 1
        pa.field("generated", pa.bool_(), nullable=False),  # whether the simulator made it
        pa.field("rank", pa.string()),  # a Rank; null in files of before, where the source tells it
    ]
)
"""What each landed row carries beside the source's own columns."""

RECORD_SCHEMAS: Mapping[SourceKind, pa.Schema] = MappingProxyType(
    {kind: pa.schema([*RECORD_COLUMNS, *schema]) for kind, schema in SOURCE_SCHEMAS.items()}
)
"""The full schema of the record table of each kind, as `read` returns it."""


@dataclass(frozen=True, slots=True)
class RecordsRead:
    """Rows of one item as of a date: the latest version of each fact known then, ordered by firm and occurred date.

    `snapshot_id` is the state of the table that was read (None while it is empty); giving it back reads the same bytes.
    """

    table: pa.Table
    snapshot_id: int | None
    consents: Mapping[UUID, UUID | None]
    """By enterprise, the consent that covered the read; None where a firm read its own records."""
    ranks: Mapping[UUID, Mapping[str, int]] = field(default_factory=dict)
    """By enterprise and rank, how many facts are known as of the date, whether or not their rank was asked for."""


@dataclass(frozen=True, slots=True)
class LandingReport:
    """What became of the rows of a batch: `rows_read = landed + duplicates + quarantined`, always."""

    rows_read: int = 0
    landed: int = 0
    duplicates: int = 0
    quarantined: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    """How many rows were refused for which reason."""
    unavailable: str = ""
    """Where a source did not answer: the stable code of why; what had come before is landed."""
    refused: int = 0
    """How many firms were passed over, since they have not authorised this."""
    unverified: int = 0
    """How many of the landed rows are of a rank that does not count yet."""

    def __add__(self, other: LandingReport) -> LandingReport:
        reasons = dict(self.reasons)
        for code, count in other.reasons.items():
            reasons[code] = reasons.get(code, 0) + count
        return LandingReport(
            rows_read=self.rows_read + other.rows_read,
            landed=self.landed + other.landed,
            duplicates=self.duplicates + other.duplicates,
            quarantined=self.quarantined + other.quarantined,
            reasons=reasons,
            unavailable=self.unavailable or other.unavailable,
            refused=self.refused + other.refused,
            unverified=self.unverified + other.unverified,
        )


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of an import of invoice files: `rows_read = landed + duplicates + quarantined`, always."""

    rows_read: int
    landed: int
    duplicates: int
    quarantined: int
    enterprises: int
    seconds: float
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What was erased for good."""

    enterprises: int
    rows: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One delivery of one kind: where it came from, under whose hand, and what became of its rows."""

    id: BatchId
    item: str
    source: str
    part: str
    """Which of several files of one delivery, such as `sale`."""
    name: str
    """The file's name or the request's address, for people."""
    payload_digest: str
    """SHA-256 of the file or message, 64 hex digits."""
    state: str
    rows_read: int
    landed: int
    duplicates: int
    quarantined: int
    snapshot_id: int | None
    reasons: Mapping[str, int]
    actor: str
    """Who brought it, by name."""
    actor_organisation_id: UUID | None
    """On whose behalf; None for the platform itself."""
    actor_right: str
    collected_at: datetime
    recorded_at: datetime
    rank: str = ""
    """In what standing its rows were stated."""


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One page of batches, the latest first."""

    items: tuple[Batch, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not landed, kept word for word, with the stable code of why."""

    batch_id: BatchId
    """The first batch that brought it."""
    item: str
    part: str
    row_number: int
    reason: str
    column: str
    """The source's column that is wrong; empty where it is the row as a whole."""
    verbatim: str | None
    """JSON: the raw texts by column, or one text where the row could not be split; None where consent has ended."""
    enterprise_id: UUID | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """One page of refused rows, the latest first, and how many there are by reason."""

    items: tuple[RefusedRow, ...]
    total: int
    page: int
    page_size: int
    reasons: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a landed row came from."""

    row_id: str
    enterprise_id: UUID
    occurred_date: date
    version: int
    values: Mapping[str, object]
    """The source's own columns."""
    source: str
    consent_id: UUID
    collected_at: datetime
    recorded_at: datetime
    batch: Batch | None
    """None where the reader may not see the delivery as a whole."""
    batch_id: BatchId
    row_number: int
    generated: bool
    rank: str
    """In what standing it was stated."""


class KeepingState(StrEnum):
    """How far it is settled that a bank keeps an account of a firm: named -> confirmed -> ended."""

    NAMED = "named"
    """The firm, or the bank, says so; the other side has not confirmed it."""
    CONFIRMED = "confirmed"
    ENDED = "ended"


class AccountStanding(StrEnum):
    """What the platform knows of an account that a firm calls its own."""

    CONFIRMED = "confirmed"
    """A bank keeps it for this firm: both said so, or the operator found out."""
    NAMED = "named"
    """One side said so; the other has not confirmed it."""
    FOREIGN = "foreign"
    """A bank keeps an account of this number for somebody else."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AccountKeeping:
    """That a bank keeps an account of a firm: what it states of that account counts once this is confirmed."""

    id: AccountKeepingId
    enterprise_id: UUID
    institution_id: UUID
    account_number: str
    state: KeepingState
    named_by: UUID
    """The organisation that said so first: the firm, the bank, or the operator."""
    recorded_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None


class LookupState(StrEnum):
    """How a look-up in a public register went."""

    ANSWERED = "answered"
    SILENT = "silent"
    """No proper answer came: nothing is known, and a person decides."""
    NOT_ASKED = "not_asked"
    """In an evaluation of a firm or an installation for which no register can be asked: an assumption that the report names."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """One look-up of a firm in a public register."""

    id: UUID
    enterprise_id: UUID
    reader_id: UUID
    register: PublicRegister
    purpose: str
    as_of: date
    state: LookupState
    detail: str
    listed: bool | None
    amount_minor: int | None
    answer_digest: str
    actor: str
    recorded_at: datetime
