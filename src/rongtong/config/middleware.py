"""The web edge: who is looking is told to the database; anticipated errors become a page or a problem document."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError

from rongtong.config.characters import request_unkeepable
from rongtong.config.faults import anticipated
from rongtong.config.problems import Fault, MethodNotAllowed, PayloadTooLarge, RequestMalformed, problem_response
from rongtong.core.errors import Forbidden, NotFound, RongtongError
from rongtong.core.idempotency import answer_once
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind

log = logging.getLogger("rongtong.web")
Respond = Callable[[HttpRequest], HttpResponse]


class ProblemMiddleware:
    """Under /api/, whoever refuses a request (the framework, the router, a fault) does so by a problem document.

    Everywhere, control characters in an address, a parameter or a form are stopped here.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            unkeepable = request_unkeepable(request)
        except (
            SuspiciousOperation,
            RequestDataTooBig,
            MultiPartParserError,
        ):  # too many fields, or a form that is none
            unkeepable = True
        if unkeepable:
            return problem_response(request, RequestMalformed())
        if not request.path.startswith("/api/"):
            return self.respond(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            limit = f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2} MB"
            return problem_response(request, PayloadTooLarge(limit=limit))
        response = self.respond(request)
        known = response.headers.get("Content-Type", "").startswith("application/problem+json")
        if response.status_code < 400 or known:
            return response
        kinds: dict[int, type[RongtongError]] = {403: Forbidden, 404: NotFound, 405: MethodNotAllowed}
        error = kinds.get(response.status_code, RequestMalformed if response.status_code < 500 else Fault)
        answer = problem_response(request, error())
        for name in response.headers.keys() & {"Allow", "Retry-After"}:
            answer[name] = response[name]
        return answer


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


class IdempotencyMiddleware:
    """Under /api/, a write that comes again with the same Idempotency-Key is answered as the first time."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        membership = getattr(request, "membership", None)
        safe = request.method in {"GET", "HEAD", "OPTIONS"}
        if safe or membership is None or not request.path.startswith("/api/"):
            return self.respond(request)
        caller = f"{membership.organisation_id}:{membership.user_id}"
        try:
            return answer_once(request, caller, lambda: self.respond(request))
        except RongtongError as error:
            return problem_response(request, error)


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
            known = anticipated(error)
            if known is None:
                return None
            log.error("%s: %s", known.code, type(error).__name__)
            error = known
        return problem_response(request, error)
