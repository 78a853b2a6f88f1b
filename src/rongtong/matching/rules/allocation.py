"""Who gets which capacity when many firms want it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def allocate(
    wishes: Sequence[Sequence[tuple[str, int]]], free: Mapping[str, int], shown_max: int
) -> tuple[list[list[int]], list[list[int]]]:
    """In each round every firm takes its next wish, (pool, amount), until it has `shown_max` or wishes no more.

    Returns by firm the positions of the wishes that it got, and of those that a pool could no longer hold.
    """
    left = dict(free)
    got: list[list[int]] = [[] for _firm in wishes]
    lacked: list[list[int]] = [[] for _firm in wishes]
    for turn in range(max(map(len, wishes), default=0)):
        for firm, wished in enumerate(wishes):
            if turn >= len(wished) or len(got[firm]) >= shown_max:
                continue
            pool, amount = wished[turn]
            if left.get(pool, 0) >= amount:
                left[pool] -= amount
                got[firm].append(turn)
            else:
                lacked[firm].append(turn)
    return got, lacked
