"""Import a firm's, or a whole data set's, invoice files: who they are, what the importer asserts, and their invoices."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import pyarrow.compute as pc
from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.consent.contracts import AssertionDraft, Item, Paper
from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.progress import ProgressHandle
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import CheckResult, EnterpriseDraft, Organisation
from rongtong.records.actions.land_rows import Delivery, land_rows
from rongtong.records.adapters.judge import Subject
from rongtong.records.contracts import IMPORT_SCHEME, ImportReport, LandingReport, Rank
from rongtong.sources.contracts import RawRows
from rongtong.sources.facade import read_enterprises, read_invoices

_ITEMS = (str(Item.INVOICES), str(Item.PORTRAIT))
_EARLIEST = date(1990, 1, 1)


class AuthorisationMissing(Invalid):
    """Files were to be imported without the text by which the firms authorised it."""

    code = "authorisation_missing"
    message = _("Please state the text by which the firms authorised the use of these records.")


class EnterpriseNameDiffers(Conflict):
    """A code of the enterprises file belongs to a firm of another name already; nothing was imported.

    Codes of two data sets can clash; import the second one under a scheme of its own.
    """

    code = "enterprise_name_differs"
    message = _("%(value)s is %(known)s already, and not %(name)s. Nothing was imported.")


def import_invoices(
    *,
    sales: Path,
    purchases: Path,
    enterprises: Path | None,
    authorisation: str,
    actor: Actor,
    at: datetime,
    scheme: str = IMPORT_SCHEME,
    paper: Paper | None = None,
    asserted_by: str = "",
    checked_by: str = "",
    progress: ProgressHandle | None = None,
) -> ImportReport:
    """Register the firms, keep what the importer asserts of their authorisation, land both files. Again, it lands nothing twice.

    `authorisation` is the importer's word and no consent: it binds nobody, and the records that come on it count in
    evaluations only.

    Both files are read before anything is written. Where an enterprises file is given, rows of other firms are
    quarantined; without one, every code in the files becomes a firm of that name. A code that is a USCC is taken as
    one, any other stands under `scheme`. Raises AuthorisationMissing, EnterpriseNameDiffers, and what the files raise.
    """
    started = time.monotonic()
    if not authorisation.strip() or "\x00" in authorisation:
        raise AuthorisationMissing()
    bar = _Steps(progress, total=6)
    files = [(sales, "sale"), (purchases, "purchase")]
    rows = []
    for path, direction in files:
        rows.append(read_invoices(path, direction))
        bar.advance()
    names = _names(enterprises, rows)
    with as_platform():
        firms = _register(names, scheme, actor, at)
        bar.advance()
        draft = AssertionDraft(authorisation, asserted_by or actor.name, _ITEMS, checked_by, paper)
        claims = consent.assert_consents(
            enterprise_ids=[firm.id for firm in firms.values()], draft=draft, actor=actor, at=at
        )
        bar.advance()
        subjects = [
            Subject(code, firm.id, claims[firm.id], _EARLIEST, china_date(at), generated=firm.generated)
            for code, firm in firms.items()
        ]
        total = LandingReport()
        for (path, direction), raw in zip(files, rows, strict=True):
            delivery = Delivery(
                source=f"file:{scheme}",
                name=path.name,
                payload_digest=_digest(path),
                collected_at=at,
                not_after=china_date(at),
                rank=Rank.ASSERTED,
                part=direction,
            )
            total += land_rows(rows=raw, delivery=delivery, subjects=subjects, actor=actor, at=at)
            bar.advance()
    return ImportReport(
        rows_read=total.rows_read,
        landed=total.landed,
        duplicates=total.duplicates,
        quarantined=total.quarantined,
        enterprises=len(firms),
        seconds=time.monotonic() - started,
        reasons=total.reasons,
    )


class _Steps:
    def __init__(self, progress: ProgressHandle | None, total: int) -> None:
        self._progress = progress
        if progress is not None:
            progress.total(total)

    def advance(self) -> None:
        if self._progress is not None:
            self._progress.advance()


def _names(enterprises: Path | None, rows: Sequence[RawRows]) -> dict[str, str]:
    """The firms to register, by code: those of the enterprises file, else every readable code in the files."""
    if enterprises is not None:
        return {one.code: one.name for one in read_enterprises(enterprises)}
    found: set[str] = set()
    for raw in rows:
        codes = pc.unique(pc.utf8_trim_whitespace(raw.table[raw.subject]))
        found.update(code for code in codes.to_pylist() if code and code.isprintable() and len(code) <= 80)
    return {code: code for code in sorted(found)}


def _register(names: Mapping[str, str], scheme: str, actor: Actor, at: datetime) -> dict[str, Organisation]:
    schemes = {code: "uscc" if parties.check_uscc(code)[0] is CheckResult.VALID else scheme for code in names}
    drafts = [EnterpriseDraft(name=name, identifiers=((schemes[code], code),)) for code, name in names.items()]
    known = {
        code: firm_id
        for one in set(schemes.values())
        for code, firm_id in parties.by_identifier(
            scheme=one, values=[code for code in names if schemes[code] == one]
        ).items()
    }
    firms = parties.organisations(known.values())
    for code, firm_id in known.items():
        kept = firms[firm_id].name
        if schemes[code] != "uscc" and kept != names[code] and code not in {kept, names[code]}:
            raise EnterpriseNameDiffers(value=code, known=kept, name=names[code])
    return dict(zip(names, parties.register_enterprises(drafts=drafts, actor=actor, at=at), strict=True))


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
