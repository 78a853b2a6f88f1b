"""Tables of what the lenders' banks report."""

from __future__ import annotations

from django.db import models

from rongtong.core.ids import new_id
from rongtong.core.models import ActedFor
from rongtong.servicing.contracts import ExceptionReason
from rongtong.servicing.models.columns import among, organisation

FACT = (
    "lender", "account", "entry_ref", "part", "credit", "amount_minor", "currency", "booked_date", "end_to_end_id",
    "text", "status", "reversal",
)  # fmt: skip
"""What makes an entry of a bank statement this one and no other."""


class Statement(ActedFor):
    """A statement of a lender's bank that brought something new. Append-only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lender = organisation()
    digest = models.CharField(max_length=64)
    """SHA-256 of the file as it came."""
    entries = models.PositiveIntegerField()
    """How many of its entries were new."""
    actor = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "servicing_statement"


class StatementEntry(models.Model):
    """An entry of a lender's bank statement, or a transaction of one, as it was read. Append-only.

    Account, reference and content together make it unique: banks use a reference for more than one entry.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="rows")
    lender = organisation()
    account = models.CharField(max_length=34, default="")
    """The lender's account; empty where the statement does not say."""
    entry_ref = models.CharField(max_length=64)
    part = models.PositiveIntegerField(default=0)
    """The number of the transaction within an entry that bundles several; 0 for a whole entry."""
    credit = models.BooleanField()
    """True: money came in from a firm; False: money went out to one."""
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    booked_date = models.DateField()
    end_to_end_id = models.CharField(max_length=64)
    text = models.CharField(max_length=200)
    status = models.CharField(max_length=35, default="BOOK")
    """The bank's word; only BOOK is booked by itself."""
    reversal = models.BooleanField(default=False)
    """It undoes or returns an earlier entry."""
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "servicing_statement_entry"
        constraints = [models.UniqueConstraint(fields=FACT, name="one_entry_per_fact")]
        indexes = [models.Index(fields=["lender", "end_to_end_id"], name="entries_of_an_order")]


class UnbookedEntry(models.Model):
    """An entry, or the rest of one, that could not be booked and waits for a decision."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.OneToOneField(StatementEntry, on_delete=models.PROTECT, related_name="unbooked")
    lender = organisation()
    reason = models.CharField(max_length=16)
    amount_minor = models.BigIntegerField()
    resolved_at = models.DateTimeField(null=True)
    resolution = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "servicing_unbooked_entry"
        constraints = [among("reason", ExceptionReason, "unbooked_reason_known")]
