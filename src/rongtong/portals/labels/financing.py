"""Offers, applications, decisions, agreements."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TABLE: dict[str, dict[str, tuple[str | Promise, str]]] = {
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
        "taken": (_("Taken up"), "good"),
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
        "lapsed": (_("Lapsed"), ""),
    },
    "book": {"evaluation": (_("Evaluation"), "warn"), "live": (_("Live"), "")},
    "case_state": {
        "pending": (_("Not begun"), ""),
        "unmatched": (_("No offer"), ""),
        "matched": (_("Offers found"), ""),
        "applied": (_("Applied"), ""),
        "declined": (_("Declined"), "bad"),
        "referred": (_("With a person"), "warn"),
        "approved": (_("Approved"), "good"),
        "agreed": (_("Agreement signed"), "good"),
        "instructed": (_("Pay-out instructed"), ""),
        "drawn": (_("Paid out"), "good"),
        "rejected": (_("Pay-out refused"), "bad"),
        "ended": (_("Withdrawn or lapsed"), ""),
    },
    "assumption": {
        "importer_asserts_consent": (_("An importer's word stands for the authorisation"), ""),
        "generated_consent": (_("The authorisation was made up with the firm"), ""),
        "source_not_asked": (_("This source was not asked"), ""),
        "register_not_asked": (_("This public register was not asked"), ""),
        "simulated_banks": (_("Simulated banks paid"), ""),
    },
    "public_register": {
        "dishonest": (_("Dishonest judgment debtors"), ""),
        "enforcement": (_("Judgment debtors under enforcement"), ""),
        "registration": (_("Registration of firms"), ""),
        "abnormal": (_("Firms listed for abnormal operation"), ""),
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
        "void": (_("Void"), ""),
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
        "ignore": (_("Does not matter"), ""),
    },
    "fact": {
        "score": (_("Credit score"), ""),
        "org_region": (_("Region"), ""),
        "org_industry": (_("Industry"), ""),
        "org_size": (_("Size"), ""),
        "org_age_months": (_("Age of the firm in months"), ""),
    },
}
