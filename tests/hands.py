"""Who accepts and signs in tests: a person of the firm, a person of the lender."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from rongtong.core.actors import Actor


class Case(Protocol):
    """An application or an agreement."""

    @property
    def enterprise_id(self) -> UUID: ...

    @property
    def lender_id(self) -> UUID: ...


def of_firm(case: Case) -> Actor:
    """A person of the firm."""
    return Actor("user", f"owner-{case.enterprise_id}", "王敏", case.enterprise_id)


def of_lender(case: Case) -> Actor:
    """A person of the lender."""
    return Actor("user", f"funder-{case.lender_id}", "何晓兰", case.lender_id)
