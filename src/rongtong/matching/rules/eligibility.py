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
        self._known = np.zeros((len(products), words), np.uint64)
        self._not_failing = np.zeros((len(products), words), np.uint64)
        for row, rules in enumerate(products):
            for rule in rules:
                word, bit = divmod(bits[_condition(rule)], 64)
                mask = self._known if rule.unknown is Unknown.FAIL else self._not_failing
                mask[row, word] |= np.uint64(1 << bit)

    def judge(self, firms: Sequence[Facts]) -> Verdict:
        """Judge many firms against all products at once."""
        passed, unknown = self._read(firms)
        failing = np.zeros((len(firms), len(self._known)), np.uint8)
        for word in range(self._known.shape[1]):
            missing = self._known[:, word] & ~passed[:, word, None]
            missing |= self._not_failing[:, word] & ~(passed | unknown)[:, word, None]
            failing += np.bitwise_count(missing)
        return Verdict(failing, passed, unknown)

    def _read(self, firms: Sequence[Facts]) -> tuple[Words, Words]:
        """Each firm's conditions as bits: which hold, and which are unknown."""
        words = self._known.shape[1]
        holds = np.zeros((len(firms), words * 64), bool)
        blank = np.zeros_like(holds)
        numbers: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
        for position, (name, operator, value) in enumerate(self.conditions):
            if isinstance(value, tuple):
                for row, facts in enumerate(firms):
                    blank[row, position] = not facts.get(name)
                    holds[row, position] = _word_holds(facts.get(name), operator, value)
                continue
            if name not in numbers:
                numbers[name] = np.array([_number(facts.get(name)) for facts in firms], float)
            column = numbers[name]
            blank[:, position] = np.isnan(column)
            with np.errstate(invalid="ignore"):
                holds[:, position] = _COMPARE[operator](column, value)
        return _pack(holds & ~blank), _pack(blank)


def is_set(words: Words, row: int, position: int) -> bool:
    """Whether a bit of a packed row is set."""
    return bool(int(words[row, position // 64]) >> (position % 64) & 1)


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
