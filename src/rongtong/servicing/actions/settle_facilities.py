"""End credit lines that have run out or are paid back, and give the capacity behind what came back to their lenders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, Sum

from rongtong.core.actors import Actor
from rongtong.core.apart import Obstacle, do_apart
from rongtong.core.ids import encode_id, new_id
from rongtong.core.journal import Deed, record
from rongtong.ledger import facade as ledger
from rongtong.ledger.contracts import AccountKind, TransferDraft
from rongtong.matching import facade as matching
from rongtong.matching.contracts import OfferId
from rongtong.origination import facade as origination
from rongtong.servicing import models
from rongtong.servicing.actions.attest_rows import attest_posting
from rongtong.servicing.contracts import FacilityState, LoanState
from rongtong.servicing.queries.facilities import end_date_of

_CHUNK = 2000
_SHORTEST = timedelta(days=28)
"""No line's term is shorter than a month."""
_OWED = (LoanState.ACTIVE, LoanState.WRITTEN_OFF)


def settle_facilities(*, business_date: date, actor: Actor, at: datetime) -> tuple[int, list[Obstacle[UUID]]]:
    """Close the lines that are over by a day and return what stands behind nothing; how much, in fen, and whom it failed for.

    A line is over once its term has run out, or when a line that does not revolve was drawn in full and is paid back.
    Behind a revolving line the whole limit stays committed until it is over, since it may be drawn again; behind any other
    only what may still be drawn and what is owed. What was written off stays committed: that money did not come back.
    """
    bad: dict[UUID, Obstacle[UUID]] = {}
    for facility_id in _over(business_date):
        bad |= {
            one.item: one for one in do_apart([facility_id], lambda ids: _close(ids[0], business_date, actor, at))[1]
        }
    rows = models.Facility.objects.filter(returned_minor__lt=F("limit_minor"))
    ids = list(rows.order_by("id").values_list("id", flat=True))
    returned = 0
    for start in range(0, len(ids), _CHUNK):
        back, failed = do_apart(ids[start : start + _CHUNK], lambda part: _return(part, actor, at))
        returned += sum(back)
        bad |= {one.item: one for one in failed}
    return returned, list(bad.values())


def _over(day: date) -> list[UUID]:
    """The lines to close, in the order of their ids."""
    open_lines = models.Facility.objects.filter(state=FacilityState.OPEN)
    repaid = open_lines.filter(revolving=False, used_minor=F("limit_minor")).exclude(
        loans__state__in=[LoanState.ACTIVE, LoanState.INSTRUCTED]
    )
    old_enough = open_lines.filter(start_date__lte=day - _SHORTEST).only("id", "start_date", "term_months")
    run_out = [row.id for row in old_enough if end_date_of(row) < day]
    return sorted({*repaid.values_list("id", flat=True), *run_out})


def settle_line(*, facility_id: UUID, business_date: date, actor: Actor, at: datetime) -> None:
    """Settle one line that an earlier close had to leave; what that raises is raised."""
    if facility_id in _over(business_date):
        _close(facility_id, business_date, actor, at)
    _return([facility_id], actor, at)


@transaction.atomic
def _close(facility_id: UUID, day: date, actor: Actor, at: datetime) -> None:
    """Close one line; one that was drawn on a moment ago waits for the bank's answer."""
    row = models.Facility.objects.select_for_update().get(pk=facility_id)
    if row.state != FacilityState.OPEN or row.loans.filter(state=LoanState.INSTRUCTED).exists():
        return
    unused = row.limit_minor - row.used_minor
    if unused:
        accounts = ledger.account_ids(references=[row.id])
        ended = TransferDraft(
            accounts[AccountKind.COMMITMENT_CONTRA, row.id],
            accounts[AccountKind.COMMITMENT, row.id],
            unused,
            "commitment.ended",
            f"{row.id}:ended",
            day,
        )
        posting_id = new_id()
        ledger.post(transfers=[ended], actor=actor, at=at, posting_id=posting_id)
        attest_posting(posting_id=posting_id, at=at, kind="facility.closed")
    row.state = FacilityState.CLOSED.value
    row.save(update_fields=["state"])
    facts = {"agreement": row.agreement_number, "unused_minor": unused}
    record(deed=Deed("facility.closed", encode_id("fac", row.id), row.enterprise_id, facts), actor=actor, at=at)


@transaction.atomic
def _return(ids: Sequence[UUID], actor: Actor, at: datetime) -> int:
    return tell_commitments(facility_ids=ids, actor=actor, at=at)


def tell_commitments(*, facility_ids: Iterable[UUID], actor: Actor, at: datetime) -> int:
    """Tell matching what stands behind lines by now: what is owed, and what is back; how much became free, in fen.

    Called in the transaction that drew, refused or repaid, so that the firm's exposure is true at every moment.
    """
    rows = list(models.Facility.objects.select_for_update().filter(id__in=set(facility_ids)).order_by("id"))
    owed = _owed([row.id for row in rows])
    due = [row for row in rows if row.limit_minor - _held(row, owed.get(row.id, 0)) > row.returned_minor]
    for row in due:
        row.returned_minor = row.limit_minor - _held(row, owed.get(row.id, 0))
    models.Facility.objects.bulk_update(due, ["returned_minor"], batch_size=500)
    offers = _offers(row.agreement_id for row in rows)
    known = {offers[row.agreement_id]: row for row in rows if row.agreement_id in offers}
    if not known:
        return 0
    return matching.return_capacity(
        returned={offer: row.returned_minor for offer, row in known.items()},
        owed={offer: owed.get(row.id, 0) for offer, row in known.items()},
        actor=actor,
        at=at,
    )


def _held(row: models.Facility, owed: int) -> int:
    """What the lender has out or has promised under a line."""
    if row.state == FacilityState.CLOSED:
        return min(owed, row.limit_minor)
    return row.limit_minor if row.revolving else min(row.limit_minor - row.used_minor + owed, row.limit_minor)


def _owed(ids: Sequence[UUID]) -> dict[UUID, int]:
    """Principal owed by line: outstanding, lost, or on its way to the firm."""
    loans = models.Loan.objects.filter(facility_id__in=ids)
    sums = loans.values_list("facility_id").annotate(
        out=Sum("outstanding_minor", filter=Q(state__in=_OWED), default=0),
        sent=Sum("principal_minor", filter=Q(state=LoanState.INSTRUCTED), default=0),
    )
    return {facility_id: out + sent for facility_id, out, sent in sums}


def _offers(agreement_ids: Iterable[UUID]) -> dict[UUID, OfferId]:
    """The offer behind each agreement."""
    agreements = origination.agreements(agreement_ids=list(agreement_ids))
    known = origination.applications(application_ids=[one.application_id for one in agreements.values()])
    offers = {UUID(str(key)): OfferId(one.offer_id) for key, one in known.items()}
    return {
        UUID(str(key)): offers[one.application_id] for key, one in agreements.items() if one.application_id in offers
    }
