"""The canonical shape of each kind of source data, whatever format it came in.

Amounts are whole fen, energy whole watt-hours, dates calendar days in China; a month is its first day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

import pyarrow as pa


class SourceKind(StrEnum):
    """The eight kinds of data that a firm can open up; also the consent items that cover them."""

    REGISTRATION = "registration"
    """Business registration and its changes (工商登记)."""
    TAX = "tax"
    """Tax declarations, payments and the yearly grade (纳税)."""
    INVOICES = "invoices"
    """Invoices issued and received (销项、进项发票)."""
    SOCIAL_INSURANCE = "social_insurance"
    """Social insurance dues and insured staff (社保)."""
    ELECTRICITY = "electricity"
    """Daily meter readings (用电)."""
    BANK_FLOWS = "bank_flows"
    """Entries of bank accounts (银行流水)."""
    COURTS = "courts"
    """Court cases and enforcement (司法)."""
    NEWS = "news"
    """News text that names the firm (舆情)."""


class PublicRegister(StrEnum):
    """A register that the law publishes: looking a firm up in it needs no consent (征信业管理条例 art. 13, 21)."""

    DISHONEST = "dishonest"
    """Dishonest judgment debtors (失信被执行人名单)."""
    ENFORCEMENT = "enforcement"
    """Judgment debtors under enforcement (被执行人信息)."""
    REGISTRATION = "registration"
    """Firms and their standing (企业登记状态)."""
    ABNORMAL = "abnormal"
    """Firms listed for abnormal operation (经营异常名录)."""


class Rank(StrEnum):
    """In what standing a record was stated (来源等级). The platform sets it from the channel and the sender, never from the payload."""

    AUTHORITY = "authority"
    """Collected from the office that keeps the fact: tax, registration, court, social insurance, power company (官方核验)."""
    KEEPER = "keeper"
    """Stated by the bank that keeps this very account, which is confirmed and not claimed (账户行)."""
    PUBLISHED = "published"
    """Collected from where it was published under a name, such as a newspaper (公开发布)."""
    COUNTERPARTY = "counterparty"
    """Stated by the other side of the business (对手方)."""
    SEALED = "sealed"
    """Handed in by the firm as a document whose signature by the office was verified (验签通过)."""
    OWN = "own"
    """Stated by the firm about itself (企业自述)."""
    CLAIMED = "claimed"
    """Stated by a bank whose keeping of the account is not confirmed (未确认账户行)."""
    ASSERTED = "asserted"
    """Stated by whoever imported a file; it counts in an evaluation alone (导入声明)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who may state a kind of records, by channel, and which ranks of it count in scores, limits and decisions."""

    collected: Rank
    """The rank of what the platform collects from the source itself, or its operator hands on from it."""
    counts: frozenset[Rank]
    """What is of another rank is shown and waits: for the same fact from a sender whose rank counts."""
    firm: Rank | None = None
    """The rank of what the firm itself sends; None where it may send none."""
    sealed: Rank | None = None
    """The rank of what the firm sends as a document that bears the office's verified signature."""
    bank: Rank | None = None
    """The rank of what the bank sends that keeps the account; None where a bank may send none."""


def _office(*, firm: Rank | None = None) -> Standing:
    return Standing(collected=Rank.AUTHORITY, counts=frozenset({Rank.AUTHORITY}), firm=firm)


STANDINGS: Mapping[SourceKind, Standing] = MappingProxyType(
    {
        SourceKind.REGISTRATION: _office(),
        SourceKind.TAX: _office(),
        # two firms can invent a trade together, so the buyer's word does not make the seller's invoice count either
        SourceKind.INVOICES: Standing(
            collected=Rank.AUTHORITY, counts=frozenset({Rank.AUTHORITY, Rank.SEALED}), firm=Rank.OWN, sealed=Rank.SEALED
        ),
        SourceKind.SOCIAL_INSURANCE: _office(),
        SourceKind.ELECTRICITY: _office(),
        SourceKind.BANK_FLOWS: Standing(collected=Rank.KEEPER, counts=frozenset({Rank.KEEPER}), bank=Rank.KEEPER),
        SourceKind.COURTS: _office(),
        SourceKind.NEWS: Standing(collected=Rank.PUBLISHED, counts=frozenset({Rank.PUBLISHED})),
    }
)
"""Who may state each kind, and what of it counts."""


