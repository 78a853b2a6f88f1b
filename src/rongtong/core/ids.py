"""Time-ordered ids: a UUID (version 7) inside, a prefixed word such as `loan_01jd…` at the edge."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Invalid

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_VALUES = {letter: index for index, letter in enumerate(_ALPHABET)}
_lock = threading.Lock()
_last = 0


class MalformedId(Invalid):
    """This id is not of the expected form."""

    code = "malformed_id"
    message = _("This is not an id of the expected form (%(expected)s).")


def new_id() -> UUID:
    """A UUID version 7 (RFC 9562), strictly increasing within a process: 60 bits of time in 1/4096 ms, then random bits."""
    global _last
    with _lock:
        ticks = time.time_ns() * 4096 // 1_000_000
        _last = ticks = max(ticks, _last + 1)
    milliseconds, fraction = divmod(ticks, 4096)
    tail = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return UUID(int=(milliseconds & ((1 << 48) - 1)) << 80 | 7 << 76 | fraction << 64 | 2 << 62 | tail)


def encode_id(prefix: str, value: UUID) -> str:
    """`encode_id("loan", …)` -> `loan_` and 26 letters that sort as the ids do."""
    number, letters = value.int, []
    for _position in range(26):
        number, remainder = divmod(number, 32)
        letters.append(_ALPHABET[remainder])
    return f"{prefix}_{''.join(reversed(letters))}"


def decode_id(prefix: str, text: str) -> UUID:
    """Read what `encode_id` wrote; a bare UUID is taken too. Raises MalformedId."""
    head, _, tail = text.strip().lower().rpartition("_")
    try:
        if head == prefix and len(tail) == 26:
            number = 0
            for letter in tail:
                number = number * 32 + _VALUES[letter]
            return UUID(int=number)
        if not head:
            return UUID(text)
    except (KeyError, ValueError):
        pass
    raise MalformedId(value=text[:80], expected=f"{prefix}_…")
