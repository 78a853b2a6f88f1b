"""Scans over real records of real borrowers: raised once, renewed, cleared by the facts and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

import pytest

from rongtong.consent import facade as consent
from rongtong.consent.contracts import Grantee, Purpose
from rongtong.core.actors import system_actor
from rongtong.core.tenancy import as_platform
from rongtong.monitoring import facade as monitoring
from rongtong.monitoring.contracts import Disposition, Level, SignalState, TaskState
from rongtong.monitoring.models import Signal, Task
from rongtong.parties.contracts import EnterpriseDraft
from rongtong.records.models import Holding
from rongtong.servicing import facade as servicing
from tests.authorisations import draft_of, entries
from tests.integration.features.conftest import AT, EVERYTHING, World, apart
from tests.integration.servicing.conftest import Market, make_market

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("apart")]
ACTOR = system_actor("test")
DAY = date(2026, 9, 7)
NEXT = DAY + timedelta(days=7)
__all__ = ["apart"]


class Watched:
    """A firm with a revolving line of a lender, whose records the platform may read after the payout."""

    def __init__(self) -> None:
        self.world = World([EnterpriseDraft("甲精密有限公司", (("uscc", "914403001922038216"),))])
        self.market: Market = make_market()
        self.firm: UUID = self.world.firm.id
        self.line = self.market.facility(repayment_method="revolving", enterprise_id=self.firm)
        self.consent = consent.grant_consent(
            draft=draft_of(
                self.firm,
                entries(
                    grantees=[Grantee(self.world.platform.id, self.world.platform.name, "platform")],
                    items=EVERYTHING,
                    purposes=(Purpose.FINANCING, Purpose.POST_LOAN),
                    range_from=date(2015, 1, 1),
                    range_to=date(2030, 1, 1),
                ),
                at=AT,
                form="paper",
            ),
            actor=ACTOR,
            at=AT,
        )

    def draw(self) -> None:
        servicing.request_drawdown(
            facility_id=self.line.id, amount_minor=5_000_000, business_date=DAY, actor=ACTOR, at=AT
        )
        self.market.send()

    def scan(self, day: date = DAY):  # type: ignore[no-untyped-def]  # a report
        return monitoring.scan(enterprise_ids=[self.firm], business_date=day, actor=ACTOR, at=AT)

    def ask_courts(self, until: date) -> None:
        """The courts have answered for the firm up to a day: what they do not say is not so."""
        Holding.objects.filter(enterprise_id=self.firm, item="courts").update(collected_until=until)

    def signal(self, code: str = "enforced_debtor") -> Signal:
        return Signal.objects.filter(enterprise_id=self.firm, code=code).latest("id")

    def dismiss(self, lender_id: UUID | None = None) -> None:
        task = Task.objects.filter(signal=self.signal(), lender_id=lender_id).get()
        monitoring.dispose_task(
            task_id=task.id, disposition=Disposition.FALSE_ALARM, note="同名企业", actor=ACTOR, at=AT
        )


@pytest.fixture
def watched(db: None, apart: None) -> Iterator[Watched]:
    with as_platform():
        yield Watched()


class TestBorrowers:
    def test_a_firm_that_may_still_draw_is_watched_though_it_owes_nothing(self, watched: Watched) -> None:
        assert servicing.borrowers() == (watched.firm,)


class TestScan:
    def test_raises_a_signal_once_with_a_task_for_the_desk_and_each_lender(self, watched: Watched) -> None:
        watched.draw()
        watched.world.court(DAY)
        assert (watched.scan().raised, watched.scan().raised, watched.scan(NEXT).seen_again) == (1, 0, 1)
        signal = watched.signal()
        assert (signal.level, signal.first_seen_date, signal.last_seen_date) == (Level.RED, DAY, NEXT)
        tasks = Task.objects.filter(signal=signal)
        assert {task.lender_id for task in tasks} == {None, watched.market.lender_id}
        assert {task.deadline_at for task in tasks} == {AT + timedelta(hours=24)}

    def test_clears_it_with_its_tasks_when_the_records_say_so(self, watched: Watched) -> None:
        watched.world.court(DAY)
        watched.scan()
        watched.world.court(NEXT, stage="closed")
        assert watched.scan(NEXT).cleared == 0, "a message alone says nothing of the other cases"
        watched.ask_courts(NEXT)
        assert watched.scan(NEXT).cleared == 1
        assert watched.signal().state == SignalState.CLEARED
        tasks = Task.objects.filter(signal=watched.signal())
        assert {task.lender_id for task in tasks} == {None, watched.market.lender_id}
        for task in tasks:
            assert (task.state, task.disposition, task.done_by) == (TaskState.DONE, Disposition.MITIGATED, ACTOR.name)

    def test_clears_nothing_for_want_of_data(self, watched: Watched) -> None:
        watched.world.court(DAY)
        watched.scan()
        consent.revoke_consent(consent_id=watched.consent.id, reason="不再使用", actor=ACTOR, at=AT)
        report = watched.scan(NEXT)
        assert (report.raised, report.cleared) == (0, 0)
        assert watched.signal().state == SignalState.OPEN

    def test_what_the_desk_found_false_is_not_raised_again(self, watched: Watched) -> None:
        watched.world.court(DAY)
        watched.scan()
        watched.dismiss()
        assert watched.scan(NEXT).raised == 0
        assert monitoring.open_red_alarms(business_date=NEXT) == ()

    def test_unless_it_grows(self, watched: Watched) -> None:
        watched.world.court(DAY)
        watched.scan()
        watched.dismiss()
        watched.world.court(NEXT, case="(2026)浙01执2号")
        assert watched.scan(NEXT).raised == 1
        assert [one.code for one in monitoring.open_red_alarms(business_date=NEXT)] == ["enforced_debtor"]

    def test_or_has_passed_and_comes_back(self, watched: Watched) -> None:
        watched.world.court(DAY)
        watched.scan()
        watched.dismiss()
        watched.world.court(NEXT, stage="closed")
        watched.ask_courts(NEXT)
        watched.scan(NEXT)
        watched.world.court(NEXT + timedelta(days=7))
        assert watched.scan(NEXT + timedelta(days=7)).raised == 1

    def test_says_which_lenders_found_a_signal_false_for_themselves(self, watched: Watched) -> None:
        watched.draw()
        watched.world.court(DAY)
        watched.scan()
        watched.dismiss(watched.market.lender_id)
        signal = watched.signal()
        assert signal.state == SignalState.OPEN
        assert monitoring.found_false(signal_ids=[signal.id]) == {signal.id: {watched.market.lender_id}}

    def test_lets_go_of_firms_that_are_no_borrowers_any_more(self, watched: Watched) -> None:
        watched.world.court(DAY)
        watched.scan()
        watched.market.close(date(2027, 1, 16))  # the line has run out, and nothing is owed
        assert servicing.borrowers() == ()
        monitoring.scan(enterprise_ids=[], business_date=NEXT, actor=ACTOR, at=AT)
        assert watched.signal().state == SignalState.CLEARED


class TestTasksOfASignal:
    def test_a_graver_level_asks_those_again_who_were_done_with_it(self, watched: Watched) -> None:
        watched.draw()
        watched.world.court(DAY)
        watched.scan()
        signal = watched.signal()
        Signal.objects.filter(pk=signal.pk).update(level=Level.ORANGE)
        Task.objects.filter(signal=signal).update(level=Level.ORANGE)
        mine = Task.objects.get(signal=signal, lender_id=watched.market.lender_id)
        monitoring.dispose_task(task_id=mine.id, disposition=Disposition.CONFIRMED, note="已核实", actor=ACTOR, at=AT)
        watched.scan(NEXT)
        tasks = Task.objects.filter(signal=signal, state=TaskState.OPEN)
        assert {(one.lender_id, one.level, one.seen_date) for one in tasks} == {
            (None, Level.RED, NEXT),
            (watched.market.lender_id, Level.RED, NEXT),
        }
        watched.scan(NEXT)
        assert Task.objects.filter(signal=signal).count() == 3

    def test_no_lesser_level_moves_a_deadline_back(self, watched: Watched) -> None:
        watched.world.court(DAY)
        watched.scan()
        signal = watched.signal()
        early = AT - timedelta(hours=1)
        Task.objects.filter(signal=signal).update(deadline_at=early)
        watched.scan(NEXT)
        assert {one.deadline_at for one in Task.objects.filter(signal=signal)} == {early}
