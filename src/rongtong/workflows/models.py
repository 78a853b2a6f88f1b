"""How far each journey has come: what a restart goes on from."""

from __future__ import annotations

from django.db import models

from rongtong.core.ids import new_id


class CaseState(models.TextChoices):
    """`pending -> unmatched | matched -> applied -> declined | referred | approved -> agreed -> instructed -> drawn | rejected`;
    an application that was withdrawn or lapsed has `ended`. A live one waits in `referred` and `approved` for the lender
    and the firm; what a run cannot do it leaves where it stands, with the obstacle."""

    PENDING = "pending"  # -> unmatched, matched
    UNMATCHED = "unmatched"
    MATCHED = "matched"  # -> applied, unmatched
    APPLIED = "applied"  # -> declined, referred, approved, ended
    DECLINED = "declined"
    REFERRED = "referred"  # -> approved, declined, ended
    APPROVED = "approved"  # -> agreed, ended
    AGREED = "agreed"  # -> instructed
    INSTRUCTED = "instructed"  # -> drawn, rejected
    DRAWN = "drawn"
    REJECTED = "rejected"
    ENDED = "ended"


class LoopRun(models.Model):
    """One playing of the loop, as of a date."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    as_of = models.DateField(unique=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "workflows_loop_run"


class LoopCase(models.Model):
    """One enterprise in a run of the loop."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(LoopRun, on_delete=models.PROTECT, related_name="cases")
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=CaseState.choices, default=CaseState.PENDING)
    portrait_id = models.UUIDField(null=True)
    score = models.IntegerField(null=True)
    offers = models.PositiveSmallIntegerField(default=0)
    offer_id = models.UUIDField(null=True)
    application_id = models.UUIDField(null=True)
    agreement_id = models.UUIDField(null=True)
    loan_id = models.UUIDField(null=True)
    amount_drawn_minor = models.BigIntegerField(null=True)
    decision_ms = models.FloatField(null=True)
    """From the moment the application is handed in to the recorded decision, in milliseconds."""
    obstacle = models.CharField(max_length=80, blank=True, default="")
    """The code of the error for which the last run left it where it stands; empty where nothing stands in the way."""
    obstacle_detail = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        db_table = "workflows_loop_case"
        constraints = [models.UniqueConstraint(fields=["run", "enterprise"], name="one_case_per_enterprise")]
        indexes = [models.Index(fields=["run", "state"])]


class BusinessDay(models.Model):
    """A day of the books; `open -> closed`, and closed for good."""

    business_date = models.DateField(primary_key=True)
    closed_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        db_table = "workflows_business_day"


class SetAside(models.Model):
    """One thing that a job could not do and left aside, so that the rest went on; `open -> settled`. Tried again by the clock."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    step = models.CharField(max_length=40)
    """What was tried, such as `import_statement`."""
    subject = models.CharField(max_length=80)
    """For whom, as a prefixed id."""
    business_date = models.DateField(null=True)
    code = models.CharField(max_length=80)
    """The code of the error, or the name of the fault."""
    detail = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=400, blank=True, default="")
    """How an operator settled it, where no later attempt did."""

    class Meta:
        db_table = "workflows_set_aside"
        constraints = [
            models.UniqueConstraint(
                fields=["step", "subject", "business_date"],
                condition=models.Q(settled_at=None),
                name="one_open_line_per_step_and_subject",
                nulls_distinct=False,
            )
        ]
