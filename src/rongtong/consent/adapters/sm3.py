"""SM3 (GB/T 32905-2016) where the cryptographic library of the installation has it."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SM3, Hash


def sm3(data: bytes) -> str:
    """The SM3 digest as 64 hex digits; empty where the library's OpenSSL was built without it."""
    try:
        digest = Hash(SM3())
    except UnsupportedAlgorithm:
        return ""
    digest.update(data)
    return digest.finalize().hex()
