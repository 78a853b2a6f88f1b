"""Court stages as JSON, news as RSS: texts written from templates, the same for the same event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

from rongtong.core.money import format_wan
from rongtong.simulator.reference.industries import INDUSTRIES
from rongtong.simulator.server import stories
from rongtong.simulator.server.store import Region
from rongtong.simulator.server.text import GENERATED_NOTE, escape, iso, yuan
from rongtong.simulator.world.calendar import date_of
from rongtong.simulator.world.events import CAUSES, STAGES

_CHINA = timezone(timedelta(hours=8))
_ENFORCED = frozenset({"enforcement", "dishonest", "consumption_limit", "terminated"})


def courts(region: Region, firms: Sequence[int], since: date, until: date) -> list[dict[str, Any]]:
    """One entry per firm with the stages its cases reached in the window."""
    parties = region.parties
    entries: dict[int, dict[str, Any]] = {
        firm: {"uscc": parties["uscc"][firm], "name": parties["name"][firm], "cases": []} for firm in firms
    }
    rows = region.rows("courts", firms, since=since, until=until)
    names = ("firm", "day", "case", "stage", "role", "cause", "amount", "other", "opened")
    for firm, day, case, stage, role, cause, amount, other, opened in zip(
        *(rows[name].tolist() for name in names), strict=True
    ):
        code, city = str(parties["region_code"][firm]), str(parties["address"][firm])
        court = f"{_court_place(city)}人民法院"
        kind = "执" if STAGES[stage] in _ENFORCED else "民初"
        name, opponent = str(parties["name"][firm]), str(parties["name"][other])
        fill = {
            "court": court,
            "firm": name,
            "other": opponent,
            "cause": CAUSES[cause],
            "amount": format_wan(amount),
            "number": f"（{iso(opened)[:4]}）浙{code[2:]}{kind}{1001 + case}号",
            "day": _day_text(day),
        }
        plaintiff, defendant = (name, opponent) if role == 1 else (opponent, name)
        text = stories.COURT[STAGES[stage]].format(**fill, plaintiff=plaintiff, defendant=defendant)
        entries[firm]["cases"].append(
            {
                "caseNo": fill["number"],
                "court": court,
                "role": "plaintiff" if role == 1 else "defendant",
                "cause": CAUSES[cause],
                "amount": yuan(amount),
                "stage": STAGES[stage],
                "eventDate": iso(day),
                "counterparty": opponent,
                "text": text,
            }
        )
    return list(entries.values())


def news(region: Region, firms: Sequence[int], since: date, until: date) -> bytes:
    """An RSS 2.0 channel, oldest first."""
    rows = region.rows("news", firms, since=since, until=until)
    items = []
    for firm, day, mood, detail in zip(
        *(rows[name].tolist() for name in ("firm", "day", "mood", "detail")), strict=True
    ):
        items.append(_item(region, firm, day, mood, detail))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>区域财经资讯（模拟）</title>'
        f"<link>https://news.example/</link><description>{GENERATED_NOTE}</description><language>zh-cn</language>"
        f"{''.join(items)}</channel></rss>"
    ).encode()


def _item(region: Region, firm: int, day: int, mood: int, detail: int) -> str:
    parties = region.parties
    choices = stories.NEWS[mood]
    headline, body = choices[detail % len(choices)]
    industry = next(one for one in INDUSTRIES if one.code == parties["industry_code"][firm])
    name = str(parties["name"][firm])
    partners = parties["name"][region.summary.enterprises :]
    fill = {
        "firm": name,
        "short": name.removesuffix("有限公司").removesuffix("股份").removesuffix("有限责任公司"),
        "place": str(parties["city"][firm]),
        "industry": industry.title,
        "product": industry.items[detail // 7 % len(industry.items)][1],
        "other": str(partners[detail // 11 % len(partners)]),
        "person": str(parties["legal_rep"][firm]),
        "count": 2 + detail // 13 % 9,
        "staff": 20 + detail // 17 % 160,
        "sum": f"{100 + detail // 19 % 1900}万元",
        "share": 8 + detail // 23 % 30,
        "month": date_of(day).month,
    }
    source, site = stories.MEDIA[detail // 29 % len(stories.MEDIA)]
    guid = f"{site}-{iso(day).replace('-', '')}-{firm:05d}-{detail:010d}"
    published = datetime.combine(date_of(day), datetime.min.time(), _CHINA) + timedelta(
        seconds=28_800 + detail % 43_200
    )
    return (
        f"<item><title>{escape(headline.format(**fill))}</title><link>https://{site}.example/{guid}</link>"
        f"<description>{escape(body.format(**fill))}</description>"
        f'<category domain="uscc">{parties["uscc"][firm]}</category>'
        f'<source url="https://{site}.example/rss">{source}</source><guid isPermaLink="false">{guid}</guid>'
        f"<pubDate>{format_datetime(published)}</pubDate></item>"
    )


def _court_place(address: str) -> str:
    """`杭州市西湖区兴业路9号` -> `杭州市西湖区`; a county-level city has a court of its own."""
    for mark in ("区", "县", "市"):
        position = address.find(mark, 3)
        if 0 < position <= 7:
            return address[: position + 1]
    return address[:3]


def _day_text(day: int) -> str:
    when = date_of(day)
    return f"{when.year}年{when.month}月{when.day}日"
