"""Lenders and firms as the banks' messages name them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from rongtong.parties import facade as parties
from rongtong.parties.contracts import Organisation
from rongtong.servicing import models
from rongtong.servicing.adapters.orders import Party

_LENDER_SCHEME, _CLEARING_SCHEME, _FIRM_SCHEME = "rongtong.lender", "cnaps", "uscc"

_MEMBER = re.compile(r"[0-9]{12}")
"""3 digits for the bank, 4 for the city, 4 in sequence, 1 to check."""


def lender_party(lender: Organisation) -> Party:
    """A lender with its member number in the clearing system (联行号), where it has one; a demonstration's says that it is made up."""
    identifier = lender.identifier(_FIRM_SCHEME) or lender_code(lender)
    member, name = lender.identifier(_CLEARING_SCHEME) or "", lender.name
    if not member and lender.generated:
        member, name = made_up_member(lender_code(lender)), f"{lender.name}（演示机构，行号为虚构）"
    if not _MEMBER.fullmatch(member):
        member = ""
    return Party(name=lender.name, identifier=identifier, account="", clearing_member=member, bank_name=name)


def made_up_member(code: str) -> str:
    """A member number of the right form, 12 digits, that no bank has: none begins with 999."""
    return f"999{int(sha256(code.encode()).hexdigest(), 16) % 10**9:09d}"


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
