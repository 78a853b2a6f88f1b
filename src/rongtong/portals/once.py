"""A form sent twice is done once: the second sending is answered with where the first one led."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from rongtong.core.ids import new_id
from rongtong.core.models import RememberedResponse

FIELD = "once"


def fresh_key() -> str:
    """A key for one form on one page."""
    return new_id().hex


def once(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Do a POST once per (person, key of the form); only redirects are remembered, so a form with errors can be mended.

    The second of two simultaneous sendings waits for the first. A form without a key is done as it comes.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.POST.get(FIELD, "")[:120]
        if request.method != "POST" or not key:
            return view(request, *args, **kwargs)
        caller = f"form:{request.user.pk}:{request.path}"[:120]
        with _Locked(f"{caller}:{key}"):
            before = RememberedResponse.objects.filter(caller=caller, key=key).first()
            if before is not None:
                return HttpResponseRedirect(bytes(before.body or b"/").decode())
            response = view(request, *args, **kwargs)
            if isinstance(response, HttpResponseRedirect):
                RememberedResponse.objects.create(
                    caller=caller, key=key, request_digest="", status=response.status_code, body=response.url.encode()
                )
            return response

    return guarded


class _Locked:
    """A session lock of PostgreSQL by name, held while the block runs; the view inside keeps its own transactions."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [self.name])

    def __exit__(self, *_: object) -> None:
        if connection.connection is not None and not connection.connection.closed and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [self.name])
