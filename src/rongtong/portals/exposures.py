"""The firms that owe or have applied for most at all lenders together, for those who oversee the platform."""

from __future__ import annotations

from rongtong.matching import facade as matching
from rongtong.matching.contracts import Exposure
from rongtong.parties import facade as parties

_SHOWN = 10


def largest_exposures() -> list[tuple[str, Exposure]]:
    """Each with the firm's name, the largest first."""
    found = matching.exposures(page_size=_SHOWN).items
    names = parties.organisations([one.enterprise_id for one in found])
    return [(names[one.enterprise_id].name, one) for one in found]
