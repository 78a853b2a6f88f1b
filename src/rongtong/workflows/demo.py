"""The demonstration: a small generated region, the loop played over it, some months of its life, a login per role."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Sum

from rongtong.core.actors import Actor, Right, system_actor
from rongtong.core.clock import china_date, now, played_moment
from rongtong.core.money import format_wan
from rongtong.core.tenancy import as_platform
from rongtong.features import facade as features
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, OrganisationId, Role
from rongtong.servicing import facade as servicing
from rongtong.simulator import facade as simulator
from rongtong.workflows.connections import Connection
from rongtong.workflows.day import close_days
from rongtong.workflows.loop import LoopReport, run_loop
from rongtong.workflows.models import BusinessDay, CaseState, LoopCase, LoopRun
from rongtong.workflows.plans import plan_loop
from rongtong.workflows.region import collect_until, grant_consents, register_region

HISTORY_MONTHS = 24
LIVED_DAYS = 76
"""How long before today the loop is played, so that today there are repayments, arrears and alarms to see."""
NEWCOMERS = 2
"""Firms left alone, so that a visitor can walk the whole way with them."""
PEOPLE = {
    "owner": "沈文斌",
    "newcomer": "周雅琴",
    "funder": "林志远",
    "funder2": "何晓兰",
    "operator": "陈思远",
    "regulator": "许明",
}
"""Made-up names of those who log in."""


@dataclass(frozen=True, slots=True)
class Login:
    """A demonstration login."""

    role: Role
    username: str
    password: str
    organisation: str
    purpose: str


def prepare_region(folder: Path, *, enterprises: int, seed: int) -> Path:
    """Generate the region unless it is there; its history ends where the loop is played."""
    if not (folder / "demo.json").exists():
        as_of = china_date(now()) - timedelta(days=LIVED_DAYS)
        simulator.generate_region(
            enterprises=enterprises, months=HISTORY_MONTHS, seed=seed, end_date=as_of, folder=folder
        )
        (folder / "demo.json").write_text(
            json.dumps({"as_of": as_of.isoformat(), "password": f"rongtong-{secrets.token_hex(6)}"})
        )
    return folder


def play(folder: Path, connection: Connection | None = None) -> LoopReport | None:
    """Play what has not been played yet: register, authorise, collect, the loop, and the days since. Quick when all is done."""
    actor, at = system_actor("demonstration", right=Right.PLAYED), now()
    as_of = _as_of(folder)
    begun = played_moment(as_of, 8)
    run = LoopRun.objects.filter(as_of=as_of).first()
    report = None
    if run is None or run.finished_at is None:
        firms = register_region(folder, actor=actor, at=begun)
        taking_part = [firm.id for firm in firms[NEWCOMERS:]]
        grant_consents(taking_part, actor=actor, at=begun)
        collect_until(taking_part, until=as_of, actor=actor, at=begun, connection=connection)
        plan = plan_loop(as_of=as_of, at=at, enterprise_ids=taking_part, apply_for_them=True)
        report = run_loop(plan=plan, actor=actor, connection=connection)
    yesterday = china_date(at) - timedelta(days=1)
    if not BusinessDay.objects.filter(pk=yesterday).exclude(closed_at=None).exists():
        close_days(to=yesterday, actor=actor, at=at, connection=connection)
        _portray_anew(as_of, yesterday, actor, connection)
    _open_logins(folder, actor)
    return report


def logins() -> list[Login]:
    """The demonstration's logins; none outside of a demonstration."""
    folder = settings.HOME / "region"
    if not settings.DEMO or not (folder / "demo.json").exists():
        return []
    with as_platform():  # the login page asks before anyone is known
        return _logins(folder)


