"""Check an evidence bundle of Rongtong with nothing of Rongtong: RFC 9162 proofs, an Ed25519 checkpoint, SHA-256 digests.

    python verify_offline.py bundle.json [--key HEX] [--checkpoint KEPT.txt]

`--key` is the log's public key as you know it (else the bundle's own is used, which shows less); `--checkpoint` is a
note that you kept earlier: the bundle must then be made since its size. Exit status 0 only if everything holds.
Needs Python 3.11 or newer and the package `cryptography`.
"""

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def read_note(note: str, key: bytes) -> tuple[int, bytes, str]:
    """Size, root and time of a signed note (C2SP tlog-checkpoint), once its signature is checked."""
    body, _, signature = note.rpartition("\n— ")
    name, blob = signature.split()
    raw = base64.b64decode(blob)
    if raw[:4] != sha(name.encode(), b"\n\x01", key)[:4]:
        raise ValueError("the checkpoint is signed with another key")
    Ed25519PublicKey.from_public_bytes(key).verify(raw[4:], body.encode())
    _origin, size, root, *extensions = body.splitlines()
    return int(size), base64.b64decode(root), " ".join(extensions)


def climb(position: int, last: int, hashes: list[bytes], path: list[bytes]) -> list[bytes] | None:
    """From a node to the root: all hashes take the siblings on the left, only the last one those on the right."""
    for sibling in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            hashes = [sha(b"\x01", sibling, one) for one in hashes]
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            hashes = [*hashes[:-1], sha(b"\x01", hashes[-1], sibling)]
        position, last = position >> 1, last >> 1
    return hashes if last == 0 else None


def included(index: int, size: int, leaf: bytes, path: list[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2."""
    return 0 <= index < size and climb(index, size - 1, [leaf], path) == [root]


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> bool:
    """RFC 9162, 2.1.4.2."""
    if old == new or not 0 < old < new or not path:
        return old == new and not path and old_root == new_root
    proof = path if old & (old - 1) else [old_root, *path]
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    return climb(position, last, [proof[0], proof[0]], proof[1:]) == [old_root, new_root]


def check(bundle: dict, key: bytes, kept: str | None) -> list[str]:
    """One line for each thing that holds; an error for the first that does not."""
    size, root, signed = read_note(bundle["checkpoint"], key)
    lines = [f"checkpoint: {size} leaves, {signed}, signature good"]
    old_size, old_root, _ = read_note(kept or bundle["earlier_checkpoint"], key)
    if not consistent(old_size, size, old_root, root, [bytes.fromhex(one) for one in bundle["consistency"]]):
        raise ValueError(f"the log is not shown to continue its first {old_size} leaves")
    lines.append(f"history: the first {old_size} leaves are as they were")
    for step in bundle["steps"]:
        leaf, where = step["leaf"].encode(), f"leaf {step['leaf_index']}"
        says, path = json.loads(leaf), [bytes.fromhex(one) for one in step["path"]]
        if not included(step["leaf_index"], size, sha(b"\x00", leaf), path, root):
            raise ValueError(f"{where}: not in the log as shown")
        if step["evidence"] is None or sha(base64.b64decode(step["evidence"])).hex() != says["evidence_digest"]:
            raise ValueError(f"{where}: the evidence is not what was attested")
        lines.append(f"{where}: {says['kind']} of {says['subject']} at {says['occurred_at']}, evidence unchanged")
    return [*lines, f"OK: {len(bundle['steps'])} steps, {len(bundle['pending'])} still to be sequenced"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("bundle", "--key", "--checkpoint"):
        parser.add_argument(name)
    given = parser.parse_args()
    try:
        content = json.loads(Path(given.bundle).read_text(encoding="utf-8"))
        note = Path(given.checkpoint).read_text(encoding="utf-8") if given.checkpoint else None
        sys.stdout.write("\n".join(check(content, bytes.fromhex(given.key or content["public_key"]), note)) + "\n")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as error:
        sys.exit(f"FAILED: {str(error) or 'the signature is not good'}")
