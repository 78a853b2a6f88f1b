"""Write one message of collections, with its instructions, into the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from rongtong.core.ids import encode_id, new_id
from rongtong.servicing import models
from rongtong.servicing.adapters.orders import Order, Party, collection_order
from rongtong.servicing.contracts import InstructionKind


def write_collection(
    *,
    loans: Sequence[models.Loan],
    amounts: Mapping[UUID, int],
    lender: Party,
    firms: Mapping[UUID, Party],
    kind: InstructionKind,
    business_date: date,
    at: datetime,
    mode: str = "",
) -> None:
    """One pain.008 of a lender over its loans, with an instruction per loan."""
    message_id = new_id()
    name = encode_id("msg", message_id)
    ids = {loan.id: new_id() for loan in loans}
    orders = [
        Order(
            end_to_end_id=encode_id("ins", ids[loan.id]),
            counterparty=firms[loan.id],
            amount_minor=amounts[loan.id],
            text=f"贷款还款 {loan.number}",
            mandate=loan.facility.agreement_number,
        )
        for loan in loans
    ]
    xml = collection_order(message_id=name, lender=lender, orders=orders, business_date=business_date, at=at)
    message = models.Message.objects.create(
        id=message_id,
        lender_id=loans[0].lender_id,
        enterprise_id=loans[0].enterprise_id if kind is InstructionKind.PREPAYMENT else None,
        message_id=name,
        kind=kind.value,
        business_date=business_date,
        xml=xml,
        recorded_at=at,
    )
    models.Instruction.objects.bulk_create(
        [
            models.Instruction(
                id=ids[loan.id],
                message=message,
                loan=loan,
                enterprise_id=loan.enterprise_id,
                lender_id=loan.lender_id,
                kind=kind.value,
                prepayment_mode=mode,
                end_to_end_id=order.end_to_end_id,
                amount_minor=order.amount_minor,
                business_date=business_date,
                recorded_at=at,
            )
            for loan, order in zip(loans, orders, strict=True)
        ],
        batch_size=2000,
    )
