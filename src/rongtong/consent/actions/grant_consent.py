"""Grant authorisations: in writing, with purpose, recipients, span and retention told (征信业管理条例 art. 18; PIPL art. 17, 23)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from rongtong.attest import facade as attest
from rongtong.attest.contracts import Step
from rongtong.consent import models
from rongtong.consent.contracts import Authorisation, ConsentDraft, Item, Purpose, Signatory
from rongtong.consent.queries.authorisations import ConsentUnknown, contract
from rongtong.consent.queries.evidence import authorisation_bytes, revocation_bytes
from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict, Forbidden, Invalid
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record_all
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, OrganisationId, OrganisationKind
from rongtong.rulebook import facade as rulebook

_DAYS_PER_MONTH = 31
_LONGEST_TEXT, _LONGEST_NAME = 20_000, 200
_SIGNATORIES = {"legal_representative", "agent"}


class ConsentMalformed(Invalid):
    """A draft lacks what the law wants told, or exceeds a bound of the rulebook; `field` and `what` name the place."""

    code = "consent_malformed"
    message = _("The authorisation cannot be granted as it is: please check %(what)s.")


_FIELDS = {
    "grantees": _("the recipients"),
    "items": _("the items"),
    "purposes": _("the purposes"),
    "range": _("the span of the data"),
    "validity": _("the period of validity"),
    "retention_days": _("the retention period"),
    "text": _("the text"),
    "signatory": _("the signatory"),
    "form": _("the form"),
}


def malformed(field: str) -> ConsentMalformed:
    """The error about one field, named in the reader's language."""
    return ConsentMalformed(field=field, what=str(_FIELDS[field]))


class ConsentForeign(Forbidden):
    """The actor is neither the firm nor the platform on its behalf."""

    code = "consent_foreign"
    message = _("Only the firm itself can grant or revoke an authorisation.")


class ConsentSuperseded(Conflict):
    """The authorisation that was to be replaced is revoked or has a next version already."""

    code = "consent_superseded"
    message = _("This authorisation has been revoked or replaced already.")


def grant_consent(*, draft: ConsentDraft, actor: Actor, at: datetime) -> Authorisation:
    """Grant one authorisation; raises what `grant_consents` raises."""
    return grant_consents(drafts=[draft], actor=actor, at=at)[0]


def grant_consents(*, drafts: Sequence[ConsentDraft], actor: Actor, at: datetime) -> tuple[Authorisation, ...]:
    """Grant many, in the order of the drafts; the same draft at the same moment is the same authorisation.

    A draft with a `prior_id` is the next version of that authorisation and takes its place at once. Raises
    ConsentMalformed, ConsentForeign, ConsentSuperseded, ConsentUnknown, OrganisationUnknown.
    """
    _check(drafts, at)
    firms = parties.organisations(draft.enterprise_id for draft in drafts)
    for draft in drafts:
        if draft.enterprise_id not in firms:
            raise parties.OrganisationUnknown(organisation=encode_id("ent", draft.enterprise_id))
    require_own({draft.enterprise_id for draft in drafts}, actor)
    marks = [digest({"draft": draft, "at": at}) for draft in drafts]
    with transaction.atomic():
        lock_authorisations()
        priors = _priors(drafts)
        same = models.Authorisation.objects.filter(content_digest__in=marks).select_related("revocation")
        known = {row.content_digest: row for row in same}
        fresh: dict[str, models.Authorisation] = {}
        for draft, mark in zip(drafts, marks, strict=True):
            if mark not in known and mark not in fresh:
                prior = priors[draft.prior_id] if draft.prior_id else None
                fresh[mark] = _row(
                    draft=draft,
                    mark=mark,
                    firm=firms[OrganisationId(draft.enterprise_id)],
                    prior=prior,
                    actor=actor,
                    at=at,
                )
        models.Authorisation.objects.bulk_create(fresh.values(), batch_size=500)
        replaced = [_replacement(row.prior_id, row, actor, at) for row in fresh.values() if row.prior_id]
        models.Revocation.objects.bulk_create(replaced, batch_size=500)
        _tell(list(fresh.values()), replaced, actor, at)
    rows = known | fresh
    return tuple(contract(rows[mark], at, new=mark in fresh) for mark in marks)


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


def _check(drafts: Sequence[ConsentDraft], at: datetime) -> None:
    day = china_date(at)
    longest = timedelta(days=int(rulebook.value("consent.valid_months_max", on=day)) * _DAYS_PER_MONTH)
    retention = int(rulebook.value("consent.retention_days_max", on=day))
    for draft in drafts:
        holds = {
            "grantees": bool(draft.grantees) and all(one.name.strip() for one in draft.grantees),
            "items": bool(draft.items) and set(draft.items) <= set(Item),
            "purposes": bool(draft.purposes) and set(draft.purposes) <= set(Purpose),
            "range": draft.range_from <= draft.range_to,
            "validity": _lasts(draft, at, longest),
            "retention_days": 0 <= draft.retention_days <= retention,
            "text": bool(draft.text.strip()) and _is_storable(draft.text, _LONGEST_TEXT),
            "signatory": _may_sign(draft.signatory),
            "form": draft.form in {"electronic", "paper"},
        }
        for field, fine in holds.items():
            if not fine:
                raise malformed(field)
    named = {one.organisation_id for draft in drafts for one in draft.grantees}
    if len(parties.organisations(named)) < len(named):
        raise malformed("grantees")


def _lasts(draft: ConsentDraft, at: datetime, longest: timedelta) -> bool:
    """Whether a draft is in force at some time to come, for no longer than allowed, from no later than that."""
    if any(moment.tzinfo is None for moment in (draft.valid_from, draft.valid_to)):
        return False
    lasts = timedelta() < draft.valid_to - draft.valid_from <= longest
    return lasts and at < draft.valid_to and draft.valid_from - at <= longest


def _may_sign(signatory: Signatory) -> bool:
    named = bool(signatory.name.strip()) and _is_storable(signatory.name, _LONGEST_NAME)
    return named and signatory.role in _SIGNATORIES


def _is_storable(text: str, longest: int) -> bool:
    """Whether the database can keep a text: no NUL, no half of a surrogate pair, not beyond all measure."""
    return len(text) <= longest and "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


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
    return models.Authorisation(
        version=prior.version + 1 if prior else 1,
        prior=prior,
        enterprise_id=draft.enterprise_id,
        subject=subject,
        signatory=asdict(draft.signatory),
        grantee_ids=[one.organisation_id for one in draft.grantees],
        grantees=[{"name": one.name, "role": one.role} for one in draft.grantees],
        items=[str(item) for item in draft.items],
        purposes=[str(purpose) for purpose in draft.purposes],
        range_from=draft.range_from,
        range_to=draft.range_to,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        retention_days=draft.retention_days,
        text=draft.text,
        form=draft.form,
        signed_at=at,
        signed_by=str(actor),
        **actor.behalf(),
        content_digest=mark,
    )


def _replacement(prior_id: UUID, row: models.Authorisation, actor: Actor, at: datetime) -> models.Revocation:
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
