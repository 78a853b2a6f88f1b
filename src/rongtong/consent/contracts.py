"""What crosses the door of consent: the authorisation of a firm, its receipt, and who used it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

ConsentId = NewType("ConsentId", UUID)
AssertionId = NewType("AssertionId", UUID)


class ConsentState(StrEnum):
    """How an authorisation stands at a moment; DRAFT is what a form holds and is not kept."""

    DRAFT = "draft"  # -> active
    ACTIVE = "active"  # -> revoked | expired
    REVOKED = "revoked"
    EXPIRED = "expired"


class Purpose(StrEnum):
    """What data may be used for (目的限定, 征信业管理条例 art. 18 and 20, PIPL art. 6)."""

    FINANCING = "financing"
    """Application for and approval of financing (融资申请与审批)."""
    POST_LOAN = "post_loan"
    """Management after the loan is paid out (贷后管理)."""


class Item(StrEnum):
    """What may be read: the kinds of source records, and what is derived from them."""

    REGISTRATION = "registration"
    TAX = "tax"
    INVOICES = "invoices"
    SOCIAL_INSURANCE = "social_insurance"
    ELECTRICITY = "electricity"
    BANK_FLOWS = "bank_flows"
    COURTS = "courts"
    NEWS = "news"
    PORTRAIT = "portrait"
    """The portrait, the score and its reasons: credit information too (征信业务管理办法 art. 3)."""


class Refusal(StrEnum):
    """Why a read was refused; of several reasons the one nearest to a permission is given."""

    NO_CONSENT = "no_consent"
    NOT_GRANTEE = "not_grantee"
    NOT_ITEM = "not_item"
    NOT_PURPOSE = "not_purpose"
    NOT_RANGE = "not_range"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Grantee:
    """Who may read, as named to the firm (PIPL art. 23: the recipient's name is told)."""

    organisation_id: UUID
    name: str
    role: str
    """`platform`, `lender`, `bureau` or `guarantor`."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signed for the firm."""

    name: str
    role: str
    """`legal_representative` or `agent`."""


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """An authorisation to be granted. Spans of data are dates, both inclusive; validity is `valid_from` <= t < `valid_to`."""

    enterprise_id: UUID
    grantees: tuple[Grantee, ...]
    items: tuple[str, ...]
    purposes: tuple[str, ...]
    range_from: date
    range_to: date
    valid_from: datetime
    valid_to: datetime
    retention_days: int
    """How long what was read may be kept after the authorisation has ended."""
    text: str
    """What the firm was shown and agreed to."""
    signatory: Signatory
    form: str = "electronic"
    """`electronic` or `paper`."""
    prior_id: UUID | None = None
    """The authorisation that this one takes the place of, as its next version."""


@dataclass(frozen=True, slots=True)
class Authorisation:
    """An authorisation as it was granted, and how it stands at the moment it was asked for."""

    id: ConsentId
    version: int
    prior_id: ConsentId | None
    enterprise_id: UUID
    signatory: Signatory
    grantees: tuple[Grantee, ...]
    items: tuple[str, ...]
    purposes: tuple[str, ...]
    range_from: date
    range_to: date
    valid_from: datetime
    valid_to: datetime
    retention_days: int
    text: str
    text_digest: str
    """SHA-256 of the text in UTF-8."""
    state: ConsentState
    signed_at: datetime
    revoked_at: datetime | None
    revocation_reason: str
    form: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the firm keeps: the whole authorisation as canonical JSON, and the digests of those bytes."""

    consent_id: ConsentId
    body: str
    digest: str
    """SHA-256 of `body` in UTF-8: also what the transparency log holds."""
    digest_sm3: str
    """SM3 (GB/T 32905) of the same bytes; empty where this installation's library has no SM3."""


@dataclass(frozen=True, slots=True)
class Access:
    """One use of an authorisation, or one refused read."""

    reader_id: UUID
    reader_name: str
    items: tuple[str, ...]
    purpose: str
    consent_id: ConsentId | None
    """None for a refusal, and for the firm reading its own data."""
    refusal: Refusal | None
    actor_kind: str
    actor_id: str
    actor_name: str
    actor_right: str
    """By what right; on whose behalf is the reader."""
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class AccessPage:
    """One page of who saw what, the latest first."""

    items: tuple[Access, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that an importer brings in proof."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AssertionDraft:
    """What an importer asserts that firms authorised: in its own words, by whom, checked by whom, on what paper."""

    text: str
    asserted_by: str
    items: tuple[str, ...]
    checked_by: str = ""
    paper: Paper | None = None


@dataclass(frozen=True, slots=True)
class Assertion:
    """What was asserted about a firm. It is no authorisation: evaluations alone read on it, and nobody is bound by it."""

    id: AssertionId
    enterprise_id: UUID
    items: tuple[str, ...]
    text: str
    asserted_by: str
    checked_by: str
    """Empty where nobody checked the paper."""
    paper_name: str
    paper_digest: str
    """SHA-256 of the file that was brought; empty where none was."""
    valid_to: datetime
    asserted_at: datetime
