"""What may be read in an evaluation: by the platform alone, now, on a firm's authorisation or an importer's assertion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from uuid import UUID

from rongtong.consent.contracts import AssertionId
from rongtong.consent.queries.assertions import asserted
from rongtong.consent.rules.coverage import Read
from rongtong.core.clock import now
from rongtong.core.tenancy import Book, current_book
from rongtong.parties import facade as parties

ANY_DAY = (date(1990, 1, 1), date(9999, 12, 31))
"""The days of the records that an assertion is about: it names none."""


def as_it_is_read(read: Read) -> Read:
    """A read as it takes place: whoever plays a lender in an evaluation is the platform, and it reads now, not on the day played."""
    if current_book() is not Book.EVALUATION:
        return read
    return replace(read, reader_id=parties.platform().id, at=now())


def claims_on(enterprise_ids: Iterable[UUID], read: Read) -> dict[UUID, AssertionId]:
    """By firm, the assertion that an evaluation reads on; none outside of one."""
    if current_book() is not Book.EVALUATION:
        return {}
    return asserted(enterprise_ids=enterprise_ids, items=read.items, at=read.at)
