"""Parsers of what sources send: a message in, raw rows out. None trusts its sender.

`parse` chooses by kind; each format is described in docs/reference/simulated-sources.md, as the real sources use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from rongtong.sources.contracts import RawRows, SourceKind
from rongtong.sources.formats.csv_tables import parse_electricity, parse_social_insurance
from rongtong.sources.formats.einvoices import parse_invoices
from rongtong.sources.formats.json_documents import parse_courts, parse_registration, parse_tax
from rongtong.sources.formats.news_feed import parse_news
from rongtong.sources.formats.statements import parse_bank_flows

Parser = Callable[[bytes, frozenset[str]], RawRows]

PARSERS: Mapping[SourceKind, Parser] = MappingProxyType(
    {
        SourceKind.REGISTRATION: parse_registration,
        SourceKind.TAX: parse_tax,
        SourceKind.INVOICES: parse_invoices,
        SourceKind.SOCIAL_INSURANCE: parse_social_insurance,
        SourceKind.ELECTRICITY: parse_electricity,
        SourceKind.BANK_FLOWS: parse_bank_flows,
        SourceKind.COURTS: parse_courts,
        SourceKind.NEWS: parse_news,
    }
)


def parse(kind: SourceKind, payload: bytes, subjects: frozenset[str]) -> RawRows:
    """The rows of a message about the given subjects (USCCs). Raises MessageMalformed, FileEmpty, ColumnsMissing."""
    return PARSERS[kind](payload, subjects)
