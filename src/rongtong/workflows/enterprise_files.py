"""Which firms a command is for: a file of their codes, one a line, or CSV with a header."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.core.errors import Invalid
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.records.contracts import IMPORT_SCHEME

_HEADERS = ("uscc", "enterprise", "code", "统一社会信用代码")
_NAMED = 20


class EnterprisesFileUnreadable(Invalid):
    """The file cannot be read as text, names no firm, or its header names no column of codes."""

    code = "enterprises_file_unreadable"
    message = _("%(file)s names no firms: a code a line is needed, or a column uscc (or enterprise). %(why)s")


class EnterprisesUnknown(Invalid):
    """Codes of the file belong to no firm that is registered here; nothing was done."""

    code = "enterprises_unknown"
    message = _("Not registered here: %(codes)s (%(count)s in all). Nothing was done.")


def read_enterprise_ids(path: Path) -> tuple[UUID, ...]:
    """The firms that a file names, in its order, each once. Raises EnterprisesFileUnreadable, EnterprisesUnknown."""
    codes = list(dict.fromkeys(_codes(path)))
    if not codes:
        raise EnterprisesFileUnreadable(file=path.name, why="")
    with as_platform():
        found = ids_by_code(codes)
    unknown = [code for code in codes if code not in found]
    if unknown:
        raise EnterprisesUnknown(codes=", ".join(unknown[:_NAMED]), count=len(unknown))
    return tuple(dict.fromkeys(found[code] for code in codes))


def ids_by_code(codes: Sequence[str]) -> dict[str, UUID]:
    """The firms that are registered under codes: of the tax office, or of an import."""
    return {
        code: firm
        for scheme in (IMPORT_SCHEME, "uscc")
        for code, firm in parties.by_identifier(scheme=scheme, values=codes).items()
    }


def _codes(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines()) if any(row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise EnterprisesFileUnreadable(file=path.name, why=str(error)) from error
    if not rows:
        return []
    header = [cell.lower() for cell in rows[0]]
    named = [header.index(name) for name in _HEADERS if name in header]
    if named:
        return [row[named[0]] for row in rows[1:] if len(row) > named[0] and row[named[0]]]
    if len(rows[0]) > 1:
        raise EnterprisesFileUnreadable(file=path.name, why="")
    return [row[0] for row in rows if row[0]]
