"""Idempotency keys: a write that comes again with the same key is answered as the first time, and done once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from rongtong.core.clock import now
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.models import RememberedResponse

_UNDER_WAY = timedelta(minutes=2)


class IdempotencyKeyMissing(Invalid):
    """A write under /api/ came without an Idempotency-Key header (1 to 120 visible characters)."""

    code = "idempotency_key_missing"
    message = _("Each write needs an Idempotency-Key header of 1 to 120 characters.")


class IdempotencyKeyReused(Conflict):
    """The key was used before for another request."""

    code = "idempotency_key_reused"
    message = _("This Idempotency-Key was used before for another request.")


class RequestUnderWay(Conflict):
    """The same request is being worked on right now."""

    code = "request_under_way"
    message = _("The same request is being worked on right now.")


def answer_once(request: HttpRequest, caller: str, respond: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer a write once per (caller, key): the first response below 500 is remembered and given again.

    Of a response marked `Cache-Control: no-store` only the status is remembered.

    Raises IdempotencyKeyMissing, IdempotencyKeyReused, RequestUnderWay.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if not 0 < len(key) <= 120 or not key.isprintable():
        raise IdempotencyKeyMissing()
    fingerprint = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode() + request.body).hexdigest()
    while True:
        try:
            with transaction.atomic():
                remembered = RememberedResponse.objects.create(caller=caller, key=key, request_digest=fingerprint)
        except IntegrityError:
            given = _given_before(caller, key, fingerprint, respond)
            if given is not None:
                return given
        else:
            return _respond(remembered, respond)


def _given_before(caller: str, key: str, fingerprint: str, respond: Callable[[], HttpResponse]) -> HttpResponse | None:
    """What the first request was answered; None where it failed just now and left nothing, so that this one is the first."""
    with transaction.atomic():
        remembered = RememberedResponse.objects.select_for_update().filter(caller=caller, key=key).first()
        if remembered is None:
            return None
        if remembered.request_digest != fingerprint:
            raise IdempotencyKeyReused()
        if remembered.status is None:
            if now() - remembered.recorded_at < _UNDER_WAY:
                raise RequestUnderWay()
            remembered.recorded_at = now()  # the first attempt died: this one takes over
            remembered.save(update_fields=["recorded_at"])
    if remembered.status is None:
        return _respond(remembered, respond)
    response = HttpResponse(
        bytes(remembered.body or b""), status=remembered.status, content_type=remembered.content_type
    )
    response["Idempotent-Replayed"] = "true"
    return response


def _respond(remembered: RememberedResponse, respond: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        response = respond()
    except BaseException:
        remembered.delete()
        raise
    if response.status_code >= 500:
        remembered.delete()
    else:
        remembered.status = response.status_code
        secret = "no-store" in response.headers.get("Cache-Control", "")  # what is shown once is kept nowhere
        remembered.body = b"{}" if secret else response.content
        remembered.content_type = response.headers.get("Content-Type", "")
        remembered.save(update_fields=["status", "body", "content_type"])
    return response
