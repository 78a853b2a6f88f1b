"""The firm's authorisations: put one together, read it, sign it, keep its receipt, see who used it, suspend, narrow or revoke it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Authorisation, ConsentDraft, ConsentState, Signatory
from rongtong.core.canonical import digest
from rongtong.core.clock import now
from rongtong.core.ids import decode_id, encode_id
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId
from rongtong.parties.facade import Action
from rongtong.portals.access import OWNERS, for_action, for_roles
from rongtong.portals.authorisation import Choices, choices_of, draft_of
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
        "live": consent.has_live_consent(enterprise_id=own, at=at),
    }
    return render(request, "portals/owner/consents.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_action(Action.GRANT_CONSENT)
@once
def grant(request: Any) -> HttpResponse:
    """Choose, then read the text and sign: nothing is granted before the signature."""
    return _grant(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@for_action(Action.GRANT_CONSENT)
@once
def change(request: Any, consent_id: str) -> HttpResponse:
    """Sign the next version of an authorisation, narrower or wider; the former holds until this one does."""
    found = _own(request, consent_id)
    if found.state not in {ConsentState.ACTIVE, ConsentState.SUSPENDED}:
        raise consent.ConsentSuperseded()
    return _grant(request, found)


@require_safe
@for_roles(*OWNERS)
def authorisation(request: Any, consent_id: str) -> HttpResponse:
    """One authorisation with its text, who may have what by it, and its receipt."""
    found = _own(request, consent_id)
    context = {
        "consent": found,
        "lines": consent.lines_of(found.entries),
        "english": consent.english_text(consent_id=found.id),
        "receipt": consent.receipt(consent_id=found.id),
    }
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
@for_action(Action.REVOKE_CONSENT)
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


@require_POST
@for_action(Action.SUSPEND_CONSENT)
@once
def suspend(request: Any, consent_id: str) -> HttpResponse:
    """Stop all reads until the firm resumes them."""
    found = _own(request, consent_id)
    return attempt(
        request,
        lambda: consent.suspend_consent(consent_id=found.id, reason="", actor=request.actor, at=now()),
        done=_(
            "The authorisation is suspended. Nobody reads by it until you resume it; offers by it end, applications wait for some days."
        ),
        then=_url(found),
        otherwise=_url(found),
    )


@require_POST
@for_action(Action.RESUME_CONSENT)
@once
def resume(request: Any, consent_id: str) -> HttpResponse:
    """Let reads go on."""
    found = _own(request, consent_id)
    return attempt(
        request,
        lambda: consent.resume_consent(consent_id=found.id, actor=request.actor, at=now()),
        done=_("The authorisation is in force again."),
        then=_url(found),
        otherwise=_url(found),
    )


def _grant(request: Any, prior: Authorisation | None) -> HttpResponse:
    lenders = {encode_id("org", one.id): one for one in parties.institutions()}
    names = {key: one.name for key, one in lenders.items()}
    form = ConsentForm(request.POST or None, lenders=names, initial=choices_of(prior) if prior else None)
    back = _url(prior) if prior else reverse("portals:owner_consents")
    if "tick" in request.POST:
        form = ConsentForm(lenders=names, initial=_ticked(form, request.POST))
    if request.method != "POST" or "tick" in request.POST or not form.is_valid() or "change" in request.POST:
        return render(request, "portals/owner/consent_form.html", {"form": form, "prior": prior, "back": back})
    chosen = form.cleaned_data
    choices = Choices(
        cells=frozenset(form.offered[value] for value in chosen["cells"]),
        lenders={key: one.id for key, one in lenders.items()},
        history_years=chosen["history_years"],
        valid_months=chosen["valid_months"],
        retention_years=chosen["retention_years"],
        supplement=chosen["supplement"],
    )
    own = request.membership.organisation_id
    sensitive = [one for one in choices.items if one in consent.SENSITIVE]
    signing = "sign" in request.POST
    signature = SignatureForm(
        request.POST if signing else None, request.FILES if signing else None, sensitive=sensitive
    )
    at = now()
    draft = draft_of(
        enterprise_id=own,
        choices=choices,
        signatory=Signatory("", "legal_representative"),
        at=at,
        prior_id=prior.id if prior else None,
    )
    text, english = consent.text_of(draft=draft, at=at)
    read = digest(text.encode())
    context = {"form": form, "signature": signature, "text": text, "english": english, "read": read}

    def page() -> HttpResponse:
        return render(request, "portals/owner/consent_sign.html", context | {"registered": _registered(own)})

    if not signing or not signature.is_valid():
        return page()
    return attempt(
        request, lambda: _sign(request, draft, signature.cleaned_data), done=_signed_words, then=_url, again=page
    )


def _ticked(form: ConsentForm, sent: Any) -> dict[str, Any]:
    """What the form holds after a whole column was ticked, or cleared where it was ticked throughout; nothing is sent on."""
    column = {value for value, cell in form.offered.items() if cell.group == sent["tick"]}
    before = set(sent.getlist("cells"))
    after = before - column if column <= before else before | column
    return {name: sent.get(name) for name in form.fields} | {"cells": [one for one in form.offered if one in after]}


def _sign(request: Any, draft: ConsentDraft, signed: dict[str, Any]) -> Authorisation:
    signatory = Signatory(signed["signatory"], signed["signatory_role"], id_number=signed["id_number"])
    mandate = signed["mandate"]
    return consent.sign_consent(
        draft=replace(draft, signatory=signatory, text_digest=signed["text_sha256"]),
        mandate=(mandate.name, mandate.read()) if mandate else None,
        actor=request.actor,
        at=draft.valid_from,
    )


def _signed_words(granted: Authorisation) -> str:
    if granted.state == ConsentState.AWAITING_CHECK:
        return _(
            "The authorisation is signed. It comes into force as soon as the platform has checked who signed; until then nobody reads anything."
        )
    return _(
        "The authorisation is in force. Keep its receipt. The next step is to collect your records, on the portrait's page."
    )


def _registered(enterprise_id: UUID) -> str:
    """Whom the register names, as far as a page tells: masked, in a demonstration in full, so that a visitor can sign."""
    with as_platform():
        known = parties.legal_representatives([enterprise_id]).get(OrganisationId(enterprise_id))
    if known is None:
        return ""
    return known.name if settings.DEMO else consent.masked(known.name)


def _own(request: Any, consent_id: str) -> Authorisation:
    found = consent.consent(consent_id=decode_id("cns", consent_id), at=now())
    if found.enterprise_id != request.membership.organisation_id:
        raise consent.ConsentUnknown()
    return found


def _url(found: Authorisation) -> str:
    return reverse("portals:owner_consent", args=[encode_id("cns", found.id)])
