"""Lenders and firms as the banks' messages name them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation
from rongtong.servicing import models
from rongtong.servicing.adapters.orders import Party

_LENDER_SCHEME, _CLEARING_SCHEME, _FIRM_SCHEME = "rongtong.lender", "cnaps", "uscc"


def lender_party(lender: Organisation) -> Party:
    """A lender with its member number in the clearing system: its CNAPS code, or else its code on the platform."""
    identifier = lender.identifier(_FIRM_SCHEME) or lender_code(lender)
    member = lender.identifier(_CLEARING_SCHEME) or lender_code(lender)
    return Party(name=lender.name, identifier=identifier, account="", clearing_member=member)


def lender_code(lender: Organisation) -> str:
    """The code under which a lender's bank is reached."""
    return lender.identifier(_LENDER_SCHEME) or str(lender.id)


def firm_party(firm: Organisation, facility: models.Facility) -> Party:
    """A firm with the account named in its application."""
    identifier = firm.identifier(_FIRM_SCHEME) or (firm.identifiers[0].value if firm.identifiers else str(firm.id))
    return Party(
        name=firm.name, identifier=identifier, account=facility.account_number, bank_name=facility.account_bank
    )


def organisations_of(ids: Iterable[UUID]) -> dict[UUID, Organisation]:
    """Organisations by id."""
    return dict(parties.organisations(set(ids)).items())
