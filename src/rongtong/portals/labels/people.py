"""Organisations, people, authorisations, warnings."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TABLE: dict[str, dict[str, tuple[str | Promise, str]]] = {
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
    "job": {
        "demonstration": (_("The demonstration"), ""),
        "loop": (_("Automatic processing"), ""),
        "close of business": (_("Close of business"), ""),
        "close_of_business": (_("Close of business"), ""),
        "import invoices": (_("Import of invoices"), ""),
        "send_instructions": (_("Delivery of instructions"), ""),
        "release_expired": (_("Release of expired offers"), ""),
        "parties.seat": (_("Set-up of the platform"), ""),
        "rulebook.sync": (_("Set-up of the platform"), ""),
        "simulate": (_("The simulator"), ""),
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
    "contact_role": {
        "legal_representative": (_("Legal representative"), ""),
        "finance": (_("Head of finance"), ""),
        "agent": (_("Agent with power of attorney"), ""),
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
    "level": {
        "blue": (_("Blue"), "note"),
        "yellow": (_("Yellow"), "warn"),
        "orange": (_("Orange"), "alarm"),
        "red": (_("Red"), "bad"),
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
    "freshness": {
        "fresh": (_("Recent"), "good"),
        "old": (_("Not recent"), "warn"),
        "empty": (_("Nothing found"), ""),
        "none": (_("No records"), ""),
        "closed": (_("Not authorised"), ""),
    },
}
