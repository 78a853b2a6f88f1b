"""The authorisation a firm puts together on a page: its choices, as the entries that its text is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Authorisation, ConsentDraft, Item, Signatory
from rongtong.core.clock import CHINA, china_date
from rongtong.core.ids import encode_id
from rongtong.credit import facade as credit
from rongtong.parties import facade as parties

_DAYS = 365
_MONTHS = 12


@dataclass(frozen=True)
class Choices:
    """What the firm chose."""

    items: tuple[str, ...]
    lenders: tuple[UUID, ...]
    purposes: tuple[str, ...]
    history_years: int
    valid_months: int
    retention_years: int
    supplement: str = ""


def draft_of(
    *, enterprise_id: UUID, choices: Choices, signatory: Signatory, at: datetime, prior_id: UUID | None = None
) -> ConsentDraft:
    """The draft: the platform reads the items to draw the portrait, the lenders ticked read the portrait. In force at once."""
    day = china_date(at)
    last = credit.add_months(day, choices.valid_months)
    return ConsentDraft(
        enterprise_id=enterprise_id,
        entries=consent.standard_entries(
            platform=consent.grantee_of(parties.platform().id),
            lenders=[consent.grantee_of(one) for one in choices.lenders],
            items=choices.items,
            purposes=choices.purposes,
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
    lenders = {one.organisation_id for entry in authorisation.entries for one in entry.grantees if one.role == "lender"}
    return {
        "items": [one for one in authorisation.items if one != Item.PORTRAIT],
        "lenders": [encode_id("org", one) for one in lenders],
        "purposes": list(authorisation.purposes),
        "retention_years": authorisation.retention_days // _DAYS,
        "supplement": authorisation.supplement,
    }
