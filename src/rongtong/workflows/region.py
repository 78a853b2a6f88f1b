"""A generated region on the platform: its firms registered, their consents granted, their records collected."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from rongtong.consent import facade as consent
from rongtong.consent.contracts import ConsentDraft, Grantee, Purpose, Signatory
from rongtong.core.actors import Actor, Right, system_actor
from rongtong.core.clock import now
from rongtong.core.progress import progress_bar
from rongtong.core.tenancy import Book, in_book
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Organisation
from rongtong.records import facade as records
from rongtong.records.contracts import SourceKind
from rongtong.simulator import facade as simulator
from rongtong.workflows.connections import Connection, connected, simulated
from rongtong.workflows.market import prepare_market

ITEMS = tuple(str(kind) for kind in SourceKind)
CONSENT_YEARS = 1
AUTHORISATION_TEXT = (
    "本企业授权融通平台及其接入的持牌资金方，为融资申请、审批与贷后管理之目的，查询并使用本企业的登记、纳税、发票、社保、"
    "用电、银行流水、司法与舆情信息及由此形成的企业画像；授权期一年，可随时撤回。"
)


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
            generated=True,
        )
        for firm in simulator.enterprise_drafts(folder)
    ]
    return parties.register_enterprises(drafts=drafts, actor=actor, at=at)


def grant_consents(enterprise_ids: Sequence[UUID], *, since: date | None = None, actor: Actor, at: datetime) -> int:
    """Have the firms authorise the platform and all lenders for a year; firms with a live consent are passed over.

    The history is of five years, or goes back to `since` where that is earlier.
    """
    live = consent.with_live_consent(enterprise_ids=enterprise_ids, at=at)
    waiting = [one for one in enterprise_ids if one not in live]
    grantees = consent_grantees()
    drafts = [consent_draft(one, grantees, at=at, since=since) for one in waiting]
    return len(consent.grant_consents(drafts=drafts, actor=actor, at=at))


def consent_grantees() -> tuple[Grantee, ...]:
    """Whom a firm authorises when it authorises once for all: the platform and each registered lender."""
    platform = parties.platform()
    lenders = parties.institutions()
    return (
        Grantee(organisation_id=platform.id, name=platform.name, role="platform"),
        *(Grantee(organisation_id=one.id, name=one.name, role="lender") for one in lenders),
    )


def consent_draft(
    enterprise_id: UUID,
    grantees: tuple[Grantee, ...],
    *,
    at: datetime,
    signatory: str = "法定代表人",
    since: date | None = None,
) -> ConsentDraft:
    """The standard authorisation: every item, financing and what follows it, one year, five years of history."""
    return ConsentDraft(
        enterprise_id=enterprise_id,
        grantees=grantees,
        items=(*ITEMS, "portrait"),
        purposes=(Purpose.FINANCING, Purpose.POST_LOAN),
        range_from=min(at.date() - timedelta(days=5 * 365), since or date.max),
        range_to=at.date() + timedelta(days=365 * CONSENT_YEARS),
        valid_from=at,
        valid_to=at + timedelta(days=365 * CONSENT_YEARS),
        retention_days=5 * 365,
        text=AUTHORISATION_TEXT,
        signatory=Signatory(name=signatory, role="legal_representative"),
    )


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
