"""A deed from a page: call the facade, say how it went, go on to a page; a refusal is said, never a trace."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Conflict, Invalid, Unavailable

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class ChoiceMissing(Invalid):
    """A form came without one of the choices it offers."""

    code = "choice_missing"
    message = _("Please choose one of the options.")


class FormRefused(Invalid):
    """A form came with fields that cannot be used; `form` holds what is wrong with each."""

    code = "form_refused"
    message = _("Please check what was entered: %(told)s")

    def __init__(self, *, form: Form) -> None:
        told = [
            f"{form.fields[name].label}: {errors[0]}" for name, errors in form.errors.items() if name in form.fields
        ]
        super().__init__(told="; ".join(told))


def chosen(request: HttpRequest, name: str, choices: type[E]) -> E:
    """The choice made in a form. Raises ChoiceMissing."""
    try:
        return choices(request.POST.get(name, ""))
    except ValueError as error:
        raise ChoiceMissing() from error


def attempt(
    request: HttpRequest,
    deed: Callable[[], T],
    *,
    done: str | Promise | Callable[[T], str],
    then: str | Callable[[T], str],
    otherwise: str | None = None,
    again: Callable[[], HttpResponse] | None = None,
) -> HttpResponse:
    """Do the deed and redirect to `then` with the words `done`; where it is refused, to `otherwise` with the reason.

    `again` shows the page with what was entered still in it, where that is more than a line.

    What the person may not do or see at all (Forbidden, NotFound) goes on to the error page.
    """
    try:
        result = deed()
    except (Invalid, Conflict, Unavailable) as error:
        messages.error(request, str(error))
        if again is not None:
            return again()
        return HttpResponseRedirect(otherwise or request.get_full_path())
    words = done(result) if callable(done) and not isinstance(done, Promise) else str(done)
    if words:
        messages.success(request, words)
    return HttpResponseRedirect(then(result) if callable(then) else then)
