"""What crosses the door of the rulebook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class Rule:
    """One parameter over one span of time.

    `value` is the text of a number, a word, or canonical JSON where the rule is a table; `unit` says how to read it
    (rates are fractions per year, `0.0385`, unless the unit says otherwise). In force from `effective_from` to, and not
    including, `effective_to`; None where no end is known.
    """

    id: str
    value: str
    unit: str
    title_en: str
    title_zh: str
    source: str
    """The law, notice or paper, with its article."""
    effective_from: date
    effective_to: date | None = None
    needs_review: bool = False
    """Whether the value is from memory of practice and wants a lawyer's eye before it is relied on."""
    note: str = ""
    """Set where the rule was asked for on a day before its earliest row, which is then used."""

    def noted(self, note: str) -> Rule:
        """The same rule with a note."""
        return replace(self, note=note)
