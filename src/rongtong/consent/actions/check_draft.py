"""Check a draft against what the law wants told and the bounds of the rulebook, and name everybody as registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from rongtong.consent.contracts import ConsentDraft, Entry, Fetch, Grantee, Item, Mode, Purpose
from rongtong.consent.rules import wording
from rongtong.consent.rules.text import Subject
from rongtong.core.clock import china_date
from rongtong.core.errors import Invalid
from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation, OrganisationId, OrganisationKind
from rongtong.rulebook import facade as rulebook

_DAYS_PER_MONTH = 31
_MOST_ENTRIES, _LONGEST_STATEMENT, _LONGEST_WORDS = 500, 2_000, 80
_ROLES = {
    OrganisationKind.OPERATOR: {"platform"},
    OrganisationKind.INSTITUTION: {"lender", "guarantor", "bureau"},
}


class ConsentMalformed(Invalid):
    """A draft lacks what the law wants told, or exceeds a bound of the rulebook; `field` and `what` name the place."""

    code = "consent_malformed"
    message = _("The authorisation cannot be granted as it is: please check %(what)s.")


_FIELDS = {
    "grantees": _("the recipients"),
    "entries": _("the entries"),
    "items": _("the items"),
    "purposes": _("the purposes"),
    "fields": _("the columns"),
    "mode": _("what the recipient may do"),
    "frequency": _("how often it may be fetched"),
    "range": _("the span of the data"),
    "validity": _("the period of validity"),
    "retention_days": _("the retention period"),
    "text": _("the text"),
    "supplement": _("the statement of the firm"),
    "signatory": _("the signatory"),
    "form": _("the form"),
}


def malformed(field: str) -> ConsentMalformed:
    """The error about one field, named in the reader's language."""
    return ConsentMalformed(field=field, what=str(_FIELDS[field]))


def settled_drafts(drafts: Sequence[ConsentDraft], at: datetime) -> list[ConsentDraft]:
    """The drafts with every recipient named as it is registered. Raises ConsentMalformed."""
    for draft in drafts:
        _check(draft, at)
    named = {one.organisation_id for draft in drafts for entry in draft.entries for one in _everybody(entry)}
    known = parties.organisations(named)
    if len(known) < len(named):
        raise malformed("grantees")
    settled = {one.id: _settled(one) for one in known.values()}
    return [replace(draft, entries=tuple(_named(entry, settled, known) for entry in draft.entries)) for draft in drafts]


def subject_of(firm: Organisation) -> Subject:
    """The firm as the text names it."""
    return Subject(firm.name, firm.identifier("uscc") or "")


def _check(draft: ConsentDraft, at: datetime) -> None:
    day = china_date(at)
    longest = timedelta(days=int(rulebook.value("consent.valid_months_max", on=day)) * _DAYS_PER_MONTH)
    retention = int(rulebook.value("consent.retention_days_max", on=day))
    entries = draft.entries
    holds = {
        "entries": 0 < len(entries) <= _MOST_ENTRIES and _is_unambiguous(entries),
        "grantees": all(entry.grantees for entry in entries),
        "items": {entry.item for entry in entries} <= set(Item),
        "purposes": {entry.purpose for entry in entries} <= set(Purpose),
        "mode": all(entry.mode in set(Mode) and entry.legal_basis in wording.LEGAL_BASES for entry in entries),
        "frequency": all(_is_frequency(entry) for entry in entries),
        "fields": all(_are_fields(entry) for entry in entries),
        "range": all(entry.range_from <= entry.range_to for entry in entries),
        "validity": _lasts(draft, at, longest),
        "retention_days": all(0 <= entry.retention_days <= retention for entry in entries),
        "supplement": _is_storable(draft.supplement, _LONGEST_STATEMENT),
        "form": draft.form in wording.FORMS,
    }
    for field, fine in holds.items():
        if not fine:
            raise malformed(field)


def _is_unambiguous(entries: Sequence[Entry]) -> bool:
    """Whether no recipient has the same item for the same purpose on two sets of terms."""
    cells = [(one.organisation_id, entry.item, entry.purpose) for entry in entries for one in entry.grantees]
    return len(set(cells)) == len(cells)


def _is_frequency(entry: Entry) -> bool:
    if entry.fetch == Fetch.ONETIME:
        return entry.frequency_days is None
    longest = 366
    return entry.fetch == Fetch.PERIODIC and (entry.frequency_days is None or 1 <= entry.frequency_days <= longest)


def _are_fields(entry: Entry) -> bool:
    """Columns can be kept from who looks, not from who fetches: a source sends whole records."""
    words = all(name.isidentifier() and name.isascii() and len(name) <= _LONGEST_WORDS for name in entry.fields)
    provider = _is_storable(entry.provider, _LONGEST_WORDS) and not set(entry.provider) & set("；;\n")
    return words and provider and (not entry.fields or entry.mode in {Mode.VIEW, Mode.QUERY})


def _lasts(draft: ConsentDraft, at: datetime, longest: timedelta) -> bool:
    """Whether a draft is in force at some time to come, for no longer than allowed, from no later than that."""
    if any(moment.tzinfo is None for moment in (draft.valid_from, draft.valid_to)):
        return False
    lasts = timedelta() < draft.valid_to - draft.valid_from <= longest
    return lasts and at < draft.valid_to and draft.valid_from - at <= longest


def _is_storable(text: str, longest: int) -> bool:
    """Whether the database can keep a text: no NUL, no half of a surrogate pair, not beyond all measure."""
    return len(text) <= longest and "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _everybody(entry: Entry) -> tuple[Grantee, ...]:
    return (*entry.grantees, *entry.onward)


def _settled(one: Organisation) -> Grantee:
    return Grantee(one.id, one.name, "", one.identifier("uscc") or "")


def _named(
    entry: Entry, settled: Mapping[OrganisationId, Grantee], known: Mapping[OrganisationId, Organisation]
) -> Entry:
    def name(one: Grantee) -> Grantee:
        key = OrganisationId(one.organisation_id)
        if one.role not in _ROLES.get(known[key].kind, ()):
            raise malformed("grantees")
        return replace(settled[key], role=one.role)

    return replace(
        entry, grantees=tuple(name(one) for one in entry.grantees), onward=tuple(name(one) for one in entry.onward)
    )


def grantee_of(organisation_id: UUID) -> Grantee:
    """A recipient as its registration names it: the platform, or a lender. Raises OrganisationUnknown, ConsentMalformed."""
    found = parties.organisation(organisation_id)
    roles = {OrganisationKind.OPERATOR: "platform", OrganisationKind.INSTITUTION: "lender"}
    if found.kind not in roles:
        raise malformed("grantees")
    return replace(_settled(found), role=roles[found.kind])
