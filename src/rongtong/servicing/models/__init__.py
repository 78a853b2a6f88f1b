"""Tables of servicing. What happened is append-only; a loan's row holds its state at the close of `state_date`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongtong.core.ids import new_id
from rongtong.core.models import ActedFor
from rongtong.servicing.contracts import (
    Component,
    FacilityState,
    InstructionKind,
    InstructionState,
    LoanClass,
    LoanState,
)
from rongtong.servicing.models.columns import among, organisation
from rongtong.servicing.models.statements import Statement, StatementEntry, UnbookedEntry

__all__ = [
    "Allocation",
    "Classification",
    "Close",
    "Facility",
    "Freeze",
    "Instalment",
    "Instruction",
    "Loan",
    "Message",
    "Payout",
    "Repayment",
    "Statement",
    "StatementEntry",
    "UnbookedEntry",
]


class Facility(models.Model):
    """A credit line under a signed agreement."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement_id = models.UUIDField(unique=True)
    agreement_number = models.CharField(max_length=40)
    enterprise = organisation()
    lender = organisation()
    limit_minor = models.BigIntegerField()
    annual_rate = models.DecimalField(max_digits=9, decimal_places=6)
    penalty_rate = models.DecimalField(max_digits=9, decimal_places=6)
    repayment_method = models.CharField(max_length=24)
    term_months = models.PositiveSmallIntegerField()
    revolving = models.BooleanField()
    account_bank = models.CharField(max_length=100, default="")
    account_number = models.CharField(max_length=32, default="")
    """The firm's own account, to which the lender pays."""
    start_date = models.DateField()
    state = models.CharField(max_length=8, default=FacilityState.OPEN.value)  # open -> closed
    used_minor = models.BigIntegerField(default=0)
    loans_made = models.PositiveIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)
    """What of the limit stands behind nothing any more, given back to the lender's capacity."""
    frozen = models.BooleanField(default=False)
    frozen_reason = models.CharField(max_length=200, default="")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "servicing_facility"
        constraints = [
            among("state", FacilityState, "facility_state_known"),
            models.CheckConstraint(condition=Q(limit_minor__gt=0), name="facility_has_a_limit"),
            models.CheckConstraint(
                condition=Q(used_minor__gte=0) & Q(used_minor__lte=models.F("limit_minor")),
                name="facility_used_within_limit",
            ),
            models.CheckConstraint(
                condition=Q(returned_minor__gte=0) & Q(returned_minor__lte=models.F("limit_minor")),
                name="facility_returned_within_limit",
            ),
        ]


