"""The door of consent."""

from rongtong.consent.actions.assert_consents import AssertionMalformed, assert_consents
from rongtong.consent.actions.change_state import (
    ConsentNotOpen,
    SignatoryUnchecked,
    confirm_signatory,
    reject_signatory,
    resume_consent,
    suspend_consent,
)
from rongtong.consent.actions.check_draft import ConsentMalformed, grantee_of, malformed
from rongtong.consent.actions.check_signatory import (
    MandateMissing,
    PaperMissing,
    SignatoryDiffers,
    look_up_representatives_with,
)
from rongtong.consent.actions.grant_consent import (
    ConsentForeign,
    ConsentsTooMany,
    ConsentSuperseded,
    ConsentTextDiffers,
    grant_consent,
    grant_consents,
    text_of,
)
from rongtong.consent.actions.permit import ConsentMissing, ReadMalformed, permitted, require
from rongtong.consent.actions.revoke_consent import revoke_consent
from rongtong.consent.actions.sign_consent import sign_consent
from rongtong.consent.actions.standard import standard_draft
from rongtong.consent.actions.submit_mandate import MandatesTooLarge, MandatesTooMany, MandateUnreadable, submit_mandate
from rongtong.consent.queries.accesses import accesses_of, refusals_since
from rongtong.consent.queries.assertions import asserted, assertions_of, assertions_past_retention
from rongtong.consent.queries.authorisations import (
    ConsentUnknown,
    authorised_spans,
    awaiting_check,
    consent,
    consents_of,
    data_ranges,
    english_text,
    has_live_consent,
    live_items,
    mandate,
    past_retention,
    receipt,
    receipts,
    with_live_consent,
)
from rongtong.consent.queries.coverage import readers_of, suspended_readers
from rongtong.consent.rules.names import masked
from rongtong.consent.rules.standard import SENSITIVE, SOURCE_ITEMS, chosen_entries, standard_entries
from rongtong.consent.rules.text import granted, lines_of

__all__ = [
    "SENSITIVE",
    "SOURCE_ITEMS",
    "AssertionMalformed",
    "ConsentForeign",
    "ConsentMalformed",
    "ConsentMissing",
    "ConsentNotOpen",
    "ConsentSuperseded",
    "ConsentTextDiffers",
    "ConsentUnknown",
    "ConsentsTooMany",
    "MandateMissing",
    "MandateUnreadable",
    "MandatesTooLarge",
    "MandatesTooMany",
    "PaperMissing",
    "ReadMalformed",
    "SignatoryDiffers",
    "SignatoryUnchecked",
    "accesses_of",
    "assert_consents",
    "asserted",
    "assertions_of",
    "assertions_past_retention",
    "authorised_spans",
    "awaiting_check",
    "chosen_entries",
    "confirm_signatory",
    "consent",
    "consents_of",
    "data_ranges",
    "english_text",
    "grant_consent",
    "grant_consents",
    "granted",
    "grantee_of",
    "has_live_consent",
    "lines_of",
    "live_items",
    "look_up_representatives_with",
    "malformed",
    "mandate",
    "masked",
    "past_retention",
    "permitted",
    "readers_of",
    "receipt",
    "receipts",
    "refusals_since",
    "reject_signatory",
    "require",
    "resume_consent",
    "revoke_consent",
    "sign_consent",
    "standard_draft",
    "standard_entries",
    "submit_mandate",
    "suspend_consent",
    "suspended_readers",
    "text_of",
    "with_live_consent",
]

PLANNED = {
    "assertions_of": "records",
}
"""What nothing outside of the tests calls yet, each with the capability that will."""
