"""What a filled-in application must look like: stable codes per field, before anybody decides on anything."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongtong.origination.contracts import APPLICATION_FIELDS, CONTACT_ROLES, ApplicationDraft, Purpose

_PHONE = re.compile(r"^\+?[0-9][0-9 \-]{5,17}[0-9]$")
_ACCOUNT = re.compile(r"^[0-9]{8,32}$")
_MAX_LENGTH = {field.name: field.max_length for field in APPLICATION_FIELDS if field.max_length}

FIELD_MESSAGES: dict[str, str | Promise] = {
    "missing": _("Please fill this in."),
    "not_positive": _("Please give a number above zero."),
    "above_offer": _("At most the offered amount can be applied for."),
    "below_product": _("The amount is below what this product lends."),
    "term_not_offered": _("This product is not lent for this term."),
    "not_a_choice": _("Please choose one of the options."),
    "too_long": _("This text is too long."),
    "malformed_text": _("This text holds characters that cannot be stored."),
    "malformed_phone": _("This does not look like a phone number."),
    "malformed_account": _("An account number has 8 to 32 digits."),
    "bank_missing": _("Please name the bank of the account."),
    "declaration_missing": _("The application needs your declaration."),
    "note_missing": _("Please say what the money is for."),
}
"""What each code says, in the reader's language."""


def clean_text(text: str) -> str:
    """A line of text as it is kept: composed (NFC), without control or direction marks, spaces collapsed."""
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(" " if unicodedata.category(letter) in {"Cc", "Zl", "Zp"} else letter for letter in composed)
    return " ".join("".join(letter for letter in kept if unicodedata.category(letter) not in {"Cf", "Cs"}).split())


def problems_of_draft(draft: ApplicationDraft) -> dict[str, str]:
    """What is wrong with a draft by itself, as `{field: code}`; empty when nothing is."""
    found = [*_text_problems(draft), *_choice_problems(draft), *_contact_problems(draft), *_account_problems(draft)]
    problems: dict[str, str] = {}
    for name, code in found:
        problems.setdefault(name, code)
    return problems


def _text_problems(draft: ApplicationDraft) -> Iterator[tuple[str, str]]:
    for name in ("purpose_note", "contact_name", "contact_phone", "account_bank", "account_number"):
        text = getattr(draft, name)
        if any(unicodedata.category(letter) in {"Cs", "Co"} or letter == "\x00" for letter in text):
            yield name, "malformed_text"
        elif len(text) > _MAX_LENGTH[name]:
            yield name, "too_long"


def _choice_problems(draft: ApplicationDraft) -> Iterator[tuple[str, str]]:
    for name in ("amount_minor", "term_months"):
        if getattr(draft, name) <= 0:
            yield name, "not_positive"
    if draft.purpose not in set(Purpose):
        yield "purpose", "not_a_choice"
    elif draft.purpose == Purpose.OTHER and not clean_text(draft.purpose_note):
        yield "purpose_note", "note_missing"
    if not draft.declared:
        yield "declared", "declaration_missing"


def _contact_problems(draft: ApplicationDraft) -> Iterator[tuple[str, str]]:
    if draft.contact_role not in CONTACT_ROLES:
        yield "contact_role", "not_a_choice"
    if not clean_text(draft.contact_name):
        yield "contact_name", "missing"
    if not draft.contact_phone.strip():
        yield "contact_phone", "missing"
    elif not _PHONE.match(draft.contact_phone.strip()):
        yield "contact_phone", "malformed_phone"


def _account_problems(draft: ApplicationDraft) -> Iterator[tuple[str, str]]:
    if draft.account_number and not _ACCOUNT.match(draft.account_number.replace(" ", "")):
        yield "account_number", "malformed_account"
    elif draft.account_number and not clean_text(draft.account_bank):
        yield "account_bank", "bank_missing"


def problems_with_offer(
    draft: ApplicationDraft, *, offered_minor: int, offered_months: int, min_minor: int, terms_months: tuple[int, ...]
) -> dict[str, str]:
    """What does not fit the offer: the amount between the product's least and the offer, the term one of the product's."""
    problems: dict[str, str] = {}
    if draft.amount_minor > offered_minor:
        problems["amount_minor"] = "above_offer"
    elif draft.amount_minor < min(min_minor, offered_minor):
        problems["amount_minor"] = "below_product"
    if draft.term_months not in {*terms_months, offered_months}:
        problems["term_months"] = "term_not_offered"
    return problems