class Freeze(ActedFor):
    """The unused limit of a facility was frozen, or given free again. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="freezes")
    enterprise = organisation()
    lender = organisation()
    frozen = models.BooleanField()
    reason = models.CharField(max_length=200)
    signal_id = models.UUIDField(null=True)
    unused_minor = models.BigIntegerField()
    actor = models.CharField(max_length=100)
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "servicing_freeze"


class Loan(models.Model):
    """A drawdown of a facility and its state."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    facility = models.ForeignKey(Facility, on_delete=models.PROTECT, related_name="loans")
    enterprise = organisation()
    lender = organisation()
    number = models.CharField(max_length=48, unique=True)
    key = models.CharField(max_length=120)
    """The caller's word for this drawdown: the same word again is the same drawdown."""
    principal_minor = models.BigIntegerField()
    annual_rate = models.DecimalField(max_digits=9, decimal_places=6)
    penalty_rate = models.DecimalField(max_digits=9, decimal_places=6)
    repayment_method = models.CharField(max_length=24)
    term_months = models.PositiveSmallIntegerField()
    start_date = models.DateField()
    state = models.CharField(max_length=12, default=LoanState.INSTRUCTED.value)
    rejection_reason = models.CharField(max_length=200, default="")
    activated_at = models.DateTimeField(null=True)
    closed_date = models.DateField(null=True)
    maturity_date = models.DateField(null=True)
    schedule_version = models.PositiveSmallIntegerField(default=0)
    state_date = models.DateField()
    outstanding_minor = models.BigIntegerField(default=0)
    interest_accrued_minor = models.BigIntegerField(default=0)
    penalty_accrued_minor = models.BigIntegerField(default=0)
    interest_paid_minor = models.BigIntegerField(default=0)
    penalty_paid_minor = models.BigIntegerField(default=0)
    accruals = models.PositiveIntegerField(default=0)
    """How many times interest was posted: names the postings."""
    overdue_minor = models.BigIntegerField(default=0)
    overdue_days = models.PositiveIntegerField(default=0)
    loan_class = models.CharField(max_length=16, default=LoanClass.NORMAL.value)
    stage = models.PositiveSmallIntegerField(default=1)
    next_due_date = models.DateField(null=True)
    """The oldest due date with something unpaid."""
    next_due_minor = models.BigIntegerField(default=0)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "servicing_loan"
        constraints = [
            among("state", LoanState, "loan_state_known"),
            among("loan_class", LoanClass, "loan_class_known"),
            models.UniqueConstraint(
                fields=["facility", "key"], condition=~Q(state=LoanState.REJECTED.value), name="one_loan_per_key"
            ),
            models.CheckConstraint(condition=Q(principal_minor__gt=0), name="loan_lends_something"),
            models.CheckConstraint(
                condition=Q(outstanding_minor__gte=0) & Q(outstanding_minor__lte=models.F("principal_minor")),
                name="loan_owes_at_most_what_was_lent",
            ),
            models.CheckConstraint(
                condition=~Q(state=LoanState.REPAID.value) | Q(outstanding_minor=0), name="repaid_owes_nothing"
            ),
        ]
        indexes = [
            models.Index(fields=["enterprise", "-id"]),
            models.Index(fields=["lender", "state", "-id"]),
            models.Index(fields=["state", "next_due_date"]),
        ]


class Message(models.Model):
    """A message to a lender's bank, kept as it was sent: sent again, it is the same message."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lender = organisation()
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+", null=True)
    """The firm that it is about, where it is about one only."""
    message_id = models.CharField(max_length=35, unique=True)
    kind = models.CharField(max_length=12)
    business_date = models.DateField()
    xml = models.TextField()
    state = models.CharField(max_length=12, default=InstructionState.PREPARED.value)  # prepared -> sent -> accepted
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=300, default="")
    recorded_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "servicing_message"
        constraints = [among("state", InstructionState, "message_state_known")]
        indexes = [models.Index(fields=["state", "id"], condition=Q(answered_at=None), name="messages_to_send")]


class Instruction(models.Model):
    """One transaction of a message: a payout or a collection."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="instructions")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="instructions")
    enterprise = organisation()
    lender = organisation()
    kind = models.CharField(max_length=12)
    prepayment_mode = models.CharField(max_length=16, default="")
    end_to_end_id = models.CharField(max_length=35, unique=True)
    amount_minor = models.BigIntegerField()
    business_date = models.DateField()
    state = models.CharField(max_length=12, default=InstructionState.PREPARED.value)
    # prepared -> sent -> accepted | rejected; a statement that shows the money may come before the bank's answer
    reason = models.CharField(max_length=200, default="")
    recorded_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "servicing_instruction"
        constraints = [
            among("kind", InstructionKind, "instruction_kind_known"),
            among("state", InstructionState, "instruction_state_known"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="instruction_moves_something"),
            models.UniqueConstraint(
                fields=["loan"], condition=Q(kind=InstructionKind.DRAWDOWN.value), name="one_payout_per_loan"
            ),
            models.UniqueConstraint(
                fields=["loan", "business_date"],
                condition=Q(kind=InstructionKind.COLLECTION.value),
                name="one_collection_per_loan_and_day",
            ),
        ]


