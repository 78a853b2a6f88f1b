"""The authorisation a firm puts together on a page: one tick for each recipient, item and purpose, as the entries of its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Authorisation, ConsentDraft, Item, Purpose, Signatory
from rongtong.core.clock import CHINA, china_date
from rongtong.core.ids import encode_id
from rongtong.credit import facade as credit
from rongtong.parties import facade as parties

PLATFORM = "platform"
_DAYS = 365
_MONTHS = 12


@dataclass(frozen=True, order=True)
class Cell:
    """That one recipient may have one item for one purpose; the platform has source records, a lender the portrait."""

    who: str
    """`platform`, or the id of a lender as pages write it."""
    item: str
    purpose: str

    @property
    def value(self) -> str:
        """As a form sends it."""
        return f"{self.who}:{self.item}:{self.purpose}"

    @property
    def group(self) -> str:
        """The column of the page that it stands in: what is ticked or cleared at once."""
        return f"{PLATFORM if self.who == PLATFORM else 'lenders'}:{self.purpose}"


def cells_of(lenders: Iterable[str]) -> Iterator[Cell]:
    """Every choice that the page offers, in its order."""
    for purpose in Purpose:
        yield from (Cell(PLATFORM, item, str(purpose)) for item in consent.SOURCE_ITEMS)
        yield from (Cell(one, str(Item.PORTRAIT), str(purpose)) for one in lenders)


@dataclass(frozen=True)
class Choices:
    """What the firm chose."""

    cells: frozenset[Cell]
    lenders: Mapping[str, UUID]
    """The lenders that could be chosen, by their id as pages write it."""
    history_years: int
    valid_months: int
    retention_years: int
    supplement: str = ""

    @property
    def items(self) -> tuple[str, ...]:
        """The source items, for whatever purpose, in the order of the page."""
        named = {cell.item for cell in self.cells}
        return tuple(item for item in consent.SOURCE_ITEMS if item in named)


def draft_of(
    *, enterprise_id: UUID, choices: Choices, signatory: Signatory, at: datetime, prior_id: UUID | None = None
) -> ConsentDraft:
    """The draft: the platform reads the items to draw the portrait, the lenders ticked read the portrait. In force at once."""
    day = china_date(at)
    last = credit.add_months(day, choices.valid_months)
    chosen = [cell for cell in cells_of(choices.lenders) if cell in choices.cells]
    named = {one: consent.grantee_of(choices.lenders[one]) for one in {cell.who for cell in chosen} - {PLATFORM}}
    return ConsentDraft(
        enterprise_id=enterprise_id,
        entries=consent.chosen_entries(
            platform=consent.grantee_of(parties.platform().id),
            items={
                str(purpose): [cell.item for cell in chosen if cell.who == PLATFORM and cell.purpose == purpose]
                for purpose in Purpose
            },
            lenders={
                str(purpose): [named[cell.who] for cell in chosen if cell.who != PLATFORM and cell.purpose == purpose]
                for purpose in Purpose
            },
            range_from=credit.add_months(day, -_MONTHS * choices.history_years),
            range_to=last,
            retention_days=choices.retention_years * _DAYS,
        ),
        valid_from=at,
        valid_to=datetime.combine(last, time(), CHINA),
        signatory=signatory,
        supplement=choices.supplement,
        prior_id=prior_id,
    )


def choices_of(authorisation: Authorisation) -> dict[str, Any]:
    """What the form holds for a next version: the choices that the firm had made, to take away from."""
    cells = {
        Cell(PLATFORM if one.role == PLATFORM else encode_id("org", one.organisation_id), entry.item, entry.purpose)
        for entry in authorisation.entries
        for one in entry.grantees
    }
    return {
        "cells": [cell.value for cell in sorted(cells) if (cell.who == PLATFORM) != (cell.item == Item.PORTRAIT)],
        "retention_years": authorisation.retention_days // _DAYS,
        "supplement": authorisation.supplement,
    }
