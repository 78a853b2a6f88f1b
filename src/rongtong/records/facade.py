"""The door of records."""

from rongtong.records.actions.collect_records import collect_records
from rongtong.records.actions.import_invoices import AuthorisationMissing, EnterpriseNameDiffers, import_invoices
from rongtong.records.actions.read_records import SnapshotUnknown, read_permitted_records, read_records
from rongtong.records.queries.holdings import coverage, enterprises_with_records, freshness, snapshots

collect = collect_records
read = read_records
read_permitted = read_permitted_records

__all__ = [
    "AuthorisationMissing",
    "EnterpriseNameDiffers",
    "SnapshotUnknown",
    "collect",
    "coverage",
    "enterprises_with_records",
    "freshness",
    "import_invoices",
    "read",
    "read_permitted",
    "snapshots",
]
