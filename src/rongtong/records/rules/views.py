"""The view of a table as of a date: the latest version of each fact, and nothing in a row that lies after the date."""

from __future__ import annotations

from rongtong.records.rules.casts import quoted
from rongtong.sources.contracts import KNOWN_LATER, SourceKind


def view_sql(kind: SourceKind, names: list[str], *, versions: bool) -> str:
    """A SELECT over `landed` with one parameter, the as-of date; with `versions`, older versions of a fact are left out.

    Rows are ordered by firm, occurred date and row id, so that equal states give equal bytes.
    """
    masks: dict[str, str] = {}
    for day, amounts in KNOWN_LATER.get(kind, {}).items():
        masks[day] = f"CASE WHEN {day} <= $as_of THEN {day} END"
        masks |= {amount: f"CASE WHEN {day} > $as_of THEN 0 ELSE {amount} END" for amount in amounts}
    chosen = ", ".join(f"{masks[name]} AS {quoted(name)}" if name in masks else quoted(name) for name in names)
    latest = " QUALIFY row_number() OVER (PARTITION BY record_key ORDER BY version DESC) = 1" if versions else ""
    return (
        f"SELECT {chosen} FROM (SELECT * FROM landed{latest}) WHERE occurred_date <= $as_of"
        " ORDER BY enterprise_id, occurred_date, row_id"
    )
