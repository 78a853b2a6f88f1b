"""Reads of applications: one, a firm's, a lender's, and the lender's desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import NotFound
from rongtong.core.ids import encode_id
from rongtong.origination import models
from rongtong.origination.contracts import (
    AgreementState,
    Application,
    ApplicationId,
    ApplicationState,
    Channel,
    ObjectionState,
    Page,
    Purpose,
)

PAGE_SIZE_MAX = 200


class ApplicationUnknown(NotFound):
    """There is no application under this id, or not for who asks."""

    code = "application_unknown"
    message = _("There is no such application.")


def application(*, application_id: UUID) -> Application:
    """One application. Raises ApplicationUnknown."""
    row = rows().filter(id=application_id).first()
    if row is None:
        raise ApplicationUnknown(application=encode_id("app", application_id))
    return contract(row)


def applications(*, application_ids: Iterable[UUID]) -> dict[ApplicationId, Application]:
    """Many applications in one query; those unknown are left out."""
    return {ApplicationId(row.id): contract(row) for row in rows().filter(id__in=set(application_ids))}


def undecided(*, enterprise_id: UUID | None = None) -> tuple[Application, ...]:
    """Every application (of a firm, or of all) that a person or the rules have still to decide, the oldest first."""
    waiting = [ApplicationState.SUBMITTED.value, ApplicationState.REFERRED.value]
    found = rows().filter(state__in=waiting)
    if enterprise_id is not None:
        found = found.filter(enterprise_id=enterprise_id)
    return tuple(map(contract, found.order_by("submitted_at", "id")))


def applications_of(
    *, enterprise_id: UUID, states: Sequence[ApplicationState] = (), page: int = 1, page_size: int = 20
) -> Page:
    """A firm's applications, newest first; two queries a page."""
    return _page(rows().filter(enterprise_id=enterprise_id), states, page, page_size)


def applications_at(
    *, lender_id: UUID | None = None, states: Sequence[ApplicationState] = (), page: int = 1, page_size: int = 20
) -> Page:
    """A lender's applications (without one, everybody's that the reader may see), newest first; two queries a page."""
    found = rows() if lender_id is None else rows().filter(lender_id=lender_id)
    return _page(found, states, page, page_size)


def awaiting_lender_signature(*, lender_id: UUID, page: int = 1, page_size: int = 20) -> Page:
    """The applications whose agreement the firm has signed and this lender has not, the longest waiting first."""
    found = (
        rows()
        .filter(
            lender_id=lender_id,
            state=ApplicationState.ACCEPTED.value,
            agreements__state=AgreementState.SIGNED_BY_FIRM.value,
        )
        .exclude(objections__state=ObjectionState.RAISED.value)
    )
    page, page_size = page_bounds(page, page_size)
    first = (page - 1) * page_size
    items = found.order_by("agreements__firm_signed_at", "id")[first : first + page_size]
    return Page(tuple(map(contract, items)), found.count(), page, page_size)


def awaiting_firm(*, enterprise_id: UUID, page: int = 1, page_size: int = 20) -> Page:
    """The applications at which the firm itself is to act: accept what was decided, or sign; the longest waiting first."""
    to_accept = Q(state__in=[ApplicationState.APPROVED.value, ApplicationState.COUNTERED.value])
    unsigned = models.Agreement.objects.filter(application=OuterRef("pk"), state=AgreementState.PREPARED.value)
    to_sign = Q(Exists(unsigned), state=ApplicationState.ACCEPTED.value)
    found = rows().filter(to_accept | to_sign, enterprise_id=enterprise_id)
    found = found.exclude(objections__state=ObjectionState.RAISED.value)
    page, page_size = page_bounds(page, page_size)
    first = (page - 1) * page_size
    items = found.order_by("state_since", "id")[first : first + page_size]
    return Page(tuple(map(contract, items)), found.count(), page, page_size)


def count_by_state(*, lender_id: UUID | None = None) -> dict[ApplicationState, int]:
    """How many applications stand in each state, in one query."""
    found = models.Application.objects.all()
    if lender_id is not None:
        found = found.filter(lender_id=lender_id)
    counted = dict(found.values_list("state").annotate(count=Count("id")).order_by())
    return {state: counted.get(state.value, 0) for state in ApplicationState}


def rows() -> QuerySet[models.Application]:
    """Applications with what their contracts need, in one query."""
    latest = models.Decision.objects.filter(application=OuterRef("pk")).order_by("-number").values("id")[:1]
    holding = models.Agreement.objects.filter(application=OuterRef("pk")).exclude(state=AgreementState.VOID.value)
    return models.Application.objects.select_related("enterprise", "lender").annotate(
        decision_id=Subquery(latest), agreement_id=Subquery(holding.values("id")[:1])
    )


def contract(row: models.Application) -> Application:
    """An application's row as others see it."""
    return Application(
        id=ApplicationId(row.id),
        enterprise_id=row.enterprise_id,
        enterprise_name=row.enterprise.name,
        lender_id=row.lender_id,
        lender_name=row.lender.name,
        offer_id=row.offer_id,
        product_id=row.product_id,
        product_version=row.product_version,
        product_name_zh=row.product_name_zh,
        product_name_en=row.product_name_en,
        amount_minor=row.amount_minor,
        term_months=row.term_months,
        repayment_method=row.repayment_method,
        annual_rate=row.annual_rate,
        fees_minor=row.fees_minor,
        purpose=Purpose(row.purpose),
        purpose_note=row.purpose_note,
        contact_name=row.contact_name,
        contact_phone=row.contact_phone,
        contact_role=row.contact_role,
        account_bank=row.account_bank,
        account_number=row.account_number,
        human_review=row.human_review,
        channel=Channel(row.channel),
        state=ApplicationState(row.state),
        submitted_at=row.submitted_at,
        state_since=row.state_since,
        decision_id=row.decision_id,  # type: ignore[attr-defined]  # annotated by rows()
        agreement_id=row.agreement_id,  # type: ignore[attr-defined]  # the same
    )


def page_bounds(page: int, page_size: int) -> tuple[int, int]:
    """A page number from 1 and a size from 1 to 200."""
    return max(page, 1), min(max(page_size, 1), PAGE_SIZE_MAX)


def _page(found: QuerySet[models.Application], states: Sequence[ApplicationState], page: int, page_size: int) -> Page:
    if states:
        found = found.filter(state__in=[state.value for state in states])
    page, page_size = page_bounds(page, page_size)
    first = (page - 1) * page_size
    items = found.order_by("-submitted_at", "-id")[first : first + page_size]
    return Page(tuple(map(contract, items)), found.count(), page, page_size)
