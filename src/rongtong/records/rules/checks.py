"""Which rows are refused, and why: one SQL expression that gives `code:column` for the first thing wrong, else null.

Codes: control_character, text_damaged, enterprise_missing, digits_lost, enterprise_unknown, value_missing,
amount_unreadable, number_unreadable, date_unreadable, time_unreadable, code_unknown, text_too_long, amounts_disagree, amount_negative,
amount_zero, parts_exceed_total, date_in_future, date_too_old, outside_consent_range. Against what is landed already:
contradicts_source. From splitting a file or message into rows: row_too_short, row_too_long, row_undecodable,
quote_unclosed, row_not_an_object, document_malformed, document_too_large, balances_disagree.
"""

from __future__ import annotations

from rongtong.records.rules.casts import literal, quoted, trimmed
from rongtong.sources.contracts import ALLOWED, SOURCE_SCHEMAS, Cast, Column, SourceKind

_UNREADABLE = {
    Cast.FEN: "amount_unreadable",
    Cast.WATT_HOURS: "number_unreadable",
    Cast.COUNT: "number_unreadable",
    Cast.DAY: "date_unreadable",
    Cast.MONTH: "date_unreadable",
    Cast.CODE: "code_unknown",
    Cast.TEXT: "value_missing",
}
_LONGEST = {"body": 100_000, "before": 4000, "after": 4000}
_ROUNDED = r"'[0-9](\.[0-9]+)?[eE]\+?[0-9]{2}'"
"""What a spreadsheet makes of a number of more than fifteen digits: several invoices come to look like one."""
_NAMES = ("invoice_no", "counterparty_id")
_NOT_NEGATIVE = {
    SourceKind.TAX: ("tax_due_fen", "tax_paid_fen", "late_fee_fen"),
    SourceKind.SOCIAL_INSURANCE: ("insured_headcount", "due_fen", "paid_fen"),
    SourceKind.ELECTRICITY: ("energy_wh", "peak_wh", "valley_wh", "arrears_fen"),
    SourceKind.COURTS: ("amount_fen",),
}


def reason_sql(kind: SourceKind, layout: tuple[Column, ...], subject: str, *, tolerance_minor: int) -> str:
    """The CASE expression over what the earlier steps gave: marks, texts, values, `enterprise_id`, `occurred_date` and bounds.

    `tolerance_minor` is how many fen net and tax may miss the gross amount by.
    """
    cases = [
        ("has_control", "control_character"),
        ("has_damage", "text_damaged"),
        (f"{trimmed(subject)} IS NULL", f"enterprise_missing:{subject}"),
        (f"regexp_full_match({trimmed(subject)}, {_ROUNDED})", f"digits_lost:{subject}"),
        ("enterprise_id IS NULL", f"enterprise_unknown:{subject}"),
        *_value_cases(kind, layout),
        *_kind_cases(kind, tolerance_minor),
        ("occurred_date > not_after", "date_in_future"),
        ("occurred_date < DATE '1980-01-01'", "date_too_old"),
        ("occurred_date > range_to", "outside_consent_range"),
    ]
    if kind is not SourceKind.REGISTRATION:  # a register shows a firm since its founding, to everybody
        cases.append(("occurred_date < range_from", "outside_consent_range"))
    return "CASE " + " ".join(f"WHEN {condition} THEN {literal(reason)}" for condition, reason in cases) + " END"


def _value_cases(kind: SourceKind, layout: tuple[Column, ...]) -> list[tuple[str, str]]:
    cases = []
    schema, allowed = SOURCE_SCHEMAS[kind], ALLOWED.get(kind, {})
    for column in layout:
        if column.cast in {Cast.CONSTANT, Cast.JOINED}:
            continue
        name, raw = quoted(column.name), trimmed(column.raw)
        nullable = schema.field(column.name).nullable
        if not nullable and column.blank is None:
            cases.append((f"{raw} IS NULL", f"value_missing:{column.raw}"))
        cases.append((f"{name} IS NULL AND {raw} IS NOT NULL", f"{_UNREADABLE[column.cast]}:{column.raw}"))
        if column.cast is Cast.TEXT:
            longest = _LONGEST.get(column.name, 1000)
            cases.append((f"length({name}) > {longest}", f"text_too_long:{column.raw}"))
        if column.name in _NAMES:
            cases.append((f"regexp_full_match({name}, {_ROUNDED})", f"digits_lost:{column.raw}"))
        if column.name in allowed:
            values = ", ".join(literal(value) for value in allowed[column.name])
            cases.append((f"{name} NOT IN ({values})", f"code_unknown:{column.raw}"))
    return cases


def _kind_cases(kind: SourceKind, tolerance_minor: int) -> list[tuple[str, str]]:
    cases = [(f"{name} < 0", f"amount_negative:{name}") for name in _NOT_NEGATIVE.get(kind, ())]
    if kind is SourceKind.INVOICES:
        cases.append((f"abs(net_fen + tax_fen - gross_fen) > {tolerance_minor}", "amounts_disagree"))
    elif kind is SourceKind.TAX:
        cases.append(("tax_type = 'grade' AND grade IS NULL", "value_missing:grade"))
    elif kind is SourceKind.ELECTRICITY:
        cases.append(("peak_wh + valley_wh > energy_wh", "parts_exceed_total"))
    elif kind is SourceKind.BANK_FLOWS:
        cases.append(("amount_fen = 0", "amount_zero"))
        cases.append(("NOT regexp_full_match(booked_time, '([01][0-9]|2[0-3]):[0-5][0-9]')", "time_unreadable"))
    return cases
