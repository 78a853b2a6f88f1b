"""Tables of the ledger. Transfers are inserted; triggers write the entries and the balances, and refuse all else."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongtong.core.ids import new_id
from rongtong.core.models import ActedFor
from rongtong.ledger.contracts import DEBIT_KINDS, AccountKind

_KINDS = sorted(AccountKind)
_DEBIT = sorted(DEBIT_KINDS)
_CREDIT = sorted(set(AccountKind) - DEBIT_KINDS)


class Account(ActedFor):
    """An account of a lender concerning a firm; the balance is debits less credits, in fen."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=24)
    lender_id = models.UUIDField()
    enterprise_id = models.UUIDField()
    reference = models.UUIDField()
    currency = models.CharField(max_length=3, default="CNY")
    balance = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)
    """The number of its entries."""
    actor = models.CharField(max_length=100)
    """Who opened it."""
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_account"
        constraints = [
            models.UniqueConstraint(fields=["reference", "kind"], name="one_account_per_reference_and_kind"),
            models.UniqueConstraint(
                fields=["id", "lender_id", "enterprise_id", "currency"], name="account_and_whom_it_concerns"
            ),
            models.CheckConstraint(condition=Q(kind__in=_KINDS), name="account_of_the_chart"),
            models.CheckConstraint(
                condition=Q(kind__in=_DEBIT, balance__gte=0) | Q(kind__in=_CREDIT, balance__lte=0),
                name="account_on_its_side",
            ),
        ]


class Posting(ActedFor):
    """What was posted in one go, by whom; its transfers and entries are evidence together."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    actor = models.CharField(max_length=100)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_posting"


class Transfer(models.Model):
    """An amount moved from one account to another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    posting = models.ForeignKey(Posting, on_delete=models.PROTECT, related_name="+")
    debit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    credit = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    code = models.CharField(max_length=40)
    reference = models.CharField(max_length=120, unique=True)
    business_date = models.DateField()
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    lender_id = models.UUIDField()
    enterprise_id = models.UUIDField()

    class Meta:
        db_table = "ledger_transfer"
        indexes = [models.Index(fields=["business_date"])]
        constraints = [
            models.CheckConstraint(condition=Q(minor__gt=0), name="transfer_moves_something"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="transfer_between_two_accounts"),
        ]


class Entry(models.Model):
    """One side of a transfer; an account's entries are numbered and carry the balance before and after."""

    pk = models.CompositePrimaryKey("account", "account_version")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    account_version = models.BigIntegerField()
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="entries", db_index=False)
    minor = models.BigIntegerField()
    previous_balance = models.BigIntegerField()
    current_balance = models.BigIntegerField()
    business_date = models.DateField()
    recorded_at = models.DateTimeField()
    lender_id = models.UUIDField()
    enterprise_id = models.UUIDField()

    class Meta:
        db_table = "ledger_entry"
        constraints = [
            models.UniqueConstraint(fields=["transfer", "account"], name="one_entry_per_transfer_and_account"),
            models.CheckConstraint(
                condition=Q(current_balance=F("previous_balance") + F("minor")), name="entry_carries_the_balance"
            ),
            models.CheckConstraint(condition=~Q(minor=0), name="entry_moves_something"),
        ]
