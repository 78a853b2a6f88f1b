"""What the API of origination takes and gives. Amounts in fen, rates per year as fractions in strings."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field

from rongtong.core.bounds import Code, Ref
from rongtong.origination.contracts import AgreementState, ApplicationState, Outcome, Purpose, Side
from rongtong.records.contracts import AccountStanding

Text = Annotated[str, Field(max_length=4000)]
Minor = Annotated[int, Field(gt=0, le=10**15)]
Months = Annotated[int, Field(ge=1, le=360)]


class ChoiceOut(Schema):
    """One option of a field."""

    value: str
    label_zh: str
    label_en: str


class FieldOut(Schema):
    """One field of the application form."""

    name: str
    label_zh: str
    label_en: str
    kind: str
    required: bool
    prefilled: bool
    max_length: int
    choices: list[ChoiceOut]


class ApplicationIn(Schema):
    """An application for an offer; `offer_id` as `off_…`."""

    offer_id: Code
    amount_minor: Minor
    term_months: Months
    purpose: Purpose
    purpose_note: Text = ""
    contact_name: Text
    contact_phone: Text
    contact_role: Text = "legal_representative"
    account_bank: Text = ""
    account_number: Text = ""
    declared: bool
    human_review: bool = False
    loan_code: Text = ""


class ApplicationOut(Schema):
    """An application as it stands; the account shows its last four digits."""

    id: str
    enterprise: str
    enterprise_name: str
    lender: str
    lender_name: str
    offer: str
    product_name_zh: str
    product_name_en: str
    product_version: int
    amount_minor: int
    term_months: int
    repayment_method: str
    annual_rate: str
    fees_minor: int
    purpose: str
    purpose_note: str
    contact_name: str
    account: str
    human_review: bool
    channel: str
    state: ApplicationState
    submitted_at: datetime
    state_since: datetime
    decision: str | None
    agreement: str | None


class ApplicationsOut(Schema):
    """One page of applications, the latest first."""

    items: list[ApplicationOut]
    total: int
    page: int
    page_size: int


class ReasonOut(Schema):
    """Why, in both languages, with the source of the rule where there is one."""

    code: str
    text_zh: str
    text_en: str
    source: str


class CheckOut(Schema):
    """One check of a decision."""

    code: str
    state: str
    text_zh: str
    text_en: str
    source: str
    required: str
    found: str


class DecisionOut(Schema):
    """A decision with its terms, reasons and versions; `digest` covers inputs and result."""

    id: str
    application: str
    number: int
    outcome: Outcome
    decided_by: str
    amount_minor: int | None
    term_months: int | None
    annual_rate: str | None
    fees_minor: int | None
    annual_cost_simple: str | None
    annual_cost_effective: str | None
    score: int | None
    grade: str | None
    scorecard_version: str
    rulebook_version: str
    product_version: int
    checks: list[CheckOut]
    reasons: list[ReasonOut]
    fixes: list[ReasonOut]
    conditions: list[ReasonOut]
    notes: list[str]
    actor_name: str
    actor_organisation: str | None
    actor_right: str
    decided_at: datetime
    as_of: date
    latency_ms: int
    digest: str


class DeskIn(Schema):
    """A desk's decision; terms left out are those applied for."""

    outcome: Outcome
    reason: Text
    amount_minor: Minor | None = None
    term_months: Months | None = None
    annual_rate: Decimal | None = Field(default=None, gt=0, lt=1, max_digits=8, decimal_places=6)


class ProposalOut(Schema):
    """A decision that waits for a second person."""

    id: str
    application: str
    outcome: Outcome
    amount_minor: int | None
    term_months: int | None
    annual_rate: str | None
    reason: str
    proposed_by: str
    proposed_at: datetime


class DeskOut(Schema):
    """Either the decision made, or the proposal that waits for a second person."""

    decision: DecisionOut | None = None
    proposal: ProposalOut | None = None


class QueueRowOut(Schema):
    """One application that waits at the desk."""

    application: ApplicationOut
    score: int | None
    grade: str | None
    reasons_zh: list[str]
    reasons_en: list[str]
    deadline: date
    overdue: bool
    exposure_minor: int
    """What the firm owes or may come to owe at all lenders of the platform, this application included, in fen; debts outside
    of the platform are not known."""
    exposure_own_minor: int
    exposure_limit_minor: int


class QueueOut(Schema):
    """One page of the desk, the oldest first."""

    items: list[QueueRowOut]
    total: int
    page: int
    page_size: int


class WithdrawalIn(Schema):
    """Why, if the firm cares to say."""

    reason: Text = ""


class ObjectionIn(Schema):
    """What the firm objects to."""

    text: Text


class AnswerIn(Schema):
    """The lender's answer."""

    upheld: bool
    text: Text


class ObjectionOut(Schema):
    """An objection and its answer."""

    id: str
    application: str
    decision: str
    state: str
    text: str
    raised_at: datetime
    deadline: date
    answer: str
    answered_at: datetime | None
    answered_by: str


class StepOut(Schema):
    """One step, done or still to come."""

    name: str
    title: str
    done: bool
    occurred_at: datetime | None
    actor_name: str
    deadline: date | None
    detail: str
    actor_organisation: str
    actor_right: str


class TimelineOut(Schema):
    """Where an application stands and who is next, until when."""

    application: str
    state: ApplicationState
    steps: list[StepOut]
    next_actor: str | None
    next_actor_name: str
    next_action: str
    next_title: str
    next_deadline: date | None


class SignerOut(Schema):
    """Who drew the document up or signed it, on behalf of whom, by what right."""

    stage: AgreementState
    actor_kind: str
    actor_id: str
    actor_name: str
    actor_organisation: str | None
    actor_right: str
    recorded_at: datetime


class AgreementOut(Schema):
    """An agreement as it stands; `pdf_digest` is the SHA-256 of its document."""

    id: str
    number: str
    application: str
    decision: str
    amount_minor: int
    term_months: int
    annual_rate: str
    penalty_rate: str
    fees_minor: int
    repayment_method: str
    annual_cost_simple: str
    annual_cost_effective: str
    start_date: date
    state: str
    pdf_digest: str
    prepared_at: datetime
    firm_signed_at: datetime | None
    lender_signed_at: datetime | None
    account_bank: str
    account_ending: str
    account_standing: AccountStanding | None
    """What the platform knows of the firm's account that is paid to: `confirmed` by its bank, or not; none is named yet where empty."""
    signers: list[SignerOut]


class SignatureIn(Schema):
    """Which side signs: the caller's own."""

    side: Side


class SignatureCheckOut(Schema):
    """One signature of a document."""

    side: str
    signer: str
    signed_at: datetime | None
    timestamp_at: datetime | None
    intact: bool
    trusted: bool
    problem: str


class AgreementCheckOut(Schema):
    """Whether a document is an agreement signed by both sides and unchanged since."""

    ok: bool
    digest: str
    known: bool
    signatures: list[SignatureCheckOut]
    problems: list[str]


class LoanCodeIn(Schema):
    """For which product, and perhaps for which firm."""

    product: Code
    enterprise: Ref | None = None


class LoanCodeOut(Schema):
    """A loan code with its address and QR code."""

    token: str
    url: str
    qr_svg: str
    lender: str
    product: str
    for_one_firm: bool
    expires_at: datetime


Rendered = dict[str, Any]
