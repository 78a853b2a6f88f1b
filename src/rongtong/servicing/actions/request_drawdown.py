"""Draw on a facility: write the loan and the instruction to the lender's bank; a job sends it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, record
from rongtong.credit import facade as credit
from rongtong.credit.contracts import RepaymentMethod
from rongtong.matching import facade as matching
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import Written, attest_rows
from rongtong.servicing.actions.settle_facilities import tell_commitments
from rongtong.servicing.adapters.orders import Order, payment_order
from rongtong.servicing.contracts import DrawdownQuote, FacilityId, FacilityState, InstructionKind, Loan, LoanState
from rongtong.servicing.queries.facilities import FacilityUnknown, end_date_of, months_left
from rongtong.servicing.queries.loans import loan_contract
from rongtong.servicing.queries.parties import firm_party, lender_party, organisations_of


class AmountInvalid(Invalid):
    """An amount is not a positive whole number of fen."""

    code = "amount_invalid"
    message = _("Please name a positive amount.")


class FacilityClosed(Conflict):
    """The facility is closed, or its term leaves no whole month to repay in."""

    code = "facility_closed"
    message = _("This credit line is closed.")


class LimitFrozen(Conflict):
    """The unused limit is frozen."""

    code = "limit_frozen"
    message = _("The unused part of this credit line is frozen at present.")


class LimitExceeded(Conflict):
    """More was asked for than the limit still holds."""

    code = "limit_exceeded"
    message = _("This is more than the credit line still holds.")


class DrawdownDiffers(Conflict):
    """A drawdown of the same key was asked for before with another amount or date."""

    code = "drawdown_differs"
    message = _("This drawdown was asked for before with another amount or date.")


def request_drawdown(
    *, facility_id: UUID, amount_minor: int, business_date: date, actor: Actor, at: datetime, key: str = ""
) -> Loan:
    """A loan in state `instructed` with the pain.001 that asks the lender's bank to pay the firm.

    One loan per `key`: asked for again, it is the same loan (the first drawdown has the empty key). What is drawn on a
    revolving line is due by the end of the line's term, so it runs for the whole months that are left. Raises
    AmountInvalid, FacilityUnknown, FacilityClosed, LimitFrozen, LimitExceeded, DrawdownDiffers, and matching's
    ExposureExceeded where the firm's limit has fallen under what it owes or is promised at all lenders.
    """
    if isinstance(amount_minor, bool) or not isinstance(amount_minor, int) or amount_minor <= 0:
        raise AmountInvalid(amount_minor=amount_minor)
    firm = models.Facility.objects.filter(pk=facility_id).values_list("enterprise_id", flat=True).first()
    with transaction.atomic():
        if firm is not None:
            matching.lock_exposure(enterprise_id=firm)
        facility = models.Facility.objects.select_for_update().filter(pk=facility_id).first()
        if facility is None:
            raise FacilityUnknown(facility=encode_id("fac", facility_id))
        known = facility.loans.filter(key=key[:120]).exclude(state=LoanState.REJECTED).first()
        if known is not None:
            if (known.principal_minor, known.start_date) != (amount_minor, business_date):
                raise DrawdownDiffers(loan=encode_id("loan", known.id))
            return loan_contract(known, facility)
        months = _months(facility, business_date)
        _refuse(facility, amount_minor, months, business_date)
        matching.check_exposure(enterprise_id=facility.enterprise_id, on=china_date(at))
        loan = _loan(facility, amount_minor=amount_minor, months=months, business_date=business_date, key=key, at=at)
        _instruct(loan, facility, at)
        tell_commitments(facility_ids=[facility.id], actor=actor, at=at)
        deed = Deed(
            "drawdown.instructed",
            subject=encode_id("loan", loan.id),
            enterprise_id=loan.enterprise_id,
            facts={"amount_minor": amount_minor, "lender": encode_id("org", loan.lender_id)},
        )
        record(deed=deed, actor=actor, at=at)
    return loan_contract(loan, facility)


def quote_drawdown(*, facility_id: UUID, amount_minor: int, business_date: date) -> DrawdownQuote:
    """What drawing an amount on a day would be: the term and the schedule that the drawdown itself would get.

    Refuses what the drawdown would. Raises AmountInvalid, FacilityUnknown, FacilityClosed, LimitFrozen, LimitExceeded,
    and matching's ExposureExceeded.
    """
    if isinstance(amount_minor, bool) or not isinstance(amount_minor, int) or amount_minor <= 0:
        raise AmountInvalid(amount_minor=amount_minor)
    facility = models.Facility.objects.filter(pk=facility_id).first()
    if facility is None:
        raise FacilityUnknown(facility=encode_id("fac", facility_id))
    months = _months(facility, business_date)
    _refuse(facility, amount_minor, months, business_date)
    matching.check_exposure(enterprise_id=facility.enterprise_id, on=business_date)
    schedule = credit.repayment_schedule(
        method=RepaymentMethod(facility.repayment_method),
        principal_minor=amount_minor,
        annual_rate=facility.annual_rate,
        start_date=business_date,
        term_months=months,
        on=business_date,
    )
    return DrawdownQuote(
        facility_id=FacilityId(facility.id),
        business_date=business_date,
        amount_minor=amount_minor,
        term_months=months,
        interest_minor=sum(one.interest_minor for one in schedule),
        left_minor=facility.limit_minor - facility.used_minor - amount_minor,
        schedule=schedule,
    )


def _months(facility: models.Facility, day: date) -> int:
    """For how long a drawdown of a day runs; 0 if the line's term has run out."""
    if day <= facility.start_date:
        return facility.term_months
    left = months_left(facility, day)
    return max(left, 0) if facility.revolving or day > end_date_of(facility) else facility.term_months


