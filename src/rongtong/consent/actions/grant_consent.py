"""Grant authorisations: in writing, with purpose, recipients, span and retention told (征信业管理条例 art. 18; PIPL art. 17, 23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from rongtong.attest import facade as attest
from rongtong.attest.contracts import Step
from rongtong.consent import models
from rongtong.consent.actions.check_draft import settled_drafts, subject_of
from rongtong.consent.actions.check_signatory import Signature, ask_register, check_signatories
from rongtong.consent.contracts import Authorisation, ConsentDraft, ConsentId
from rongtong.consent.queries.authorisations import ConsentUnknown, contract, contracts
from rongtong.consent.queries.entries import entry_json
from rongtong.consent.queries.evidence import authorisation_bytes, revocation_bytes
from rongtong.consent.rules.text import chinese, english
from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Forbidden
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.core.limits import refuse_beyond
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, OrganisationId, OrganisationKind
from rongtong.rulebook import facade as rulebook


class ConsentForeign(Forbidden):
    """The actor is neither the firm nor the platform on its behalf."""

    code = "consent_foreign"
    message = _("Only the firm itself can grant or revoke an authorisation.")


class ConsentSuperseded(Conflict):
    """The authorisation that was to be replaced is revoked or has a next version already."""

    code = "consent_superseded"
    message = _("This authorisation has been revoked or replaced already.")


class ConsentTextDiffers(Conflict):
    """The text that the signatory was shown is not the one that the draft comes to now; nothing was granted."""

    code = "consent_text_differs"
    message = _("The text has changed since it was shown. Please read it again and sign.")


class ConsentsTooMany(Conflict):
    """The firm has signed, or let go on, as many authorisations within a day as it may; `retry_at` says when it may again."""

    code = "consents_too_many"
    message = _("This was done %(limit)s times within a day, which is the most. Please do it again later.")


def grant_consent(*, draft: ConsentDraft, actor: Actor, at: datetime) -> Authorisation:
    """Grant one authorisation; raises what `grant_consents` raises."""
    return grant_consents(drafts=[draft], actor=actor, at=at)[0]


def grant_consents(*, drafts: Sequence[ConsentDraft], actor: Actor, at: datetime) -> tuple[Authorisation, ...]:
    """Grant many, in the order of the drafts; the same draft at the same moment is the same authorisation.

    The text is made from the entries, recipients named as registered. A signature that the register does not bear out
    is kept and waits for a person (`awaiting_check`). A draft with a `prior_id` is the next version of that authorisation
    and takes its place as soon as it is in force. Raises ConsentMalformed, ConsentForeign, ConsentSuperseded,
    ConsentTextDiffers, ConsentUnknown, ConsentsTooMany, MandateMissing, OrganisationUnknown, PaperMissing, SignatoryDiffers.
    """
    firms = parties.organisations(draft.enterprise_id for draft in drafts)
    for draft in drafts:
        if draft.enterprise_id not in firms:
            raise parties.OrganisationUnknown(organisation=encode_id("ent", draft.enterprise_id))
    require_own({draft.enterprise_id for draft in drafts}, actor)
    settled = settled_drafts(drafts, at)
    ask_register(settled, actor=actor, at=at)
    signatures = check_signatories(settled, actor=actor, at=at)
    texts = [_text(draft, firms[OrganisationId(draft.enterprise_id)], at) for draft in settled]
    marks = [_mark(draft, at) for draft in settled]
    with transaction.atomic():
        lock_authorisations()
        priors = _priors(settled)
        same = models.Authorisation.objects.filter(content_digest__in=marks).select_related("revocation")
        known = {row.content_digest: row for row in same}
        fresh: dict[str, models.Authorisation] = {}
        for draft, mark, text, signature in zip(settled, marks, texts, signatures, strict=True):
            if mark not in known and mark not in fresh:
                prior = priors[draft.prior_id] if draft.prior_id else None
                fresh[mark] = _row(
                    draft=draft,
                    mark=mark,
                    text=text,
                    signature=signature,
                    firm=firms[OrganisationId(draft.enterprise_id)],
                    prior=prior,
                    actor=actor,
                    at=at,
                )
        for firm in {row.enterprise_id for row in fresh.values()}:
            _refuse_too_many(firm, actor, at)
        models.Authorisation.objects.bulk_create(fresh.values(), batch_size=500)
        replaced = [
            replacement(row.prior_id, row, actor, at) for row in fresh.values() if row.prior_id and not row.awaits_check
        ]
        models.Revocation.objects.bulk_create(replaced, batch_size=500)
        _tell(list(fresh.values()), replaced, actor, at)
    if not known:
        return tuple(contract(fresh[mark], at, new=True) for mark in marks)
    old = {one.id: one for one in contracts(list(known.values()), at)}
    return tuple(
        contract(fresh[mark], at, new=True) if mark in fresh else old[ConsentId(known[mark].id)] for mark in marks
    )


def _refuse_too_many(enterprise_id: UUID, actor: Actor, at: datetime) -> None:
    """Called under the lock of the authorisations; what the operator or a job records for a firm is not counted."""
    if actor.kind != "system" and actor.organisation_id == enterprise_id:
        refuse_beyond(
            models.Authorisation.objects.filter(enterprise_id=enterprise_id),
            moment="signed_at",
            at=at,
            limit=int(rulebook.value("consent.grants_firm_day", on=china_date(at))),
            error=ConsentsTooMany,
        )


def text_of(*, draft: ConsentDraft, at: datetime) -> tuple[str, str]:
    """The text that a draft comes to, in Chinese and in English. Raises ConsentMalformed, OrganisationUnknown."""
    (settled,) = settled_drafts([draft], at)
    subject = subject_of(parties.organisation(draft.enterprise_id))
    return chinese(settled, subject, at=at), english(settled, subject, at=at)


def lock_authorisations() -> None:
    """One grant or revocation at a time: the same one sent twice at once is done once; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('consent_authorisation'))")


