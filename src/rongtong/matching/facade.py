"""The door of matching."""

from rongtong.matching.actions.apply_for_offer import OfferExpired, OfferNotOpen, apply_for_offer
from rongtong.matching.actions.consume_reservation import AmountNotReserved, consume_reservation
from rongtong.matching.actions.find_offers import AskInvalid, SearchUnderWay, find_offers, find_offers_for
from rongtong.matching.actions.open_pools import open_pools
from rongtong.matching.actions.release_expired import release_expired
from rongtong.matching.actions.release_offer import release_offer
from rongtong.matching.actions.reserve_capacity import CapacityExhausted
from rongtong.matching.actions.return_capacity import return_capacity
from rongtong.matching.actions.set_capacity import CapacityInUse, set_capacity
from rongtong.matching.actions.sync_products import (
    LenderUnknown,
    ProductMalformed,
    ProductOutsideLicence,
    sync_products,
)
from rongtong.matching.queries.offers import (
    MatchUnknown,
    OfferUnknown,
    capacity,
    commitments,
    latest_match,
    match,
    offer,
    offers,
    offers_of,
)
from rongtong.matching.queries.products import ProductUnknown, product, product_by_code, products
from rongtong.matching.rules.product_terms import price_terms

__all__ = [
    "AmountNotReserved",
    "AskInvalid",
    "CapacityExhausted",
    "CapacityInUse",
    "LenderUnknown",
    "MatchUnknown",
    "OfferExpired",
    "OfferNotOpen",
    "OfferUnknown",
    "ProductMalformed",
    "ProductOutsideLicence",
    "ProductUnknown",
    "SearchUnderWay",
    "apply_for_offer",
    "capacity",
    "commitments",
    "consume_reservation",
    "find_offers",
    "find_offers_for",
    "latest_match",
    "match",
    "offer",
    "offers",
    "offers_of",
    "open_pools",
    "price_terms",
    "product",
    "product_by_code",
    "products",
    "release_expired",
    "release_offer",
    "return_capacity",
    "set_capacity",
    "sync_products",
]
