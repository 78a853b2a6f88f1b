"""The standard authorisation as a draft: every item for the platform, the portrait for lenders, a year, five years of history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from rongtong.consent.actions.check_draft import grantee_of
from rongtong.consent.contracts import ConsentDraft, Purpose, Signatory
from rongtong.consent.rules.standard import SOURCE_ITEMS, standard_entries
from rongtong.core.clock import china_date
from rongtong.parties import facade as parties

_YEAR = 365
_YEARS_BACK = 5


def standard_draft(
    *,
    enterprise_id: UUID,
    signatory: Signatory,
    at: datetime,
    lenders: Iterable[UUID] | None = None,
    items: Iterable[str] = SOURCE_ITEMS,
    purposes: Iterable[str] = tuple(Purpose),
    since: date | None = None,
    form: str = "electronic",
) -> ConsentDraft:
    """What a firm signs when it authorises the platform and lenders alike; None names every registered lender.

    The history is of five years, or goes back to `since` where that is earlier.
    """
    day = china_date(at)
    named = [one.id for one in parties.institutions()] if lenders is None else list(lenders)
    return ConsentDraft(
        enterprise_id=enterprise_id,
        entries=standard_entries(
            platform=grantee_of(parties.platform().id),
            lenders=[grantee_of(one) for one in named],
            items=items,
            purposes=purposes,
            range_from=min(day - timedelta(days=_YEARS_BACK * _YEAR), since or date.max),
            range_to=day + timedelta(days=_YEAR),
            retention_days=_YEARS_BACK * _YEAR,
        ),
        valid_from=at,
        valid_to=at + timedelta(days=_YEAR),
        signatory=signatory,
        form=form,
    )
