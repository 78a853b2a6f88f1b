"""Whether a signature is the firm's: the name against the register, an agent against a mandate, else a person decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from rongtong.consent import models
from rongtong.consent.actions.check_draft import malformed
from rongtong.consent.contracts import Basis, ConsentDraft, Signatory
from rongtong.consent.rules.names import person_name, same_person
from rongtong.core.actors import Actor
from rongtong.core.clock import china_date
from rongtong.core.errors import Invalid
from rongtong.core.ids import encode_id
from rongtong.core.tenancy import as_platform
from rongtong.parties import facade as parties
from rongtong.parties.contracts import CheckResult, LegalRepresentative, OrganisationId, OrganisationKind
from rongtong.rulebook import facade as rulebook

_ROLES = {"legal_representative", "agent"}
LookUp = Callable[..., None]
_look_up: list[LookUp] = []


class SignatoryDiffers(Invalid):
    """The name is not that of the registered legal representative."""

    code = "signatory_differs"
    message = _(
        "The register names another person as legal representative. Please have that person sign, or sign as an agent with a power of attorney."
    )


class MandateMissing(Invalid):
    """An agent signs without a power of attorney of this firm."""

    code = "mandate_missing"
    message = _("An agent signs with a power of attorney: please upload it.")


class PaperMissing(Invalid):
    """A person recorded a consent on paper without the scan of it."""

    code = "paper_missing"
    message = _("A consent on paper is recorded with its scan: please upload it.")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, by what it counts, and whether a person must look at it first."""

    signatory: Signatory
    basis: Basis
    mandate_digest: str = ""
    actor: Actor | None = None
    """Who handed the signature in."""

    @property
    def awaits_check(self) -> bool:
        """Whether a person must check it: of what a person recorded from paper, another one than that."""
        by_hand = self.actor is not None and self.actor.kind != "system"
        return self.basis in {Basis.MANDATE, Basis.UNVERIFIED} or (self.basis is Basis.PAPER and by_hand)

    def kept(self) -> dict[str, Any]:
        """As it is kept and evidenced: of an identity number a keyed digest only."""
        body: dict[str, Any] = {"name": self.signatory.name, "role": self.signatory.role}
        if self.signatory.id_number:
            body["id_digest"] = salted_hmac(
                "rongtong.signatory", self.signatory.id_number, algorithm="sha256"
            ).hexdigest()
        if self.signatory.mandate_id is not None:
            body["mandate"] = encode_id("mnd", self.signatory.mandate_id)
            body["mandate_sha256"] = self.mandate_digest
        if self.awaits_check and self.actor is not None and self.actor.person_id:
            body["person"] = self.actor.person_id  # who may not be the one that checks it
        return body


def look_up_representatives_with(look_up: LookUp) -> None:
    """Have `look_up(enterprise_ids=…, actor=…, at=…)` ask the register of firms whose representative nobody noted lately.

    It notes what it finds in `parties`, and raises nothing where no register answers. Called once, from a storey above.
    """
    _look_up[:] = [look_up]


def ask_register(drafts: Sequence[ConsentDraft], *, actor: Actor, at: datetime) -> None:
    """Have the register asked about the firms of drafts, where it was not lately. Outside of every transaction."""
    firms = {
        one.enterprise_id for one in drafts if one.form == "electronic" and one.signatory.role == "legal_representative"
    }
    unknown = sorted(firms - set(_registered(firms, at)))
    if unknown and _look_up:
        _look_up[0](enterprise_ids=unknown, actor=actor, at=at)


def check_signatories(drafts: Sequence[ConsentDraft], *, actor: Actor, at: datetime) -> list[Signature]:
    """How each draft's signature stands. Raises ConsentMalformed, SignatoryDiffers, MandateMissing."""
    registered = _registered({one.enterprise_id for one in drafts}, at)
    mandates = {
        row.id: row
        for row in models.Mandate.objects.filter(
            pk__in={one.signatory.mandate_id for one in drafts if one.signatory.mandate_id}
        ).defer("content")
    }
    paper = _holds_paper(actor)
    return [replace(_check(one, registered, mandates, actor=actor, paper=paper), actor=actor) for one in drafts]


def _registered(enterprise_ids: Iterable[UUID], at: datetime) -> dict[OrganisationId, LegalRepresentative]:
    """Whom the register names, as far as it was asked lately: an older answer may have changed, and bears nothing out."""
    day = china_date(at)
    oldest = day - timedelta(days=int(rulebook.value("consent.representative_days", on=day)))
    with as_platform():  # the register is the platform's to ask
        known = parties.legal_representatives(enterprise_ids)
    return {firm: one for firm, one in known.items() if one.as_of >= oldest}


def _check(
    draft: ConsentDraft,
    registered: Mapping[OrganisationId, LegalRepresentative],
    mandates: Mapping[UUID, models.Mandate],
    *,
    actor: Actor,
    paper: bool,
) -> Signature:
    signatory = _clean(draft.signatory)
    mandate = mandates.get(signatory.mandate_id) if signatory.mandate_id else None
    handed_in = mandate is not None and mandate.enterprise_id == draft.enterprise_id
    digest = mandate.digest if mandate is not None else ""
    if draft.form == "paper" and paper:
        if actor.kind != "system" and not handed_in:
            raise PaperMissing()
        return Signature(signatory, Basis.PAPER, digest)
    if signatory.role == "agent":
        if not handed_in:
            raise MandateMissing()
        return Signature(signatory, Basis.MANDATE, digest)
    known = registered.get(OrganisationId(draft.enterprise_id))
    if known is None:
        return Signature(signatory, Basis.UNVERIFIED)
    if not same_person(known.name, signatory.name):
        raise SignatoryDiffers()
    return Signature(signatory, Basis.REGISTRATION)


def _clean(signatory: Signatory) -> Signatory:
    name = person_name(signatory.name)
    if name is None or signatory.role not in _ROLES:
        raise malformed("signatory")
    number = signatory.id_number
    if number:
        result, number = parties.check_resident_id(number)
        if result is not CheckResult.VALID:
            raise malformed("signatory")
    return replace(signatory, name=name, id_number=number)


def _holds_paper(actor: Actor) -> bool:
    """Whether the actor is the platform, which may have the signed paper in hand."""
    if actor.organisation_id is None:
        return True
    return parties.organisation(actor.organisation_id).kind is OrganisationKind.OPERATOR
