"""Characters that no text of ours has: NUL and the other controls, and halves of surrogate pairs."""

from __future__ import annotations

import re

from django.http import HttpRequest

_IN_LINES = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_IN_TEXTS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""A text of several lines has tabs and ends of lines."""


def unkeepable(text: str, *, one_line: bool = False) -> bool:
    """Whether a text holds a character that is not taken from anybody."""
    return bool((_IN_LINES if one_line else _IN_TEXTS).search(text))


def request_unkeepable(request: HttpRequest) -> bool:
    """Whether the address, a parameter or a field of a form holds such a character."""
    if unkeepable(request.path, one_line=True):
        return True
    if any(unkeepable(text) for name, values in request.GET.lists() for text in (name, *values)):
        return True
    form = request.method == "POST" and not request.path.startswith("/api/")
    return form and any(unkeepable(text) for name, values in request.POST.lists() for text in (name, *values))
