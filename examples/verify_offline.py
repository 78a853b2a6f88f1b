"""Check an evidence bundle of Rongtong with nothing of Rongtong: RFC 9162 proofs, an Ed25519 checkpoint, SHA-256 digests.

`--key` is the log's public key, or its SHA-256 fingerprint, as you know it from elsewhere: without it the bundle shows
only that it fits itself, which anybody can make, and nothing is called good. `--checkpoint` is a note that you kept: the
bundle must be made since its size. Exits with 0 if all holds under the key that you gave, with 3 if no key was given,
else with 1. Needs Python 3.11 and the package `cryptography`.
"""

import argparse
import base64
import hashlib
import json
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def require(holds: object, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def base_64(text: str) -> bytes:
    require(base64.b64encode(base64.b64decode(text)).decode() == text, "base 64 that is not in its one form")
    return base64.b64decode(text)


def read_note(note: str, key: bytes) -> tuple[int, bytes, str]:
    """Size, root and time of a signed note (C2SP tlog-checkpoint), once its signature is checked."""
    body, _, signature = note.rpartition("\n— ")
    name, blob = signature.removesuffix("\n").split(" ")
    raw, (origin, size, root, signed, *_) = base_64(blob), body.split("\n")
    require(raw[:4] == sha(name.encode(), b"\n\x01", key)[:4], "the checkpoint is signed with another key")
    Ed25519PublicKey.from_public_bytes(key).verify(raw[4:], body.encode())
    require(origin == name and note == f"{body}\n— {name} {blob}\n", "the checkpoint is not one signed note")
    return int(size), base_64(root), signed


def climb(position: int, last: int, nodes: list[bytes], path: list[str]) -> list[bytes] | None:
    """From a node to the root (RFC 9162, 2.1.3.2): all take the siblings on the left, only the last those on the right."""
    for text in path:
        other = bytes.fromhex(text)
        if last == 0 or len(other) != 32 or other.hex() != text:
            return None
        left = position & 1 or position == last
        nodes = [sha(b"\x01", other, one) for one in nodes] if left else [*nodes[:-1], sha(b"\x01", nodes[-1], other)]
        while left and position and not position & 1:
            position, last = position >> 1, last >> 1
        position, last = position >> 1, last >> 1
    return nodes if last == 0 else None


def consistent(old: int, new: int, old_root: bytes, new_root: bytes, path: list[str]) -> bool:
    """RFC 9162, 2.1.4.2."""
    if old == new or not 0 < old < new or not path:
        return old == new and not path and old_root == new_root
    first, *rest = path if old & (old - 1) else [old_root.hex(), *path]
    level = (old & -old).bit_length() - 1  # of the subtree that ends where the old tree ends
    ends = climb((old - 1) >> level, (new - 1) >> level, [bytes.fromhex(first)] * 2, rest)
    return ends == [old_root, new_root] and bytes.fromhex(first).hex() == first


def check(bundle: dict, key: bytes, kept: str | None) -> list[str]:
    """One line for each thing that holds; an error for the first that does not."""
    require(bundle["format"] == "rongtong-evidence/1" and bundle["steps"], "this bundle shows no step in a log")
    size, root, signed = read_note(bundle["checkpoint"], key)
    require(bundle["public_key"] == key.hex(), "the bundle names another key")
    old, old_root, _ = read_note(bundle["earlier_checkpoint"] if kept is None else kept, key)
    grew = consistent(old, size, old_root, root, bundle["consistency"])
    require(grew, f"the log is not shown to continue its first {old} leaves: was the bundle made since that size?")
    lines = [f"checkpoint: {size} leaves, {signed}, signature good"]
    lines.append(f"history: the first {old} leaves are as they were")
    for before, step in zip([{"leaf_index": -1}, *bundle["steps"]], bundle["steps"], strict=False):
        place, leaf, says = step["leaf_index"], sha(b"\x00", step["leaf"].encode()), json.loads(step["leaf"])
        found = 0 <= place < size and climb(place, size - 1, [leaf], step["path"]) == [root]
        require(found, f"leaf {place}: not in the log as shown")
        same = step["evidence"] is not None and sha(base_64(step["evidence"])).hex() == says["evidence_digest"]
        require(same, f"leaf {place}: the evidence is not what was attested")
        fits = place > before["leaf_index"] and says["subject"] in bundle["subjects"]
        require(fits, f"leaf {place}: out of its order, or not of what the bundle is about")
        lines.append(f"leaf {place}: {says['kind']} of {says['subject']} at {says['occurred_at']}, evidence unchanged")
    return [*lines, f"{len(bundle['steps'])} steps, {len(bundle['pending'])} still to be sequenced"]


def known_key(shown: str, given: str | None) -> bytes:
    """The key to check with: the given one, or the bundle's own where the given fingerprint (or nothing) names it."""
    key = bytes.fromhex(given or shown)
    if given and key == sha(bytes.fromhex(shown)):
        return bytes.fromhex(shown)
    require(len(key) == 32, "a key and its fingerprint have 64 hex digits")
    return key


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("bundle", "--key", "--checkpoint"):
        parser.add_argument(name)
    given = parser.parse_args()
    try:
        content = json.loads(Path(given.bundle).read_bytes())
        note = Path(given.checkpoint).read_bytes().decode() if given.checkpoint else None
        *lines, count = check(content, known_key(content["public_key"], given.key), note)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as error:
        sys.exit(f"FAILED: {str(error) or 'the signature is not good'}")
    fingerprint = sha(bytes.fromhex(content["public_key"])).hex()
    if given.key:
        sys.stdout.write("\n".join([*lines, f"OK: {count}"]) + "\n")
    else:
        sys.stdout.write(
            f"UNVERIFIED: no key given. The bundle fits itself ({count}), under a key that it names itself:\n"
            f"  fingerprint {fingerprint}\n"
            "Anybody can make such a bundle. Compare the fingerprint with the one that you have from the platform, its\n"
            "regulator or a witness, and give it with --key.\n"
        )
        sys.exit(3)
