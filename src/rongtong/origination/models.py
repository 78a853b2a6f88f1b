"""Tables of origination. They constrain; actions write."""

from __future__ import annotations

from django.db import models

from rongtong.core.ids import new_id
from rongtong.core.models import ActedBy, ActedFor
from rongtong.origination.contracts import (
    AgreementState,
    ApplicationState,
    Channel,
    DecidedBy,
    ObjectionState,
    Outcome,
    ProposalState,
    Purpose,
)


def choices(enum: type) -> list[tuple[str, str]]:
    """An enum as a field's choices."""
    return [(member.value, member.value) for member in enum]  # type: ignore[attr-defined]  # any StrEnum iterates


def among(field: str, enum: type) -> models.Q:
    """That a field holds a member of an enum."""
    return models.Q(**{f"{field}__in": [value for value, _ in choices(enum)]})


def _organisation() -> models.ForeignKey:  # type: ignore[type-arg]  # the arguments are Django's
    return models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")


class Application(models.Model):
    """What a firm asks of a lender; after submission only `state` and `state_since` change."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = _organisation()
    lender = _organisation()
    offer_id = models.UUIDField(unique=True)
    """One application per offer: submitting twice is submitting once."""
    product_id = models.UUIDField()
    product_version = models.PositiveIntegerField()
    product_name_zh = models.CharField(max_length=100)
    product_name_en = models.CharField(max_length=100)
    amount_minor = models.BigIntegerField()
    term_months = models.PositiveSmallIntegerField()
    repayment_method = models.CharField(max_length=24)
    annual_rate = models.DecimalField(max_digits=10, decimal_places=8)
    fees_minor = models.BigIntegerField(default=0)
    """Fees that the firm pays at the start, as offered, in fen."""
    purpose = models.CharField(max_length=24, choices=choices(Purpose))
    purpose_note = models.CharField(max_length=200, blank=True)
    contact_name = models.CharField(max_length=50)
    contact_phone = models.CharField(max_length=20)
    contact_role = models.CharField(max_length=24)
    account_bank = models.CharField(max_length=100, blank=True)
    account_number = models.CharField(max_length=32, blank=True)
    human_review = models.BooleanField(default=False)
    channel = models.CharField(max_length=12, choices=choices(Channel))
    state = models.CharField(max_length=12, choices=choices(ApplicationState), default=ApplicationState.SUBMITTED.value)
    submitted_at = models.DateTimeField()
    state_since = models.DateTimeField()

    class Meta:
        db_table = "origination_application"
        constraints = [
            models.CheckConstraint(condition=among("state", ApplicationState), name="application_state_known"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="application_amount_positive"),
            models.CheckConstraint(condition=models.Q(term_months__gt=0), name="application_term_positive"),
            models.CheckConstraint(condition=models.Q(fees_minor__gte=0), name="application_fees_not_negative"),
        ]
        indexes = [
            models.Index(fields=["enterprise", "-submitted_at"]),
            models.Index(fields=["lender", "state", "submitted_at"]),
            models.Index(fields=["-submitted_at", "-id"], name="application_latest_first"),
            models.Index(fields=["lender", "-submitted_at", "-id"], name="application_of_lender"),
        ]


class Step(ActedBy):
    """What happened on the way of an application, for its timeline. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="steps")
    enterprise = _organisation()
    lender = _organisation()
    name = models.CharField(max_length=60)
    """The event's name, such as `application.decided`."""
    facts = models.JSONField(default=dict)
    occurred_at = models.DateTimeField()

    class Meta:
        db_table = "origination_step"
        indexes = [models.Index(fields=["application", "id"])]


class Decision(ActedBy):
    """A decision with everything it rests on. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    enterprise = _organisation()
    lender = _organisation()
    number = models.PositiveSmallIntegerField()
    """1 for the first; the latest one stands."""
    outcome = models.CharField(max_length=12, choices=choices(Outcome))
    decided_by = models.CharField(max_length=12, choices=choices(DecidedBy))
    score = models.SmallIntegerField(null=True)
    grade = models.CharField(max_length=4, blank=True)
    amount_minor = models.BigIntegerField(null=True)
    scorecard_version = models.CharField(max_length=80, blank=True)
    rulebook_version = models.CharField(max_length=80)
    product_version = models.PositiveIntegerField()
    portrait_id = models.UUIDField(null=True)
    portrait_digest = models.CharField(max_length=64, blank=True)
    inputs = models.TextField()
    """Canonical JSON of all that was decided on."""
    result = models.TextField()
    """Canonical JSON of outcome, terms, checks, reasons; a pure function of `inputs`."""
    digest = models.CharField(max_length=64)
    """SHA-256 over inputs and result."""
    note = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    as_of = models.DateField()
    latency_ms = models.PositiveIntegerField()
    """From the call to the record, in milliseconds."""

    class Meta:
        db_table = "origination_decision"
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="decisions_are_numbered"),
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(decided_by=DecidedBy.AUTOMATIC.value),
                name="one_automatic_decision",
            ),
            models.CheckConstraint(condition=among("outcome", Outcome), name="decision_outcome_known"),
            models.CheckConstraint(
                condition=models.Q(outcome__in=[Outcome.DECLINED.value, Outcome.REFERRED.value])
                | models.Q(amount_minor__gt=0),
                name="granted_amount_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=DecidedBy.AUTOMATIC.value) | ~models.Q(note=""),
                name="desk_gives_its_reason",
            ),
        ]


class Proposal(ActedFor):
    """A desk's decision that waits for a second person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="proposals")
    enterprise = _organisation()
    lender = _organisation()
    outcome = models.CharField(max_length=12, choices=choices(Outcome))
    amount_minor = models.BigIntegerField(null=True)
    term_months = models.PositiveSmallIntegerField(null=True)
    annual_rate = models.DecimalField(max_digits=10, decimal_places=8, null=True)
    reason = models.TextField()
    proposer_id = models.CharField(max_length=80)
    proposer_name = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=12, default=ProposalState.PENDING.value)

    class Meta:
        db_table = "origination_proposal"
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=models.Q(state="pending"), name="one_pending_proposal"
            ),
            models.CheckConstraint(condition=among("state", ProposalState), name="proposal_state_known"),
        ]