def _fields(required: Mapping[str, pa.DataType], optional: Mapping[str, pa.DataType]) -> pa.Schema:
    return pa.schema(
        [pa.field(name, kind, nullable=False) for name, kind in required.items()]
        + [pa.field(name, kind) for name, kind in optional.items()]
    )


_TEXT, _FEN, _DAY = pa.string(), pa.int64(), pa.date32()

SOURCE_SCHEMAS: Mapping[SourceKind, pa.Schema] = MappingProxyType(
    {
        SourceKind.INVOICES: _fields(
            {
                "direction": _TEXT,  # sale | purchase, seen from the firm
                "invoice_key": _TEXT,
                "invoice_no": _TEXT,
                "issued_date": _DAY,
                "counterparty_id": _TEXT,
                "counterparty_name": _TEXT,
                "net_fen": _FEN,
                "tax_fen": _FEN,
                "gross_fen": _FEN,
                "status": _TEXT,  # valid | void | red: red invoices carry negative amounts
            },
            {"blue_invoice_key": _TEXT, "item_name": _TEXT},
        ),
        SourceKind.TAX: _fields(
            {
                "period_month": _DAY,
                "tax_type": _TEXT,  # vat | cit | grade
                "declared_sales_fen": _FEN,
                "tax_due_fen": _FEN,
                "tax_paid_fen": _FEN,
                "late_fee_fen": _FEN,
                "due_date": _DAY,
            },
            {"filed_date": _DAY, "paid_date": _DAY, "grade": _TEXT},  # grade A | B | M | C | D in rows of type grade
        ),
        SourceKind.REGISTRATION: _fields(
            {"event_date": _DAY, "change_type": _TEXT, "before": _TEXT, "after": _TEXT},
            {"registered_capital_fen": _FEN, "paid_in_fen": _FEN},
        ),
        SourceKind.SOCIAL_INSURANCE: _fields(
            {
                "period_month": _DAY,
                "insured_headcount": pa.int64(),
                "due_fen": _FEN,
                "paid_fen": _FEN,
                "due_date": _DAY,
            },
            {"paid_date": _DAY},
        ),
        SourceKind.ELECTRICITY: _fields(
            {
                "read_date": _DAY,
                "energy_wh": pa.int64(),
                "peak_wh": pa.int64(),
                "valley_wh": pa.int64(),
                "arrears_fen": _FEN,
            },
            {},
        ),
        SourceKind.BANK_FLOWS: _fields(
            {
                "booked_date": _DAY,
                "amount_fen": _FEN,  # + in, − out
                "balance_fen": _FEN,  # after the entry
                "counterparty_id": _TEXT,
                "counterparty_name": _TEXT,
                "purpose_text": _TEXT,
                "entry_ref": _TEXT,
            },
            {"booked_time": _TEXT},  # HH:MM, China time
        ),
        SourceKind.COURTS: _fields(
            {
                "event_date": _DAY,
                "case_no": _TEXT,
                "role": _TEXT,
                "cause": _TEXT,
                "amount_fen": _FEN,
                "stage": _TEXT,
            },
            {},
        ),
        SourceKind.NEWS: _fields(
            {"published_date": _DAY, "headline": _TEXT, "body": _TEXT, "source_name": _TEXT, "url": _TEXT}, {}
        ),
    }
)

NATURAL_KEYS: Mapping[SourceKind, tuple[str, ...]] = MappingProxyType(
    {
        SourceKind.INVOICES: ("direction", "invoice_key"),
        SourceKind.TAX: ("period_month", "tax_type"),
        SourceKind.REGISTRATION: ("event_date", "change_type", "after"),
        SourceKind.SOCIAL_INSURANCE: ("period_month",),
        SourceKind.ELECTRICITY: ("read_date",),
        SourceKind.BANK_FLOWS: ("booked_date", "entry_ref"),
        SourceKind.COURTS: ("case_no", "role", "stage", "event_date"),
        SourceKind.NEWS: ("published_date", "headline", "url"),
    }
)
"""What makes two rows of one firm the same fact: the same key with other content is a correction, a new version."""

