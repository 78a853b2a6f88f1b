"""Tables of matching. They constrain; actions write."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongtong.core.ids import new_id
from rongtong.core.models import ActedFor
from rongtong.matching.contracts import ExposureStage, OfferState, ReservationState

_STAGES = ["shown", *(stage.value for stage in ExposureStage if stage is not ExposureStage.ELSEWHERE)]


class Product(models.Model):
    """One version of a product; public, never changed: a change is a new version."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    lender = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    lender_code = models.CharField(max_length=40)
    lender_type = models.CharField(max_length=16)
    terms = models.JSONField()
    """The product as in the packaged file, or as the lender gave it."""
    digest = models.CharField(max_length=64)
    effective_from = models.DateField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "matching_product"
        constraints = [models.UniqueConstraint(fields=["code", "version"], name="one_product_per_version")]


class CapacityPool(models.Model):
    """How much a lender puts behind a product, and how much of it is spoken for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lender = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    product_code = models.CharField(max_length=40, unique=True)
    total_minor = models.BigIntegerField()
    reserved_minor = models.BigIntegerField(default=0)
    """Behind offers that stand."""
    committed_minor = models.BigIntegerField(default=0)
    """Behind agreements."""

    class Meta:
        db_table = "matching_capacity_pool"
        constraints = [
            models.CheckConstraint(
                condition=Q(reserved_minor__gte=0, committed_minor__gte=0), name="capacity_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(total_minor__gte=F("reserved_minor") + F("committed_minor")),
                name="capacity_is_not_over_reserved",
            ),
        ]


class Match(ActedFor):
    """One search for offers: found again, not made again, as long as it stands."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    ask_minor = models.BigIntegerField(null=True)
    ask_months = models.PositiveSmallIntegerField(null=True)
    ask_digest = models.CharField(max_length=64)
    """Of the amount and the term asked for."""
    portrait_id = models.UUIDField()
    portrait_digest = models.CharField(max_length=64)
    """Of the portrait's content: what the records say, wherever and whenever they were read."""
    score = models.IntegerField()
    scorecard_version = models.CharField(max_length=40)
    products = models.PositiveIntegerField()
    fitting = models.PositiveIntegerField(default=0)
    exposure_minor = models.BigIntegerField(default=0)
    """The firm's exposure when it searched."""
    limit_minor = models.BigIntegerField(null=True)
    """What the firm might owe at all lenders together, when it searched."""
    basis_digest = models.CharField(max_length=64, default="")
    """Of what else its offers rest on: products, rules, who may read the portrait, whether the firm is overdue."""
    rulebook_version = models.CharField(max_length=64, default="")
    searched_by = models.CharField(max_length=120, default="")
    """The actor, as in the journal: searches of a key are counted by it."""
    near_misses = models.JSONField(default=list)
    open = models.BooleanField(default=True)
    """False once its offers are over or another search took its place."""
    expires_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "matching_match"
        indexes = [
            models.Index(fields=["enterprise", "-recorded_at"]),
            models.Index(fields=["searched_by", "-recorded_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "as_of", "ask_digest"], condition=Q(open=True), name="one_open_match_per_ask"
            )
        ]


class Reservation(models.Model):
    """Capacity held behind one offer."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pool = models.ForeignKey(CapacityPool, on_delete=models.PROTECT, related_name="+")
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    lender = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()
    consumed_minor = models.BigIntegerField(default=0)
    returned_minor = models.BigIntegerField(default=0)
    """What of the consumed amount stands behind nothing any more."""
    owed_minor = models.BigIntegerField(default=0)
    """What of the consumed amount is lent and not paid back."""
    stage = models.CharField(max_length=16, default="shown", choices=[(stage, stage) for stage in _STAGES])
    """What of the way to a loan it stands for: only what is applied for, or further, is part of the firm's exposure."""
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in ReservationState])
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "matching_reservation"
        indexes = [models.Index(fields=["expires_at"], condition=Q(state="held"), name="held_until")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, consumed_minor__gte=0, consumed_minor__lte=F("amount_minor")),
                name="reservation_covers_what_is_consumed",
            ),
            models.CheckConstraint(
                condition=Q(returned_minor__gte=0, returned_minor__lte=F("consumed_minor")),
                name="no_more_is_returned_than_consumed",
            ),
            models.CheckConstraint(
                condition=Q(owed_minor__gte=0, owed_minor__lte=F("consumed_minor") - F("returned_minor")),
                name="no_more_is_owed_than_stands",
            ),
        ]


class FirmLimit(models.Model):
    """What a firm may owe at all lenders together, as measured from a portrait. Append-only; the newest row holds."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    measured_minor = models.BigIntegerField()
    elsewhere_minor = models.BigIntegerField(null=True)
    """What a court enforces against the firm, by the public register; None where it was not asked."""
    as_of = models.DateField()
    portrait_digest = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "matching_firm_limit"
        indexes = [models.Index(fields=["enterprise", "-id"])]
        constraints = [
            models.CheckConstraint(condition=Q(measured_minor__gte=0), name="firm_limit_is_not_negative"),
        ]


class Offer(models.Model):
    """An offer. Its terms never change (a trigger sees to it); its state does."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    match = models.ForeignKey(Match, on_delete=models.PROTECT, related_name="offers")
    reservation = models.OneToOneField(Reservation, on_delete=models.PROTECT, related_name="offer")
    """No offer without capacity behind it."""
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    enterprise = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    lender = models.ForeignKey("parties.Organisation", on_delete=models.PROTECT, related_name="+")
    as_of = models.DateField()
    amount_minor = models.BigIntegerField()
    term_months = models.PositiveSmallIntegerField()
    repayment_method = models.CharField(max_length=20)
    annual_rate = models.DecimalField(max_digits=10, decimal_places=8)
    fees_minor = models.BigIntegerField()
    annual_cost_simple = models.DecimalField(max_digits=14, decimal_places=10)
    annual_cost_effective = models.DecimalField(max_digits=14, decimal_places=10)
    approval_odds = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    """Of offers from when odds were shown: part of what the log holds of them. None since."""
    days_to_cash = models.PositiveSmallIntegerField()
    rank = models.PositiveSmallIntegerField()
    utility = models.DecimalField(max_digits=7, decimal_places=6)
    workings = models.JSONField()
    """Limit lines and rate lines as [code, figure], and the reasons in both languages."""
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=[(state.value, state.value) for state in OfferState])
    expires_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "matching_offer"
        indexes = [models.Index(fields=[party, "-recorded_at"]) for party in ("enterprise", "lender")]
        constraints = [
            models.UniqueConstraint(fields=["match", "product"], name="one_offer_per_product_and_match"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0, fees_minor__gte=0), name="offer_is_of_an_amount"),
        ]
