"""Rounding of whole fen: half up, in integers, so that no precision is lost on the way."""

from __future__ import annotations


def half_up(numerator: int, denominator: int) -> int:
    """The quotient rounded to the nearest integer, halves away from zero; the denominator is positive."""
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def round_down(value: int, step: int) -> int:
    """The largest multiple of `step` that is not above `value` (0 for negative values)."""
    return max(value, 0) // step * step
