"""A loan as its rules see it: the rows of its schedule and what was paid on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from rongtong.servicing.contracts import Component


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the schedule: interest of the days from `period_start` to, not including, `period_end`; amounts in fen."""

    number: int
    due_date: date
    period_start: date
    period_end: date
    principal: int
    interest: int
    prepayment: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a payment, put towards one component of one row on a day; in fen."""

    number: int
    component: Component
    minor: int
    paid_date: date


@dataclass(frozen=True, slots=True)
class Terms:
    """What a loan's rules depend on besides its rows."""

    penalty_rate: Decimal
    """A year, as a fraction."""
    day_count_base: int
    grace_days: int = 0


class History:
    """The rows of a loan's schedule in order, and its parts by row."""

    def __init__(self, rows: Sequence[Row], parts: Iterable[Part], terms: Terms) -> None:
        self.rows = tuple(sorted(rows, key=lambda row: row.number))
        self.terms = terms
        self._parts: dict[int, list[Part]] = defaultdict(list)
        for part in parts:
            self._parts[part.number].append(part)

    def with_parts(self, more: Iterable[Part]) -> History:
        """The history after further parts were paid."""
        return History(self.rows, [*self.all_parts(), *more], self.terms)

    def with_rows(self, rows: Sequence[Row]) -> History:
        """The history with another schedule."""
        return History(rows, self.all_parts(), self.terms)

    def all_parts(self) -> list[Part]:
        """What was paid, row by row."""
        return [part for parts in self._parts.values() for part in parts]

    def parts(self, number: int, component: Component) -> list[Part]:
        """What was paid towards a component of a row, in the order of payment."""
        return [part for part in self._parts.get(number, ()) if part.component is component]

    def paid(self, number: int, component: Component) -> int:
        """The sum of it."""
        return sum(part.minor for part in self._parts.get(number, ()) if part.component is component)

    def total_paid(self, *components: Component) -> int:
        """What was paid towards components over all rows."""
        return sum(part.minor for parts in self._parts.values() for part in parts if part.component in components)

    def settled_date(self, row: Row) -> date | None:
        """The day on which principal and interest of a row were paid in full; its due date where it asks for nothing."""
        wanted = {Component.PRINCIPAL: row.principal, Component.INTEREST: row.interest}
        last = None
        for component, minor in wanted.items():
            parts = self.parts(row.number, component)
            if sum(part.minor for part in parts) < minor:
                return None
            last = max([part.paid_date for part in parts] + ([last] if last else []), default=last)
        return last or row.due_date

    def outstanding(self) -> int:
        """Principal owed: all rows less what was paid on them."""
        return sum(row.principal for row in self.rows) - self.total_paid(Component.PRINCIPAL)
