"""Loans for both sides: what is owed and when, what was paid, and what the firm can do: draw, repay early."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from rongtong.core.clock import china_date, now
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.ids import decode_id, encode_id
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId, Role
from rongtong.parties.facade import Action
from rongtong.portals import wording
from rongtong.portals.access import OWNERS, for_action, for_roles
from rongtong.portals.deeds import FormRefused, attempt, chosen
from rongtong.portals.export import EXPORT_PAGE, exported, whole, yuan
from rongtong.portals.forms import WanField, wan_text
from rongtong.portals.labels import label_of
from rongtong.portals.listing import asked, listed
from rongtong.portals.once import FIELD, once
from rongtong.servicing import facade as servicing
from rongtong.servicing.contracts import Facility, FacilityId, Loan, LoanId, PrepaymentMode, PrepaymentQuote


class DrawForm(forms.Form):
    """How much to draw."""

    amount = WanField(label=gettext_lazy("Amount"))


class PrepaymentForm(forms.Form):
    """How much to repay early, all where it is left open, and what that shortens."""

    amount = WanField(label=gettext_lazy("Amount to repay early"), required=False)
    mode = forms.ChoiceField(
        label=gettext_lazy("What it shortens"),
        choices=[
            (PrepaymentMode.KEEP_TERM.value, gettext_lazy("Smaller instalments, same term")),
            (PrepaymentMode.KEEP_INSTALMENT.value, gettext_lazy("Same instalments, shorter term")),
        ],
    )


@require_safe
@for_roles(*OWNERS)
def loans(request: Any) -> HttpResponse:
    """The firm's loans and credit lines."""
    wanted, own = asked(request), request.membership.organisation_id
    if wanted.export:
        return _exported(wanted.export, own)
    page = servicing.loans_of(enterprise_id=own, page=wanted.page)
    lines = servicing.facilities_of(enterprise_id=own, limit=50)
    known = parties.organisations([*(one.lender_id for one in page.items), *(one.lender_id for one in lines)])
    context = {
        "list": listed(page.items, page.total, wanted),
        "lines": lines,
        "names": {key: one.name for key, one in known.items()},
        "debts": servicing.debts_of(enterprise_id=own),
        "form": DrawForm(),
    }
    return render(request, "portals/owner/loans.html", context)