def _refuse(facility: models.Facility, amount_minor: int, months: int, day: date) -> None:
    if facility.state != FacilityState.OPEN or months < 1 or day > end_date_of(facility):
        raise FacilityClosed(facility=encode_id("fac", facility.id))
    if facility.frozen:
        raise LimitFrozen(facility=encode_id("fac", facility.id), reason=facility.frozen_reason)
    if amount_minor > facility.limit_minor - facility.used_minor:
        raise LimitExceeded(available_minor=facility.limit_minor - facility.used_minor)


def _loan(
    facility: models.Facility, *, amount_minor: int, months: int, business_date: date, key: str, at: datetime
) -> models.Loan:
    facility.used_minor += amount_minor
    facility.loans_made += 1
    facility.save(update_fields=["used_minor", "loans_made"])
    return models.Loan.objects.create(
        facility=facility,
        enterprise_id=facility.enterprise_id,
        lender_id=facility.lender_id,
        number=f"{facility.agreement_number}-{facility.loans_made:02d}",
        key=key[:120],
        principal_minor=amount_minor,
        annual_rate=facility.annual_rate,
        penalty_rate=facility.penalty_rate,
        repayment_method=facility.repayment_method,
        term_months=months,
        start_date=business_date,
        state_date=business_date,
        recorded_at=at,
    )


def _instruct(loan: models.Loan, facility: models.Facility, at: datetime) -> None:
    known = organisations_of([loan.lender_id, loan.enterprise_id])
    instruction_id, message_id = new_id(), new_id()
    order = Order(
        end_to_end_id=encode_id("ins", instruction_id),
        counterparty=firm_party(known[loan.enterprise_id], facility),
        amount_minor=loan.principal_minor,
        text=f"贷款发放 {loan.number}",
    )
    name = encode_id("msg", message_id)
    xml = payment_order(
        message_id=name,
        lender=lender_party(known[loan.lender_id]),
        orders=[order],
        business_date=loan.start_date,
        at=at,
    )
    message = models.Message.objects.create(
        id=message_id,
        lender_id=loan.lender_id,
        enterprise_id=loan.enterprise_id,
        message_id=name,
        kind=InstructionKind.DRAWDOWN.value,
        business_date=loan.start_date,
        xml=xml,
        recorded_at=at,
    )
    models.Instruction.objects.create(
        id=instruction_id,
        message=message,
        loan=loan,
        enterprise_id=loan.enterprise_id,
        lender_id=loan.lender_id,
        kind=InstructionKind.DRAWDOWN.value,
        end_to_end_id=order.end_to_end_id,
        amount_minor=loan.principal_minor,
        business_date=loan.start_date,
        recorded_at=at,
    )
    written = Written(instruction_id, encode_id("loan", loan.id), loan.enterprise_id, loan.lender_id)
    attest_rows(kind="drawdown.instructed", evidence_kind="instruction", rows=[written], at=at)
