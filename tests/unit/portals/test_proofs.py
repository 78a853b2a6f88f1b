"""Inclusion proofs checked on our own."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from rongtong.portals.proofs import root_from


def leaf(number: int) -> bytes:
    return hashlib.sha256(b"\x00" + str(number).encode()).digest()


def tree(leaves: list[bytes]) -> bytes:
    """RFC 9162, 2.1.1."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:])).digest()


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 9162, 2.1.3.1."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*path(index, leaves[:split]), tree(leaves[split:])]
    return [*path(index - split, leaves[split:]), tree(leaves[:split])]


class TestRootFrom:
    @given(st.integers(1, 70), st.data())
    def test_leads_to_the_root_and_nowhere_else(self, size: int, data: st.DataObject) -> None:
        leaves = [leaf(number) for number in range(size)]
        index = data.draw(st.integers(0, size - 1))
        proof = path(index, leaves)
        assert root_from(leaves[index], index, size, proof) == tree(leaves)
        assert root_from(leaf(-1), index, size, proof) != tree(leaves)
        assert root_from(leaves[index], index, size, [*proof, leaf(0)]) != tree(leaves)
        if proof:
            assert root_from(leaves[index], index, size, proof[:-1]) != tree(leaves)

    def test_refuses_a_leaf_outside_of_the_tree(self) -> None:
        assert root_from(leaf(0), 3, 3, []) is None
        assert root_from(leaf(0), -1, 3, []) is None
