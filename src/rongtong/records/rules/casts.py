"""Text to values, exactly: an expression is null where the text cannot be read, and the checks then refuse the row."""

from __future__ import annotations

from collections.abc import Callable

from rongtong.sources.contracts import Cast, Column

_SPACES = "' \t\u3000\u00a0\ufeff' || chr(10) || chr(13)"
_NUMBER = r"'[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?'"
_GROUPED = r"'[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?'"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_LIMIT = "10000000000000"
"""Beyond 10^13 yuan (or kWh) a number is a slip, not an amount."""


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def trimmed(raw: str) -> str:
    """The column that holds a raw text without the spaces around it; null where nothing is left."""
    return quoted(f"text {raw}")


def texts_sql(layout: tuple[Column, ...], subject: str, raw_columns: list[str]) -> tuple[str, str]:
    """The SELECT lists of the first two steps over `raw AS r`: what stands out in a row as a whole, then its trimmed texts.

    Trimming all kinds of spaces costs more than all the rest, so only rows that have odd ones pay for it.
    """
    whole = f"concat_ws(' ', {', '.join(f'r.{quoted(name)}' for name in raw_columns)})"
    marks = (
        rf"regexp_matches({whole}, '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]') AS has_control,"
        f" contains({whole}, '\ufffd') AS has_damage,"
        rf" regexp_matches({whole}, '[\x09\x0a\x0d\x{{3000}}\x{{a0}}\x{{feff}}]') AS has_odd_space"
    )
    used = {subject: None, **{one.raw: None for one in layout if one.cast not in {Cast.CONSTANT, Cast.JOINED}}}
    texts = ", ".join(
        f"nullif(CASE WHEN has_odd_space THEN trim(r.{quoted(raw)}, {_SPACES}) ELSE trim(r.{quoted(raw)}) END, '')"
        f" AS {trimmed(raw)}"
        for raw in used
    )
    return marks, texts


def canonical_sql(layout: tuple[Column, ...]) -> tuple[str, str]:
    """The SELECT lists of the next two steps: the values of each column of the layout, then the joined ones."""
    single = ", ".join(f"{_cast(one)} AS {quoted(one.name)}" for one in layout if one.cast is not Cast.JOINED)
    joined = "".join(
        f", {' || {0} || '.join(f'CAST({quoted(part)} AS VARCHAR)' for part in one.raw.split()).format(literal('|'))}"
        f" AS {quoted(one.name)}"
        for one in layout
        if one.cast is Cast.JOINED
    )
    return single, joined


def _cast(column: Column) -> str:
    if column.cast is Cast.CONSTANT:
        return literal(column.raw)
    text = trimmed(column.raw)
    if column.blank is not None:
        text = f"coalesce({text}, {literal(column.blank)})"
    if column.cast is Cast.CODE:
        cases = " ".join(f"WHEN {literal(code)} THEN {literal(value)}" for code, value in column.codes.items())
        return f"CASE {text} {cases} END"
    makers: dict[Cast, Callable[[str], str]] = {
        Cast.TEXT: lambda text: text,
        Cast.FEN: lambda text: _scaled(text, 100),
        Cast.WATT_HOURS: lambda text: _scaled(text, 1000),
        Cast.COUNT: lambda text: _scaled(text, 1),
        Cast.DAY: _day,
        Cast.MONTH: _month,
    }
    return makers[column.cast](text)


def _scaled(text: str, scale: int) -> str:
    """A decimal text times the scale as a whole number; null where it is none (a ten-thousandth of noise is forgiven)."""
    number = (
        f"CASE WHEN regexp_full_match({text}, {_NUMBER}) THEN {text}"
        f" WHEN regexp_full_match({text}, {_GROUPED}) THEN replace({text}, ',', '') END"
    )
    value = f"TRY_CAST({number} AS DECIMAL(24, 6))"
    whole = f"round({value} * {scale})"
    noise = f"abs({value} * {scale} - {whole}) <= 0.0001 * {scale}" if scale > 1 else f"{value} = {whole}"
    return f"CASE WHEN abs({value}) <= {_LIMIT} AND {noise} THEN CAST({whole} AS BIGINT) END"


def _day(text: str) -> str:
    return (
        rf"CASE WHEN regexp_full_match({text}, '{_DAY}[ T][0-9:.]+(Z|[+]00(:?00)?)')"
        f" THEN CAST(TRY_CAST({text} AS TIMESTAMP) + INTERVAL 8 HOUR AS DATE)"  # a moment in UTC: its day in China
        rf" WHEN regexp_full_match({text}, '{_DAY}([ T].*)?')"
        f" THEN TRY_CAST({text}[:10] AS DATE)"
        f" ELSE CAST(try_strptime(split_part({text}, ' ', 1), ['%Y/%m/%d', '%Y%m%d', '%Y年%m月%d日', '%Y-%m-%d', '%Y.%m.%d'])"
        " AS DATE) END"
    )


def _month(text: str) -> str:
    return (
        f"CAST(date_trunc('month', coalesce(try_strptime({text}, ['%Y-%m', '%Y%m', '%Y/%m']), {_day(text)})) AS DATE)"
    )
