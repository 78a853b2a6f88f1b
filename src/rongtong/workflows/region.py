"""A generated region on the platform: its firms registered, their consents granted, their records collected."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Purpose, Signatory
from rongtong.core.actors import Actor, Right, system_actor
from rongtong.core.clock import now
from rongtong.core.progress import progress_bar
from rongtong.core.tenancy import Book, in_book
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Organisation, OrganisationId
from rongtong.records import facade as records
from rongtong.records.contracts import SourceKind
from rongtong.simulator import facade as simulator
from rongtong.workflows.connections import Connection, connected, simulated
from rongtong.workflows.market import prepare_market

ITEMS = tuple(str(kind) for kind in SourceKind)


def simulate_region(
    folder: Path, *, enterprises: int, months: int, seed: int, end_date: date, collect: bool
) -> dict[str, Any]:
    """Generate a region and, unless told not to, bring it onto the platform up to its last day."""
    started = time.monotonic()
    actor, at = system_actor("simulate", right=Right.PLAYED), now()
    with progress_bar("generating the region", None) as bar:
        summary = simulator.generate_region(
            enterprises=enterprises, months=months, seed=seed, end_date=end_date, folder=folder
        )
        bar.advance()
    result: dict[str, Any] = {
        "enterprises": summary.enterprises,
        "months": summary.months,
        "seed": summary.seed,
        "end_date": summary.end_date,
        "last_date": summary.last_date,
        "rows": sum(summary.rows.values()),
        "generated": True,
    }
    if collect:
        firms = register_region(folder, actor=actor, at=at)
        since = end_date - timedelta(days=31 * months)
        grant_consents([firm.id for firm in firms], since=since, actor=actor, at=at)
        with (
            simulated(folder) as sources,
            in_book(Book.EVALUATION),
        ):  # a region is no real source, unless it is a demonstration's
            result["landed"] = collect_until(
                [firm.id for firm in firms], until=end_date, actor=actor, at=at, connection=sources
            )
    return result | {"seconds": round(time.monotonic() - started, 2)}


def register_region(folder: Path, *, actor: Actor, at: datetime) -> tuple[Organisation, ...]:
    """Register the region's firms, in the order of the region; known ones stay as they are."""
    prepare_market(actor=actor, at=at)
    drafts = [
        EnterpriseDraft(
            name=firm.name,
            identifiers=(("uscc", firm.uscc),),
            region_code=firm.region_code,
            industry_code=firm.industry_code,
            established_date=firm.established_date,
            staff=firm.staff,
            revenue_minor=firm.revenue_minor,
            assets_minor=firm.assets_minor,
            legal_representative=firm.legal_rep_name,
            generated=True,
        )
        for firm in simulator.enterprise_drafts(folder)
    ]
    return parties.register_enterprises(drafts=drafts, actor=actor, at=at)


def grant_consents(enterprise_ids: Sequence[UUID], *, since: date | None = None, actor: Actor, at: datetime) -> int:
    """Have the firms' legal representatives sign the standard authorisation; firms with a live consent are passed over.

    A firm whose representative nobody has noted signs on paper, as the platform holds it. The history is of five years,
    or goes back to `since` where that is earlier.
    """
    live = consent.with_live_consent(enterprise_ids=enterprise_ids, at=at)
    waiting = [one for one in enterprise_ids if one not in live]
    if not waiting:
        return 0
    registered = parties.legal_representatives(waiting)
    standard = consent.standard_draft(
        enterprise_id=waiting[0], signatory=Signatory(actor.name, "agent"), at=at, since=since
    )
    drafts = []
    for one in waiting:
        known = registered.get(OrganisationId(one))
        signatory = Signatory(known.name, "legal_representative") if known else Signatory(actor.name, "agent")
        drafts.append(
            replace(standard, enterprise_id=one, signatory=signatory, form="electronic" if known else "paper")
        )
    return len(consent.grant_consents(drafts=drafts, actor=actor, at=at))


def collect_until(
    enterprise_ids: Sequence[UUID],
    *,
    until: date,
    actor: Actor,
    at: datetime,
    kinds: Sequence[str] = ITEMS,
    purpose: Purpose = Purpose.FINANCING,
    connection: Connection | None = None,
) -> int:
    """Collect what the sources hold up to a day; say how many rows landed. A source that does not answer is passed over.

    The sources are those of `connection`, or else of the installation.
    """
    with connected(connection) as asked, progress_bar("collecting records", len(kinds)) as bar:
        reports = records.collect(
            enterprise_ids=enterprise_ids,
            kinds=kinds,
            until=until,
            purpose=purpose,
            actor=actor,
            at=at,
            progress=bar,
            source=asked.source,
        )
    return sum(report.landed for report in reports.values())
