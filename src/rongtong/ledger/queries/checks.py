"""The trial balance, and the search for what does not hold."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, Sum

from rongtong.ledger import models
from rongtong.ledger.contracts import AccountKind, TrialBalance, TrialBalanceRow

# Each finds one row at most that must not exist; together they say that the books hold.
_FAULTS = (
    (
        "transfer",
        """SELECT coalesce(t.id, e.transfer_id) FROM ledger_transfer t FULL JOIN (
             SELECT transfer_id, count(*) AS sides, sum(minor) AS sum, max(minor) AS minor,
                    (array_agg(account_id) FILTER (WHERE minor > 0))[1] AS debit_id,
                    (array_agg(account_id) FILTER (WHERE minor < 0))[1] AS credit_id
             FROM ledger_entry GROUP BY transfer_id) e ON e.transfer_id = t.id
           WHERE (e.sides, e.sum, e.minor, e.debit_id, e.credit_id)
                 IS DISTINCT FROM (2, 0, t.minor, t.debit_id, t.credit_id) LIMIT 1""",
    ),
    (
        "account",
        """SELECT account_id FROM (
             SELECT account_id, previous_balance, current_balance, minor, account_version,
                    lag(current_balance, 1, 0::bigint) OVER one AS before, row_number() OVER one AS number
             FROM ledger_entry WINDOW one AS (PARTITION BY account_id ORDER BY account_version)) chain
           WHERE previous_balance <> before OR current_balance <> before + minor OR account_version <> number LIMIT 1""",
    ),
    (
        "account",
        """SELECT coalesce(a.id, e.account_id) FROM ledger_account a FULL JOIN (
             SELECT account_id, sum(minor) AS balance, count(*) AS version
             FROM ledger_entry GROUP BY account_id) e ON e.account_id = a.id
           WHERE (a.balance, a.version) IS DISTINCT FROM (coalesce(e.balance, 0), coalesce(e.version, 0)) LIMIT 1""",
    ),
    (
        "transfer",
        """SELECT e.transfer_id FROM ledger_entry e
           LEFT JOIN ledger_account a ON a.id = e.account_id
           LEFT JOIN ledger_transfer t ON t.id = e.transfer_id
           LEFT JOIN ledger_posting p ON p.id = t.posting_id
           WHERE (e.book, t.book, p.book) IS DISTINCT FROM (a.book, a.book, a.book)
              OR (e.lender_id, e.enterprise_id, e.business_date)
                 IS DISTINCT FROM (a.lender_id, a.enterprise_id, t.business_date) LIMIT 1""",
    ),
)
"""Full joins: policies of row-level security mislead the planner's estimates, and a full join is never a nested loop."""


def trial_balance(*, on: date | None = None, lender_id: UUID | None = None) -> TrialBalance:
    """Debits and credits by kind of account, over all the viewer may see, up to and with a business date."""
    rows = models.Entry.objects.all()
    if on is not None:
        rows = rows.filter(business_date__lte=on)
    if lender_id is not None:
        rows = rows.filter(lender_id=lender_id)
    sums = rows.values("account__kind").annotate(
        accounts=Count("account_id", distinct=True),
        debits=Sum("minor", filter=Q(minor__gt=0), default=0),
        credits=Sum("minor", filter=Q(minor__lt=0), default=0),
    )
    found = {
        AccountKind(row["account__kind"]): TrialBalanceRow(
            kind=AccountKind(row["account__kind"]),
            accounts=row["accounts"],
            debits=int(row["debits"]),
            credits=-int(row["credits"]),
        )
        for row in sums
    }
    ordered = tuple(found[kind] for kind in AccountKind if kind in found)
    return TrialBalance(
        debits=sum(row.debits for row in ordered), credits=sum(row.credits for row in ordered), rows=ordered
    )


def turnover(*, business_date: date) -> dict[str, int]:
    """The sums in fen of the transfers of a business date, by their code."""
    rows = models.Transfer.objects.filter(business_date=business_date).values_list("code").annotate(sum=Sum("minor"))
    return {code: int(minor) for code, minor in rows}


def find_fault() -> str | None:
    """The first transfer or account whose entries, running balances or stored balance do not hold; None if all do."""
    for what, query in _FAULTS:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
        if row:
            return f"{what} {row[0]}"
    return None


def check_balanced(*, business_date: date | None = None) -> bool:
    """Whether the books hold, recomputed from the entries: in full, or the transfers of one business date only."""
    if business_date is None:
        return find_fault() is None
    sides = models.Entry.objects.filter(transfer__business_date=business_date).aggregate(sum=Sum("minor"), n=Count("*"))
    transfers = models.Transfer.objects.filter(business_date=business_date).count()
    return (sides["sum"] or 0) == 0 and sides["n"] == 2 * transfers
