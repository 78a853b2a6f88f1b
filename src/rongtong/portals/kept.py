"""What was sent after the sign-in had run out: kept for whoever filled it in, and offered again after the next sign-in.

It is kept in the visitor's session for half an hour, without files, and shown to the same person only: the form says,
signed by us, whose it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.http import HttpRequest

from rongtong.core.clock import now
from rongtong.portals.once import FIELD

WHOSE = "whose"
_KEY, _SALT = "kept_form", "rongtong.portals.kept"
_LASTS = timedelta(minutes=30)
_LARGEST = 32 * 1024
_OURS = {"csrfmiddlewaretoken", WHOSE}


@dataclass(frozen=True)
class KeptForm:
    """A form that was not done: where it goes and its fields as (name, value) pairs."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def told(self) -> tuple[str, ...]:
        """What a person wrote or chose, without keys of ours."""
        return tuple(value for name, value in self.fields if name != FIELD and value.strip() and "_" not in value)


def whose(user: Any) -> str:
    """The signed mark of a form's reader."""
    return signing.dumps(str(user.pk), salt=_SALT) if user.is_authenticated else ""


def keep(request: HttpRequest) -> bool:
    """Keep what was sent without a sign-in; False where it does not say whose it is, or is too much."""
    fields = [[name, value] for name, values in request.POST.lists() if name not in _OURS for value in values]
    try:
        owner = signing.loads(request.POST.get(WHOSE, ""), salt=_SALT)
    except signing.BadSignature:
        return False
    if request.FILES or sum(len(value) for _name, value in fields) > _LARGEST:
        return False
    request.session[_KEY] = {"whose": owner, "path": request.get_full_path(), "fields": fields, "at": now().isoformat()}
    return True


def take(request: HttpRequest) -> KeptForm | None:
    """Hand the kept form to its owner, once; anybody else's, or an old one, is forgotten."""
    found = request.session.pop(_KEY, None)
    if not found or found["whose"] != str(request.user.pk):
        return None
    if now() - datetime.fromisoformat(found["at"]) > _LASTS:
        return None
    return KeptForm(found["path"], tuple((name, value) for name, value in found["fields"]))