OCCURRED: Mapping[SourceKind, tuple[str, ...]] = MappingProxyType(
    {
        SourceKind.INVOICES: ("issued_date",),
        SourceKind.TAX: ("due_date", "filed_date", "paid_date"),
        SourceKind.REGISTRATION: ("event_date",),
        SourceKind.SOCIAL_INSURANCE: ("due_date", "paid_date"),
        SourceKind.ELECTRICITY: ("read_date",),
        SourceKind.BANK_FLOWS: ("booked_date",),
        SourceKind.COURTS: ("event_date",),
        SourceKind.NEWS: ("published_date",),
    }
)
"""The dates of which the earliest says when a row's fact could first be known (a declaration: filed or due, never its month)."""

KNOWN_LATER: Mapping[SourceKind, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        SourceKind.TAX: {
            "filed_date": ("declared_sales_fen", "tax_due_fen"),
            "paid_date": ("tax_paid_fen", "late_fee_fen"),
        },
        SourceKind.SOCIAL_INSURANCE: {"paid_date": ("paid_fen",)},
    }
)
"""Dates that may lie after a row's occurred date: seen from before such a date, it is null and its amounts are zero."""

ALLOWED: Mapping[SourceKind, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        SourceKind.INVOICES: {"direction": ("sale", "purchase"), "status": ("valid", "void", "red")},
        SourceKind.TAX: {"tax_type": ("vat", "cit", "grade"), "grade": ("A", "B", "M", "C", "D")},
        SourceKind.REGISTRATION: {
            "change_type": (
                "established",
                "capital",
                "legal_rep",
                "address",
                "shareholders",
                "abnormal_listed",
                "abnormal_removed",
                "revoked",
                "equity_pledge",
            )
        },
        SourceKind.COURTS: {
            "role": ("defendant", "plaintiff"),
            "stage": (
                "filed",
                "hearing",
                "judgment",
                "enforcement",
                "dishonest",
                "consumption_limit",
                "terminated",
                "closed",
            ),
        },
    }
)
"""The values that a coded column may take; a null passes where the column is nullable."""


class Cast(StrEnum):
    """How a text of a source becomes a value."""

    TEXT = "text"
    FEN = "fen"
    """Yuan, with or without thousands commas, to whole fen; more than two decimals are refused."""
    DAY = "day"
    """A calendar day: 2017-07-18, 2017/7/18, 20170718, 2017年7月18日; a time of day behind it is dropped, a moment in UTC is its day in China."""
    MONTH = "month"
    """A month as 2017-07, 201707 or any of its days, to its first day."""
    COUNT = "count"
    WATT_HOURS = "watt_hours"
    """Kilowatt-hours with at most three decimals to whole watt-hours."""
    CODE = "code"
    """One of the keys of `codes`, to its value."""
    CONSTANT = "constant"
    """`raw` itself is the value."""
    JOINED = "joined"
    """Values of other columns of the layout, joined by `|`; `raw` names them, separated by spaces."""


@dataclass(frozen=True, slots=True)
class Column:
    """How one column of the canonical shape comes from a source's columns."""

    name: str
    raw: str
    cast: Cast = Cast.TEXT
    codes: Mapping[str, str] = field(default_factory=dict)
    blank: str | None = None
    """What stands for an empty text; None keeps it missing."""


@dataclass(frozen=True, slots=True)
class RawRows:
    """Rows as they were delivered, every value as text and none dropped, and how they become canonical.

    `table` has the text columns of the source and `row_number` (from 1, int64); `subject` names the column that holds the
    source's name of the firm. `malformed` holds what could not be split into values. Every row that was read is in
    exactly one of the two.
    """

    kind: SourceKind
    table: pa.Table
    malformed: pa.Table
    layout: tuple[Column, ...]
    subject: str

    @property
    def count(self) -> int:
        return int(self.table.num_rows + self.malformed.num_rows)


ACCOUNT = "account"
"""The raw column of bank flows that names the account, as its statement does."""

SEAL, SEALED = "seal", "verified"
"""The raw column of invoices that says whether the document's signature was verified, and what it then says."""

MALFORMED = pa.schema([("row_number", pa.int64()), ("reason", pa.string()), ("verbatim", pa.string())])
"""Rows that could not be split: `reason` is a stable code, `verbatim` the row as it stood."""
