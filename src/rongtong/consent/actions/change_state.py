"""Suspend and resume an authorisation; confirm or reject who signed one that waits for it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from rongtong.attest import facade as attest
from rongtong.attest.contracts import Step
from rongtong.consent import models
from rongtong.consent.actions.grant_consent import (
    ConsentForeign,
    ConsentsTooMany,
    ConsentSuperseded,
    lock_authorisations,
    replacement,
    require_own,
    revoked,
)
from rongtong.consent.contracts import Authorisation, Basis, ConsentState
from rongtong.consent.queries.authorisations import ConsentUnknown, consent, contract
from rongtong.consent.queries.evidence import change_bytes
from rongtong.core.actors import Actor
from rongtong.core.canonical import digest
from rongtong.core.clock import china_date
from rongtong.core.errors import Conflict
from rongtong.core.ids import encode_id
from rongtong.core.journal import Deed, record
from rongtong.core.limits import refuse_beyond
from rongtong.parties import facade as parties
from rongtong.parties.contracts import OrganisationKind
from rongtong.rulebook import facade as rulebook


class ConsentNotOpen(Conflict):
    """The authorisation does not stand so that this can be done to it; `state` says how it stands."""

    code = "consent_not_open"
    message = _("The authorisation does not stand so that this can be done to it.")


class SignatoryUnchecked(Conflict):
    """Whoever signed or handed in the mandate cannot be the person who confirms it."""

    code = "signatory_check_own"
    message = _("Another person has to check this signature.")


def suspend_consent(
    *, consent_id: UUID, reason: str, actor: Actor, at: datetime, channel: str = "platform"
) -> Authorisation:
    """Stop all reads until it is resumed; again changes nothing. Raises ConsentUnknown, ConsentForeign, ConsentNotOpen."""
    return _change(consent_id, ("suspended", ConsentState.ACTIVE), reason, actor=actor, at=at, channel=channel)


def resume_consent(*, consent_id: UUID, actor: Actor, at: datetime, channel: str = "platform") -> Authorisation:
    """Let reads go on, on the same terms; again changes nothing.

    Raises ConsentUnknown, ConsentForeign, ConsentNotOpen, ConsentsTooMany.
    """
    return _change(consent_id, ("resumed", ConsentState.SUSPENDED), "", actor=actor, at=at, channel=channel)


def confirm_signatory(*, consent_id: UUID, reason: str, actor: Actor, at: datetime) -> Authorisation:
    """A person of the operator has checked who signed: the authorisation comes into force, in place of its former version.

    `reason` says what was checked. Raises ConsentUnknown, ConsentForeign, ConsentNotOpen, ConsentSuperseded,
    SignatoryUnchecked.
    """
    _require_checker(actor)
    with transaction.atomic():
        lock_authorisations()
        row = _row(consent_id)
        if _may_have_signed(row, actor):
            raise SignatoryUnchecked()
        checked = _change(consent_id, ("confirmed", ConsentState.AWAITING_CHECK), reason, actor=actor, at=at)
        if row.prior_id:
            if models.Revocation.objects.filter(authorisation_id=row.prior_id).exists():
                raise ConsentSuperseded()
            ended = replacement(row.prior_id, row, actor, at)
            ended.save(force_insert=True)
            deed, step = revoked(ended, at)
            record(deed=deed, actor=actor, at=at)
            attest.append_steps(steps=[step], at=at)
    return checked


def reject_signatory(*, consent_id: UUID, reason: str, actor: Actor, at: datetime) -> Authorisation:
    """A person of the operator found the signature not to be the firm's. Raises ConsentUnknown, ConsentForeign, ConsentNotOpen."""
    _require_checker(actor)
    return _change(consent_id, ("rejected", ConsentState.AWAITING_CHECK), reason, actor=actor, at=at)


def _change(
    consent_id: UUID,
    arrow: tuple[str, ConsentState],
    reason: str,
    *,
    actor: Actor,
    at: datetime,
    channel: str = "operator",
) -> Authorisation:
    """Take the arrow (its name, and the state from which it leads)."""
    kind, wanted = arrow
    with transaction.atomic():
        row = _row(consent_id)
        if wanted is not ConsentState.AWAITING_CHECK:
            require_own({row.enterprise_id}, actor)
        lock_authorisations()
        now = contract(row, at)
        after = {"suspended": ConsentState.SUSPENDED, "resumed": ConsentState.ACTIVE}.get(kind)
        if now.state is after:
            return now
        if now.state is not wanted:
            raise ConsentNotOpen(state=now.state)
        if kind == "resumed":  # to stop reading is never refused, so what may be repeated is bounded by its going on
            _refuse_too_many(row.enterprise_id, at)
        change = models.StateChange.objects.create(
            authorisation_id=row.id,
            enterprise_id=row.enterprise_id,
            kind=kind,
            reason=reason.strip()[:400],
            channel=channel,
            changed_at=at,
            changed_by=str(actor),
            **actor.behalf(),
        )
        subject = encode_id("cns", row.id)
        record(
            deed=Deed(f"consent.{kind}", subject, row.enterprise_id, {"reason": change.reason, "channel": channel}),
            actor=actor,
            at=at,
        )
        mark = digest(change_bytes(change))
        step = Step(f"consent.{kind}", subject, row.enterprise_id, "consent_change", change.id, mark, at)
        attest.append_steps(steps=[step], at=at)
    return consent(consent_id=consent_id, at=at)


def _refuse_too_many(enterprise_id: UUID, at: datetime) -> None:
    refuse_beyond(
        models.StateChange.objects.filter(enterprise_id=enterprise_id, kind="resumed"),
        moment="changed_at",
        at=at,
        limit=int(rulebook.value("consent.resumptions_firm_day", on=china_date(at))),
        error=ConsentsTooMany,
    )


def _row(consent_id: UUID) -> models.Authorisation:
    row = models.Authorisation.objects.select_related("revocation").filter(pk=consent_id).first()
    if row is None:
        raise ConsentUnknown()
    return row


def _may_have_signed(row: models.Authorisation, actor: Actor) -> bool:
    """Whether the same person handed the signature in, also by a key of theirs; of paper, by a key whose maker is not known."""
    person = row.signatory.get("person", "")
    unknown = row.basis == Basis.PAPER and row.awaits_check and not person
    return row.signed_by == str(actor) or unknown or bool(person and actor.may_be(person))


def _require_checker(actor: Actor) -> None:
    """A person of the operator: no program, no firm."""
    if actor.kind != "user" or actor.organisation_id is None:
        raise ConsentForeign()
    if parties.organisation(actor.organisation_id).kind is not OrganisationKind.OPERATOR:
        raise ConsentForeign()