def require_own(enterprise_ids: set[UUID], actor: Actor) -> None:
    """A firm acts for itself; the platform may on its behalf, with the paper in hand. Raises ConsentForeign."""
    if actor.organisation_id is None or enterprise_ids <= {actor.organisation_id}:
        return
    if parties.organisation(actor.organisation_id).kind is not OrganisationKind.OPERATOR:
        raise ConsentForeign()


def _text(draft: ConsentDraft, firm: Organisation, at: datetime) -> str:
    text = chinese(draft, subject_of(firm), at=at)
    if draft.text_digest and draft.text_digest != digest(text.encode()):
        raise ConsentTextDiffers()
    return text


def _mark(draft: ConsentDraft, at: datetime) -> str:
    """Of the draft and its moment, without the number of a person."""
    return digest({"draft": replace(draft, signatory=replace(draft.signatory, id_number="")), "at": at})


def _priors(drafts: Sequence[ConsentDraft]) -> Mapping[UUID, models.Authorisation]:
    """The authorisations to be replaced."""
    wanted = {draft.prior_id: draft for draft in drafts if draft.prior_id}
    rows = models.Authorisation.objects.select_related("revocation").filter(pk__in=wanted)
    found = {row.id: row for row in rows}
    for prior_id, draft in wanted.items():
        row = found.get(prior_id)
        if row is None or row.enterprise_id != draft.enterprise_id:
            raise ConsentUnknown()
    return found


def _row(
    *,
    draft: ConsentDraft,
    mark: str,
    text: str,
    signature: Signature,
    firm: Organisation,
    prior: models.Authorisation | None,
    actor: Actor,
    at: datetime,
) -> models.Authorisation:
    if prior is not None and getattr(prior, "revocation", None) is not None:
        raise ConsentSuperseded()
    identifier = firm.identifiers[0] if firm.identifiers else None
    subject = {"name": firm.name}
    if identifier is not None:
        subject |= {"scheme": identifier.scheme, "identifier": identifier.value}
    named = {one.organisation_id: one for entry in draft.entries for one in entry.grantees}
    return models.Authorisation(
        version=prior.version + 1 if prior else 1,
        prior=prior,
        enterprise_id=draft.enterprise_id,
        subject=subject,
        signatory=signature.kept(),
        grantee_ids=list(named),
        grantees=[{"name": one.name, "role": one.role, "identifier": one.identifier} for one in named.values()],
        items=list(dict.fromkeys(str(entry.item) for entry in draft.entries)),
        purposes=list(dict.fromkeys(str(entry.purpose) for entry in draft.entries)),
        range_from=min(entry.range_from for entry in draft.entries),
        range_to=max(entry.range_to for entry in draft.entries),
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        retention_days=max(entry.retention_days for entry in draft.entries),
        text=text,
        form=draft.form,
        entries=[entry_json(entry) for entry in draft.entries],
        supplement=draft.supplement,
        basis=signature.basis,
        awaits_check=signature.awaits_check,
        signed_at=at,
        signed_by=str(actor),
        **actor.behalf(),
        content_digest=mark,
    )


def replacement(prior_id: UUID, row: models.Authorisation, actor: Actor, at: datetime) -> models.Revocation:
    """That an authorisation ends because its next version is in force."""
    return models.Revocation(
        authorisation_id=prior_id,
        enterprise_id=row.enterprise_id,
        reason=f"superseded by version {row.version}",
        channel="next_version",
        revoked_at=at,
        revoked_by=str(actor),
        **actor.behalf(),
    )


def _tell(
    rows: Sequence[models.Authorisation], replaced: Sequence[models.Revocation], actor: Actor, at: datetime
) -> None:
    """The journal's deeds and the log's steps of what was granted and what was replaced."""
    deeds, steps = [], []
    for row in rows:
        facts = {
            "version": row.version,
            "items": row.items,
            "purposes": row.purposes,
            "grantees": [encode_id("org", one) for one in row.grantee_ids],
            "valid_to": row.valid_to,
            "basis": str(row.basis),
            "awaits_check": row.awaits_check,
        }
        subject = encode_id("cns", row.id)
        deeds.append(Deed("consent.granted", subject, row.enterprise_id, facts))
        mark = digest(authorisation_bytes(row))
        steps.append(Step("consent.granted", subject, row.enterprise_id, "consent", row.id, mark, at))
    for revocation in replaced:
        deed, step = revoked(revocation, at)
        deeds.append(deed)
        steps.append(step)
    record_all(deeds=deeds, actor=actor, at=at)
    attest.append_steps(steps=steps, at=at)


def revoked(row: models.Revocation, at: datetime) -> tuple[Deed, Step]:
    """The deed and the step of one revocation."""
    subject = encode_id("cns", row.authorisation_id)
    mark = digest(revocation_bytes(row))
    return (
        Deed("consent.revoked", subject, row.enterprise_id, {"reason": row.reason, "channel": row.channel}),
        Step("consent.revoked", subject, row.enterprise_id, "consent_revocation", row.id, mark, at),
    )
