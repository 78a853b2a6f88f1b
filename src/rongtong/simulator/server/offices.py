"""Tax returns as JSON; social insurance and electricity as CSV: rows in their state as of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from rongtong.simulator.server.store import Region
from rongtong.simulator.server.text import iso, yuan
from rongtong.simulator.world.calendar import day_number
from rongtong.simulator.world.taxes import GRADES, UNPAID

SOCIAL_HEADER = "统一社会信用代码,单位名称,费款所属期,参保人数,应缴金额,实缴金额,缴费截止日,实缴日期"
POWER_HEADER = "户号,统一社会信用代码,户名,抄表日期,用电量(千瓦时),峰段电量(千瓦时),谷段电量(千瓦时),欠费金额(元)"
_TAX_TYPES = ("vat", "cit")


def tax(region: Region, firms: Sequence[int], since: date, until: date) -> list[dict[str, Any]]:
    """One entry per firm with its declarations and ratings that moved in the window."""
    low, high = day_number(since), day_number(until)
    entries: dict[int, dict[str, Any]] = {
        firm: {
            "uscc": region.parties["uscc"][firm],
            "name": region.parties["name"][firm],
            "declarations": [],
            "ratings": [],
        }
        for firm in firms
    }
    rows = region.rows("tax", firms)
    names = ("firm", "kind", "period", "sales", "due", "late_fee", "due_day", "filed_day", "paid_day")
    for firm, kind, period, sales, due, fee, due_day, filed_day, paid_day in zip(
        *(rows[name].tolist() for name in names), strict=True
    ):
        if not _moved((filed_day, due_day + 1, paid_day), low, high):
            continue
        filed, paid = _happened(filed_day, high), _happened(paid_day, high)
        entries[firm]["declarations"].append(
            {
                "periodMonth": iso(period)[:7],
                "taxType": _TAX_TYPES[kind],
                "declaredSales": yuan(sales if filed else 0),
                "taxDue": yuan(due if filed else 0),
                "taxPaid": yuan(due if paid else 0),
                "lateFee": yuan(fee if paid else 0),
                "dueDate": iso(due_day),
                "filedDate": iso(filed_day) if filed else None,
                "paidDate": iso(paid_day) if paid else None,
            }
        )
    ratings = region.rows("ratings", firms, since=since, until=until)
    for firm, year, grade, day in zip(
        *(ratings[name].tolist() for name in ("firm", "year", "grade", "day")), strict=True
    ):
        entries[firm]["ratings"].append({"year": year, "grade": GRADES[grade], "publishedDate": iso(day)})
    return list(entries.values())


def social_insurance(region: Region, firms: Sequence[int], since: date, until: date) -> Iterator[bytes]:
    """CSV in UTF-8."""
    low, high = day_number(since), day_number(until)
    rows = region.rows("social_insurance", firms)
    names, codes = region.parties["name"], region.parties["uscc"]
    yield f"{SOCIAL_HEADER}\r\n".encode()
    lines = []
    for firm, period, insured, due, due_day, paid_day in zip(
        *(rows[name].tolist() for name in ("firm", "period", "insured", "due", "due_day", "paid_day")), strict=True
    ):
        if not _moved((due_day + 1, paid_day), low, high):
            continue
        paid = _happened(paid_day, high)
        month = iso(period)[:7].replace("-", "")
        lines.append(
            f"{codes[firm]},{_cell(str(names[firm]))},{month},{insured},{yuan(due)},{yuan(due if paid else 0)},"
            f"{iso(due_day)},{iso(paid_day) if paid else ''}\r\n"
        )
    yield "".join(lines).encode()


def electricity(region: Region, firms: Sequence[int], since: date, until: date) -> Iterator[bytes]:
    """CSV in GB18030, by day."""
    rows = region.rows("electricity", firms, since=since, until=until)
    parties = region.parties
    heads = {
        firm: f"{parties['meter'][firm]},{parties['uscc'][firm]},{_cell(str(parties['name'][firm]))}" for firm in firms
    }
    yield f"{POWER_HEADER}\r\n".encode("gb18030")
    days: dict[int, str] = {}
    lines: list[str] = []
    columns = ("firm", "day", "energy", "peak", "valley", "arrears")
    for firm, day, energy, peak, valley, arrears in zip(*(rows[name].tolist() for name in columns), strict=True):
        read = days.get(day) or days.setdefault(day, iso(day))
        lines.append(f"{heads[firm]},{read},{_kwh(energy)},{_kwh(peak)},{_kwh(valley)},{yuan(arrears)}\r\n")
        if len(lines) >= 4096:
            yield "".join(lines).encode("gb18030")
            lines.clear()
    yield "".join(lines).encode("gb18030")


def _moved(days: tuple[int, ...], low: int, high: int) -> bool:
    """Whether one of the event days lies in the window."""
    return any(day != UNPAID and low <= day <= high for day in days)


def _happened(day: int, high: int) -> bool:
    return UNPAID != day <= high


def _kwh(energy: int) -> str:
    return f"{energy // 1000}.{energy % 1000:03d}"


def _cell(text: str) -> str:
    return f'"{text}"' if "," in text or '"' in text else text
