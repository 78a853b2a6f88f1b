"""The public registers of a region: who is listed on a day. Asked without a consent receipt, as the real ones are."""

from __future__ import annotations

from datetime import date
from typing import Any

from rongtong.simulator.server.profiles import legal_representative
from rongtong.simulator.server.store import Region
from rongtong.simulator.world.events import CHANGES, STAGES

REGISTERS = ("dishonest", "enforcement", "registration", "abnormal")
_ENFORCED = frozenset({"enforcement", "dishonest", "consumption_limit", "terminated"})


def standing(region: Region, uscc: str, on: date) -> dict[str, dict[str, Any]]:
    """What each register says of a code on a day; a code of nobody stands in none, and that is against it in that of firms."""
    firm = region.index_of.get(uscc)
    if firm is None:
        clean = {"listed": False}
        return {
            "dishonest": clean,
            "enforcement": clean | {"amountFen": 0},
            "registration": {"listed": True},
            "abnormal": clean,
        }
    cases = _open_cases(region, firm, on)
    enforced = [amount for stages, amount in cases if stages & _ENFORCED]
    changes = region.rows("registration", [firm], until=on)["change"].tolist()
    kinds = [CHANGES[change] for change in changes]
    return {
        "dishonest": {"listed": any("dishonest" in stages for stages, _amount in cases)},
        "enforcement": {"listed": bool(enforced), "amountFen": sum(enforced)},
        "registration": {
            "listed": "revoked" in kinds or "established" not in kinds,
            "legalRepresentative": legal_representative(region, firm, on),
        },
        "abnormal": {"listed": kinds.count("abnormal_listed") > kinds.count("abnormal_removed")},
    }


def _open_cases(region: Region, firm: int, on: date) -> list[tuple[frozenset[str], int]]:
    """The stages reached and the largest amount of each case against the firm that is not closed."""
    rows = region.rows("courts", [firm], until=on)
    cases: dict[int, tuple[set[str], int]] = {}
    for case, stage, role, amount in zip(
        *(rows[name].tolist() for name in ("case", "stage", "role", "amount")), strict=True
    ):
        if role == 1:  # as plaintiff
            continue
        stages, largest = cases.get(case, (set(), 0))
        if STAGES[stage] in _ENFORCED:
            largest = max(largest, amount)
        cases[case] = (stages | {STAGES[stage]}, largest)
    return [(frozenset(stages), amount) for stages, amount in cases.values() if "closed" not in stages]
