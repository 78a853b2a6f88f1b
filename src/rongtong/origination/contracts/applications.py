"""An application: what the firm asks of one lender, in at most fifteen fields, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from rongtong.matching.contracts import Exposure

ApplicationId = NewType("ApplicationId", UUID)


class ApplicationState(StrEnum):
    """`submitted -> approved | declined | referred`, `referred -> approved | declined | countered`,
    `approved | countered -> accepted -> signed`; a decided one comes back to `referred` when an objection is upheld;
    all before `signed` can be `withdrawn` by the firm, and `lapsed` when nobody acted in time or the consent ended.
    Who acts in each, and until when, is declared in `cases`."""

    SUBMITTED = "submitted"  # -> approved, declined, referred, withdrawn, lapsed
    REFERRED = "referred"  # -> approved, declined, countered, withdrawn, lapsed
    APPROVED = "approved"  # -> accepted, withdrawn, lapsed, referred (an objection was upheld)
    COUNTERED = "countered"  # -> accepted, withdrawn, lapsed, referred (the same)
    DECLINED = "declined"  # -> referred (the same)
    ACCEPTED = "accepted"  # -> signed, withdrawn, lapsed, referred (the same)
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class Lapse(StrEnum):
    """Why an application ended by itself."""

    CONSENT_ENDED = "consent_ended"
    """The firm's authorisation for the lender ended before the decision."""
    NOT_DECIDED = "not_decided"
    NOT_ACCEPTED = "not_accepted"
    NOT_SIGNED_BY_FIRM = "not_signed_by_firm"
    NOT_SIGNED_BY_LENDER = "not_signed_by_lender"
    LENDER_UNLICENSED = "lender_unlicensed"
    """The lender had no licence any more when the agreement was to be drawn up."""


class Purpose(StrEnum):
    """What the money is for (贷款用途); what may not be financed cannot be chosen."""

    RAW_MATERIALS = "raw_materials"
    GOODS = "goods"
    WAGES = "wages"
    RENT_AND_UTILITIES = "rent_and_utilities"
    TAXES = "taxes"
    ORDER = "order"
    EQUIPMENT = "equipment"
    OTHER = "other"
    """Told in the note; a person at the lender reads it."""


class Channel(StrEnum):
    """How the application came."""

    PORTAL = "portal"
    LOAN_CODE = "loan_code"
    API = "api"
    BATCH = "batch"
    """The platform's own loop over many firms."""


@dataclass(frozen=True, slots=True)
class ApplicationDraft:
    """What the firm fills in; the fields are those of APPLICATION_FIELDS. Amounts in fen, terms in months.

    `account_number` is the firm's own account that the lender pays to; the platform keeps it and never holds money.
    `human_review` asks for a person's decision instead of the automatic one (个人信息保护法 art. 24).
    """

    offer_id: UUID
    amount_minor: int
    term_months: int
    purpose: Purpose
    contact_name: str
    contact_phone: str
    purpose_note: str = ""
    contact_role: str = "legal_representative"
    account_bank: str = ""
    account_number: str = ""
    declared: bool = False
    """That what is stated is true, that the money goes to the purpose named, and that no forbidden relation exists."""
    human_review: bool = False
    loan_code: str = ""
    channel: Channel = Channel.PORTAL


@dataclass(frozen=True, slots=True)
class Application:
    """An application as other domains see it; amounts in fen, rates per year as fractions."""

    id: ApplicationId
    enterprise_id: UUID
    enterprise_name: str
    lender_id: UUID
    lender_name: str
    offer_id: UUID
    product_id: UUID
    product_version: int
    product_name_zh: str
    product_name_en: str
    amount_minor: int
    term_months: int
    repayment_method: str
    annual_rate: Decimal
    fees_minor: int
    purpose: Purpose
    purpose_note: str
    contact_name: str
    contact_phone: str
    contact_role: str
    account_bank: str
    account_number: str
    human_review: bool
    channel: Channel
    state: ApplicationState
    submitted_at: datetime
    state_since: datetime
    decision_id: UUID | None
    """The decision that stands: the latest."""
    agreement_id: UUID | None

    @property
    def account_tail(self) -> str:
        """The last four digits of the account, as pages show it."""
        return f"…{self.account_number[-4:]}" if self.account_number else ""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One application on a lender's desk."""

    application: Application
    score: int | None
    grade: str | None
    outcome: str | None
    reasons_zh: tuple[str, ...]
    reasons_en: tuple[str, ...]
    deadline: date
    """The day by which the lender has to answer."""
    overdue: bool
    exposure: Exposure
    """What the firm owes or may come to owe at all lenders, this application included; what is this lender's own is marked."""


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """One thing that happened, or that is still to come."""

    name: str
    """The event's name, such as `application.decided`."""
    title: str
    """In the reader's language."""
    done: bool
    occurred_at: datetime | None
    actor_name: str
    deadline: date | None
    detail: str = ""
    actor_organisation: str = ""
    """On whose behalf, by name."""
    actor_right: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where an application stands: what was done, what is next, by whom and until when."""

    application_id: ApplicationId
    state: ApplicationState
    steps: tuple[TimelineStep, ...]
    next_actor: str | None
    """`firm`, `lender`, `platform`, or None when nothing is to be done."""
    next_actor_name: str
    next_action: str
    """The action awaited, such as `accept_decision`; empty when none is."""
    next_title: str
    next_deadline: date | None


@dataclass(frozen=True, slots=True)
class LoanCode:
    """A loan code (贷款码): a short signed address, bound to a product and perhaps to an enterprise, for a while."""

    token: str
    url: str
    qr_svg: str
    lender_id: UUID
    product_id: UUID
    enterprise_id: UUID | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    items: tuple[Application, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class QueuePage:
    """One page of a lender's desk."""

    items: tuple[QueueRow, ...]
    total: int
    page: int
    page_size: int
