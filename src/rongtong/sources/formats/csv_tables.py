"""The CSV sources: social insurance (UTF-8) and electricity (GB18030), with Chinese headers."""

from __future__ import annotations

from io import BytesIO

from django.utils.translation import gettext as _

from rongtong.sources.contracts import Cast, Column, RawRows, SourceKind
from rongtong.sources.delimited import DelimitedReader
from rongtong.sources.errors import FileEmpty, FileUnreadable, MessageMalformed

_SUBJECT = "统一社会信用代码"
_SOCIAL_INSURANCE = (
    Column("period_month", "费款所属期", Cast.MONTH),
    Column("insured_headcount", "参保人数", Cast.COUNT),
    Column("due_fen", "应缴金额", Cast.FEN),
    Column("paid_fen", "实缴金额", Cast.FEN),
    Column("due_date", "缴费截止日", Cast.DAY),
    Column("paid_date", "实缴日期", Cast.DAY),
)
_ELECTRICITY = (
    Column("read_date", "抄表日期", Cast.DAY),
    Column("energy_wh", "用电量(千瓦时)", Cast.WATT_HOURS),
    Column("peak_wh", "峰段电量(千瓦时)", Cast.WATT_HOURS),
    Column("valley_wh", "谷段电量(千瓦时)", Cast.WATT_HOURS),
    Column("arrears_fen", "欠费金额(元)", Cast.FEN),
)


def parse_social_insurance(payload: bytes, _subjects: frozenset[str]) -> RawRows:
    """One row for each firm and month."""
    return _parse(payload, SourceKind.SOCIAL_INSURANCE, _SOCIAL_INSURANCE)


def parse_electricity(payload: bytes, _subjects: frozenset[str]) -> RawRows:
    """One row for each meter and day."""
    return _parse(payload, SourceKind.ELECTRICITY, _ELECTRICITY)


def _parse(payload: bytes, kind: SourceKind, layout: tuple[Column, ...]) -> RawRows:
    try:
        reader = DelimitedReader(BytesIO(payload), kind.value)
        missing = [name for name in (_SUBJECT, *(one.raw for one in layout)) if name not in reader.header]
        names = {"row_number", *(name.lower() for name in reader.header)}
        if missing or len(names) <= len(reader.header):
            raise MessageMalformed(kind=kind.value, detail=_("it is not a table with a header"))
        table, malformed = reader.read()
    except (FileEmpty, FileUnreadable) as error:
        raise MessageMalformed(kind=kind.value, detail=_("it is not a table with a header")) from error
    table = table.rename_columns(["row_number", *reader.header])
    return RawRows(kind=kind, table=table, malformed=malformed, layout=layout, subject=_SUBJECT)
