"""Check an inclusion proof on our own (RFC 9162, 2.1.3.2), so that the evidence page takes nobody's word for it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def root_from(leaf_hash: bytes, leaf_index: int, tree_size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a proof leads to; None where the proof has not the shape that the index and size demand."""
    if not 0 <= leaf_index < tree_size:
        return None
    node, last, current = leaf_index, tree_size - 1, leaf_hash
    for sibling in path:
        if last == 0:
            return None
        if node & 1 or node == last:
            current = hashlib.sha256(b"\x01" + sibling + current).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            current = hashlib.sha256(b"\x01" + current + sibling).digest()
        node, last = node >> 1, last >> 1
    return current if last == 0 else None
