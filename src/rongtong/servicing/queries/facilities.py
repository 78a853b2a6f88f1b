"""Facilities: rows in, contracts out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import NotFound
from rongtong.core.ids import encode_id
from rongtong.credit import facade as credit
from rongtong.rulebook import facade as rulebook
from rongtong.servicing import models
from rongtong.servicing.contracts import Facility, FacilityId, FacilityState


class FacilityUnknown(NotFound):
    """No facility has this id, or not for this viewer."""

    code = "facility_unknown"
    message = _("There is no facility %(facility)s.")


def facility(*, facility_id: UUID) -> Facility:
    """One facility. Raises FacilityUnknown."""
    row = models.Facility.objects.filter(pk=facility_id).first()
    if row is None:
        raise FacilityUnknown(facility=encode_id("fac", facility_id))
    return facility_contract(row)


def facilities(*, facility_ids: Iterable[UUID]) -> dict[FacilityId, Facility]:
    """Facilities by id."""
    rows = models.Facility.objects.filter(pk__in=list(facility_ids))
    return {FacilityId(row.id): facility_contract(row) for row in rows}


def facilities_of(
    *, enterprise_id: UUID | None = None, lender_id: UUID | None = None, limit: int = 200
) -> tuple[Facility, ...]:
    """The facilities of a firm or of a lender, newest first."""
    rows = models.Facility.objects.order_by("-id")
    if enterprise_id is not None:
        rows = rows.filter(enterprise_id=enterprise_id)
    if lender_id is not None:
        rows = rows.filter(lender_id=lender_id)
    return tuple(facility_contract(row) for row in rows[:limit])


def frozen_by_alarm(*, enterprise_id: UUID | None = None) -> tuple[Facility, ...]:
    """The open facilities (of a firm, or of all) that a signal froze, not a person, and that are frozen still."""
    last = models.Freeze.objects.filter(facility=OuterRef("pk")).order_by("-id").values("signal_id")[:1]
    rows = models.Facility.objects.filter(frozen=True, state=FacilityState.OPEN).alias(signal=Subquery(last))
    if enterprise_id is not None:
        rows = rows.filter(enterprise_id=enterprise_id)
    return tuple(facility_contract(row) for row in rows.exclude(signal=None).order_by("id"))


def facility_of_agreement(*, agreement_id: UUID) -> Facility | None:
    """The facility of an agreement, if it is open yet."""
    row = models.Facility.objects.filter(agreement_id=agreement_id).first()
    return facility_contract(row) if row else None


def end_date_of(row: models.Facility) -> date:
    """The last day of a line's term: by then all of it is paid back, and after it nothing is drawn."""
    return credit.add_months(row.start_date, row.term_months)


def months_left(row: models.Facility, day: date) -> int:
    """Whole months from a day to the end of a line's term."""
    months = (row.start_date.year - day.year) * 12 + row.start_date.month - day.month + row.term_months
    return months if credit.add_months(day, months) <= end_date_of(row) else months - 1


def facility_contract(row: models.Facility) -> Facility:
    """A row as other domains see it."""
    first = row.limit_minor
    if row.revolving:
        share = rulebook.value("servicing.revolving_first_drawdown_share", on=row.start_date)
        step = int(rulebook.value("servicing.drawdown_step_minor", on=row.start_date))
        first = max(int(row.limit_minor * share) // step * step, min(step, row.limit_minor))
    return Facility(
        id=FacilityId(row.id),
        agreement_id=row.agreement_id,
        agreement_number=row.agreement_number,
        enterprise_id=row.enterprise_id,
        lender_id=row.lender_id,
        limit_minor=row.limit_minor,
        used_minor=row.used_minor,
        annual_rate=row.annual_rate,
        penalty_rate=row.penalty_rate,
        repayment_method=row.repayment_method,
        term_months=row.term_months,
        revolving=row.revolving,
        first_drawdown_minor=first,
        state=FacilityState(row.state),
        frozen=row.frozen,
        frozen_reason=row.frozen_reason,
        start_date=row.start_date,
        end_date=end_date_of(row),
    )
