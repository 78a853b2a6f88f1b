"""Who may send a large body: asked with the headers alone, before the body is taken."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.base import SessionBase
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string

from rongtong.config.api import CsrfFailed, NotAuthenticated
from rongtong.core.errors import Forbidden, RongtongError
from rongtong.core.uploads import Uploads, uploads_of
from rongtong.parties import facade as parties

_FORM_AROUND = 64 * 1024
"""What a form adds to its files."""


def limit(path: str) -> int:
    """The largest body that an address takes, in bytes."""
    uploads = _uploads(path)
    if uploads is not None:
        return uploads.largest + _FORM_AROUND
    around = 0 if path.startswith("/api/") else _FORM_AROUND
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE) + around


def refusal(environ: dict[str, Any]) -> RongtongError | None:
    """Why a large body is not taken: nobody who is known sends it, without the token of the session, or in a wrong role."""
    uploads = _uploads(environ["PATH_INFO"])
    if uploads is not None and uploads.public:
        return _without_token(environ)
    close_old_connections()
    try:
        request = WSGIRequest(environ | {"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"})
        engine = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
        session: SessionBase = engine(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
        request.session = session
        request.user = get_user(request)
        membership = parties.membership_of_request(request)
    finally:
        close_old_connections()
    if membership is None:
        return NotAuthenticated()
    if uploads is not None and uploads.roles and str(membership.role) not in uploads.roles:
        return Forbidden()
    return None if membership.by_key else _without_token(environ)


def _without_token(environ: dict[str, Any]) -> RongtongError | None:
    """What can be seen of a missing token by the headers: no cookie to compare with, or another site's page."""
    request = WSGIRequest(environ | {"wsgi.input": io.BytesIO(), "CONTENT_LENGTH": "0"})
    check: Any = CsrfViewMiddleware(lambda _request: HttpResponse())
    foreign = "HTTP_ORIGIN" in environ and not check._origin_verified(request)
    return CsrfFailed() if foreign or settings.CSRF_COOKIE_NAME not in request.COOKIES else None


def _uploads(path: str) -> Uploads | None:
    try:
        return uploads_of(resolve(path.encode("latin-1").decode()).func)
    except (Resolver404, UnicodeDecodeError):
        return None