def summary() -> str:
    """What a visitor reads in the terminal."""
    folder = settings.HOME / "region"
    run = LoopRun.objects.get(as_of=_as_of(folder))
    cases = LoopCase.objects.filter(run=run)
    drawn = cases.filter(state=CaseState.DRAWN)
    amount = drawn.aggregate(sum=Sum("amount_drawn_minor"))["sum"] or 0
    lines = [
        "",
        f"A generated region of {cases.count() + NEWCOMERS} firms; the loop was played as of {run.as_of}:",
        f"  {cases.exclude(application_id=None).count()} applied, {drawn.count()} were paid {format_wan(amount)}, "
        f"{cases.filter(state=CaseState.DECLINED).count()} declined, "
        f"{cases.filter(state=CaseState.REFERRED).count()} wait on a lender's desk, "
        f"{cases.filter(state=CaseState.UNMATCHED).count()} found no offer",
        f"  {BusinessDay.objects.exclude(closed_at=None).count()} days closed since; "
        f"loans overdue today: {servicing.overdue_count()}",
        "",
        "Log in as:",
    ]
    lines += [f"  {one.username:<10} {one.password}  {one.organisation}: {one.purpose}" for one in _logins(folder)]
    return "\n".join([*lines, ""])


def _as_of(folder: Path) -> date:
    return date.fromisoformat(json.loads((folder / "demo.json").read_text())["as_of"])


def _portray_anew(as_of: date, today: date, actor: Actor, connection: Connection | None) -> None:
    """The portraits of today; who owes nothing was not watched since the loop, and is asked about first."""
    at = played_moment(today, 23)
    reader = parties.platform().id
    enterprise_ids = list(LoopCase.objects.filter(run__as_of=as_of).values_list("enterprise_id", flat=True))
    unwatched = sorted(set(enterprise_ids) - set(servicing.borrowers()))
    collect_until(unwatched, until=today, actor=actor, at=at, connection=connection)
    features.build_portraits(enterprise_ids=enterprise_ids, as_of=today, reader_id=reader, actor=actor, at=at)


def _logins(folder: Path) -> list[Login]:
    password = json.loads((folder / "demo.json").read_text())["password"]
    borrower, newcomer, lender = _cast(folder)
    return [
        Login(Role.OWNER, "owner", password, borrower.name, "has a portrait, a consent and a loan"),
        Login(Role.OWNER, "newcomer", password, newcomer.name, "has not authorised yet: walk the whole way"),
        Login(
            Role.FUNDER,
            "funder",
            password,
            lender.name,
            "decides, signs, watches its portfolio (and, by the account menu, every other lender)",
        ),
        Login(Role.FUNDER, "funder2", password, lender.name, "the second pair of eyes for what is large"),
        Login(Role.OPERATOR, "operator", password, parties.platform().name, "alarms, records, institutions"),
        Login(Role.REGULATOR, "regulator", password, parties.regulator().name, "decisions, accesses, evidence"),
    ]


def _cast(folder: Path) -> tuple[Organisation, Organisation, Organisation]:
    """The borrower with the largest loan, the first newcomer, and that borrower's lender."""
    first = next(iter(simulator.enterprise_drafts(folder)))
    newcomer = parties.by_identifier(scheme="uscc", values=[first.uscc])[first.uscc]
    cases = LoopCase.objects.filter(run__as_of=_as_of(folder))
    best = cases.filter(state=CaseState.DRAWN).order_by("-amount_drawn_minor").first() or cases.first()
    assert best is not None
    lender_id = (
        servicing.loan(loan_id=best.loan_id).lender_id if best.loan_id else next(iter(parties.institutions())).id
    )
    known = parties.organisations([best.enterprise_id, newcomer, lender_id])
    return known[OrganisationId(best.enterprise_id)], known[newcomer], known[OrganisationId(lender_id)]


def _open_logins(folder: Path, actor: Actor) -> None:
    borrower, newcomer, lender = _cast(folder)
    homes = {"owner": borrower.id, "newcomer": newcomer.id, "funder": lender.id, "funder2": lender.id}
    homes |= {"operator": parties.platform().id, "regulator": parties.regulator().id}
    others = [one.id for one in parties.institutions() if one.id != lender.id]
    for login in _logins(folder):
        memberships = [(homes[login.username], login.role)]
        if login.role == Role.FUNDER:  # one visitor plays every lender, and switches in the account menu
            memberships += [(other, Role.FUNDER) for other in others]
        parties.create_user(
            username=login.username,
            password=login.password,
            display_name=PEOPLE[login.username],
            memberships=memberships,
            actor=actor,
            at=now(),
        )
