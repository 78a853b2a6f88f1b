"""The last answer: what no code of ours anticipated, and a database that is away. Never a trace, and nothing asked of it."""

from __future__ import annotations

import errno
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import DiskFull

from rongtong.config.database_errors import DatabaseUnavailable
from rongtong.config.problems import problem
from rongtong.core.errors import RongtongError, Unavailable

_FULL = {errno.ENOSPC, errno.EDQUOT}


class StorageFull(Unavailable):
    """There is no room left on a disk that records or decisions are kept on; nothing of the request was done."""

    code = "storage_full"
    message = gettext_lazy("The platform has no storage space left. Nothing was saved; please tell the operator.")


def answer_fault(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a problem document under /api/, else a page that needs no database; 503 when that is away."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if away else 500
    if request.path.startswith("/api/"):
        body = problem(DatabaseUnavailable(why=_("it is not reachable right now"))) if away else _fault()
        response: HttpResponse = JsonResponse(
            body, status=status, content_type="application/problem+json", json_dumps_params={"ensure_ascii": False}
        )
    else:
        response = HttpResponse(render_to_string("500.html", {"status": status}), status=status)
    if away:
        response["Retry-After"] = "5"
    return response


def anticipated(error: BaseException) -> RongtongError | None:
    """What a fault of the machine beneath us comes to: StorageFull where a disk, ours or the database's, has no room."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        full = isinstance(cause, OSError) and (cause.errno in _FULL or "No space left" in str(cause))
        if full or isinstance(cause, DiskFull):
            return StorageFull()
        cause = cause.__cause__ or cause.__context__
    return None


def _fault() -> dict[str, object]:
    title = _("Something went wrong on our side. It is in the log; what was sent may not have been saved.")
    return {
        "type": "urn:rongtong:error:fault",
        "title": title,
        "status": 500,
        "code": "fault",
        "kind": "fault",
        "facts": {},
    }
