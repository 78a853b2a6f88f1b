"""A deed from a page: call the facade, say how it went, go on to a page; a refusal is said, never a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise

from rongtong.core.errors import Conflict, Invalid, Unavailable

T = TypeVar("T")


def attempt(
    request: HttpRequest,
    deed: Callable[[], T],
    *,
    done: str | Promise | Callable[[T], str],
    then: str | Callable[[T], str],
    otherwise: str | None = None,
) -> HttpResponse:
    """Do the deed and redirect to `then` with the words `done`; where it is refused, to `otherwise` with the reason.

    What the person may not do or see at all (Forbidden, NotFound) goes on to the error page.
    """
    try:
        result = deed()
    except (Invalid, Conflict, Unavailable) as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(otherwise or request.get_full_path())
    messages.success(request, done(result) if callable(done) and not isinstance(done, Promise) else str(done))
    return HttpResponseRedirect(then(result) if callable(then) else then)
