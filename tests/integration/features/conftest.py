"""Firms with records pushed by hand, and a small generated region collected over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import override_settings

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Grantee, Item
from rongtong.core.actors import Actor, system_actor
from rongtong.core.tenancy import as_platform
from rongtong.features import facade as features
from rongtong.features.contracts import Portrait
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft, Licence, LicenceType, Organisation
from rongtong.records import facade as records
from rongtong.simulator.contracts import RegionSummary
from rongtong.simulator.facade import ServedUrl, enterprise_drafts, generate_region, serving
from tests.authorisations import draft_of, entries

ACTOR = system_actor("test")
AT = datetime(2026, 11, 2, 1, tzinfo=UTC)
EVERYTHING = tuple(map(str, Item))
CODES = ("914403001922038216", "91440300708461136T", "9144030071526726XG")


class World:
    """The platform, a bank, firms, and what the firms let them read."""

    def __init__(self, drafts: Sequence[EnterpriseDraft]) -> None:
        self.firms: tuple[Organisation, ...] = parties.register_enterprises(drafts=list(drafts), actor=ACTOR, at=AT)
        self.firm = self.firms[0]
        self.platform = parties.platform()
        self.bank = parties.register_institution(
            name="清江银行股份有限公司",
            code="qingjiang_bank",
            uscc="91330100716105852F",
            licence=Licence(LicenceType.BANK, "B0001", ("loan",), "33", date(2015, 1, 1), date(2036, 12, 31)),
            region_code="330000",
            actor=ACTOR,
            at=AT,
        )

    def authorise(
        self, *, reader: Organisation | None = None, items: tuple[str, ...] = EVERYTHING, firm: int = 0
    ) -> Any:
        who = reader or self.platform
        draft = draft_of(
            self.firms[firm].id,
            entries(
                grantees=[Grantee(who.id, who.name, "platform" if who is self.platform else "lender")],
                items=items,
                range_from=date(2015, 1, 1),
                range_to=date(2030, 1, 1),
            ),
            at=AT,
            form="paper",
        )
        return consent.grant_consent(draft=draft, actor=ACTOR, at=AT)

    def push(self, kind: str, list_name: str, *rows: dict[str, Any], firm: int = 0, at: datetime = AT) -> None:
        subject = {"uscc": self.firms[firm].identifier("uscc"), list_name: list(rows)}
        payload = json.dumps({"subjects": [subject]}, ensure_ascii=False).encode()
        report = records.receive_push(kind=kind, payload=payload, actor=self.actor(self.platform), at=at)
        assert report.landed == len(rows), report

    def court(self, day: date, *, stage: str = "enforcement", case: str = "(2026)浙01执1号", yuan: int = 1000) -> None:
        self.push(
            "courts",
            "cases",
            {
                "eventDate": day.isoformat(),
                "caseNo": case,
                "role": "defendant",
                "cause": "买卖合同纠纷",
                "amount": f"{yuan}.00",
                "stage": stage,
            },
        )

    def established(self, day: date = date(2020, 5, 20)) -> None:
        self.push(
            "registration",
            "changes",
            {
                "date": day.isoformat(),
                "type": "established",
                "before": "",
                "after": "设立",
                "registeredCapital": "5000000.00",
                "paidInCapital": "2000000.00",
            },
        )

    def actor(self, organisation: Organisation) -> Actor:
        return Actor("user", "u1", "测试员", organisation.id)

    def build(self, as_of: date, *, reader: Organisation | None = None, at: datetime = AT, **more: Any) -> Portrait:
        (built,) = features.build_portraits(
            enterprise_ids=[self.firm.id],
            as_of=as_of,
            reader_id=(reader or self.platform).id,
            actor=ACTOR,
            at=at,
            **more,
        )
        return built


@pytest.fixture
def apart(settings: Any, tmp_path: Path) -> None:
    """Record tables of the test's own."""
    settings.RECORDS_CATALOGUE = f"test-{uuid4()}"
    settings.RECORDS_WAREHOUSE = str(tmp_path / "warehouse")


@pytest.fixture
def world(db: None, apart: None) -> Iterator[World]:
    with as_platform():
        yield World([EnterpriseDraft(f"甲{n}有限公司", (("uscc", code),)) for n, code in enumerate(CODES)])


@pytest.fixture(scope="session")
def region(tmp_path_factory: pytest.TempPathFactory) -> RegionSummary:
    folder = tmp_path_factory.mktemp("portrayed")
    return generate_region(enterprises=6, months=26, seed=5, end_date=date(2026, 6, 30), folder=folder, horizon=2)


@pytest.fixture(scope="session")
def sources(region: RegionSummary) -> Iterator[ServedUrl]:
    with serving(region.folder) as url:
        yield url


@pytest.fixture(scope="module")
def collected(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
    region: RegionSummary,
    sources: ServedUrl,
) -> Iterator[World]:
    """A world whose firms are those of the region, with all that its sources hold up to its last day; undone at the end."""
    apart = override_settings(
        RECORDS_CATALOGUE=f"test-{uuid4()}",
        RECORDS_WAREHOUSE=str(tmp_path_factory.mktemp("warehouse")),
        SOURCES_URL=str(sources),
        SOURCES_TOKEN=sources.token,
    )
    with django_db_blocker.unblock(), apart, as_platform(), transaction.atomic():
        world = World(
            [
                EnterpriseDraft(one.name, (("uscc", one.uscc),), established_date=one.established_date, generated=True)
                for one in enterprise_drafts(region.folder)
            ]
        )
        for number in range(len(world.firms)):
            world.authorise(firm=number)
        reports = records.collect(
            enterprise_ids=[one.id for one in world.firms],
            kinds=[item for item in EVERYTHING if item != Item.PORTRAIT],
            until=region.last_date,
            actor=ACTOR,
            at=AT,
        )
        assert all(not report.unavailable for report in reports.values()), reports
        yield world
        transaction.set_rollback(True)
