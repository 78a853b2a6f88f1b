"""News about firms, as an RSS 2.0 feed; the firm that an item names stands in its category of the domain `uscc`."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from django.utils.translation import gettext as _

from rongtong.core.clock import china_date
from rongtong.sources.contracts import Cast, Column, RawRows, SourceKind
from rongtong.sources.errors import MessageMalformed
from rongtong.sources.formats.rows import RowBuilder
from rongtong.sources.formats.xml import parse_xml

_LAYOUT = (
    Column("published_date", "pubDate", Cast.DAY),
    Column("headline", "title"),
    Column("body", "description", blank=""),
    Column("source_name", "source", blank=""),
    Column("url", "link", blank=""),
)


def parse_news(payload: bytes, _subjects: frozenset[str]) -> RawRows:
    """One row for each firm that an item names."""
    root = parse_xml(payload, SourceKind.NEWS)
    if root.tag != "rss" or root.find("channel") is None:
        raise MessageMalformed(kind=SourceKind.NEWS.value, detail=_("it is no RSS feed"))
    builder = RowBuilder(SourceKind.NEWS, _LAYOUT)
    for item in root.iterfind("channel/item"):
        values = {name: item.findtext(name) for name in ("title", "description", "source")}
        values["link"] = item.findtext("link") or item.findtext("guid")
        values["pubDate"] = _day(item.findtext("pubDate"))
        firms = [one.text for one in item.iterfind("category") if one.get("domain") == "uscc"]
        for firm in firms or [None]:
            builder.add(values | {"subject": firm})
    return builder.rows()


def _day(text: str | None) -> str | None:
    """The day in China of an RFC 822 date; what is none stays as it is and is then refused as unreadable."""
    try:
        moment = parsedate_to_datetime(text or "")
    except (TypeError, ValueError):
        return text
    return (moment.date() if moment.tzinfo is None else china_date(moment)).isoformat()
