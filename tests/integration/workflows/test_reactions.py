"""A red alarm freezes the unused limit, through the close of business; its end gives it free again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rongtong.core.models import Event
from rongtong.core.tenancy import as_platform
from rongtong.servicing import facade as servicing
from rongtong.workflows.reactions import freeze_on_red, thaw_after_alarm
from tests.integration.features.conftest import AT, apart
from tests.integration.monitoring.test_scan import ACTOR, DAY, NEXT, Watched

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("apart")]
__all__ = ["apart"]


@pytest.fixture
def alarmed(db: None, apart: None) -> Iterator[Watched]:
    """A firm with a red alarm, its unused limit frozen."""
    with as_platform():
        watched = Watched()
        watched.draw()
        watched.world.court(DAY)
        watched.scan()
        assert react(0) == (1, 0)
        assert frozen(watched)
        yield watched


def react(days: int) -> tuple[int, int]:
    day = NEXT + timedelta(days=days)
    thawed = thaw_after_alarm(business_date=day, actor=ACTOR, at=AT)
    return freeze_on_red(business_date=day, actor=ACTOR, at=AT), thawed


def frozen(watched: Watched) -> bool:
    return servicing.facility(facility_id=watched.line.id).frozen


class TestThawAfterAlarm:
    def test_does_nothing_while_the_alarm_stands(self, alarmed: Watched) -> None:
        assert react(1) == (0, 0)
        assert frozen(alarmed)

    @pytest.mark.parametrize("desk", ["risk", "lender"])
    def test_gives_the_limit_free_when_it_was_found_false(self, alarmed: Watched, desk: str) -> None:
        lender: UUID | None = alarmed.market.lender_id if desk == "lender" else None
        alarmed.dismiss(lender)
        assert ProcrastinateJob.objects.filter(task_name="thaw_limits").count() == 1, "soon, not at the end of the day"
        assert react(1) == (0, 1)
        alarmed.scan(NEXT)
        assert react(2) == (0, 0), "it is not frozen again by the same facts"
        assert not frozen(alarmed)
        assert Event.objects.filter(name="limit.unfrozen").count() == 1

    def test_gives_it_free_when_the_facts_have_passed(self, alarmed: Watched) -> None:
        alarmed.world.court(NEXT, stage="closed")
        alarmed.ask_courts(NEXT)
        alarmed.scan(NEXT)
        assert react(1) == (0, 1)

    def test_leaves_frozen_what_a_person_froze(self, alarmed: Watched) -> None:
        servicing.unfreeze_limits(facility_id=alarmed.line.id, reason="x", actor=ACTOR, at=AT)
        servicing.freeze_limits(facility_id=alarmed.line.id, reason="by hand", actor=ACTOR, at=AT)
        alarmed.dismiss()
        assert react(1) == (0, 0)
        assert frozen(alarmed)
