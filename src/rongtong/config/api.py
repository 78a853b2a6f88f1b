"""The API under /api/: every domain's router, one renderer, one form of error, idempotent writes."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.renderers import BaseRenderer

from rongtong import __version__
from rongtong.config.openapi import DescribedApi, StrictParser, return_lists
from rongtong.config.problems import RequestMalformed, problem, problem_response
from rongtong.core.canonical import plain
from rongtong.core.errors import Forbidden, RongtongError


class NotAuthenticated(Forbidden):
    """The call carries neither a session nor a valid API key."""

    status = 401
    code = "not_authenticated"
    message = gettext_lazy("Please log in, or send a valid API key.")


class CsrfFailed(Forbidden):
    """A write with a session came without its CSRF token."""

    code = "csrf_failed"
    message = gettext_lazy("The request did not carry the token of this session; please reload the page and try again.")


class ReadableJson(BaseRenderer):
    """JSON in which Chinese stays readable."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> str:
        return json.dumps(data, ensure_ascii=False, default=_default)


def _default(value: Any) -> Any:
    try:
        return plain(value)
    except TypeError:
        return DjangoJSONEncoder().default(value)


def authenticate(request: HttpRequest) -> Any:
    """Who calls: the membership that the tenancy middleware found; a session's write must carry its CSRF token."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return None
    if not membership.by_key and request.method not in {"GET", "HEAD", "OPTIONS"}:
        reason = CsrfViewMiddleware(lambda _request: HttpResponse()).process_view(
            _csrf_enforced(request), HttpResponse, (), {}
        )
        if reason is not None:
            raise CsrfFailed()
    return membership


def _csrf_enforced(request: HttpRequest) -> HttpRequest:
    request.csrf_processing_done = False  # type: ignore[attr-defined]  # the API's views are exempt; this call is not
    return request


api = DescribedApi(
    title="Rongtong",
    version=__version__,
    description="The platform on which small firms get financed. Each write needs an Idempotency-Key; errors are RFC 9457 problem documents.",
    renderer=ReadableJson(),
    parser=StrictParser(),
    auth=authenticate,
    docs_url=None,
    urls_namespace="api",
)


@api.get(
    "/health",
    auth=None,
    tags=["platform"],
    summary="Whether the platform answers, and its version",
    openapi_extra={"security": []},
)
def health(request: HttpRequest) -> dict[str, str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok", "version": __version__}


@api.exception_handler(RongtongError)
def on_anticipated(request: HttpRequest, error: RongtongError) -> HttpResponse:
    return problem_response(request, error)


@api.exception_handler(AuthenticationError)
def on_stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problem_response(request, NotAuthenticated())


@api.exception_handler(ValidationError)
def on_malformed(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """A payload that is not of the documented form: the only use of 422."""
    body = {
        "type": "urn:rongtong:error:malformed_payload",
        "title": _("What was sent is not of the documented form."),
        "status": 422,
        "code": "malformed_payload",
        "kind": "invalid",
        "facts": {"errors": error.errors},
    }
    return JsonResponse(
        body, status=422, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
    )


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    body = problem(RequestMalformed()) | {"status": error.status_code}
    return JsonResponse(
        body,
        status=error.status_code,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


@api.exception_handler(SuspiciousOperation)
def on_suspicious(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """Too many parameters, or a form that is none."""
    return problem_response(request, RequestMalformed())


for _domain in settings.DOMAINS:
    try:
        _module = import_module(f"rongtong.{_domain}.api")
    except ModuleNotFoundError as missing:
        if missing.name != f"rongtong.{_domain}.api":
            raise
        continue
    return_lists(_module.router)
    api.add_router(f"/{_domain}/", _module.router, tags=[_domain])

__all__ = ["api", "problem"]
