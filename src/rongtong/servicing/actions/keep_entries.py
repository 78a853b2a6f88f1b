"""Write the entries of a bank statement that are not known yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from rongtong.servicing import models
from rongtong.servicing.adapters.entries import BankEntry


def keep_entries(
    *, entries: Sequence[BankEntry], statement: models.Statement
) -> list[tuple[models.StatementEntry, BankEntry]]:
    """Write what is new, in the statement's order, and the statement too, if there is any; each row with what was read.

    An entry is known by its account, its reference and its content: the same reference with another amount, day,
    order or text is another entry. Where one of two statements does not name the account, the rest decides.
    """
    known: dict[tuple[object, ...], set[str]] = defaultdict(set)
    stored = models.StatementEntry.objects.filter(
        lender_id=statement.lender_id, entry_ref__in={entry.entry_ref for entry in entries}
    )
    for row in stored:
        known[_read(row).fact()].add(row.account)
    fresh = []
    for entry in entries:
        accounts = known[entry.fact()]
        if accounts and (entry.account in accounts or "" in {entry.account, *accounts}):
            continue
        accounts.add(entry.account)
        fresh.append((_row(entry, statement), entry))
    if fresh:
        statement.entries = len(fresh)
        statement.save(force_insert=True)
    models.StatementEntry.objects.bulk_create([row for row, _entry in fresh], batch_size=2000)
    return fresh


def _read(row: models.StatementEntry) -> BankEntry:
    return BankEntry(
        account=row.account,
        entry_ref=row.entry_ref,
        part=row.part,
        credit=row.credit,
        amount_minor=row.amount_minor,
        currency=row.currency,
        booked_date=row.booked_date,
        end_to_end_id=row.end_to_end_id,
        text=row.text,
        status=row.status,
        reversal=row.reversal,
    )


def _row(entry: BankEntry, statement: models.Statement) -> models.StatementEntry:
    return models.StatementEntry(
        statement=statement,
        lender_id=statement.lender_id,
        account=entry.account,
        entry_ref=entry.entry_ref,
        part=entry.part,
        credit=entry.credit,
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        booked_date=entry.booked_date,
        end_to_end_id=entry.end_to_end_id,
        text=entry.text,
        status=entry.status,
        reversal=entry.reversal,
        recorded_at=statement.recorded_at,
    )
