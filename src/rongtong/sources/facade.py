"""The door of sources, for records alone."""

from rongtong.sources.connectors import Answer, Source
from rongtong.sources.errors import (
    ColumnsMissing,
    ColumnsRepeated,
    EnterpriseRowMalformed,
    FileEmpty,
    FileMissing,
    FileTooLarge,
    FileUnreadable,
    MessageMalformed,
    RegisterSilent,
    SourceRefused,
    SourceUnavailable,
)
from rongtong.sources.formats.rows import joined
from rongtong.sources.invoice_files import NamedEnterprise, read_enterprises, read_invoices
from rongtong.sources.messages import parse, parties_of_invoices
from rongtong.sources.registers import RegisterAnswer, look_up

__all__ = [
    "Answer",
    "ColumnsMissing",
    "ColumnsRepeated",
    "EnterpriseRowMalformed",
    "FileEmpty",
    "FileMissing",
    "FileTooLarge",
    "FileUnreadable",
    "MessageMalformed",
    "NamedEnterprise",
    "RegisterAnswer",
    "RegisterSilent",
    "Source",
    "SourceRefused",
    "SourceUnavailable",
    "joined",
    "look_up",
    "parse",
    "parties_of_invoices",
    "read_enterprises",
    "read_invoices",
]
