"""Ask the lenders' banks to collect what is due on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from rongtong.core.actors import Actor
from rongtong.core.apart import Obstacle, do_apart
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.servicing import models
from rongtong.servicing.actions.send_instructions import send_instructions
from rongtong.servicing.actions.write_collection import write_collection
from rongtong.servicing.adapters.banks import Bank
from rongtong.servicing.contracts import InstructionKind, LoanState, SendReport
from rongtong.servicing.queries.histories import histories
from rongtong.servicing.queries.parties import firm_party, lender_party, organisations_of
from rongtong.servicing.rules.allocation import dues


def send_collections(*, business_date: date, actor: Actor, at: datetime, bank: Bank | None = None) -> SendReport:
    """Write one collection per loan with something due on the day, one message per lender, and send them.

    Safe to run twice: a loan has one collection per day. What a bank cannot collect is due again the next day. A loan
    for which none can be written is named in the report and stops no other.
    """
    _written, bad = prepare_collections(business_date=business_date, actor=actor, at=at)
    sent = send_instructions(actor=actor, at=at, bank=bank)
    return replace(sent, unwritten=tuple(one.told(encode_id("loan", one.item)) for one in bad))


def prepare_collections(*, business_date: date, actor: Actor, at: datetime) -> tuple[int, list[Obstacle[UUID]]]:
    """Write the collections of a day into the outbox: how many are new, and the loans for which none could be written."""
    due = Q(next_due_date__lte=business_date) | Q(next_due_date=None)
    asked = models.Instruction.objects.filter(kind=InstructionKind.COLLECTION, business_date=business_date)
    rows = models.Loan.objects.filter(due, state=LoanState.ACTIVE).exclude(id__in=asked.values("loan_id"))
    ids = list(rows.order_by("id").values_list("id", flat=True))
    written, bad = do_apart(ids, lambda part: _prepare(part, business_date, actor, at))
    return sum(written), bad


def _prepare(ids: Sequence[UUID], business_date: date, actor: Actor, at: datetime) -> int:
    with transaction.atomic():
        asked = models.Instruction.objects.filter(kind=InstructionKind.COLLECTION, business_date=business_date)
        loans = list(
            models.Loan.objects.select_for_update(of=("self",))
            .select_related("facility")
            .filter(id__in=ids, state=LoanState.ACTIVE)
            .exclude(id__in=asked.values("loan_id"))
            .order_by("id")
        )
        known = histories(loans)
        amounts = {loan.id: sum(due.minor for due in dues(known[loan.id], business_date)) for loan in loans}
        by_lender: dict[UUID, list[models.Loan]] = defaultdict(list)
        for loan in loans:
            if amounts[loan.id]:
                by_lender[loan.lender_id].append(loan)
        parties = organisations_of(key for loan in loans for key in (loan.lender_id, loan.enterprise_id))
        for lender_id, due in by_lender.items():
            write_collection(
                loans=due,
                amounts=amounts,
                lender=lender_party(parties[lender_id]),
                firms={loan.id: firm_party(parties[loan.enterprise_id], loan.facility) for loan in due},
                kind=InstructionKind.COLLECTION,
                business_date=business_date,
                at=at,
            )
        deeds = [
            Deed(
                "collections.instructed",
                subject=encode_id("org", lender_id),
                facts={"loans": len(due), "amount_minor": sum(amounts[loan.id] for loan in due)},
            )
            for lender_id, due in by_lender.items()
        ]
        record_all(deeds=deeds, actor=actor, at=at)
    return sum(len(due) for due in by_lender.values())
