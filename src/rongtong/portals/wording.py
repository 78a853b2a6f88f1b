"""How figures, dates and ids are written for the reader's language."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongtong.core.money import format_million, format_wan, format_yuan

ABSENT = "—"
_UNITS = {"亿元": 10**10, "万元": 10**6, "元": 100}
_WRITTEN = re.compile(r"(-?[\d,]+(?:\.\d+)?)(亿元|万元|元)")
_DAYS = re.compile(r"\w+ (\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)")


def in_chinese() -> bool:
    """Whether the reader reads Chinese, the default."""
    return (get_language() or "zh-hans").startswith("zh")


def amount_words(minor: int | None) -> str:
    """An amount short enough to compare: `123.46万元`, in English `¥1.23 million`."""
    if minor is None:
        return ABSENT
    if not minor:
        return "0元" if in_chinese() else "¥0"
    return format_wan(minor) if in_chinese() else format_million(minor)


def amount_of_text(text: str) -> str:
    """A stored amount such as `652万元` as the reader writes it; any other text as it is."""
    found = None if in_chinese() else _WRITTEN.fullmatch(text)
    if found is None:
        return text
    return format_million(int(Decimal(found[1].replace(",", "")) * _UNITS[found[2]]))


def amount_full(minor: int | None) -> str:
    """The whole amount to the fen: `1,234,567.00元`, in English `¥1,234,567.00`."""
    if minor is None:
        return ABSENT
    return f"{format_yuan(minor)}元" if in_chinese() else f"¥{format_yuan(minor)}"


def day_words(day: date | datetime | str | None) -> str:
    """`2026年3月1日`, in English ISO."""
    if not day:
        return ABSENT
    if isinstance(day, str):
        text = day
        try:
            day = date.fromisoformat(text[:10])
        except ValueError:
            return text
    if isinstance(day, datetime):
        day = timezone.localtime(day).date() if timezone.is_aware(day) else day.date()
    return f"{day.year}年{day.month}月{day.day}日" if in_chinese() else day.isoformat()


def moment_words(at: datetime | None) -> str:
    """`2026年3月1日 14:05` in China's time, in English `2026-03-01 14:05`."""
    if not at:
        return ABSENT
    local = timezone.localtime(at)
    return f"{day_words(local.date())} {local:%H:%M}"


def percent_words(share: Decimal | float | int | str | None, digits: int = 2) -> str:
    """A share of one as a percentage: `0.0435` -> `4.35%`."""
    if share is None or share == "":
        return ABSENT
    value = (Decimal(str(share)) * 100).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    return f"{value:,f}%"


def delivery_words(name: str) -> str:
    """What a delivery is called: one that was fetched by the days it covers, a file by its name."""
    found = _DAYS.fullmatch(name)
    return f"{day_words(found[1])} – {day_words(found[2])}" if found else name


def source_words(source: str) -> str:
    """How records came: fetched from their source, sent by it, sent by the firm itself, or a file."""
    way, _colon, rest = source.partition(":")
    if way == "file":
        return _("File, identifiers of %(scheme)s") % {"scheme": rest}
    ways = {"pull": _("Fetched from the source"), "push": _("Sent by the source"), "own": _("Sent by the firm")}
    return ways.get(way, source)
