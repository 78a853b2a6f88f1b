"""Import a firm's, or a whole data set's, invoice files: who they are, what they authorised, and their invoices."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pyarrow.compute as pc
from django.utils.translation import gettext_lazy as _

from rongtong.consent import facade as consent
from rongtong.consent.contracts import ConsentDraft, ConsentId, Grantee, Item, Purpose, Signatory
from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Invalid
from rongtong.core.progress import ProgressHandle
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import CheckResult, EnterpriseDraft, Organisation
from rongtong.records.actions.land_rows import Delivery, land_rows
from rongtong.records.adapters.judge import Subject
from rongtong.records.contracts import ImportReport, LandingReport
from rongtong.rulebook import facade as rulebook
from rongtong.sources.contracts import RawRows
from rongtong.sources.facade import read_enterprises, read_invoices

SCHEME = "invoices_cn"
_ITEMS = (Item.INVOICES, Item.PORTRAIT)
_PURPOSES = (Purpose.FINANCING, Purpose.POST_LOAN)
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
    scheme: str = SCHEME,
    progress: ProgressHandle | None = None,
) -> ImportReport:
    """Register the firms, record their authorisation, land both files. Importing again lands nothing twice.

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
        consents = _authorise(list(firms.values()), authorisation, actor, at)
        bar.advance()
        ranges = consent.data_ranges(consent_ids=set(consents.values()))
        subjects = [
            Subject(code, firm.id, consents[firm.id], *ranges[consents[firm.id]], generated=firm.generated)
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


def _authorise(firms: Sequence[Organisation], text: str, actor: Actor, at: datetime) -> dict[UUID, ConsentId]:
    """By firm, the consent that covers the import: one of the same text that is in force, else a new one."""
    platform = parties.platform()
    ids = [firm.id for firm in firms]
    live = consent.with_live_consent(enterprise_ids=ids, at=at)

    def ask(gate: Callable[..., dict[UUID, ConsentId | None]], asked: Sequence[UUID]) -> dict[UUID, ConsentId]:
        answers = gate(
            reader_id=platform.id,
            enterprise_ids=asked,
            items=_ITEMS,
            purpose=Purpose.FINANCING,
            actor=actor,
            at=at,
        )
        return {firm: consent_id for firm, consent_id in answers.items() if consent_id is not None}

    covered = ask(consent.permitted, [one for one in ids if one in live]) if live else {}
    receipts = consent.receipts(consent_ids=list(covered.values()))
    same = {consent_id for consent_id, one in receipts.items() if json.loads(one.body)["text"] == text}
    held = {firm: one for firm, one in covered.items() if one in same}
    missing = [one for one in ids if one not in held]
    if missing:
        consent.grant_consents(drafts=_drafts(missing, text, actor, at), actor=actor, at=at)
        held |= ask(consent.require, missing)
    return held


def _drafts(enterprise_ids: Sequence[UUID], text: str, actor: Actor, at: datetime) -> list[ConsentDraft]:
    day = china_date(at)
    lasts = timedelta(days=int(rulebook.value("records.import_consent_days", on=day)))
    platform = parties.platform()
    grantees = (
        Grantee(organisation_id=platform.id, name=platform.name, role="platform"),
        *(Grantee(organisation_id=one.id, name=one.name, role="lender") for one in parties.institutions()),
    )
    return [
        ConsentDraft(
            enterprise_id=one,
            grantees=grantees,
            items=tuple(map(str, _ITEMS)),
            purposes=tuple(map(str, _PURPOSES)),
            range_from=_EARLIEST,
            range_to=day + lasts,
            valid_from=at,
            valid_to=at + lasts,
            retention_days=int(rulebook.value("records.retention_days", on=day)),
            text=text,
            signatory=Signatory(name=actor.name, role="agent"),
            form="paper",
        )
        for one in enterprise_ids
    ]


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
