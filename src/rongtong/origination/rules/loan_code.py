"""The token of a loan code (贷款码): product, perhaps enterprise, and last day, signed; short enough for a small QR."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

_TAG = 10
"""Bytes of the tag: 80 bits, checked online only."""
_FOR_ANYONE, _FOR_ONE = 1, 2


@dataclass(frozen=True, slots=True)
class CodeContent:
    """What a token says."""

    product_id: UUID
    enterprise_id: UUID | None
    expires_at: datetime


def write_token(content: CodeContent, key: bytes) -> str:
    """The token, 42 characters for anyone and 63 for one enterprise; times are kept in whole hours, rounded up."""
    kind = _FOR_ANYONE if content.enterprise_id is None else _FOR_ONE
    hours = -(-int(content.expires_at.timestamp()) // 3600)
    body = bytes([kind]) + hours.to_bytes(4, "big") + content.product_id.bytes
    if content.enterprise_id is not None:
        body += content.enterprise_id.bytes
    return base64.urlsafe_b64encode(body + _tag(body, key)).rstrip(b"=").decode()


def read_token(token: str, key: bytes) -> CodeContent | None:
    """What a token says; None where it was not written with this key."""
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError):
        return None
    body, tag = raw[:-_TAG], raw[-_TAG:]
    lengths = {_FOR_ANYONE: 21, _FOR_ONE: 37}
    if not body or lengths.get(body[0]) != len(body) or not hmac.compare_digest(tag, _tag(body, key)):
        return None
    return CodeContent(
        product_id=UUID(bytes=body[5:21]),
        enterprise_id=UUID(bytes=body[21:37]) if body[0] == _FOR_ONE else None,
        expires_at=datetime.fromtimestamp(int.from_bytes(body[1:5], "big") * 3600, UTC),
    )


def _tag(body: bytes, key: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_TAG]
