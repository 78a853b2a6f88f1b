"""A red alarm freezes the unused limit, through the close of business; its end gives it free again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from rongtong.core.models import Event
from rongtong.core.tenancy import as_platform
from rongtong.monitoring import facade as monitoring
from rongtong.monitoring.contracts import Disposition, Level
from rongtong.monitoring.models import Signal, Task
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


class TestFreezeOnRed:
    def test_a_finding_at_a_lesser_level_does_not_keep_a_limit_open(self, db: None, apart: None) -> None:
        """Found false while it was orange, it is another matter once it is red; and its lender may look at that anew."""
        with as_platform():
            watched = Watched()
            watched.draw()
            watched.world.court(DAY)
            watched.scan()
            signal = watched.signal()
            Signal.objects.filter(pk=signal.pk).update(level=Level.ORANGE)
            Task.objects.filter(signal=signal).update(level=Level.ORANGE)
            watched.dismiss(watched.market.lender_id)
            assert react(0) == (0, 0)
            watched.scan(NEXT)
            assert watched.signal().level == Level.RED
            assert react(1) == (1, 0)
            find_false(
                Task.objects.get(signal=signal, lender_id=watched.market.lender_id, state="open", level=Level.RED)
            )
            assert react(2) == (0, 1)

    def test_whoever_s_limit_is_frozen_is_told_and_may_find_it_false(self, db: None, apart: None) -> None:
        with as_platform():
            watched = Watched()
            watched.world.court(DAY)
            watched.scan()
            assert react(0) == (1, 0), "nothing is drawn yet"
            find_false(Task.objects.get(signal=watched.signal(), lender_id=watched.market.lender_id))
            assert react(1) == (0, 1)


def find_false(task: Task) -> None:
    monitoring.dispose_task(task_id=task.id, disposition=Disposition.FALSE_ALARM, note="同名企业", actor=ACTOR, at=AT)
