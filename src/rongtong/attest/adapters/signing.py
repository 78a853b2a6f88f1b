"""The log's Ed25519 key and the signed notes made with it (C2SP signed-note and tlog-checkpoint)."""

from __future__ import annotations

import base64
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

ORIGIN = "rongtong"
"""The log's name in its checkpoints."""


def public_key() -> bytes:
    """The 32 bytes with which anyone checks the checkpoints."""
    return _key().public_key().public_bytes_raw()


def sign_checkpoint(tree_size: int, root: bytes, at: datetime) -> str:
    """The signed note of a size and root."""
    body = checkpoint_body(tree_size, root, at)
    key = _key()
    blob = _key_id(key.public_key().public_bytes_raw()) + key.sign(body.encode())
    return f"{body}\n— {ORIGIN} {base64.b64encode(blob).decode()}\n"


def checkpoint_body(tree_size: int, root: bytes, at: datetime) -> str:
    """The text that is signed: origin, size, root in base 64, and the time of signing as an extension line."""
    moment = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"{ORIGIN}\n{tree_size}\n{base64.b64encode(root).decode()}\nsigned {moment}\n"


def signed_by(note: str, key: bytes) -> bool:
    """Whether a note carries a valid signature of that public key."""
    body, _, signature = note.rpartition("\n— ")
    try:
        name, blob = signature.removesuffix("\n").split(" ")
        raw = base64.b64decode(blob, validate=True)
        if name != ORIGIN or raw[:4] != _key_id(key) or base64.b64encode(raw).decode() != blob:
            return False
        Ed25519PublicKey.from_public_bytes(key).verify(raw[4:], body.encode())
    except (ValueError, InvalidSignature):
        return False
    return note == f"{body}\n— {signature.removesuffix(chr(10))}\n"


def read_note(note: str) -> tuple[int, bytes] | None:
    """The size and root that a note states, whoever signed it; None for what is no note."""
    lines = note.split("\n")
    try:
        return (int(lines[1]), base64.b64decode(lines[2], validate=True)) if lines[0] == ORIGIN else None
    except (IndexError, ValueError):
        return None


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(f"{ORIGIN}\n".encode() + b"\x01" + key).digest()[:4]


def _key() -> Ed25519PrivateKey:
    path = Path(settings.HOME) / "secrets" / "attest_signing_key"
    if not path.exists():
        _make(path)
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text()))


def _make(path: Path) -> None:
    """Write a fresh key, whole and once, however many processes try at the same time."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(Ed25519PrivateKey.generate().private_bytes_raw().hex())
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass  # another process was first: its key is the key
    finally:
        temporary.unlink()
