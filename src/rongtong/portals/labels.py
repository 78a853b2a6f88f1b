"""What states, roles, items and kinds are called on pages, and in which tone they are shown."""

from __future__ import annotations

from enum import Enum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Label = tuple[str | Promise, str]

LABELS: dict[str, dict[str, Label]] = {
    "role": {
        "owner": (_("Owner"), ""),
        "bookkeeper": (_("Bookkeeper"), ""),
        "funder": (_("Funder"), ""),
        "operator": (_("Platform operator"), ""),
        "regulator": (_("Regulator"), ""),
    },
    "organisation_kind": {
        "enterprise": (_("Enterprise"), ""),
        "institution": (_("Institution"), ""),
        "anchor": (_("Core enterprise"), ""),
        "operator": (_("Platform operator"), ""),
        "regulator": (_("Regulator"), ""),
    },
    "item": {
        "registration": (_("Business registration"), ""),
        "tax": (_("Tax returns"), ""),
        "invoices": (_("Invoices"), ""),
        "social_insurance": (_("Social insurance"), ""),
        "electricity": (_("Electricity use"), ""),
        "bank_flows": (_("Bank flows"), ""),
        "courts": (_("Court records"), ""),
        "news": (_("News and public opinion"), ""),
        "portrait": (_("Credit portrait and score"), ""),
    },
    "purpose": {
        "financing": (_("Applying for financing and deciding on it"), ""),
        "post_loan": (_("Managing the loan after payout"), ""),
    },
    "consent_state": {
        "draft": (_("Draft"), ""),
        "active": (_("In force"), "good"),
        "suspended": (_("Suspended"), "warn"),
        "revoked": (_("Revoked"), "bad"),
        "expired": (_("Expired"), ""),
    },
    "size": {
        "large": (_("Large firm"), ""),
        "medium": (_("Medium firm"), ""),
        "small": (_("Small firm"), ""),
        "micro": (_("Micro firm"), ""),
    },
    "licence_type": {
        "bank": (_("Bank"), ""),
        "micro_lender": (_("Micro-lender"), ""),
        "factor": (_("Commercial factor"), ""),
        "leasing": (_("Leasing company"), ""),
        "guarantor": (_("Guarantor"), ""),
    },
    "check": {
        "VALID": (_("Check digit correct"), "good"),
        "FORMAT_ERROR": (_("Format wrong"), "bad"),
        "CHECK_MISMATCH": (_("Check digit does not match"), "warn"),
        "UNCHECKED": (_("Not checked"), ""),
    },
    "repayment_method": {
        "annuity": (_("Equal instalments"), ""),
        "equal_principal": (_("Equal principal"), ""),
        "interest_first": (_("Interest first, principal at maturity"), ""),
        "bullet": (_("One payment at maturity"), ""),
        "revolving": (_("Borrow and repay at any time"), ""),
    },
    "offer_state": {
        "shown": (_("Open"), "good"),
        "applied": (_("Applied for"), "note"),
        "expired": (_("Expired"), ""),
        "withdrawn": (_("Withdrawn"), ""),
    },
    "application_state": {
        "submitted": (_("Submitted"), "note"),
        "referred": (_("With the lender's desk"), "warn"),
        "approved": (_("Approved"), "good"),
        "countered": (_("Counter-offer made"), "warn"),
        "declined": (_("Declined"), "bad"),
        "accepted": (_("Terms accepted"), "good"),
        "signed": (_("Signed"), "good"),
        "drawn": (_("Paid out"), "good"),
        "withdrawn": (_("Withdrawn"), ""),
        "expired": (_("Expired"), ""),
    },
    "outcome": {
        "approved": (_("Approved"), "good"),
        "declined": (_("Declined"), "bad"),
        "referred": (_("Referred to the desk"), "warn"),
        "countered": (_("Counter-offer"), "warn"),
    },
    "decided_by": {
        "automatic": (_("Automatic rules"), ""),
        "manual": (_("The lender's desk"), ""),
    },
    "agreement_state": {
        "prepared": (_("Ready to sign"), "note"),
        "signed_by_firm": (_("Signed by the firm"), "note"),
        "signed": (_("Signed by both sides"), "good"),
    },
    "loan_state": {
        "instructed": (_("Payout instructed"), "note"),
        "active": (_("Running"), "good"),
        "repaid": (_("Repaid"), ""),
        "rejected": (_("Payout rejected"), "bad"),
        "written_off": (_("Written off"), "bad"),
    },
    "class": {
        "normal": (_("Normal"), "good"),
        "special_mention": (_("Special mention"), "warn"),
        "substandard": (_("Substandard"), "alarm"),
        "doubtful": (_("Doubtful"), "bad"),
        "loss": (_("Loss"), "bad"),
    },
    "refusal": {
        "no_consent": (_("No authorisation"), "bad"),
        "not_grantee": (_("Reader not named"), "bad"),
        "not_item": (_("Record not included"), "bad"),
        "not_purpose": (_("Purpose not included"), "bad"),
        "not_range": (_("Outside the period of records"), "bad"),
        "not_yet": (_("Not yet in force"), "bad"),
        "expired": (_("Expired"), "bad"),
        "revoked": (_("Revoked"), "bad"),
    },
    "contact_role": {
        "legal_representative": (_("Legal representative"), ""),
        "finance": (_("Head of finance"), ""),
        "agent": (_("Agent with power of attorney"), ""),
    },
    "freshness": {
        "fresh": (_("Recent"), "good"),
        "old": (_("Not recent"), "warn"),
        "empty": (_("Nothing found"), ""),
        "closed": (_("Not authorised"), ""),
    },
    "objection_state": {
        "raised": (_("Waits for an answer"), "warn"),
        "upheld": (_("Upheld"), "good"),
        "dismissed": (_("Dismissed"), ""),
    },
    "side": {
        "firm": (_("Borrower"), ""),
        "lender": (_("Lender"), ""),
    },
    "document_problem": {
        "signature_missing": (_("a signature is missing"), ""),
        "bytes_changed": (_("the document was changed after it was signed"), ""),
        "authority_unknown": (_("a certificate is of an unknown authority"), ""),
        "not_a_pdf": (_("this is no readable PDF"), ""),
    },
    "loan_purpose": {
        "raw_materials": (_("Raw materials"), ""),
        "goods": (_("Goods for resale"), ""),
        "wages": (_("Wages"), ""),
        "rent_and_utilities": (_("Rent and utilities"), ""),
        "taxes": (_("Taxes"), ""),
        "order": (_("Fulfilling an order"), ""),
        "equipment": (_("Equipment"), ""),
        "other": (_("Other"), ""),
    },
    "check_state": {
        "passed": (_("Passed"), "good"),
        "failed": (_("Failed"), "bad"),
        "refers": (_("Needs a person"), "warn"),
        "unknown": (_("Not known"), ""),
    },
    "unknown": {
        "fail": (_("Not eligible"), ""),
        "refer": (_("A person looks at it"), ""),
        "pass": (_("Does not matter"), ""),
    },
    "fact": {
        "score": (_("Credit score"), ""),
        "org_region": (_("Region"), ""),
        "org_industry": (_("Industry"), ""),
        "org_size": (_("Size"), ""),
        "org_age_months": (_("Age of the firm in months"), ""),
    },
    "standing": {
        "valid": (_("Licence in force"), "good"),
        "soon": (_("Runs out within 90 days"), "warn"),
        "none": (_("No licence in force: products suspended"), "bad"),
    },
    "scheme": {
        "uscc": (_("Unified social credit code"), ""),
        "org_code": (_("Organisation code"), ""),
        "lei": (_("LEI"), ""),
        "rongtong.lender": (_("Code on the platform"), ""),
        "rongtong": (_("Seat on the platform"), ""),
    },
    "task_state": {
        "open": (_("Open tasks"), "warn"),
        "done": (_("Closed"), ""),
        "all": (_("All"), ""),
    },
    "disposition": {
        "confirmed": (_("Confirmed"), "bad"),
        "false_alarm": (_("False alarm"), ""),
        "mitigated": (_("Mitigated"), "good"),
    },
    "level": {
        "blue": (_("Blue"), "note"),
        "yellow": (_("Yellow"), "warn"),
        "orange": (_("Orange"), "alarm"),
        "red": (_("Red"), "bad"),
    },
}


def label_of(value: Any, family: str = "") -> str:
    """The name of a value of a family; a value without a name is shown as it is."""
    found = _find(value, family)
    return str(found[0]) if found else ("" if value is None else str(getattr(value, "value", value)))


def tone_of(value: Any, family: str = "") -> str:
    """The tone of a value; empty where it has none."""
    found = _find(value, family)
    return found[1] if found else ""


def _find(value: Any, family: str) -> Label | None:
    key = str(value.value if isinstance(value, Enum) else value)
    return LABELS.get(family, {}).get(key)
