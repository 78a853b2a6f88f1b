"""Small renderings shared by the formats: amounts, days, escaping."""

from __future__ import annotations

from rongtong.simulator.world.calendar import date_of

GENERATED_NOTE = "模拟数据，非真实记录"


def yuan(fen: int) -> str:
    """Yuan with two decimals: `-1234` fen -> `-12.34`."""
    fen = int(fen)
    sign = "-" if fen < 0 else ""
    fen = abs(fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}"


def iso(day: int) -> str:
    """The date of a day number."""
    return date_of(int(day)).isoformat()


def clock(second: int) -> str:
    """`HH:MM:SS` of a second of the day."""
    second = int(second)
    return f"{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def escape(text: str) -> str:
    """For XML text and attributes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
