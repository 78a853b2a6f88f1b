"""Close a day: accrue interest and penalties, count overdue days, class each loan, settle the lines that are over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from rongtong.core.actors import Actor
from rongtong.core.apart import Obstacle, do_apart
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, record, record_all
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import TransferDraft
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import Written, attest_posting, attest_rows
from rongtong.servicing.actions.settle_facilities import settle_facilities
from rongtong.servicing.actions.states import accrue, assess, save_loans
from rongtong.servicing.contracts import DayReport, LoanClass, LoanState
from rongtong.servicing.queries.histories import histories, thresholds
from rongtong.servicing.rules.allocation import clean_since
from rongtong.servicing.rules.classification import Thresholds, classify, stage
from rongtong.servicing.rules.history import History

_CHUNK = 2000


def close_of_business(*, business_date: date, actor: Actor, at: datetime) -> DayReport:
    """Close a day for all loans that are active; a day that is closed is answered with its report.

    Loans go in chunks, a transaction each, with as many queries for one loan as for all of a chunk. Cut off, it is run
    again and finds the loans where they were. Interest runs up to, and not including, the day. A loan that cannot be
    closed is named in the report and stops no other; its interest is caught up with at the next close that goes well.
    """
    known = models.Close.objects.filter(pk=business_date).first()
    if known is not None:
        return _report(known)
    limits = thresholds(business_date)
    bad: list[Obstacle[UUID]] = []
    for chunk in _chunks(business_date):
        bad += do_apart(chunk, lambda ids: _close_chunk(ids, business_date, limits, actor, at))[1]
    _returned, lines = settle_facilities(business_date=business_date, actor=actor, at=at)
    told = [one.told(encode_id("loan", one.item)) for one in bad] + [
        one.told(encode_id("fac", one.item)) for one in lines
    ]
    report = replace(_figures(business_date), set_aside=tuple(told))
    with transaction.atomic():
        row, made = models.Close.objects.get_or_create(
            business_date=business_date,
            defaults={"report": asdict(report) | {"business_date": business_date.isoformat()}, "recorded_at": at},
        )
        if made:
            deed = Deed("business.closed", subject=business_date.isoformat(), facts=row.report)
            record(deed=deed, actor=actor, at=at)
    return _report(row)


def close_loan(*, loan_id: UUID, business_date: date, actor: Actor, at: datetime) -> None:
    """Bring one loan that an earlier close had to leave up to a day; what its close raises is raised."""
    _close_chunk([loan_id], business_date, thresholds(business_date), actor, at)


def _chunks(day: date) -> Iterator[list[UUID]]:
    rows = models.Loan.objects.filter(state=LoanState.ACTIVE, start_date__lte=day, state_date__lte=day)
    ids = list(rows.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


@transaction.atomic
def _close_chunk(ids: Sequence[UUID], day: date, limits: Thresholds, actor: Actor, at: datetime) -> None:
    loans = list(
        models.Loan.objects.select_for_update()
        .filter(id__in=ids, state=LoanState.ACTIVE, state_date__lte=day)
        .order_by("id")
    )
    known = histories(loans)
    accounts = ledger.account_ids(references=[loan.id for loan in loans])
    transfers: list[TransferDraft] = []
    changes: list[models.Classification] = []
    for loan in loans:
        history = known[loan.id]
        transfers += accrue(loan, history, day, accounts)
        assess(loan, history, day)
        changes += _classed(loan, history, day, limits, at)
    if transfers:
        posting_id = new_id()
        ledger.post(transfers=transfers, actor=actor, at=at, posting_id=posting_id)
        attest_posting(posting_id=posting_id, at=at)
    save_loans(loans)
    models.Classification.objects.bulk_create(changes, batch_size=2000)
    _tell(changes, actor, at)


def _classed(
    loan: models.Loan, history: History, day: date, limits: Thresholds, at: datetime
) -> list[models.Classification]:
    """Set the loan's class and stage; the change, if there is one."""
    before = LoanClass(loan.loan_class)
    since = clean_since(history, day)
    after = classify(previous=before, days=loan.overdue_days, clean_since=since, day=day, limits=limits)
    loan.loan_class, loan.stage = after.value, stage(grade=after, days=loan.overdue_days, limits=limits)
    if after is before:
        return []
    return [
        models.Classification(
            loan=loan,
            enterprise_id=loan.enterprise_id,
            lender_id=loan.lender_id,
            business_date=day,
            from_class=before.value,
            to_class=after.value,
            overdue_days=loan.overdue_days,
            stage=loan.stage,
            occurred_at=at,
        )
    ]


def _tell(changes: Sequence[models.Classification], actor: Actor, at: datetime) -> None:
    written = [Written(one.id, encode_id("loan", one.loan_id), one.enterprise_id, one.lender_id) for one in changes]
    attest_rows(kind="loan.classified", evidence_kind="classification", rows=written, at=at)
    deeds = [
        Deed(
            "loan.classified",
            subject=encode_id("loan", one.loan_id),
            enterprise_id=one.enterprise_id,
            facts={"from": one.from_class, "to": one.to_class, "overdue_days": one.overdue_days},
        )
        for one in changes
    ]
    record_all(deeds=deeds, actor=actor, at=at)


def _figures(day: date) -> DayReport:
    active = models.Loan.objects.filter(state=LoanState.ACTIVE, start_date__lte=day)
    turnover = ledger.turnover(business_date=day)
    return DayReport(
        business_date=day,
        loans=active.count(),
        interest_minor=turnover.get("interest.accrued", 0) - turnover.get("interest.taken_back", 0),
        penalty_minor=turnover.get("penalty.accrued", 0) - turnover.get("penalty.taken_back", 0),
        overdue_loans=active.filter(overdue_days__gt=0).count(),
        reclassified=_reclassified(day),
        ledger_balanced=ledger.check_balanced(business_date=day),
    )


def _reclassified(day: date) -> int:
    """How many loans have another class than the day before; what changed and changed back is none."""
    before: dict[UUID, str] = {}
    after: dict[UUID, str] = {}
    changes = models.Classification.objects.filter(business_date=day).order_by("id")
    for loan_id, was, became in changes.values_list("loan_id", "from_class", "to_class"):
        before.setdefault(loan_id, was)
        after[loan_id] = became
    return sum(after[loan_id] != was for loan_id, was in before.items())


def _report(row: models.Close) -> DayReport:
    told = {**row.report, "set_aside": tuple(tuple(one) for one in row.report.get("set_aside", ()))}
    return DayReport(**{**told, "business_date": row.business_date})
