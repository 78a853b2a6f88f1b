"""The door of the ledger: open accounts, post transfers, read balances, check the books."""

from rongtong.ledger.actions.open_accounts import AccountDiffers, OwnerNotLicensed, open_accounts
from rongtong.ledger.actions.post import (
    AccountOverdrawn,
    AccountsUnrelated,
    AccountUnknown,
    TransferDiffers,
    TransferMalformed,
    post,
)
from rongtong.ledger.queries.accounts import account_ids, balances, balances_of, entries
from rongtong.ledger.queries.checks import check_balanced, find_fault, trial_balance, turnover
from rongtong.ledger.queries.evidence import POSTING_COLUMNS, posting_evidence, transfer_evidence

__all__ = [
    "POSTING_COLUMNS",
    "AccountDiffers",
    "AccountOverdrawn",
    "AccountUnknown",
    "AccountsUnrelated",
    "OwnerNotLicensed",
    "TransferDiffers",
    "TransferMalformed",
    "account_ids",
    "balances",
    "balances_of",
    "check_balanced",
    "entries",
    "find_fault",
    "open_accounts",
    "post",
    "posting_evidence",
    "transfer_evidence",
    "trial_balance",
    "turnover",
]

PLANNED = {
    "trial_balance": "insight",
}
"""What nothing outside of the tests calls yet, each with the capability that will."""