@require_safe
@for_roles(*OWNERS, Role.FUNDER)
def loan(request: Any, loan_id: str) -> HttpResponse:
    """One loan: schedule, payments, class, and for the lender the instructions to its bank."""
    found = _party(request, loan_id)
    known = parties.organisations([found.enterprise_id, found.lender_id])
    lender = request.membership.role == Role.FUNDER
    context = {
        "loan": found,
        "schedule": servicing.schedule(loan_id=found.id),
        "repayments": servicing.repayments(loan_id=found.id),
        "changes": servicing.class_changes(loan_id=found.id),
        "instructions": servicing.instructions(loan_id=found.id) if lender else (),
        "facility": servicing.facility(facility_id=found.facility_id),
        "names": {key: one.name for key, one in known.items()},
        "lender": lender,
    }
    return render(request, "portals/shared/loan.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_action(Action.REQUEST_DRAWDOWN)
@once
def draw(request: Any, facility_id: str) -> HttpResponse:
    """First what drawing an amount would cost and when it is paid back, then the instruction to the lender's bank."""
    line = _line(request, facility_id)
    here = reverse("portals:loans")
    form = DrawForm(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST":
        if not form.is_valid():
            messages.error(request, str(FormRefused(form=form)))
            return HttpResponseRedirect(here)
        if form.cleaned_data["amount"] > line.available_minor:
            left = wording.amount_words(line.available_minor)
            messages.error(request, _("At most %(amount)s can be drawn on this line.") % {"amount": left})
            return HttpResponseRedirect(here)
        try:
            drawing = _drawing(line, form.cleaned_data["amount"])
        except (Conflict, Invalid) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(here)
        return render(request, "portals/owner/draw.html", drawing)

    def deed() -> Loan:
        if not form.is_valid():
            raise FormRefused(form=form)
        return servicing.request_drawdown(
            facility_id=line.id,
            amount_minor=form.cleaned_data["amount"],
            business_date=china_date(now()),
            actor=request.actor,
            at=now(),
            key=request.POST.get(FIELD, "")[:120],
        )

    return attempt(request, deed, done=_("The lender’s bank is instructed to pay."), then=_url, otherwise=here)


def _drawing(line: Facility, amount: int) -> dict[str, Any]:
    quote = servicing.quote_drawdown(facility_id=line.id, amount_minor=amount, business_date=china_date(now()))
    return {
        "line": line,
        "lender": parties.organisation(OrganisationId(line.lender_id)).name,
        "amount": amount,
        "left": quote.left_minor,
        "months": quote.term_months,
        "entered": wan_text(amount),
        "schedule": quote.schedule,
        "interest": quote.interest_minor,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_action(Action.REQUEST_PREPAYMENT)
@once
def prepay(request: Any, loan_id: str) -> HttpResponse:
    """First the cost and the saving of an early repayment, then its collection."""
    found = _party(request, loan_id)
    today = china_date(now())
    if request.method == "POST":
        return attempt(
            request,
            lambda: servicing.request_prepayment(
                loan_id=found.id,
                business_date=today,
                mode=chosen(request, "mode", PrepaymentMode),
                principal_minor=_principal(request.POST),
                actor=request.actor,
                at=now(),
            ),
            done=_("The early repayment will be collected from your account."),
            then=_url(found),
            otherwise=_url(found),
        )
    form = PrepaymentForm(request.GET if "mode" in request.GET else None)
    quote, problem = None, ""
    if form.is_bound and form.is_valid():
        mode = PrepaymentMode(form.cleaned_data["mode"])
        try:
            quote = servicing.quote_prepayment(
                loan_id=found.id, on=today, mode=mode, principal_minor=form.cleaned_data["amount"]
            )
        except Conflict as error:
            problem = str(error)
        except Invalid as error:
            form.add_error("amount", str(error))
    context = {"loan": found, "form": form, "quote": quote, "whole": _whole(found, today), "problem": problem}
    return render(request, "portals/owner/prepay.html", context)


def _whole(found: Loan, today: date) -> PrepaymentQuote | None:
    """What repaying all costs today, as the action itself would collect it; None where it cannot be done."""
    try:
        return servicing.quote_prepayment(loan_id=found.id, on=today, mode=PrepaymentMode.KEEP_TERM)
    except (Conflict, Invalid):
        return None


@require_safe
@for_roles(Role.FUNDER)
def instruction(request: Any, loan_id: str) -> HttpResponse:
    """The ISO 20022 message of the payout as it was sent."""
    found = _party(request, loan_id)
    response = HttpResponse(servicing.drawdown_message(loan_id=found.id), content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="pain.001-{found.number}.xml"'
    return response


def _exported(kind: str, own: OrganisationId) -> HttpResponse:
    def fetch(number: int) -> tuple[tuple[Loan, ...], int]:
        page = servicing.loans_of(enterprise_id=own, page=number, page_size=EXPORT_PAGE)
        return page.items, page.total

    head = [
        _("Number"), _("State"), _("Principal"), _("Still owed"), _("Annual rate"), _("Next payment"), _("Amount"),
        _("Overdue"), _("Days overdue"), _("Maturity"),
    ]  # fmt: skip
    rows = [
        [
            one.number, label_of(one.state, "loan_state"), yuan(one.principal_minor), yuan(one.outstanding_minor),
            wording.percent_words(one.annual_rate), one.next_due_date, yuan(one.next_due_minor),
            yuan(one.overdue_minor), one.overdue_days, one.maturity_date,
        ]
        for one in whole(fetch)
    ]  # fmt: skip
    return exported(kind, "loans", head, rows)


def _principal(given: Any) -> int | None:
    form = PrepaymentForm(given)
    if not form.is_valid():
        raise FormRefused(form=form)
    amount: int | None = form.cleaned_data["amount"]
    return amount


def _party(request: Any, loan_id: str) -> Loan:
    found = servicing.loan(loan_id=LoanId(decode_id("loan", loan_id)))
    if request.membership.organisation_id not in {found.enterprise_id, found.lender_id}:
        raise servicing.LoanUnknown(loan=loan_id)
    return found


def _line(request: Any, facility_id: str) -> Facility:
    found = servicing.facility(facility_id=FacilityId(decode_id("fac", facility_id)))
    if found.enterprise_id != request.membership.organisation_id:
        raise servicing.FacilityUnknown(facility=facility_id)
    return found


def _url(found: Loan) -> str:
    return reverse("portals:loan", args=[encode_id("loan", found.id)])
