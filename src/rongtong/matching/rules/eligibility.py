"""Who may have what: every distinct condition is one bit, a firm is a row of bits, and a product a mask over them.

A condition is true, false or unknown for a firm. Per product a condition says what unknown means, so each product has
two masks: conditions that must be known to hold, and conditions that must only not be known to fail.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from rongtong.matching.contracts import EligibilityRule, Operator, Unknown

Words = np.ndarray[Any, np.dtype[np.uint64]]
Facts = Mapping[str, float | str | None]
_Condition = tuple[str, Operator, float | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say about firms × products: `failing[i, j]` counts the conditions of product j that firm i fails."""

    failing: np.ndarray[Any, np.dtype[np.uint8]]
    passed: Words
    unknown: Words

    def eligible(self, firm: int) -> list[int]:
        """The products that a firm may have, by position."""
        return [int(index) for index in np.flatnonzero(self.failing[firm] == 0)]


class RuleBook:
    """The compiled conditions of a list of products."""

    def __init__(self, products: Sequence[Sequence[EligibilityRule]]) -> None:
        bits: dict[_Condition, int] = {}
        for rules in products:
            for rule in rules:
                bits.setdefault(_condition(rule), len(bits))
        self.conditions = tuple(bits)
        self.bits = bits
        words = max(1, -(-len(bits) // 64))
        self._known = np.zeros((words, len(products)), np.uint64)
        self._not_failing = np.zeros((words, len(products)), np.uint64)
        for row, rules in enumerate(products):
            for rule in rules:
                word, bit = divmod(bits[_condition(rule)], 64)
                mask = self._known if rule.unknown is Unknown.FAIL else self._not_failing
                mask[word, row] |= np.uint64(1 << bit)

    def judge(self, firms: Sequence[Facts]) -> Verdict:
        """Judge many firms against all products; firm by firm, so that the masks stay in the processor's cache."""
        passed, unknown = self._read(firms)
        not_passed, failed = ~passed, ~(passed | unknown)
        failing = np.zeros((len(firms), self._known.shape[1]), np.uint8)
        missing, soft = np.empty_like(self._known[0]), np.empty_like(self._known[0])
        for firm in range(len(firms)):
            for word in range(len(self._known)):
                np.bitwise_and(self._known[word], not_passed[firm, word], out=missing)
                np.bitwise_and(self._not_failing[word], failed[firm, word], out=soft)
                np.bitwise_or(missing, soft, out=missing)
                failing[firm] += np.bitwise_count(missing)
        return Verdict(failing, passed, unknown)

    def _read(self, firms: Sequence[Facts]) -> tuple[Words, Words]:
        """Each firm's conditions as bits: which hold, and which are unknown."""
        holds = np.zeros((len(firms), len(self._known) * 64), bool)
        blank = np.zeros_like(holds)
        numbers: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
        words: dict[str, _Column] = {}
        for position, (name, operator, wanted) in enumerate(self.conditions):
            if isinstance(wanted, tuple):
                if name not in words:
                    words[name] = _Column([facts.get(name) for facts in firms])
                holds[:, position], blank[:, position] = words[name].compare(operator, wanted)
                continue
            if name not in numbers:
                numbers[name] = np.array([_number(facts.get(name)) for facts in firms], float)
            column = numbers[name]
            blank[:, position] = np.isnan(column)
            with np.errstate(invalid="ignore"):
                holds[:, position] = _COMPARE[operator](column, wanted)
        return _pack(holds & ~blank), _pack(blank)


class _Column:
    """A fact in words over many firms: each distinct word is compared once."""

    def __init__(self, values: Sequence[float | str | None]) -> None:
        places: dict[float | str | None, int] = {}
        self._codes = np.array([places.setdefault(value, len(places)) for value in values], np.intp)
        self._values = list(places)
        self._blank = np.array([not value for value in self._values], bool)[self._codes]

    def compare(self, operator: Operator, wanted: tuple[str, ...]) -> tuple[Any, Any]:
        """By firm: whether the condition holds, and whether the fact is unknown."""
        holds = np.array([_word_holds(value, operator, wanted) for value in self._values], bool)
        return holds[self._codes], self._blank


def check_rule(rule: EligibilityRule, facts: Facts) -> bool | None:
    """One condition for one firm, the plain way: True, False, or None for unknown."""
    value, wanted = facts.get(rule.fact), rule.value
    if isinstance(wanted, tuple):
        return _word_holds(value, rule.operator, wanted) if value else None
    if value is None or isinstance(value, str) or isnan(value):
        return None
    if rule.operator is Operator.AT_LEAST:
        return value >= wanted
    return value <= wanted if rule.operator is Operator.AT_MOST else value == wanted


def _condition(rule: EligibilityRule) -> _Condition:
    return rule.fact, rule.operator, rule.value


def _pack(flags: np.ndarray[Any, np.dtype[np.bool_]]) -> Words:
    packed = np.packbits(flags, axis=1, bitorder="little")
    return packed.view(np.dtype("<u8")).astype(np.uint64)


def _number(value: float | str | None) -> float:
    return np.nan if value is None or isinstance(value, str) else float(value)


def _word_holds(value: float | str | None, operator: Operator, words: tuple[str, ...]) -> bool:
    if not isinstance(value, str) or not value:
        return False
    return value.startswith(words) is (operator is Operator.ONE_OF)


_COMPARE = {Operator.AT_LEAST: np.greater_equal, Operator.AT_MOST: np.less_equal, Operator.IS: np.equal}
