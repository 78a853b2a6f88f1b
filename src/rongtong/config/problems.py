"""Anticipated errors as answers: a problem document under /api/, a page elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Invalid, RongtongError, Unavailable


class RequestMalformed(Invalid):
    """The request cannot be read: no JSON, NUL or half a surrogate pair in a text, too many parameters."""

    code = "malformed_request"
    message = _("The request cannot be read.")


class MethodNotAllowed(Invalid):
    """The address does not know this method; the Allow header names those that it knows."""

    status, code = 405, "method_not_allowed"
    message = _("This address does not take this kind of request.")


class PayloadTooLarge(Invalid):
    """The body is larger than what is taken at once."""

    status, code = 413, "payload_too_large"
    message = _("What was sent is larger than %(limit)s.")


class RequestTooSlow(Invalid):
    """The body did not come in time: too long a pause in it, or too few bytes a second."""

    status, code = 408, "request_too_slow"
    message = _("The rest of the request did not come in time.")


class TooBusy(Unavailable):
    """More is being sent or asked at once than this server holds; Retry-After says when to come again."""

    code = "too_busy"
    message = _("The server is very busy right now. Please try again in a moment.")


class Fault(Unavailable):
    """Something broke that nobody foresaw; it is in the error log."""

    status, code = 500, "fault"
    message = _("Something went wrong here. It has been recorded; please try again later.")


def problem_response(request: HttpRequest, error: RongtongError) -> HttpResponse:
    """The answer to an anticipated error (RFC 9457 problem JSON, or a page for people)."""
    if request.path.startswith("/api/"):
        return JsonResponse(
            problem(error),
            status=error.status,
            content_type="application/problem+json",
            json_dumps_params={"ensure_ascii": False, "default": str},
        )
    return render(request, "error.html", {"error": error, "status": error.status}, status=error.status)


def problem(error: RongtongError) -> dict[str, object]:
    """An error as a problem document."""
    return {
        "type": f"urn:rongtong:error:{error.code}",
        "title": str(error),
        "status": error.status,
        "code": error.code,
        "kind": error.kind,
        "facts": error.facts,
    }
