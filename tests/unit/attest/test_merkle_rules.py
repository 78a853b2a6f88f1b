"""The tree against the published vectors of Certificate Transparency and against RFC 9162 read literally."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongtong.attest import rules

LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 9162, 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162, 2.1.4.1."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def grow(leaves: list[bytes], batch: int = 3) -> tuple[dict[rules.Node, bytes], list[bytes]]:
    """The tree as the sequencer grows it, in batches."""
    hashes: dict[rules.Node, bytes] = {}
    peaks: list[bytes] = []
    for start in range(0, len(leaves), batch):
        part = [rules.leaf_hash(leaf) for leaf in leaves[start : start + batch]]
        nodes, peaks = rules.extend(start, peaks, part)
        hashes |= {(0, start + offset): value for offset, value in enumerate(part)}
        hashes |= {(level, index): value for level, index, value in nodes}
    return hashes, peaks


def many(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


class TestRoot:
    @pytest.mark.parametrize("size", range(9))
    def test_equals_the_published_vectors(self, size: int) -> None:
        hashes, peaks = grow(LEAVES[:size])
        assert rules.fold(peaks).hex() == ROOTS[size]
        assert rules.root_of((0, size), hashes).hex() == ROOTS[size]

    @given(st.integers(0, 200), st.integers(1, 70))
    def test_does_not_depend_on_the_batches(self, size: int, batch: int) -> None:
        _, peaks = grow(many(size), batch)
        assert rules.fold(peaks) == naive_root(many(size))

    def test_a_leaf_is_never_an_inner_node(self) -> None:
        left, right = rules.leaf_hash(b"a"), rules.leaf_hash(b"b")
        assert rules.node_hash(left, right) != rules.leaf_hash(left + right)


class TestInclusion:
    @given(st.data())
    def test_the_path_is_that_of_the_rfc_and_verifies(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(1, 130))
        index = data.draw(st.integers(0, size - 1))
        leaves = many(size)
        hashes, peaks = grow(leaves)
        path = [rules.root_of(span, hashes) for span in rules.inclusion_ranges(index, size)]
        assert path == naive_path(index, leaves)
        proof = {"leaf_index": index, "tree_size": size, "path": path, "root": rules.fold(peaks)}
        assert rules.verify_inclusion(leaf=hashes[0, index], **proof)
        assert not rules.verify_inclusion(leaf=rules.leaf_hash(b"other"), **proof)

    @given(st.data())
    def test_a_changed_path_is_refused(self, data: st.DataObject) -> None:
        size = data.draw(st.integers(2, 70))
        index = data.draw(st.integers(0, size - 1))
        hashes, peaks = grow(many(size))
        path = [rules.root_of(span, hashes) for span in rules.inclusion_ranges(index, size)]
        spot = data.draw(st.integers(0, len(path) - 1))
        for bad in (
            [*path[:spot], bytes([path[spot][0] ^ 1]) + path[spot][1:], *path[spot + 1 :]],
            [*path[:spot], *path[spot + 1 :]],
            [*path, path[spot]],
        ):
            assert not rules.verify_inclusion(
                leaf_index=index, tree_size=size, leaf=hashes[0, index], path=bad, root=rules.fold(peaks)
            )

    def test_a_leaf_beyond_the_tree_is_refused(self) -> None:
        leaf = rules.leaf_hash(b"")
        assert not rules.verify_inclusion(leaf_index=1, tree_size=1, leaf=leaf, path=[], root=leaf)


class TestConsistency:
    @given(st.data())
    def test_the_path_is_that_of_the_rfc_and_verifies(self, data: st.DataObject) -> None:
        new = data.draw(st.integers(1, 130))
        old = data.draw(st.integers(1, new))
        leaves = many(new)
        hashes, _ = grow(leaves)
        path = [rules.root_of(span, hashes) for span in rules.consistency_ranges(old, new)]
        assert path == naive_subproof(old, leaves, True)
        roots = {"old_root": naive_root(leaves[:old]), "new_root": naive_root(leaves)}
        assert rules.verify_consistency(old_size=old, new_size=new, path=path, **roots)

    @given(st.data())
    def test_a_rewritten_past_is_refused(self, data: st.DataObject) -> None:
        new = data.draw(st.integers(2, 70))
        old = data.draw(st.integers(1, new - 1))
        changed = data.draw(st.integers(0, old - 1))
        leaves = many(new)
        before = naive_root(leaves[:old])
        leaves[changed] = b"rewritten"
        hashes, peaks = grow(leaves)
        path = [rules.root_of(span, hashes) for span in rules.consistency_ranges(old, new)]
        assert not rules.verify_consistency(
            old_size=old, new_size=new, old_root=before, new_root=rules.fold(peaks), path=path
        )

    def test_an_older_size_that_is_newer_is_refused(self) -> None:
        roots = {"old_root": naive_root(many(4)), "new_root": naive_root(many(2))}
        assert not rules.verify_consistency(old_size=4, new_size=2, path=[roots["new_root"]], **roots)

    def test_the_empty_tree_is_the_beginning_of_each(self) -> None:
        roots = {"old_root": naive_root([]), "new_root": naive_root(many(3))}
        assert rules.verify_consistency(old_size=0, new_size=3, path=[], **roots)
        assert not rules.verify_consistency(
            old_size=0, new_size=3, path=[], old_root=naive_root(many(1)), new_root=roots["new_root"]
        )
