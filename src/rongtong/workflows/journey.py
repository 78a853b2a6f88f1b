"""The journey of one firm up to its offers, as the portals play it: be portrayed, find offers. From its application on, events drive it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.conf import settings

from rongtong.core.actors import Actor, system_actor
from rongtong.core.clock import china_date
from rongtong.credit import facade as credit
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.matching import facade as matching
from rongtong.matching.contracts import MatchResult
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationId
from rongtong.workflows.region import collect_until


def refresh_firm(*, enterprise_id: UUID, actor: Actor, at: datetime) -> Portrait:
    """Collect what the sources hold up to today and portray the firm anew."""
    today = china_date(at)
    if settings.SOURCES_URL:
        collect_until([enterprise_id], until=today, actor=_platform(actor, "refresh_firm"), at=at)
    return portray_firm(enterprise_id=enterprise_id, as_of=today, actor=actor, at=at)


def portray_firm(*, enterprise_id: UUID, as_of: date, actor: Actor, at: datetime) -> Portrait:
    """Build the firm's portrait as of a day from the records that are there; the platform reads them, whoever asked."""
    (portrait,) = features.build_portraits(
        enterprise_ids=[enterprise_id],
        as_of=as_of,
        reader_id=parties.platform().id,
        actor=_platform(actor, "portray_firm"),
        at=at,
    )
    return portrait


def _platform(actor: Actor, job: str) -> Actor:
    return actor if actor.kind == "system" else system_actor(job)


def match_firm(
    *, enterprise_id: UUID, amount_minor: int | None, term_months: int | None, actor: Actor, at: datetime
) -> MatchResult:
    """Find the offers of today for one firm, each with the lender's capacity reserved behind it."""
    as_of = china_date(at)
    portrait = portray_firm(enterprise_id=enterprise_id, as_of=as_of, actor=actor, at=at)
    return matching.find_offers(
        enterprise_id=OrganisationId(enterprise_id),
        portrait=portrait,
        score=credit.score(values=portrait.values, unknown=portrait.unknown, assumed=portrait.assumed),
        amount_minor=amount_minor,
        term_months=term_months,
        as_of=as_of,
        actor=actor,
        at=at,
    )
