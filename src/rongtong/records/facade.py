"""The door of records."""

from rongtong.records.actions.collect_records import collect_records as collect
from rongtong.records.actions.compact_tables import compact_tables
from rongtong.records.actions.erase_records import erase_expired_records, erase_records
from rongtong.records.actions.import_invoices import AuthorisationMissing, EnterpriseNameDiffers, import_invoices
from rongtong.records.actions.look_up_registers import look_up_registers
from rongtong.records.actions.name_account import (
    AccountForeign,
    AccountMalformed,
    AccountSelfConfirmed,
    AccountsTooMany,
    AccountTaken,
    end_account,
    name_account,
)
from rongtong.records.actions.read_quarantine import read_quarantine as quarantine
from rongtong.records.actions.read_records import SnapshotUnknown, counting_ranks
from rongtong.records.actions.read_records import read_permitted_records as read_permitted
from rongtong.records.actions.read_records import read_records as read
from rongtong.records.actions.receive_push import (
    BankLicenceMissing,
    KindUnknown,
    PushesTooMany,
    PushForeign,
    receive_push,
)
from rongtong.records.actions.trace_records import trace_records as provenance
from rongtong.records.adapters.books import assertions_count
from rongtong.records.queries.accounts import account_keepings, account_standing, own_account
from rongtong.records.queries.batches import BatchUnknown, batch, batches
from rongtong.records.queries.holdings import coverage, enterprises_with_records, freshness, snapshots
from rongtong.records.queries.lookups import register_lookups
from rongtong.sources.facade import Source

__all__ = [
    "AccountForeign",
    "AccountMalformed",
    "AccountSelfConfirmed",
    "AccountTaken",
    "AccountsTooMany",
    "AuthorisationMissing",
    "BankLicenceMissing",
    "BatchUnknown",
    "EnterpriseNameDiffers",
    "KindUnknown",
    "PushForeign",
    "PushesTooMany",
    "SnapshotUnknown",
    "Source",
    "account_keepings",
    "account_standing",
    "assertions_count",
    "batch",
    "batches",
    "collect",
    "compact_tables",
    "counting_ranks",
    "coverage",
    "end_account",
    "enterprises_with_records",
    "erase_expired_records",
    "erase_records",
    "freshness",
    "import_invoices",
    "look_up_registers",
    "name_account",
    "own_account",
    "provenance",
    "quarantine",
    "read",
    "read_permitted",
    "receive_push",
    "register_lookups",
    "snapshots",
]

PLANNED = {
    "erase_records": "records",
}
"""What nothing outside of the tests calls yet, each with the capability that will."""
