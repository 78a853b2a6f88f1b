"""Figures over many loans: a lender's book, who owes, who is overdue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from rongtong.servicing import models
from rongtong.servicing.contracts import Debts, FacilityState, LoanClass, LoanState, Portfolio
from rongtong.servicing.queries.histories import thresholds


def borrowers() -> tuple[UUID, ...]:
    """The firms that owe something or may still draw, in a stable order: whoever a lender has to watch."""
    owing = models.Loan.objects.filter(state=LoanState.ACTIVE).values_list("enterprise_id", flat=True)
    return tuple(sorted({*owing, *_open_lines().values_list("enterprise_id", flat=True)}))


def has_loans(*, lender_id: UUID) -> bool:
    """Whether a lender has, or had, a loan: then its bank has statements to give."""
    return models.Loan.objects.filter(lender_id=lender_id).exists()


def overdue_count() -> int:
    """How many loans are overdue."""
    return models.Loan.objects.filter(state=LoanState.ACTIVE, overdue_days__gt=0).count()


def overdue_days(*, enterprise_ids: Collection[UUID], business_date: date) -> dict[UUID, int]:
    """Days past due of the worst loan of each firm, counted to a business date; firms without arrears are left out."""
    rows = models.Loan.objects.filter(
        enterprise_id__in=enterprise_ids, state=LoanState.ACTIVE, next_due_date__lt=business_date
    ).values_list("enterprise_id", "next_due_date")
    worst: dict[UUID, int] = {}
    for enterprise_id, due in rows:
        assert due is not None  # the filter asks for one
        worst[enterprise_id] = max(worst.get(enterprise_id, 0), (business_date - due).days)
    return worst


def arrears(enterprise_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Days past due of the worst loan of each firm, at any lender, as of the last close; what was written off counts."""
    late = Q(state=LoanState.ACTIVE, overdue_days__gt=0) | Q(state=LoanState.WRITTEN_OFF, outstanding_minor__gt=0)
    rows = models.Loan.objects.filter(late, enterprise_id__in=list(enterprise_ids))
    worst = rows.values_list("enterprise_id").annotate(days=Max("overdue_days"))
    return {enterprise_id: max(days, 1) for enterprise_id, days in worst}


def exposures(*, enterprise_ids: Collection[UUID]) -> dict[UUID, dict[UUID, int]]:
    """Per firm the lenders with money out and the principal that it owes each, in fen."""
    rows = (
        models.Loan.objects.filter(enterprise_id__in=enterprise_ids, state=LoanState.ACTIVE)
        .values_list("enterprise_id", "lender_id")
        .annotate(sum=Sum("outstanding_minor"))
    )
    found: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for enterprise_id, lender_id, minor in rows:
        found[enterprise_id][lender_id] = minor
    return dict(found)


def lenders_concerned(*, enterprise_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Per firm the lenders that have money out with it, or a line on which it may draw: whoever an alarm concerns."""
    firms = list(enterprise_ids)
    owing = models.Loan.objects.filter(enterprise_id__in=firms, state=LoanState.ACTIVE)
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for rows in (owing, _open_lines().filter(enterprise_id__in=firms)):
        for enterprise_id, lender_id in rows.values_list("enterprise_id", "lender_id").distinct():
            found[enterprise_id].add(lender_id)
    return {enterprise_id: frozenset(lenders) for enterprise_id, lenders in found.items()}


def _open_lines() -> QuerySet[models.Facility]:
    """Lines that have, or may get, something to draw."""
    lines = models.Facility.objects.filter(state=FacilityState.OPEN)
    return lines.filter(Q(revolving=True) | Q(used_minor__lt=F("limit_minor")))


def debts_of(*, enterprise_id: UUID) -> Debts:
    """What a firm owes on all its running loans, and all that is due on the next day on which anything is."""
    running = models.Loan.objects.filter(enterprise_id=enterprise_id, state=LoanState.ACTIVE)
    sums = running.aggregate(
        loans=Count("id"),
        owed=Sum("outstanding_minor", default=0),
        overdue=Sum("overdue_minor", default=0),
        day=Min("next_due_date"),
    )
    due = running.filter(next_due_date=sums["day"]).aggregate(sum=Sum("next_due_minor", default=0))["sum"]
    return Debts(
        loans=sums["loans"],
        owed_minor=sums["owed"],
        overdue_minor=sums["overdue"],
        next_due_date=sums["day"],
        next_due_minor=due if sums["day"] else 0,
    )


def portfolio(*, lender_id: UUID | None = None, on: date | None = None) -> Portfolio:
    """A lender's book as at its last close of business (all lenders' for the platform), in three queries."""
    loans = models.Loan.objects.exclude(state__in=[LoanState.INSTRUCTED, LoanState.REJECTED])
    lines = models.Facility.objects.filter(state=FacilityState.OPEN)
    if lender_id is not None:
        loans, lines = loans.filter(lender_id=lender_id), lines.filter(lender_id=lender_id)
    active = Q(state=LoanState.ACTIVE)
    bad = Q(loan_class__in=[grade.value for grade in LoanClass if grade.non_performing])
    stages = thresholds(on or date.max)
    sums = loans.aggregate(
        day=Max("state_date"),
        loans=Count("id", filter=active),
        borrowers=Count("enterprise_id", filter=active, distinct=True),
        disbursed=Sum("principal_minor", default=0),
        outstanding=Sum("outstanding_minor", filter=active, default=0),
        overdue_loans=Count("id", filter=active & Q(overdue_days__gt=0)),
        overdue=Sum("overdue_minor", filter=active, default=0),
        over_30=Sum("outstanding_minor", filter=active & Q(overdue_days__gt=stages.significant_increase), default=0),
        over_90=Sum("outstanding_minor", filter=active & Q(overdue_days__gt=stages.default), default=0),
        bad=Sum("outstanding_minor", filter=active & bad, default=0),
        interest=Sum(F("interest_paid_minor") + F("penalty_paid_minor"), default=0),
    )
    limits = lines.aggregate(
        limit=Sum("limit_minor", default=0),
        used=Sum("used_minor", default=0),
        frozen=Count("id", filter=Q(frozen=True)),
    )
    by_class = loans.filter(active).values_list("loan_class").annotate(n=Count("id"), sum=Sum("outstanding_minor"))
    return Portfolio(
        lender_id=lender_id,
        business_date=on or sums["day"] or date.min,
        loans=sums["loans"],
        borrowers=sums["borrowers"],
        disbursed_minor=sums["disbursed"],
        outstanding_minor=sums["outstanding"],
        limit_minor=limits["limit"],
        unused_minor=limits["limit"] - limits["used"],
        frozen_facilities=limits["frozen"],
        overdue_loans=sums["overdue_loans"],
        overdue_minor=sums["overdue"],
        overdue_30_minor=sums["over_30"],
        overdue_90_minor=sums["over_90"],
        non_performing_minor=sums["bad"],
        interest_received_minor=sums["interest"],
        by_class={LoanClass(grade): (count, minor) for grade, count, minor in by_class},
    )
