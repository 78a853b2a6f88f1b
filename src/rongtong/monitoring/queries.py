"""Reads of monitoring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Case, IntegerField, Value, When
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rongtong.core.cases import NextActor, WaitingCase
from rongtong.core.ids import encode_id
from rongtong.monitoring import models
from rongtong.monitoring.contracts import (
    TASK,
    Detected,
    Disposition,
    Level,
    Signal,
    SignalId,
    SignalState,
    Task,
    TaskId,
    TaskPage,
    TaskState,
)
from rongtong.monitoring.rules import is_news

TITLES = {
    "dishonest_debtor": _("On the list of dishonest judgment debtors"),
    "enforced_debtor": _("Under enforcement by a court"),
    "overdue_here": _("Overdue on a loan of this platform"),
    "power_stopped": _("No electricity used for days: production may have stopped"),
    "power_drop": _("Electricity use fell sharply for two months"),
    "sales_drop": _("Invoiced sales fell sharply or ceased"),
    "tax_arrears": _("Late fees on taxes are rising"),
    "social_insurance": _("Social insurance in arrears or staff shrinking"),
    "lawsuit_cluster": _("Several new lawsuits as defendant"),
    "tax_grade_down": _("The tax credit grade went down"),
    "registration_change": _("Registration: abnormal list or many changes"),
    "negative_news": _("A cluster of negative news"),
    "several_signals": _("Several signals of one level together"),
}
_GRAVEST_FIRST = Case(
    *(When(level=level.value, then=Value(-level.rank)) for level in Level), output_field=IntegerField()
)


def title_of(code: str) -> str:
    """A signal's title in the reader's language."""
    return str(TITLES.get(code, gettext("Signal")))


def signals(
    *,
    enterprise_id: UUID | None = None,
    code: str | None = None,
    states: Sequence[SignalState] = (SignalState.OPEN,),
    limit: int = 500,
) -> tuple[Signal, ...]:
    """Signals in the given states (of a firm, of a code), gravest first; only the platform sees them."""
    rows = (
        models.Signal.objects.filter(state__in=states)
        .select_related("enterprise")
        .order_by(_GRAVEST_FIRST, "-last_seen_date")
    )
    if enterprise_id is not None:
        rows = rows.filter(enterprise_id=enterprise_id)
    if code is not None:
        rows = rows.filter(code=code)
    return tuple(_signal(row) for row in rows[:limit])


def open_red_alarms(*, business_date: date, enterprise_id: UUID | None = None) -> tuple[Signal, ...]:
    """The open red signals first seen by a day, of one firm or of all."""
    rows = models.Signal.objects.filter(
        state=SignalState.OPEN, level=Level.RED, first_seen_date__lte=business_date
    ).select_related("enterprise")
    if enterprise_id is not None:
        rows = rows.filter(enterprise_id=enterprise_id)
    return tuple(_signal(row) for row in rows.order_by("first_seen_date", "id"))


def found_false(*, signal_ids: Collection[UUID]) -> dict[SignalId, frozenset[UUID]]:
    """By signal the lenders that found it false for themselves; signals that nobody found false are left out.

    A finding is of what the signal said then: once it is graver, or has grown, the finding says nothing of it.
    """
    rows = models.Task.objects.filter(
        signal_id__in=signal_ids, disposition=Disposition.FALSE_ALARM, lender_id__isnull=False
    )
    found: dict[SignalId, set[UUID]] = {}
    for row in rows.select_related("signal"):
        said = Detected(row.signal.code, Level(row.signal.level), row.signal.facts)
        if row.lender_id is not None and not is_news(said, row.level, row.facts):
            found.setdefault(SignalId(row.signal_id), set()).add(row.lender_id)
    return {signal_id: frozenset(lenders) for signal_id, lenders in found.items()}


def tasks(
    *,
    lender_id: UUID | None = None,
    state: TaskState | None = TaskState.OPEN,
    enterprise_id: UUID | None = None,
    page: int = 1,
    page_size: int = 20,
) -> TaskPage:
    """A lender's tasks, or with None the risk desk's, nearest deadline first within the gravest level."""
    rows = models.Task.objects.filter(lender_id=lender_id).select_related("enterprise")
    if state is not None:
        rows = rows.filter(state=state)
    if enterprise_id is not None:
        rows = rows.filter(enterprise_id=enterprise_id)
    total = rows.count()
    start = (max(page, 1) - 1) * page_size
    window = rows.order_by(_GRAVEST_FIRST, "deadline_at", "id")[start : start + page_size]
    return TaskPage(tasks=tuple(_task(row) for row in window), total=total, page=page, page_size=page_size)


def task(*, task_id: UUID) -> Task | None:
    """One task, if the one who asks may see it."""
    row = models.Task.objects.select_related("enterprise").filter(pk=task_id).first()
    return _task(row) if row else None


def counts_by_level() -> dict[Level, int]:
    """How many signals are open, by level; every level is present."""
    seen = Counter(models.Signal.objects.filter(state=SignalState.OPEN).values_list("level", flat=True))
    return {level: seen[level.value] for level in Level}


def _signal(row: models.Signal) -> Signal:
    return Signal(
        id=SignalId(row.id),
        enterprise_id=row.enterprise_id,
        enterprise_name=row.enterprise.name,
        code=row.code,
        title=title_of(row.code),
        level=Level(row.level),
        state=SignalState(row.state),
        facts=row.facts,
        portrait_id=row.portrait_id,
        first_seen_date=row.first_seen_date,
        last_seen_date=row.last_seen_date,
    )


def _task(row: models.Task) -> Task:
    signal = Signal(
        id=SignalId(row.signal_id),
        enterprise_id=row.enterprise_id,
        enterprise_name=row.enterprise.name,
        code=row.code,
        title=title_of(row.code),
        level=Level(row.level),
        state=SignalState.OPEN,
        facts=row.facts,
        portrait_id=row.portrait_id,
        first_seen_date=row.seen_date,
        last_seen_date=row.seen_date,
    )
    return Task(
        id=TaskId(row.id),
        signal=signal,
        lender_id=row.lender_id,
        deadline_at=row.deadline_at,
        state=TaskState(row.state),
        disposition=Disposition(row.disposition) if row.disposition else None,
        note=row.note,
        done_by=row.done_by,
        done_at=row.done_at,
    )


def overdue_cases(*, at: datetime) -> tuple[WaitingCase, ...]:
    """Tasks past their deadline, the oldest first, at most 2,000."""
    stage = TASK.stages[TaskState.OPEN]
    rows = models.Task.objects.filter(state=TaskState.OPEN, deadline_at__lt=at).order_by("deadline_at")[:2000]
    return tuple(
        WaitingCase(
            kind=TASK.name,
            subject=encode_id("tsk", row.id),
            state=row.state,
            next_actor=stage.next_actor if row.lender_id else NextActor.OPERATOR,
            actions=tuple(one.action for one in stage.exits),
            since=row.recorded_at,
            deadline=row.deadline_at,
            enterprise_id=row.enterprise_id,
            lender_id=row.lender_id,
            detail=row.code,
        )
        for row in rows
    )
