"""What is wrong with a payload that is not of the documented form: field by field, in the reader's words, nothing of our inside."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel

_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*$")
_BRANCHES = frozenset(
    {"str", "int", "float", "bool", "bytes", "date", "datetime", "decimal", "uuid", "none", "nullable"}
)
"""What the library puts into a path for each way that a value may be read."""
_LIMITS = frozenset({"max_length", "min_length", "ge", "gt", "le", "lt", "multiple_of", "max_digits", "decimal_places"})
_WORDS: Mapping[str, str | Promise] = {
    "missing": _("This field is missing."),
    "extra_forbidden": _("There is no such field."),
    "string_too_long": _("This text is too long."),
    "string_too_short": _("This text is too short."),
    "too_long": _("These are too many."),
    "too_short": _("These are too few."),
    "enum": _("This is none of the documented values."),
    "literal_error": _("This is none of the documented values."),
    "greater_than": _("This number is too small."),
    "greater_than_equal": _("This number is too small."),
    "less_than": _("This number is too large."),
    "less_than_equal": _("This number is too large."),
    "day_out_of_bounds": _("This day lies too far back or too far ahead."),
}
_OTHERWISE = _("This value is not of the documented form.")


def told(model: type[BaseModel], source: str, errors: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The errors of one part of a request (`body`, `query`, `path`, `header`): `field` is the path of names and places in it."""
    return [
        {
            "in": source,
            "field": _field(model, one["loc"]),
            "code": str(one["type"]),
            "what": str(_WORDS.get(one["type"], _OTHERWISE)),
            "limits": {name: value for name, value in one.get("ctx", {}).items() if name in _LIMITS},
        }
        for one in errors
    ]


def _field(model: type[BaseModel], parts: tuple[Any, ...]) -> str:
    if parts and _is_whole(model, parts[0]):  # the name that our function has for the whole of it
        parts = parts[1:]
    kept = [str(one) for one in parts if isinstance(one, int) or (_NAME.match(str(one)) and str(one) not in _BRANCHES)]
    return ".".join(kept)


def _is_whole(model: type[BaseModel], name: Any) -> bool:
    known = model.model_fields.get(str(name))
    kind = known.annotation if known else None
    return isinstance(kind, type) and issubclass(kind, BaseModel)
