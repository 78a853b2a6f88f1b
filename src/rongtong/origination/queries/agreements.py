"""Reads of agreements and their documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.errors import NotFound
from rongtong.core.frozen_columns import Versions
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.origination import models
from rongtong.origination.adapters.verifying import check_foreign_pdf, check_pdf
from rongtong.origination.contracts import Agreement, AgreementCheck, AgreementId, AgreementState, Signer
from rongtong.origination.queries.decisions import business_date, latest_decision
from rongtong.origination.queries.evidence import AGREEMENT, evidence_bytes

_STAGES = tuple(AgreementState)
_END = b"%%EOF"
_READ_AT_ONCE = 20


class AgreementUnknown(NotFound):
    """There is no agreement under this id, or not for who asks."""

    code = "agreement_unknown"
    message = _("There is no such agreement.")


def agreement(*, agreement_id: UUID) -> Agreement:
    """One agreement. Raises AgreementUnknown."""
    row = rows().filter(id=agreement_id).first()
    if row is None:
        raise AgreementUnknown(agreement=encode_id("agr", agreement_id))
    return contract(row)


def agreement_of(*, application_id: UUID) -> Agreement | None:
    """The agreement of an application, if it was prepared: the latest."""
    row = rows().filter(application_id=application_id).order_by("-id").first()
    return None if row is None else contract(row)


def agreements(*, agreement_ids: Sequence[UUID]) -> dict[AgreementId, Agreement]:
    """Many agreements in one query; those unknown are left out."""
    return {AgreementId(row.id): contract(row) for row in rows().filter(id__in=set(agreement_ids))}


def signers_of(*, agreement_id: UUID) -> tuple[Signer, ...]:
    """Who drew the document up and who signed it, in order; stages from before it was kept are left out."""
    rows = models.Document.objects.filter(agreement_id=agreement_id).exclude(actor_right="").defer("part")
    found = [
        Signer(
            AgreementState(row.stage),
            Actor(row.actor_kind, row.actor_id, row.actor_name, row.actor_organisation_id, row.actor_right),
            row.recorded_at,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: _STAGES.index(one.stage)))


def agreement_pdf(*, agreement_id: UUID) -> bytes:
    """The document as it stands, with the signatures made so far. Raises AgreementUnknown."""
    parts = [bytes(row.part) for row in _documents(agreement_id=agreement_id)]
    if not parts:
        raise AgreementUnknown(agreement=encode_id("agr", agreement_id))
    return b"".join(parts)


def signing_date(*, agreement_id: UUID) -> date:
    """The day of the books on which the lender signed: as many days after the decision's as passed between. Raises AgreementUnknown."""
    row = models.Agreement.objects.filter(id=agreement_id).exclude(lender_signed_at=None).first()
    if row is None or row.lender_signed_at is None:
        raise AgreementUnknown(agreement=encode_id("agr", agreement_id))
    decision = latest_decision(application_id=row.application_id)
    assert decision is not None, "what is signed was decided"
    return business_date(decision, row.lender_signed_at)


def verify_agreement(*, pdf: bytes) -> AgreementCheck:
    """Whether a PDF is an agreement signed by both sides and unchanged since, and whether the platform knows it.

    A document that begins as one of the platform's does but is not, byte for byte, the one that was signed is
    reported as changed, even where a signature leaves the difference uncovered. Anyone may ask; nothing is revealed
    but whether the document is known. Raises DocumentTooCostly, ReadersBusy.
    """
    with as_platform():
        known = models.Document.objects.filter(digest=digest(pdf)).values_list("agreement_id", "stage").first()
        if known is not None:
            return replace(check_pdf(pdf), agreement_id=AgreementId(known[0]))
        check = check_foreign_pdf(pdf)
        end = pdf.find(_END) + len(_END)
        starts = [digest(pdf[:stop]) for stop in (end, end + 1, end + 2)] if end > len(_END) else []
        begun = models.Document.objects.filter(stage=AgreementState.PREPARED.value, digest__in=starts).exists()
    if begun and not check.problems:
        return replace(check, ok=False, problems=("bytes_changed",))
    return check


def agreement_evidence(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Agreements as they were drawn up: the terms, the content, and nothing that changes."""
    return {row.id: evidence_bytes(row, AGREEMENT, versions) for row in models.Agreement.objects.filter(id__in=ids)}


def document_evidence(ids: Sequence[UUID], versions: Versions | None = None) -> Mapping[UUID, bytes]:
    """Documents by id, each as the whole PDF up to its stage; nothing of one whose own digest was changed.

    So a leaf's digest is the SHA-256 of the file that the parties hold.
    """
    return _Documents(ids)


class _Documents(Mapping[UUID, bytes]):
    """Whole documents by id, read some at a time as they are looked at: many of them would fill the memory."""

    def __init__(self, ids: Sequence[UUID]) -> None:
        found = models.Document.objects.filter(id__in=ids).order_by("agreement_id", "id")
        self._holders: dict[UUID, UUID] = dict(found.values_list("id", "agreement_id"))
        self._read: dict[UUID, bytes] = {}

    def __getitem__(self, document_id: UUID) -> bytes:
        if document_id not in self._read:
            self._read = self._whole(document_id)
        return self._read[document_id]

    def __iter__(self) -> Iterator[UUID]:
        return iter(self._holders)

    def __len__(self) -> int:
        return len(self._holders)

    def _whole(self, first: UUID) -> dict[UUID, bytes]:
        """The documents of the agreement of `first`, which must be known, and of those next to it."""
        holders = list(dict.fromkeys(self._holders.values()))
        start = holders.index(self._holders[first])
        pdfs: dict[UUID, bytes] = {}
        found: dict[UUID, bytes] = {}
        for row in _documents(agreement_id__in=holders[start : start + _READ_AT_ONCE]):
            pdfs[row.agreement_id] = pdfs.get(row.agreement_id, b"") + bytes(row.part)
            pdf = pdfs[row.agreement_id]
            found[row.id] = pdf if digest(pdf) == row.digest else b""
        return found


def rows() -> QuerySet[models.Agreement]:
    """Agreements with what their contracts need, in one query."""
    latest = models.Document.objects.filter(agreement=OuterRef("pk")).order_by("-id").values("digest")[:1]
    return models.Agreement.objects.select_related("application").annotate(pdf_digest=Subquery(latest))


def contract(row: models.Agreement) -> Agreement:
    """An agreement's row as others see it."""
    return Agreement(
        id=AgreementId(row.id),
        number=row.number,
        application_id=row.application_id,
        decision_id=row.decision_id,
        enterprise_id=row.enterprise_id,
        lender_id=row.lender_id,
        product_id=row.application.product_id,
        amount_minor=row.amount_minor,
        term_months=row.term_months,
        annual_rate=row.annual_rate,
        penalty_rate=row.penalty_rate,
        fees_minor=row.fees_minor,
        repayment_method=row.repayment_method,
        annual_cost_simple=row.annual_cost_simple,
        annual_cost_effective=row.annual_cost_effective,
        start_date=row.start_date,
        state=AgreementState(row.state),
        pdf_digest=row.pdf_digest,  # type: ignore[attr-defined]  # annotated by rows()
        prepared_at=row.prepared_at,
        firm_signed_at=row.firm_signed_at,
        lender_signed_at=row.lender_signed_at,
    )


def _documents(**condition: object) -> list[models.Document]:
    """Documents with their parts, in the order of the stages."""
    found = models.Document.objects.filter(**condition)
    return sorted(found, key=lambda row: _STAGES.index(AgreementState(row.stage)))