class Payout(models.Model):
    """The lender's bank took the drawdown: the loan begins. Append-only; one per loan, whatever is reported twice."""

    loan = models.OneToOneField(Loan, on_delete=models.PROTECT, primary_key=True, related_name="payout")
    instruction = models.OneToOneField(Instruction, on_delete=models.PROTECT, related_name="+")
    enterprise = organisation()
    lender = organisation()
    amount_minor = models.BigIntegerField()
    business_date = models.DateField()
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "servicing_payout"


class Instalment(models.Model):
    """A row of a loan's schedule. A prepayment ends the rows to come and adds new ones; nothing else changes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="instalments")
    enterprise = organisation()
    lender = organisation()
    version = models.PositiveSmallIntegerField()
    ended_version = models.PositiveSmallIntegerField(null=True)
    """The first version of the schedule without this row."""
    number = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    period_start = models.DateField()
    period_end = models.DateField()
    principal_minor = models.BigIntegerField()
    interest_minor = models.BigIntegerField()
    prepayment = models.BooleanField(default=False)

    class Meta:
        db_table = "servicing_instalment"
        constraints = [
            models.UniqueConstraint(fields=["loan", "version", "number"], name="one_row_per_version_and_number"),
            models.UniqueConstraint(
                fields=["loan", "number"], condition=Q(ended_version=None), name="one_row_per_number_in_force"
            ),
            models.CheckConstraint(
                condition=Q(principal_minor__gte=0) & Q(interest_minor__gte=0), name="instalment_not_negative"
            ),
            models.CheckConstraint(condition=Q(period_end__gte=models.F("period_start")), name="period_in_order"),
        ]


class Repayment(models.Model):
    """What was booked of an entry on a loan. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="repayments")
    enterprise = organisation()
    lender = organisation()
    entry = models.ForeignKey(StatementEntry, on_delete=models.PROTECT, related_name="+")
    entry_ref = models.CharField(max_length=64)
    """The bank's reference, kept here for the firm, which sees no statements."""
    amount_minor = models.BigIntegerField()
    business_date = models.DateField()
    made_version = models.PositiveSmallIntegerField(null=True)
    """The version of the schedule that it brought about, if it was a prepayment."""
    rest = models.BooleanField(default=False)
    """It is what an entry left over, booked by a person."""
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "servicing_repayment"
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="repayment_pays_something"),
            models.UniqueConstraint(fields=["entry", "rest"], name="an_entry_and_its_rest_pay_once"),
        ]
        indexes = [models.Index(fields=["loan", "business_date"])]


class Allocation(models.Model):
    """What of a repayment was put towards a component of an instalment. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    repayment = models.ForeignKey(Repayment, on_delete=models.PROTECT, related_name="allocations")
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="allocations")
    enterprise = organisation()
    lender = organisation()
    instalment_number = models.PositiveSmallIntegerField()
    component = models.CharField(max_length=12)
    minor = models.BigIntegerField()

    class Meta:
        db_table = "servicing_allocation"
        constraints = [
            among("component", Component, "allocation_component_known"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="allocation_pays_something"),
            models.UniqueConstraint(
                fields=["repayment", "instalment_number", "component"], name="one_allocation_per_component"
            ),
        ]


class Classification(models.Model):
    """A change of a loan's class; a day may have several, where its close was cut off and money was booked before it went
    on. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    loan = models.ForeignKey(Loan, on_delete=models.PROTECT, related_name="classifications")
    enterprise = organisation()
    lender = organisation()
    business_date = models.DateField()
    from_class = models.CharField(max_length=16)
    to_class = models.CharField(max_length=16)
    overdue_days = models.PositiveIntegerField()
    stage = models.PositiveSmallIntegerField()
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "servicing_classification"
        constraints = [
            among("to_class", LoanClass, "classified_as_known"),
        ]


class Close(models.Model):
    """A close of business and what it came to."""

    business_date = models.DateField(primary_key=True)
    report = models.JSONField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "servicing_close"
