"""The door of origination."""

from rongtong.origination.actions.accept_decision import DecisionExpired, accept_decision
from rongtong.origination.actions.answer_objection import DecisionFinal, ObjectionAnswered, answer_objection
from rongtong.origination.actions.confirm_proposal import (
    ProposalClosed,
    ProposalUnknown,
    SecondPersonNeeded,
    confirm_proposal,
)
from rongtong.origination.actions.decide_application import PortraitUnfit, decide_application
from rongtong.origination.actions.decide_manually import (
    DecisionBarred,
    DeskReasonMissing,
    DeskTermsInvalid,
    decide_manually,
)
from rongtong.origination.actions.declare_related_party import RelatedPartyMalformed, declare_related_party
from rongtong.origination.actions.lapse_application import lapse_application
from rongtong.origination.actions.make_loan_code import LoanCodeNotYours, make_loan_code
from rongtong.origination.actions.move_application import ApplicationMoved
from rongtong.origination.actions.prepare_agreement import prepare_agreement
from rongtong.origination.actions.raise_objection import (
    NothingDecided,
    ObjectionStands,
    ObjectionTextMissing,
    raise_objection,
)
from rongtong.origination.actions.refer_application import refer_application
from rongtong.origination.actions.require_licence import LicenceLapsed
from rongtong.origination.actions.require_party import HandMissing, NotAParty
from rongtong.origination.actions.sign_agreement import AgreementVoid, ObjectionOpen, SignatureOutOfTurn, sign_agreement
from rongtong.origination.actions.submit_application import (
    ApplicationMalformed,
    LenderNotAuthorised,
    OfferTaken,
    submit_application,
)
from rongtong.origination.actions.withdraw_application import withdraw_application
from rongtong.origination.queries.agreements import (
    AgreementUnknown,
    agreement,
    agreement_of,
    agreement_pdf,
    agreements,
    signers_of,
    signing_date,
    verify_agreement,
)
from rongtong.origination.queries.applications import (
    ApplicationUnknown,
    application,
    applications,
    applications_at,
    applications_of,
    awaiting_firm,
    awaiting_lender_signature,
    count_by_state,
    undecided,
)
from rongtong.origination.queries.decisions import (
    DecisionUnknown,
    ObjectionUnknown,
    decision,
    decision_queue,
    decisions,
    decisions_of,
    latest_decision,
    objection,
    objections_of,
    open_objections,
    proposal_of,
)
from rongtong.origination.queries.loan_codes import (
    LoanCodeExpired,
    LoanCodeForeign,
    LoanCodeInvalid,
    read_loan_code,
)
from rongtong.origination.queries.payouts import register_payouts
from rongtong.origination.queries.prefills import last_own_application, prefilled_draft
from rongtong.origination.queries.receiving_accounts import receiving_account_standing
from rongtong.origination.queries.related_parties import related_parties
from rongtong.origination.queries.replays import replay_decisions
from rongtong.origination.queries.timelines import timeline
from rongtong.origination.queries.waiting import overdue_cases, signed_applications

__all__ = [
    "AgreementUnknown",
    "AgreementVoid",
    "ApplicationMalformed",
    "ApplicationMoved",
    "ApplicationUnknown",
    "DecisionBarred",
    "DecisionExpired",
    "DecisionFinal",
    "DecisionUnknown",
    "DeskReasonMissing",
    "DeskTermsInvalid",
    "HandMissing",
    "LenderNotAuthorised",
    "LicenceLapsed",
    "LoanCodeExpired",
    "LoanCodeForeign",
    "LoanCodeInvalid",
    "LoanCodeNotYours",
    "NotAParty",
    "NothingDecided",
    "ObjectionAnswered",
    "ObjectionOpen",
    "ObjectionStands",
    "ObjectionTextMissing",
    "ObjectionUnknown",
    "OfferTaken",
    "PortraitUnfit",
    "ProposalClosed",
    "ProposalUnknown",
    "RelatedPartyMalformed",
    "SecondPersonNeeded",
    "SignatureOutOfTurn",
    "accept_decision",
    "agreement",
    "agreement_of",
    "agreement_pdf",
    "agreements",
    "answer_objection",
    "application",
    "applications",
    "applications_at",
    "applications_of",
    "awaiting_firm",
    "awaiting_lender_signature",
    "confirm_proposal",
    "count_by_state",
    "decide_application",
    "decide_manually",
    "decision",
    "decision_queue",
    "decisions",
    "decisions_of",
    "declare_related_party",
    "lapse_application",
    "last_own_application",
    "latest_decision",
    "make_loan_code",
    "objection",
    "objections_of",
    "open_objections",
    "overdue_cases",
    "prefilled_draft",
    "prepare_agreement",
    "proposal_of",
    "raise_objection",
    "read_loan_code",
    "receiving_account_standing",
    "refer_application",
    "register_payouts",
    "related_parties",
    "replay_decisions",
    "sign_agreement",
    "signed_applications",
    "signers_of",
    "signing_date",
    "submit_application",
    "timeline",
    "undecided",
    "verify_agreement",
    "withdraw_application",
]
