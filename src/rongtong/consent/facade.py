"""The door of consent."""

from rongtong.consent.actions.assert_consents import AssertionMalformed, assert_consents
from rongtong.consent.actions.grant_consent import (
    ConsentForeign,
    ConsentMalformed,
    ConsentSuperseded,
    grant_consent,
    grant_consents,
    malformed,
)
from rongtong.consent.actions.permit import ConsentMissing, ReadMalformed, permitted, require
from rongtong.consent.actions.revoke_consent import revoke_consent
from rongtong.consent.queries.accesses import accesses_of
from rongtong.consent.queries.assertions import asserted, assertions_of, assertions_past_retention
from rongtong.consent.queries.authorisations import (
    ConsentUnknown,
    authorised_spans,
    consent,
    consents_of,
    data_ranges,
    has_live_consent,
    live_items,
    past_retention,
    receipt,
    receipts,
    with_live_consent,
)
from rongtong.consent.queries.coverage import readers_of

__all__ = [
    "AssertionMalformed",
    "ConsentForeign",
    "ConsentMalformed",
    "ConsentMissing",
    "ConsentSuperseded",
    "ConsentUnknown",
    "ReadMalformed",
    "accesses_of",
    "assert_consents",
    "asserted",
    "assertions_of",
    "assertions_past_retention",
    "authorised_spans",
    "consent",
    "consents_of",
    "data_ranges",
    "grant_consent",
    "grant_consents",
    "has_live_consent",
    "live_items",
    "malformed",
    "past_retention",
    "permitted",
    "readers_of",
    "receipt",
    "receipts",
    "require",
    "revoke_consent",
    "with_live_consent",
]
