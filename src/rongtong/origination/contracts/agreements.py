"""An agreement: a loan contract as a PDF, signed by both sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NewType
from uuid import UUID

from rongtong.core.actors import Actor
from rongtong.credit.contracts import RepaymentMethod

AgreementId = NewType("AgreementId", UUID)


class AgreementState(StrEnum):
    """`prepared -> signed_by_firm -> signed`; each stage has its own document, which extends the one before.

    One that is not concluded when its application ends is `void`."""

    PREPARED = "prepared"  # -> signed_by_firm, void
    SIGNED_BY_FIRM = "signed_by_firm"  # -> signed, void
    SIGNED = "signed"
    VOID = "void"


class Side(StrEnum):
    """Who signs: the firm first, the lender last."""

    FIRM = "firm"
    LENDER = "lender"


@dataclass(frozen=True, slots=True)
class Agreement:
    """A loan agreement; amounts in fen, rates per year as fractions; `pdf_digest` is the SHA-256 of the document as it stands."""

    id: AgreementId
    number: str
    application_id: UUID
    decision_id: UUID
    enterprise_id: UUID
    lender_id: UUID
    product_id: UUID
    amount_minor: int
    term_months: int
    annual_rate: Decimal
    penalty_rate: Decimal
    fees_minor: int
    repayment_method: str
    annual_cost_simple: Decimal
    annual_cost_effective: Decimal
    start_date: date
    state: AgreementState
    pdf_digest: str
    prepared_at: datetime
    firm_signed_at: datetime | None
    lender_signed_at: datetime | None

    @property
    def revolving(self) -> bool:
        """Whether it is of a line that is drawn as needed: nothing is paid until the firm orders it."""
        return self.repayment_method == RepaymentMethod.REVOLVING


@dataclass(frozen=True, slots=True)
class Signer:
    """Who brought a document to a stage: who drew it up, who signed it for a side."""

    stage: AgreementState
    actor: Actor
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """One signature of a document: who, when, and what is wrong with it if anything is."""

    side: str
    signer: str
    signed_at: datetime | None
    timestamp_at: datetime | None
    intact: bool
    trusted: bool
    problem: str


@dataclass(frozen=True, slots=True)
class AgreementCheck:
    """Whether a PDF is an agreement signed by both sides and unchanged since."""

    ok: bool
    digest: str
    agreement_id: AgreementId | None
    """The agreement of the platform whose final document has this digest."""
    signatures: tuple[SignatureCheck, ...]
    problems: tuple[str, ...]
    """Stable codes such as `signature_missing`, `bytes_changed`, `authority_unknown`, `not_a_pdf`."""
