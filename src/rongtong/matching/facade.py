"""The door of matching."""

from rongtong.matching.actions.apply_for_offer import OfferExpired, OfferNotOpen, apply_for_offer
from rongtong.matching.actions.consume_reservation import consume_reservation
from rongtong.matching.actions.find_offers import AskInvalid, find_offers, find_offers_for
from rongtong.matching.actions.lock_exposure import ExposureExceeded, check_exposure, lock_exposure
from rongtong.matching.actions.measure_firms import measure_firms
from rongtong.matching.actions.open_pools import open_pools
from rongtong.matching.actions.release_expired import release_expired
from rongtong.matching.actions.release_offer import release_offer
from rongtong.matching.actions.require_searches_left import SearchLimitReached
from rongtong.matching.actions.reserve_capacity import CapacityExhausted
from rongtong.matching.actions.resize_reservation import AmountNotReserved, hold_again, hold_granted
from rongtong.matching.actions.return_capacity import return_capacity
from rongtong.matching.actions.set_capacity import CapacityInUse, set_capacity
from rongtong.matching.actions.sync_products import (
    LenderUnknown,
    ProductMalformed,
    ProductOutsideLicence,
    sync_products,
)
from rongtong.matching.actions.withdraw_unreadable import withdraw_unreadable
from rongtong.matching.queries.arrears import arrears_of, register_arrears
from rongtong.matching.queries.case_inputs import (
    Wish,
    common_inputs,
    measure,
    measured_inputs,
    priced_terms,
    score_inputs,
)
from rongtong.matching.queries.exposures import deals_with, exposure, exposures
from rongtong.matching.queries.offers import (
    MatchUnknown,
    OfferUnknown,
    capacity,
    latest_match,
    match,
    offer,
    offers,
    offers_of,
)
from rongtong.matching.queries.products import ProductUnknown, product, product_by_code, products
from rongtong.matching.queries.relations import register_relations
from rongtong.matching.queries.since_offer import since_offer
from rongtong.matching.rules.case import judge_case
from rongtong.matching.rules.check_wording import CHANGES
from rongtong.matching.rules.checks import Check, statutory_checks, worst

__all__ = [
    "CHANGES",
    "AmountNotReserved",
    "AskInvalid",
    "CapacityExhausted",
    "CapacityInUse",
    "Check",
    "ExposureExceeded",
    "LenderUnknown",
    "MatchUnknown",
    "OfferExpired",
    "OfferNotOpen",
    "OfferUnknown",
    "ProductMalformed",
    "ProductOutsideLicence",
    "ProductUnknown",
    "SearchLimitReached",
    "Wish",
    "apply_for_offer",
    "arrears_of",
    "capacity",
    "check_exposure",
    "common_inputs",
    "consume_reservation",
    "deals_with",
    "exposure",
    "exposures",
    "find_offers",
    "find_offers_for",
    "hold_again",
    "hold_granted",
    "judge_case",
    "latest_match",
    "lock_exposure",
    "match",
    "measure",
    "measure_firms",
    "measured_inputs",
    "offer",
    "offers",
    "offers_of",
    "open_pools",
    "priced_terms",
    "product",
    "product_by_code",
    "products",
    "register_arrears",
    "register_relations",
    "release_expired",
    "release_offer",
    "return_capacity",
    "score_inputs",
    "set_capacity",
    "since_offer",
    "statutory_checks",
    "sync_products",
    "withdraw_unreadable",
    "worst",
]
