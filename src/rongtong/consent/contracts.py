"""What crosses the door of consent: the authorisation of a firm, its receipt, and who used it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NewType
from uuid import UUID

ConsentId = NewType("ConsentId", UUID)
AssertionId = NewType("AssertionId", UUID)


class ConsentState(StrEnum):
    """How an authorisation stands at a moment; DRAFT is what a form holds and is not kept."""

    DRAFT = "draft"  # -> awaiting_check | active
    AWAITING_CHECK = "awaiting_check"  # -> active | rejected | revoked | expired
    """Signed, and not in force until a person of the operator has checked who signed."""
    ACTIVE = "active"  # -> suspended | revoked | expired | consumed
    SUSPENDED = "suspended"  # -> active | revoked | expired
    """The firm has stopped all reads for a while."""
    REJECTED = "rejected"
    """The check of the signatory failed: it never was in force."""
    REVOKED = "revoked"
    EXPIRED = "expired"
    CONSUMED = "consumed"
    """Each entry allowed one fetch, and each has been made."""


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


class Mode(StrEnum):
    """What a reader may do with an item; each includes those before it."""

    VIEW = "view"
    """Look at it where it is shown."""
    QUERY = "query"
    """Have it computed with, for one decision at a time."""
    STORE = "store"
    """Fetch it from its provider, keep it and compute with it."""
    STREAM = "stream"
    """Receive it as it arises."""


class Fetch(StrEnum):
    """How often an item may be fetched: once, or again and again."""

    ONETIME = "onetime"
    PERIODIC = "periodic"


class Basis(StrEnum):
    """By what a signature is taken for the firm's."""

    REGISTRATION = "registration"
    """The name is that of the registered legal representative."""
    MANDATE = "mandate"
    """An agent signed; a person of the operator checks the power of attorney."""
    UNVERIFIED = "unverified"
    """No register could be asked; a person of the operator checks who signed."""
    PAPER = "paper"
    """The operator holds the signed paper."""


class Refusal(StrEnum):
    """Why a read was refused; of several reasons the one nearest to a permission is given."""

    NO_CONSENT = "no_consent"
    NOT_GRANTEE = "not_grantee"
    NOT_ITEM = "not_item"
    NOT_PURPOSE = "not_purpose"
    NOT_MODE = "not_mode"
    NOT_FIELDS = "not_fields"
    NOT_RANGE = "not_range"
    NOT_YET = "not_yet"
    TOO_OFTEN = "too_often"
    CONSUMED = "consumed"
    AWAITING_CHECK = "awaiting_check"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Grantee:
    """Who may read, as named to the firm (PIPL art. 23: the recipient's name is told)."""

    organisation_id: UUID
    name: str
    role: str
    """`platform`, `lender`, `bureau` or `guarantor`."""
    identifier: str = ""
    """The unified social credit code; empty where none is registered."""


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signed for the firm."""

    name: str
    role: str
    """`legal_representative` or `agent`."""
    id_number: str = field(default="", repr=False)
    """The person's identity number, where it was given: only its keyed digest is kept."""
    mandate_id: UUID | None = None
    """The power of attorney that an agent brings."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing agreed: these recipients may have this item for this purpose, on these terms.

    Dates are inclusive. Who is not named in an entry of an item and purpose may not have it.
    """

    grantees: tuple[Grantee, ...]
    item: str
    purpose: str
    range_from: date
    range_to: date
    retention_days: int
    """How long what was read may be kept after the authorisation has ended."""
    mode: str = Mode.VIEW
    fetch: str = Fetch.PERIODIC
    frequency_days: int | None = None
    """At most one fetch in so many days; None: as often as the purpose needs."""
    fields: tuple[str, ...] = ()
    """The columns that may be read; empty: all of the item."""
    provider: str = ""
    """Who holds it, in words; empty: who is named for the item (`rules.wording`)."""
    legal_basis: str = "consent"
    sensitive: bool = False
    """Whether the law wants a separate consent (PIPL art. 28-30): the form asks for it apart."""
    onward: tuple[Grantee, ...] = ()
    """To whom the recipients may pass it on; nobody, unless named."""


@dataclass(frozen=True, slots=True)
class ConsentDraft:
    """An authorisation to be signed: its text is made from it, so that the two say the same. Validity is `valid_from` <= t < `valid_to`."""

    enterprise_id: UUID
    entries: tuple[Entry, ...]
    valid_from: datetime
    valid_to: datetime
    signatory: Signatory
    form: str = "electronic"
    """`electronic` or `paper`."""
    supplement: str = ""
    """What the firm wants to state besides; shown as that, and grants nothing."""
    prior_id: UUID | None = None
    """The authorisation that this one takes the place of, as its next version."""
    text_digest: str = ""
    """SHA-256 of the text that the signatory was shown; empty: not told."""


@dataclass(frozen=True, slots=True)
class Authorisation:
    """An authorisation as it was granted, and how it stands at the moment it was asked for."""

    id: ConsentId
    version: int
    prior_id: ConsentId | None
    enterprise_id: UUID
    signatory: Signatory
    basis: Basis
    """By what the signature is taken for the firm's."""
    entries: tuple[Entry, ...]
    grantees: tuple[Grantee, ...]
    """Everybody who is named in an entry; which items each may have, the entries say. So below."""
    items: tuple[str, ...]
    purposes: tuple[str, ...]
    range_from: date
    range_to: date
    valid_from: datetime
    valid_to: datetime
    retention_days: int
    """The longest of the entries."""
    supplement: str
    text: str
    text_digest: str
    """SHA-256 of the text in UTF-8."""
    state: ConsentState
    signed_at: datetime
    revoked_at: datetime | None
    revocation_reason: str
    form: str


@dataclass(frozen=True, slots=True)
class Mandate:
    """A power of attorney as it was handed in."""

    id: UUID
    enterprise_id: UUID
    name: str
    media_type: str
    digest: str
    """SHA-256 of the file."""
    content: bytes
    recorded_at: datetime


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
    """One line of who saw what: the uses of one consent by one actor on a day, or all reads of one reader refused on a day."""

    reader_id: UUID
    reader_name: str
    items: tuple[str, ...]
    purposes: tuple[str, ...]
    consent_id: ConsentId | None
    """None for a refusal, and for the firm reading its own data."""
    refusals: tuple[Refusal, ...]
    """Empty for a use."""
    asserted: bool
    """Whether an evaluation read on what an importer asserted, and on no consent."""
    actor_kind: str
    actor_id: str
    actor_name: str
    actor_right: str
    """By what right, of the last; on whose behalf is the reader."""
    times: int
    first_at: datetime
    occurred_at: datetime
    """The last of the day."""

    @property
    def purpose(self) -> str:
        """The purpose, where it was one."""
        return self.purposes[0]

    @property
    def refusal(self) -> Refusal | None:
        """The last reason given, if it is a refusal."""
        return self.refusals[-1] if self.refusals else None


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
