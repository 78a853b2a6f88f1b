"""Authorisations as tests grant them: every recipient, item and purpose with every other, unless entries are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from rongtong.consent import facade as consent
from rongtong.consent.contracts import ConsentDraft, Entry, Grantee, Mode, Signatory
from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.parties import facade as parties

SIGNATORY = Signatory("李明", "legal_representative")
"""Who signs in tests, and whom the register names there (`register_signatory`)."""


def entries(
    *,
    grantees: Iterable[Grantee],
    items: Iterable[str],
    purposes: Iterable[str] = ("financing",),
    range_from: date = date(2021, 1, 1),
    range_to: date = date(2027, 11, 1),
    retention_days: int = 1825,
    **more: Any,
) -> tuple[Entry, ...]:
    """One entry for each item and purpose, for all the recipients; they may fetch and keep it."""
    return tuple(
        Entry(
            grantees=tuple(grantees),
            item=str(item),
            purpose=str(purpose),
            range_from=range_from,
            range_to=range_to,
            retention_days=retention_days,
            mode=more.pop("mode", Mode.STORE),
            **more,
        )
        for item in items
        for purpose in purposes
    )


def draft_of(
    enterprise_id: UUID,
    granted: Sequence[Entry],
    *,
    at: datetime,
    days: int = 365,
    signatory: Signatory = SIGNATORY,
    **more: Any,
) -> ConsentDraft:
    """A draft of these entries, in force from now on."""
    return ConsentDraft(
        enterprise_id=enterprise_id,
        entries=tuple(granted),
        valid_from=at,
        valid_to=at + timedelta(days=days),
        signatory=signatory,
        **more,
    )


def register_signatory(*enterprise_ids: UUID, actor: Actor, at: datetime, name: str = SIGNATORY.name) -> None:
    """Have the register name a person as legal representative of firms; called as the platform."""
    parties.note_legal_representatives(
        names=dict.fromkeys(enterprise_ids, name), source="registration", as_of=china_date(at), actor=actor, at=at
    )


def let_lenders_read(*enterprise_ids: UUID, actor: Actor, at: datetime) -> None:
    """Have firms let every registered lender read their portraits for financing; called as the platform."""
    lenders = [Grantee(one.id, one.name, "lender") for one in parties.institutions()]
    since = at - timedelta(days=1)
    granted = entries(grantees=lenders, items=("portrait",), range_from=date(2015, 1, 1), range_to=date(2027, 1, 1))
    drafts = [draft_of(one, granted, at=since, days=301, form="paper") for one in enterprise_ids]
    consent.grant_consents(drafts=drafts, actor=actor, at=since)
