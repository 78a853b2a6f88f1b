from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from rongtong.core.actors import system_actor
from rongtong.core.clock import now
from rongtong.core.ids import new_id
from rongtong.core.models import AuditEntry
from rongtong.core.tenancy import as_platform, as_tenant
from rongtong.monitoring import facade as monitoring
from rongtong.monitoring.contracts import Disposition, Level, SignalState, TaskState
from rongtong.monitoring.models import Signal, Task
from rongtong.parties import facade as parties
from rongtong.parties.contracts import EnterpriseDraft

pytestmark = pytest.mark.django_db
ACTOR = system_actor("test")
DAY = date(2026, 3, 2)


@pytest.fixture
def firms() -> list[UUID]:
    drafts = [EnterpriseDraft(name=f"杭州试验{n}有限公司", identifiers=(("test", str(n)),)) for n in range(3)]
    with as_platform():
        return [one.id for one in parties.register_enterprises(drafts=drafts, actor=ACTOR, at=now())]


def raise_signal(firm: UUID, code: str = "power_drop", level: Level = Level.ORANGE, lender: UUID | None = None) -> Task:
    signal = Signal.objects.create(
        enterprise_id=firm,
        code=code,
        level=level,
        facts={},
        first_seen_date=DAY,
        last_seen_date=DAY,
        recorded_at=now(),
    )
    return Task.objects.create(
        signal=signal,
        enterprise_id=firm,
        lender_id=lender,
        code=code,
        level=level,
        seen_date=DAY,
        deadline_at=now() + timedelta(days=3),
        recorded_at=now(),
    )


class TestSignals:
    def test_are_open_once_per_code_and_firm(self, firms: list[UUID]) -> None:
        with as_platform():
            raise_signal(firms[0])
            with pytest.raises(IntegrityError), transaction.atomic():
                raise_signal(firms[0])

    def test_are_seen_by_the_platform_only_and_tasks_by_their_lender(self, firms: list[UUID]) -> None:
        firm, lender, other = firms
        with as_platform():
            task = raise_signal(firm, lender=lender)
            assert len(monitoring.signals()) == 1
        with as_tenant(lender):
            assert monitoring.signals() == ()
            assert [one.id for one in monitoring.tasks(lender_id=lender).tasks] == [task.id]
        with as_tenant(other):
            assert monitoring.task(task_id=task.id) is None
        with as_tenant(firm):
            assert monitoring.tasks(lender_id=lender).total == 0, "a firm is not told of what is looked into"

    def test_list_the_gravest_first_in_a_fixed_number_of_queries(
        self, firms: list[UUID], django_assert_max_num_queries
    ) -> None:  # type: ignore[no-untyped-def]  # pytest-django's fixture
        with as_platform():
            raise_signal(firms[0], "negative_news", Level.YELLOW)
            raise_signal(firms[1], "dishonest_debtor", Level.RED)
            raise_signal(firms[2], "power_drop", Level.ORANGE)
            with django_assert_max_num_queries(2):
                levels = [one.signal.level for one in monitoring.tasks().tasks]
            assert levels == [Level.RED, Level.ORANGE, Level.YELLOW]
            assert monitoring.counts_by_level()[Level.RED] == 1
            assert [one.code for one in monitoring.open_red_alarms(business_date=DAY)] == ["dishonest_debtor"]


class TestDisposeTask:
    def test_closes_the_task_and_writes_who_found_what(self, firms: list[UUID]) -> None:
        with as_platform():
            task = raise_signal(firms[0])
            monitoring.dispose_task(
                task_id=task.id, disposition=Disposition.CONFIRMED, note="电话核实停产", actor=ACTOR, at=now()
            )
            done = monitoring.task(task_id=task.id)
            assert done is not None
            assert (done.state, done.note) == (TaskState.DONE, "电话核实停产")
            assert AuditEntry.objects.filter(action="task.disposed").count() == 1
            assert monitoring.signals()[0].state == SignalState.OPEN

    def test_a_false_alarm_of_the_risk_desk_dismisses_the_signal(self, firms: list[UUID]) -> None:
        with as_platform():
            task = raise_signal(firms[0])
            for _ in range(2):  # saying the same twice changes nothing
                monitoring.dispose_task(
                    task_id=task.id, disposition=Disposition.FALSE_ALARM, note="电表更换", actor=ACTOR, at=now()
                )
            assert monitoring.signals() == ()

    def test_refuses_a_second_finding_an_empty_note_and_an_unknown_task(self, firms: list[UUID]) -> None:
        with as_platform():
            task = raise_signal(firms[0])
            with pytest.raises(monitoring.NoteMissing):
                monitoring.dispose_task(
                    task_id=task.id, disposition=Disposition.CONFIRMED, note=" ", actor=ACTOR, at=now()
                )
            monitoring.dispose_task(
                task_id=task.id, disposition=Disposition.CONFIRMED, note="已核实", actor=ACTOR, at=now()
            )
            with pytest.raises(monitoring.TaskAlreadyDone):
                monitoring.dispose_task(
                    task_id=task.id, disposition=Disposition.MITIGATED, note="已追加担保", actor=ACTOR, at=now()
                )
            with pytest.raises(monitoring.TaskNotFound):
                monitoring.dispose_task(
                    task_id=new_id(), disposition=Disposition.CONFIRMED, note="x", actor=ACTOR, at=now()
                )
