"""Which role may take which action: one table, which pages and API both ask. What binds a firm is its owner's alone."""

from __future__ import annotations

from enum import StrEnum

from rongtong.parties.contracts import Role


class Action(StrEnum):
    """What somebody does for an organisation, by the name of what is called."""

    GRANT_CONSENT = "grant_consent"
    """A next version of an authorisation, too."""
    SUSPEND_CONSENT = "suspend_consent"
    RESUME_CONSENT = "resume_consent"
    REVOKE_CONSENT = "revoke_consent"
    SUBMIT_MANDATE = "submit_mandate"
    RECORD_PAPER_CONSENT = "record_paper_consent"
    CHECK_SIGNATORY = "check_signatory"
    """Confirm or reject who signed an authorisation."""
    REFRESH_PORTRAIT = "refresh_portrait"
    SEARCH_OFFERS = "search_offers"
    SUBMIT_APPLICATION = "submit_application"
    WITHDRAW_APPLICATION = "withdraw_application"
    RAISE_OBJECTION = "raise_objection"
    ACCEPT_DECISION = "accept_decision"
    PREPARE_AGREEMENT = "prepare_agreement"
    SIGN_AGREEMENT = "sign_agreement"
    REQUEST_DRAWDOWN = "request_drawdown"
    REQUEST_PREPAYMENT = "request_prepayment"
    APPLY_RULES = "apply_rules"
    """Have the lender's published rules decide."""
    DECIDE_APPLICATION = "decide_application"
    CONFIRM_PROPOSAL = "confirm_proposal"
    ANSWER_OBJECTION = "answer_objection"
    SET_CAPACITY = "set_capacity"
    MAKE_LOAN_CODE = "make_loan_code"
    DECLARE_RELATED_PARTY = "declare_related_party"
    IMPORT_STATEMENT = "import_statement"
    RECEIVE_STATUS = "receive_status"
    RESOLVE_ENTRY = "resolve_entry"
    DISPOSE_TASK = "dispose_task"
    PUSH_RECORDS = "push_records"
    NAME_ACCOUNT = "name_account"
    END_ACCOUNT = "end_account"
    KEEP_KEYS = "keep_keys"
    """Make and revoke API keys."""
    ADD_MEMBERSHIP = "add_membership"
    END_MEMBERSHIP = "end_membership"
    WITHDRAW_LICENCE = "withdraw_licence"
    DECLARE_SIZE = "declare_size"
    RETRY_JOB = "retry_job"
    RETRY_SET_ASIDE = "retry_set_aside"
    SETTLE_SET_ASIDE = "settle_set_aside"


_OWNER = (Role.OWNER,)
_FIRM = (Role.OWNER, Role.BOOKKEEPER)
_LENDER = (Role.FUNDER,)
_OPERATOR = (Role.OPERATOR,)
_SENDERS = (Role.OWNER, Role.BOOKKEEPER, Role.FUNDER, Role.OPERATOR)

MAY: dict[Action, tuple[Role, ...]] = {
    Action.GRANT_CONSENT: _OWNER,
    Action.SUSPEND_CONSENT: _OWNER,
    Action.RESUME_CONSENT: _OWNER,
    Action.REVOKE_CONSENT: _OWNER,
    Action.SUBMIT_MANDATE: (Role.OWNER, Role.OPERATOR),
    Action.RECORD_PAPER_CONSENT: _OPERATOR,
    Action.CHECK_SIGNATORY: _OPERATOR,
    Action.REFRESH_PORTRAIT: _FIRM,
    Action.SEARCH_OFFERS: _FIRM,
    Action.SUBMIT_APPLICATION: _FIRM,
    Action.WITHDRAW_APPLICATION: _FIRM,
    Action.RAISE_OBJECTION: _FIRM,
    Action.ACCEPT_DECISION: _OWNER,
    Action.PREPARE_AGREEMENT: (Role.OWNER, Role.FUNDER),
    Action.SIGN_AGREEMENT: (Role.OWNER, Role.FUNDER),
    Action.REQUEST_DRAWDOWN: _OWNER,
    Action.REQUEST_PREPAYMENT: _OWNER,
    Action.APPLY_RULES: (*_FIRM, Role.FUNDER),
    Action.DECIDE_APPLICATION: _LENDER,
    Action.CONFIRM_PROPOSAL: _LENDER,
    Action.ANSWER_OBJECTION: _LENDER,
    Action.SET_CAPACITY: _LENDER,
    Action.MAKE_LOAN_CODE: (*_FIRM, Role.FUNDER, Role.OPERATOR),
    Action.DECLARE_RELATED_PARTY: (Role.FUNDER, Role.OPERATOR),
    Action.IMPORT_STATEMENT: _LENDER,
    Action.RECEIVE_STATUS: _LENDER,
    Action.RESOLVE_ENTRY: _LENDER,
    Action.DISPOSE_TASK: (Role.FUNDER, Role.OPERATOR),
    Action.PUSH_RECORDS: _SENDERS,
    Action.NAME_ACCOUNT: _SENDERS,
    Action.END_ACCOUNT: _SENDERS,
    Action.KEEP_KEYS: (Role.OWNER, Role.FUNDER, Role.OPERATOR, Role.REGULATOR),
    Action.ADD_MEMBERSHIP: _OPERATOR,
    Action.END_MEMBERSHIP: _OPERATOR,
    Action.WITHDRAW_LICENCE: _OPERATOR,
    Action.DECLARE_SIZE: (Role.OWNER, Role.OPERATOR),
    Action.RETRY_JOB: _OPERATOR,
    Action.RETRY_SET_ASIDE: _OPERATOR,
    Action.SETTLE_SET_ASIDE: _OPERATOR,
}
"""Every action has its roles."""


def may(role: Role, action: Action) -> bool:
    """Whether a role may take an action."""
    return role in MAY[action]
