"""Offers side by side, the search for them, and the application form."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from rongtong.consent import facade as consent
from rongtong.core.clock import china_date, now
from rongtong.core.errors import Conflict, Forbidden, Invalid
from rongtong.core.ids import decode_id, encode_id
from rongtong.credit import facade as credit
from rongtong.matching import facade as matching
from rongtong.matching.contracts import Offer, OfferId, OfferState
from rongtong.origination import facade as origination
from rongtong.origination.contracts import ApplicationDraft, Channel, Purpose
from rongtong.parties.facade import Action
from rongtong.portals.access import OWNERS, for_action, for_roles
from rongtong.portals.deeds import attempt
from rongtong.portals.forms import OfferSearchForm, application_form, wan_text
from rongtong.portals.once import once
from rongtong.portals.views.loan_code import forget_code, remembered_code, remembered_product
from rongtong.workflows import journey


@require_http_methods(["GET", "HEAD", "POST"])
@for_action(Action.SEARCH_OFFERS)
@once
def offers(request: Any) -> HttpResponse:
    """The offers that stand, best first, and what the firm nearly has; by POST, a new search."""
    own, at = request.membership.organisation_id, now()
    form = OfferSearchForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return attempt(
            request,
            lambda: journey.match_firm(
                enterprise_id=own,
                amount_minor=form.cleaned_data["amount"],
                term_months=form.cleaned_data["term_months"],
                actor=request.actor,
                at=at,
            ),
            done=lambda result: _("%(count)s offers found.") % {"count": len(result.offers)} if result.offers else "",
            then=reverse("portals:owner_offers"),
        )
    match = matching.latest_match(enterprise_id=own, at=at)
    context = {
        "form": form,
        "exposure": matching.exposure(enterprise_ids=[own])[own],
        "match": match,
        "offers": [offer for offer in match.offers if offer.state == OfferState.SHOWN] if match else [],
        "by_code": remembered_product(request),
        "live": consent.has_live_consent(enterprise_id=own, at=at),
    }
    return render(request, "portals/owner/offers.html", context)


@require_safe
@for_roles(*OWNERS)
def offer(request: Any, offer_id: str) -> HttpResponse:
    """One offer with all that makes it: how the limit and the rate came about, the schedule, the documents."""
    found = _own(request, offer_id)
    schedule = _schedule(found)
    context = {"offer": found, "schedule": schedule, "interest": sum(one.interest_minor for one in schedule)}
    return render(request, "portals/owner/offer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_action(Action.SUBMIT_APPLICATION)
@once
def apply(request: Any, offer_id: str) -> HttpResponse:
    """The form, filled in as far as the platform knows; by POST, the application, whose page shows the decision when it is made."""
    found = _own(request, offer_id, gone=request.method == "POST")  # the form is shown again with the refusal
    form = application_form(initial=_known(request, found), data=request.POST or None)
    search_again = False
    if request.method == "POST" and form.is_valid():
        draft = _draft(form.cleaned_data, found, remembered_code(request, found.product_id))
        try:
            application = origination.submit_application(draft=draft, actor=request.actor, at=now())
        except origination.ApplicationMalformed as error:
            for name, problem in error.facts["fields"].items():
                form.add_error(name if name in form.fields else None, problem["text"])
        except (Invalid, Conflict, Forbidden) as error:
            form.add_error(None, str(error))
            search_again = isinstance(error, matching.OfferExpired | matching.OfferNotOpen)
        else:
            forget_code(request)
            messages.success(
                request, _("Your application is handed in. The decision stands here as soon as it is made.")
            )
            return HttpResponseRedirect(reverse("portals:owner_application", args=[encode_id("app", application.id)]))
    return render(request, "portals/owner/apply.html", {"form": form, "offer": found, "search_again": search_again})


def _schedule(found: Offer) -> Any:
    """The instalments as they would fall due if the money came today."""
    today = china_date(now())
    return credit.repayment_schedule(
        method=found.repayment_method,
        principal_minor=found.amount_minor,
        annual_rate=found.annual_rate,
        start_date=today,
        term_months=found.term_months,
        on=today,
    )


def _own(request: Any, offer_id: str, *, gone: bool = False) -> Offer:
    """The firm's offer; one that no longer stands only where `gone` allows it."""
    found = matching.offer(offer_id=OfferId(decode_id("off", offer_id)))
    if found.enterprise_id != request.membership.organisation_id:
        raise matching.OfferUnknown(offer=offer_id)
    if not gone and (found.state in {OfferState.EXPIRED, OfferState.WITHDRAWN} or found.expires_at <= now()):
        raise OfferGone()
    return found


class OfferGone(Conflict):
    """An offer was opened after it had expired or been withdrawn."""

    code = "offer_gone"
    message = gettext_lazy("This offer no longer stands. Please search again.")
    way_back = "portals:owner_offers"
    way_back_title = gettext_lazy("Search for offers again")


def _known(request: Any, found: Offer) -> dict[str, Any]:
    code = remembered_code(request, found.product_id)
    filled = asdict(origination.prefilled_draft(offer_id=found.id, loan_code=code))
    return filled | {
        "offer_id": encode_id("off", found.id),
        "amount_minor": wan_text(found.amount_minor),
        "contact_name": filled["contact_name"] or request.user.display_name,
    }


def _draft(given: dict[str, Any], found: Offer, loan_code: str) -> ApplicationDraft:
    rest = {name: given[name] for name in given if name not in {"offer_id", "purpose", "loan_code"}}
    return ApplicationDraft(
        offer_id=found.id,
        purpose=Purpose(given["purpose"]),
        loan_code=loan_code,
        channel=Channel.LOAN_CODE if loan_code else Channel.PORTAL,
        **rest,
    )
