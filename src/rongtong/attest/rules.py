"""Merkle trees after RFC 9162, section 2.1: hashes, growth, proofs and their verification. Pure.

A node (level, index) is the root of the perfect subtree over the leaves [index << level, (index + 1) << level).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

Node = tuple[int, int]
Range = tuple[int, int]
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def extend(
    size: int, peaks: Sequence[bytes], leaves: Iterable[bytes]
) -> tuple[list[tuple[int, int, bytes]], list[bytes]]:
    """Append leaf hashes to a tree given by its size and the roots of its perfect subtrees, widest first.

    Gives the inner nodes that became complete, as (level, index, hash), and the new peaks.
    """
    stack, nodes = list(peaks), []
    for leaf in leaves:
        stack.append(leaf)
        level, position = 0, size
        while position & 1:
            right = stack.pop()
            stack.append(node_hash(stack.pop(), right))
            level, position = level + 1, position >> 1
            nodes.append((level, position, stack[-1]))
        size += 1
    return nodes, stack


def fold(peaks: Sequence[bytes]) -> bytes:
    """The root over adjacent perfect subtrees, widest first; the hash of nothing where there are none."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


def cover(start: int, end: int) -> list[Node]:
    """The perfect subtrees that make up the leaves [start, end), left to right; such a range starts aligned to its width."""
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def root_of(span: Range, hashes: Mapping[Node, bytes]) -> bytes:
    """The root over a range of leaves from the hashes of its perfect subtrees."""
    return fold([hashes[node] for node in cover(*span)])


def inclusion_ranges(leaf_index: int, tree_size: int) -> list[Range]:
    """The ranges of leaves whose roots prove that a leaf is in a tree, leaf to root (PATH of RFC 9162, 2.1.3.1)."""
    ranges, start, end = [], 0, tree_size
    while end - start > 1:
        middle = start + _split(end - start)
        if leaf_index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[Range]:
    """The ranges whose roots prove that a tree only grew (PROOF of RFC 9162, 2.1.4.1); none where either tree is trivial."""
    if old_size in {0, new_size}:
        return []
    ranges, start, end = [], 0, new_size
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def verify_inclusion(*, leaf_index: int, tree_size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from a leaf's hash to the root (RFC 9162, 2.1.3.2)."""
    if not 0 <= leaf_index < tree_size:
        return False
    position, last, computed = leaf_index, tree_size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            computed = node_hash(computed, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the path shows that the newer tree begins with the older one (RFC 9162, 2.1.4.2)."""
    if old_size == new_size:
        return not path and old_root == new_root
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    if old_size > new_size or not path:
        return False
    proof = list(path) if old_size & (old_size - 1) else [old_root, *path]
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _split(width: int) -> int:
    """The largest power of two smaller than a width of at least two."""
    return 1 << ((width - 1).bit_length() - 1)
