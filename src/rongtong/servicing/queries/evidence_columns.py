"""The columns of servicing that are evidence. What changes in the life of a row, as the database's own trigger has it, is left out."""

from __future__ import annotations

from rongtong.core.frozen_columns import FrozenColumns, frozen_columns
from rongtong.ledger import facade as ledger

FACILITY = frozen_columns(
    "servicing_facility",
    "id agreement_id agreement_number enterprise_id lender_id limit_minor annual_rate:6 penalty_rate:6 repayment_method "
    "term_months revolving account_bank account_number start_date recorded_at",
    left_out="state used_minor loans_made returned_minor frozen frozen_reason",
)
LOAN = frozen_columns(
    "servicing_loan",
    "id facility_id enterprise_id lender_id number key principal_minor annual_rate:6 penalty_rate:6 repayment_method "
    "term_months start_date recorded_at",
    left_out=(
        "state rejection_reason activated_at closed_date maturity_date schedule_version state_date outstanding_minor "
        "interest_accrued_minor penalty_accrued_minor interest_paid_minor penalty_paid_minor accruals overdue_minor "
        "overdue_days loan_class stage next_due_date next_due_minor"
    ),
)
PAYOUT = frozen_columns(
    "servicing_payout", "loan_id instruction_id enterprise_id lender_id amount_minor business_date occurred_at"
)
INSTALMENT = frozen_columns(
    "servicing_instalment",
    "id loan_id enterprise_id lender_id version number due_date period_start period_end principal_minor interest_minor "
    "prepayment",
    left_out="ended_version",
)
MESSAGE = frozen_columns(
    "servicing_message",
    "id lender_id enterprise_id message_id kind business_date xml recorded_at",
    left_out="state attempts error sent_at answered_at",
)
INSTRUCTION = frozen_columns(
    "servicing_instruction",
    "id message_id loan_id enterprise_id lender_id kind prepayment_mode end_to_end_id amount_minor business_date "
    "recorded_at",
    left_out="state reason answered_at",
)
_PAID = "id loan_id enterprise_id lender_id entry_id entry_ref amount_minor business_date made_version occurred_at"
REPAYMENT = frozen_columns("servicing_repayment", _PAID, f"{_PAID} rest")
ALLOCATION = frozen_columns(
    "servicing_allocation", "id repayment_id loan_id enterprise_id lender_id instalment_number component minor"
)
_BROUGHT = "id lender_id digest entries actor recorded_at"
_BEHALF = "actor_organisation_id actor_right"
STATEMENT = frozen_columns("servicing_statement", _BROUGHT, f"{_BROUGHT} {_BEHALF}")
_READ = "id statement_id lender_id entry_ref credit amount_minor currency booked_date end_to_end_id text recorded_at"
STATEMENT_ENTRY = frozen_columns("servicing_statement_entry", _READ, f"{_READ} account part status reversal")
CLASSIFICATION = frozen_columns(
    "servicing_classification",
    "id loan_id enterprise_id lender_id business_date from_class to_class overdue_days stage occurred_at",
)
_FROZEN = "id facility_id enterprise_id lender_id frozen reason signal_id unused_minor actor occurred_at"
FREEZE = frozen_columns("servicing_freeze", _FROZEN, f"{_FROZEN} {_BEHALF}")

COLUMNS: dict[str, tuple[FrozenColumns, ...]] = {
    "facility": (FACILITY, *ledger.POSTING_COLUMNS),
    "write_off": (LOAN, *ledger.POSTING_COLUMNS),
    "instruction": (INSTRUCTION, MESSAGE, LOAN),
    "payout": (PAYOUT, LOAN, INSTALMENT, *ledger.POSTING_COLUMNS),
    "repayment": (REPAYMENT, ALLOCATION, INSTALMENT, *ledger.POSTING_COLUMNS),
    "bank_statement": (STATEMENT, STATEMENT_ENTRY),
    "classification": (CLASSIFICATION,),
    "limit_freeze": (FREEZE,),
}
"""The column lists behind each kind of evidence."""
