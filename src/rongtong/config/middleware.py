"""The web edge: who is looking is told to the database; anticipated errors become a page or a problem document."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from rongtong.core.errors import Forbidden, NotFound, RongtongError
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind

log = logging.getLogger("rongtong.web")
Respond = Callable[[HttpRequest], HttpResponse]


class TenancyMiddleware:
    """Put the visitor's membership on the request (`request.membership`) and look at the database with its eyes."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = parties.membership_of_request(request)
        request.membership = membership  # type: ignore[attr-defined]  # read by portals and api
        viewer: AbstractContextManager[None] = nullcontext()
        if membership is not None:
            if membership.organisation_kind in {OrganisationKind.OPERATOR, OrganisationKind.REGULATOR}:
                viewer = as_platform()
            else:
                viewer = as_tenant(membership.organisation_id)
        with viewer:
            return self.respond(request)


class ErrorMiddleware:
    """Turn what a view raises into an answer: a problem document under /api/, else a page; never a trace."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.respond(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, Http404):
            error = NotFound()
        elif isinstance(error, PermissionDenied):
            error = Forbidden()
        if not isinstance(error, RongtongError):
            return None
        return problem_response(request, error)


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
