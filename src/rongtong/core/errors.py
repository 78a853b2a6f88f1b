"""Anticipated errors: one of five kinds, a stable code, and the facts. The web edge turns a kind into a status.

An error class stands beside what raises it and subclasses a kind; its `code` is stable, its `message` is a lazily
translated template over the facts, and its docstring says when it is raised (it becomes the reference of errors).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class RongtongError(Exception):
    """The base of what we anticipate; anything else is a fault and reaches the error log."""

    kind: ClassVar[str]
    status: ClassVar[int]
    code: ClassVar[str]
    message: ClassVar[str | Promise] = ""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.code, facts)

    def __str__(self) -> str:
        text = str(self.message) or (self.__doc__ or self.code).strip().splitlines()[0]
        try:
            return text % self.facts
        except (KeyError, TypeError, ValueError):
            return text


class Invalid(RongtongError):
    """What was given breaks a rule that the sender can mend."""

    kind, status, code = "invalid", 400, "invalid"
    message = _("What was sent cannot be used as it is.")


class Forbidden(RongtongError):
    """The actor may not do this."""

    kind, status, code = "forbidden", 403, "forbidden"
    message = _("You may not do this.")


class NotFound(RongtongError):
    """There is no such thing, or not for this actor."""

    kind, status, code = "not_found", 404, "not_found"
    message = _("There is no such thing here.")


class Conflict(RongtongError):
    """The state of things does not allow it now."""

    kind, status, code = "conflict", 409, "conflict"
    message = _("The state of things does not allow this now.")


class Unavailable(RongtongError):
    """Something that is needed does not answer; trying again later may help."""

    kind, status, code = "unavailable", 503, "unavailable"
    message = _("Something that is needed does not answer right now. Please try again later.")
