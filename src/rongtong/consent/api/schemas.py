"""What the routes of consent take and give."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from rongtong.consent.contracts import Basis, ConsentState, Fetch, Item, Mode, Purpose
from rongtong.core.bounds import Code, Day, Moment, Note, Ref

Days = Annotated[int, Field(ge=0, le=36_600)]
Names = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=500)]


class GranteeOut(Schema):
    """Who may read."""

    organisation: str
    name: str
    role: str


class SignatoryIn(Schema):
    """Who signs for the firm: its `legal_representative` as registered, or an `agent` with a `mandate` that was uploaded."""

    name: Code
    role: Ref = "legal_representative"
    id_number: Ref = ""
    mandate: Ref | None = None


class SignatoryOut(Schema):
    """Who signed."""

    name: str
    role: str
    mandate: str | None


class EntryIn(Schema):
    """One thing granted: these recipients may have this item for this purpose, on these terms. Dates are inclusive."""

    grantees: Names
    item: Item
    purpose: Purpose
    range_from: Day
    range_to: Day
    retention_days: Days
    mode: Mode = Mode.VIEW
    fetch: Fetch = Fetch.PERIODIC
    frequency_days: Days | None = None
    fields: Names = []
    provider: Ref = ""
    legal_basis: Ref = "consent"
    sensitive: bool = False
    onward: Names = []


class EntryOut(Schema):
    """An entry as it was granted."""

    grantees: list[GranteeOut]
    item: str
    purpose: str
    range_from: date
    range_to: date
    retention_days: int
    mode: str
    fetch: str
    frequency_days: int | None
    fields: list[str]
    provider: str
    legal_basis: str
    sensitive: bool
    onward: list[GranteeOut]


class DraftIn(Schema):
    """An authorisation as it is to be: what its text comes to can be asked before it is signed. In force until `valid_to`."""

    entries: Annotated[list[EntryIn], Field(max_length=500)]
    valid_from: Moment | None = None
    valid_to: Moment
    supplement: Note = ""
    prior: Ref | None = None


class ConsentIn(DraftIn):
    """An authorisation to be granted; `text_sha256` is the digest of the text that the signatory has read, where it was shown."""

    signatory: SignatoryIn
    text_sha256: Ref = ""


class PaperConsentIn(ConsentIn):
    """What a firm signed on paper; the signatory's `mandate` is the scan of it, uploaded before."""

    enterprise: Code


class TextOut(Schema):
    """What a draft comes to: the Chinese text is what is signed."""

    text: str
    english: str
    text_sha256: str


class MandateOut(Schema):
    """A power of attorney that was handed in."""

    id: str


class ConsentOut(Schema):
    """An authorisation as it stands now; `grantees`, `items` and `purposes` are all that the entries name."""

    id: str
    version: int
    prior: str | None
    enterprise: str
    signatory: SignatoryOut
    basis: Basis
    entries: list[EntryOut]
    grantees: list[GranteeOut]
    items: list[str]
    purposes: list[str]
    range_from: date
    range_to: date
    valid_from: datetime
    valid_to: datetime
    retention_days: int
    supplement: str
    text: str
    text_sha256: str
    state: ConsentState
    signed_at: datetime
    revoked_at: datetime | None
    form: str


class RevocationIn(Schema):
    """Why, if the firm cares to say."""

    reason: Note = ""


class ReceiptOut(Schema):
    """What the firm keeps: `body` is canonical JSON, the digests are of its bytes in UTF-8."""

    id: str
    body: str
    sha256: str
    sm3: str


class AccessOut(Schema):
    """The uses of one consent by one person on a day, or all reads of one reader that were refused on a day."""

    reader: str
    reader_name: str
    items: list[str]
    purposes: list[str]
    consent: str | None
    refusals: list[str]
    asserted: bool
    actor_kind: str
    actor_id: str
    actor_name: str
    actor_right: str
    times: int
    first_at: datetime
    occurred_at: datetime


class AccessesOut(Schema):
    """One page of who saw what, the latest first."""

    items: list[AccessOut]
    total: int
    page: int
    page_size: int
