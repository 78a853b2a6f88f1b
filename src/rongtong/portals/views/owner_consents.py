"""The firm's authorisations: put one together, read it, sign it, keep its receipt, see who used it, revoke it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Authorisation, ConsentDraft, Grantee, Item, Signatory
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.parties import facade as parties
from rongtong.portals.access import OWNERS, for_roles
from rongtong.portals.accesses import readings
from rongtong.portals.authorisation import Choices, draft_of
from rongtong.portals.deeds import attempt
from rongtong.portals.forms import ConsentForm, SignatureForm
from rongtong.portals.listing import asked, listed
from rongtong.portals.once import once


@require_safe
@for_roles(*OWNERS)
def consents(request: Any) -> HttpResponse:
    """Every authorisation, and who saw what."""
    wanted = asked(request)
    own = request.membership.organisation_id
    at = now()
    granted = consent.consents_of(enterprise_id=own, at=at)
    accesses = consent.accesses_of(enterprise_id=own, page=wanted.page, page_size=20)
    context = {
        "consents": granted[:50],
        "list": listed(accesses.items, accesses.total, wanted),
        "readings": readings(accesses.items),
        "live": consent.has_live_consent(enterprise_id=own, at=at),
    }
    return render(request, "portals/owner/consents.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*OWNERS)
@once
def grant(request: Any) -> HttpResponse:
    """Choose, then read the text and sign: nothing is granted before the signature."""
    lenders = {encode_id("org", one.id): one for one in parties.institutions()}
    names = [(key, one.name) for key, one in lenders.items()]
    form = ConsentForm(request.POST or None, lenders=names)
    if request.method != "POST" or not form.is_valid() or "change" in request.POST:
        return render(request, "portals/owner/consent_form.html", {"form": form})
    signing = "sign" in request.POST
    signature = SignatureForm(request.POST if signing else None)
    chosen = [Grantee(lenders[key].id, lenders[key].name, "lender") for key in form.cleaned_data["lenders"]]
    who = signature.cleaned_data if signing and signature.is_valid() else {}
    draft = _draft(
        request, form.cleaned_data, chosen, Signatory(who.get("signatory", ""), who.get("signatory_role", ""))
    )
    if not who:
        return render(
            request, "portals/owner/consent_sign.html", {"form": form, "signature": signature, "draft": draft}
        )
    return attempt(
        request,
        lambda: consent.grant_consent(draft=draft, actor=request.actor, at=draft.valid_from),
        done=_(
            "The authorisation is in force. Keep its receipt. The next step is to collect your records, on the portrait's page."
        ),
        then=_url,
        otherwise=reverse("portals:owner_consents"),
    )


@require_safe
@for_roles(*OWNERS)
def authorisation(request: Any, consent_id: str) -> HttpResponse:
    """One authorisation with its text and receipt."""
    found = _own(request, consent_id)
    context = {"consent": found, "receipt": consent.receipt(consent_id=found.id)}
    return render(request, "portals/owner/consent.html", context)


@require_safe
@for_roles(*OWNERS)
def receipt(request: Any, consent_id: str) -> HttpResponse:
    """The receipt to keep: the very bytes whose digest the log holds."""
    found = consent.receipt(consent_id=_own(request, consent_id).id)
    response = HttpResponse(found.body.encode(), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="receipt-{encode_id("cns", found.consent_id)}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*OWNERS)
@once
def revoke(request: Any, consent_id: str) -> HttpResponse:
    """Say what revoking does, then do it."""
    found = _own(request, consent_id)
    if request.method != "POST":
        return render(request, "portals/owner/consent_revoke.html", {"consent": found})
    reason = request.POST.get("reason", "").strip()[:500] or _("Revoked by the firm")
    return attempt(
        request,
        lambda: consent.revoke_consent(consent_id=found.id, reason=reason, actor=request.actor, at=now()),
        done=_("The authorisation is revoked. Reading has stopped."),
        then=_url(found),
    )


def _draft(request: Any, chosen: dict[str, Any], lenders: list[Grantee], signatory: Signatory) -> ConsentDraft:
    platform = parties.platform()
    portrait = (str(Item.PORTRAIT),)
    return draft_of(
        enterprise_id=request.membership.organisation_id,
        firm=request.membership.organisation_name,
        platform=Grantee(platform.id, platform.name, "platform"),
        choices=Choices(
            items=(*chosen["items"], *portrait),
            lenders=tuple(lenders),
            purposes=tuple(chosen["purposes"]),
            history_years=chosen["history_years"],
            valid_months=chosen["valid_months"],
            retention_years=chosen["retention_years"],
        ),
        signatory=signatory,
        at=now(),
    )


def _own(request: Any, consent_id: str) -> Authorisation:
    found = consent.consent(consent_id=decode_id("cns", consent_id), at=now())
    if found.enterprise_id != request.membership.organisation_id:
        raise consent.ConsentUnknown()
    return found


def _url(found: Authorisation) -> str:
    return reverse("portals:owner_consent", args=[encode_id("cns", found.id)])
