"""What is known of the account to which a lender is to pay."""

from __future__ import annotations

from rongtong.origination.contracts import Application
from rongtong.records import facade as records
from rongtong.records.contracts import AccountStanding


def receiving_account_standing(*, application: Application) -> AccountStanding | None:
    """What the platform knows of the account that the firm named; None where it named none, and its bank is found at payout."""
    if not application.account_number:
        return None
    return records.account_standing(enterprise_id=application.enterprise_id, account_number=application.account_number)
