"""The offline verifier against every small tree, and against a bundle with any one character changed."""

from __future__ import annotations

import base64
import copy
import hashlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .test_merkle_rules import many, naive_path, naive_root, naive_subproof

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
SIZES = range(1, 65)
REFUSALS = (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidSignature)
"""What the verifier turns into FAILED."""


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_offline", EXAMPLES / "verify_offline.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def sample() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXAMPLES / "evidence_bundle.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def holds(verifier: ModuleType, sample: dict[str, Any]) -> Callable[..., bool]:
    key = bytes.fromhex(sample["public_key"])

    def judge(bundle: object, kept: str | None = None) -> bool:
        try:
            verifier.check(bundle, key, kept)
        except REFUSALS:
            return False
        return True

    return judge


def leaf(number: int) -> bytes:
    return hashlib.sha256(b"\x00" + str(number).encode()).digest()


def hexed(path: list[bytes]) -> list[str]:
    return [one.hex() for one in path]


def spoilt(path: list[str]) -> Iterator[list[str]]:
    """The path with a hash taken away, doubled, changed or moved."""
    for place in range(len(path)):
        yield path[:place] + path[place + 1 :]
        yield [*path[: place + 1], *path[place:]]
        yield [*path[:place], path[place][:-1] + ("0" if path[place][-1] != "0" else "1"), *path[place + 1 :]]
        yield [*path[:place], path[place].upper() + " ", *path[place + 1 :]]
    if len(set(path)) > 1:
        yield path[::-1]
    yield [*path, "00" * 32]


class TestInclusion:
    @pytest.mark.parametrize("size", SIZES)
    def test_of_each_leaf_of_each_small_tree(self, verifier: ModuleType, size: int) -> None:
        root = naive_root(many(size))
        for index in range(size):
            path = hexed(naive_path(index, many(size)))
            assert verifier.climb(index, size - 1, [leaf(index)], path) == [root]
            assert verifier.climb(index, size - 1, [leaf(index + 1)], path) != [root]
            for other in {index ^ 1, index + 1, 0, size - 1} & set(range(size)) - {index}:
                assert verifier.climb(other, size - 1, [leaf(index)], path) != [root]
            for bad in spoilt(path):
                assert verifier.climb(index, size - 1, [leaf(index)], bad) != [root]


class TestConsistency:
    @pytest.mark.parametrize("new", SIZES)
    def test_between_all_small_trees(self, verifier: ModuleType, new: int) -> None:
        root = naive_root(many(new))
        for old in range(1, new + 1):
            path, before = hexed(naive_subproof(old, many(new), whole=True)), naive_root(many(old))
            assert verifier.consistent(old, new, before, root, path)
            assert not verifier.consistent(old, new, bytes(32), root, path)
            assert not verifier.consistent(old, new, before, bytes(32), path)
            assert old == new or not verifier.consistent(new, old, root, before, path)
            for bad in spoilt(path):
                assert not verifier.consistent(old, new, before, root, bad)

    def test_says_nothing_of_the_empty_tree(self, verifier: ModuleType) -> None:
        """Of which no checkpoint is ever signed."""
        assert not verifier.consistent(0, 3, naive_root([]), naive_root(many(3)), [])
        assert not verifier.consistent(0, 3, naive_root([]), naive_root(many(3)), ["00" * 32])


class TestTheBundle:
    SIGNED = ("checkpoint", "earlier_checkpoint", "public_key", "format")

    def changes(self, text: str) -> Iterator[str]:
        """The text with one character changed, taken away, added or doubled, at some hundred places."""
        for place in range(0, len(text), 1 + len(text) // 100):
            letter = text[place]
            yield text[:place] + chr(ord(letter) ^ 1) + text[place + 1 :]
            yield text[:place] + text[place + 1 :]
            yield text[:place] + " " + text[place:]
            yield text[:place] + letter + text[place:]
        yield from (text + "=", text + "\n", text.swapcase())

    def test_is_good_as_it_is(self, holds: Callable[..., bool], sample: dict[str, Any]) -> None:
        assert holds(sample)

    @pytest.mark.parametrize("name", SIGNED)
    def test_is_refused_with_another_character_in_what_is_signed(
        self, holds: Callable[..., bool], sample: dict[str, Any], name: str
    ) -> None:
        for text in self.changes(sample[name]):
            assert text == sample[name] or not holds(sample | {name: text}), repr(text)

    @pytest.mark.parametrize("name", ["leaf", "path", "evidence"])
    def test_is_refused_with_another_character_in_a_step(
        self, holds: Callable[..., bool], sample: dict[str, Any], name: str
    ) -> None:
        for number in range(len(sample["steps"])):
            bundle = copy.deepcopy(sample)
            step = bundle["steps"][number]
            whole = step[name]
            for place, text in enumerate([whole] if name != "path" else whole):
                for changed in self.changes(text):
                    step[name] = changed if name != "path" else [*whole[:place], changed, *whole[place + 1 :]]
                    assert changed == text or not holds(bundle), repr(changed)

    def test_is_refused_with_steps_moved_doubled_or_all_gone(
        self, holds: Callable[..., bool], sample: dict[str, Any]
    ) -> None:
        first, second, *rest = sample["steps"]
        for steps in ([second, first, *rest], [first, first, second, *rest], []):
            assert not holds(sample | {"steps": steps})

    def test_is_refused_where_it_is_said_to_be_about_something_else(
        self, holds: Callable[..., bool], sample: dict[str, Any]
    ) -> None:
        assert not holds(sample | {"subjects": ["loan_of_somebody_else"]})
        assert not holds(sample | {"subjects": []})

    @pytest.mark.parametrize("place", [-1, 0, 1.0, True, "1", None, 2**70, [1]])
    def test_is_refused_with_a_leaf_elsewhere(
        self, holds: Callable[..., bool], sample: dict[str, Any], place: object
    ) -> None:
        step = sample["steps"][1] | {"leaf_index": place}
        assert not holds(sample | {"steps": [step]})

    def test_is_refused_against_a_kept_checkpoint_that_is_empty_cut_off_or_anothers(
        self, holds: Callable[..., bool], sample: dict[str, Any]
    ) -> None:
        kept = sample["earlier_checkpoint"]
        assert holds(sample, kept)
        body = kept.rpartition("\n— ")[0]
        stranger = Ed25519PrivateKey.generate()
        public = stranger.public_key().public_bytes_raw()
        name = hashlib.sha256(b"rongtong\n\x01" + public).digest()[:4]
        foreign = f"{body}\n— rongtong {base64.b64encode(name + stranger.sign(body.encode())).decode()}\n"
        for note in ("", kept[:-1], kept[:-10], kept + kept, foreign, body):
            assert not holds(sample, note)

    def test_is_refused_cut_off_anywhere(self, sample: dict[str, Any]) -> None:
        text = json.dumps(sample)
        for end in range(0, len(text), 97):
            with pytest.raises(ValueError):
                json.loads(text[:end])