class Objection(ActedBy):
    """A firm's objection to a decision and its written answer; the actor is who answered."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="objections")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="objection")
    enterprise = _organisation()
    lender = _organisation()
    text = models.TextField()
    raised_at = models.DateTimeField()
    deadline = models.DateField()
    state = models.CharField(max_length=12, choices=choices(ObjectionState), default=ObjectionState.RAISED.value)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "origination_objection"
        constraints = [
            models.CheckConstraint(condition=among("state", ObjectionState), name="objection_state_known"),
            models.CheckConstraint(
                condition=models.Q(state=ObjectionState.RAISED.value, answered_at=None)
                | (
                    ~models.Q(state=ObjectionState.RAISED.value)
                    & models.Q(answered_at__isnull=False)
                    & ~models.Q(answer="")
                ),
                name="objection_answered_in_writing",
            ),
        ]
        indexes = [models.Index(fields=["lender", "state", "deadline"])]


class Agreement(models.Model):
    """A loan agreement: its terms, and how far its signing has come."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=40, unique=True)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="agreements")
    """One that holds, at most; what was decided anew has void ones of before."""
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="agreement")
    enterprise = _organisation()
    lender = _organisation()
    amount_minor = models.BigIntegerField()
    term_months = models.PositiveSmallIntegerField()
    annual_rate = models.DecimalField(max_digits=10, decimal_places=8)
    penalty_rate = models.DecimalField(max_digits=10, decimal_places=8)
    fees_minor = models.BigIntegerField()
    repayment_method = models.CharField(max_length=24)
    annual_cost_simple = models.DecimalField(max_digits=14, decimal_places=10)
    annual_cost_effective = models.DecimalField(max_digits=14, decimal_places=10)
    start_date = models.DateField()
    content = models.TextField()
    """Canonical JSON of what the document says: the same content always makes the same bytes."""
    state = models.CharField(max_length=16, choices=choices(AgreementState), default=AgreementState.PREPARED.value)
    prepared_at = models.DateTimeField()
    firm_signed_at = models.DateTimeField(null=True)
    lender_signed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "origination_agreement"
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=~models.Q(state=AgreementState.VOID.value),
                name="one_agreement_that_holds",
            ),
            models.CheckConstraint(condition=among("state", AgreementState), name="agreement_state_known"),
            models.CheckConstraint(condition=models.Q(amount_minor__gt=0), name="agreement_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(state=AgreementState.PREPARED.value, firm_signed_at=None, lender_signed_at=None)
                | models.Q(
                    state=AgreementState.SIGNED_BY_FIRM.value, firm_signed_at__isnull=False, lender_signed_at=None
                )
                | models.Q(
                    state=AgreementState.SIGNED.value, firm_signed_at__isnull=False, lender_signed_at__isnull=False
                )
                | models.Q(state=AgreementState.VOID.value, lender_signed_at=None),
                name="agreement_state_has_its_signatures",
            ),
        ]


class Document(ActedBy):
    """What one stage appended to an agreement's document: the PDF of a stage is all parts up to it. The actor is who
    drew it up, or signed. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="documents")
    enterprise = _organisation()
    lender = _organisation()
    stage = models.CharField(max_length=16, choices=choices(AgreementState))
    part = models.BinaryField()
    digest = models.CharField(max_length=64, db_index=True)
    """SHA-256 of the whole document up to this part."""
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "origination_document"
        constraints = [
            models.UniqueConstraint(fields=["agreement", "stage"], name="one_document_per_stage"),
            models.CheckConstraint(condition=among("stage", AgreementState), name="document_stage_known"),
        ]


class RelatedParty(models.Model):
    """An organisation or person that the platform or a lender must not lend to unseen (关联方), by identifier."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    of = _organisation()
    """Whose related party it is: the operator's, or a lender's."""
    scheme = models.CharField(max_length=40)
    value = models.CharField(max_length=80)
    relation = models.CharField(max_length=200)
    declared_at = models.DateTimeField()

    class Meta:
        db_table = "origination_related_party"
        constraints = [
            models.UniqueConstraint(fields=["of", "scheme", "value"], name="related_party_declared_once"),
        ]
        indexes = [models.Index(fields=["scheme", "value"])]
