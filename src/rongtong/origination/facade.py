"""The door of origination.

What it will hold, with these signatures (keyword-only; an Actor and the moment `at` with each write):

    submit_application(*, draft: ApplicationDraft, actor, at) -> Application
    decide_application(*, application_id, as_of: date, actor, at, portrait: Portrait | None = None) -> Decision
    decide_manually(*, application_id, outcome: Outcome, reason: str, actor, at, amount_minor=None, term_months=None,
                    annual_rate=None) -> Decision | Proposal          (a Proposal from the four-eyes amount up)
    confirm_proposal(*, proposal_id, actor, at) -> Decision           (another person than the proposer)
    accept_decision(*, application_id, actor, at) -> Application
    withdraw_application(*, application_id, reason: str, actor, at) -> Application
    prepare_agreement(*, application_id, actor, at) -> Agreement
    sign_agreement(*, agreement_id, side: Side, actor, at) -> Agreement
    raise_objection(*, application_id, text: str, actor, at) -> Objection
    answer_objection(*, objection_id, upheld: bool, text: str, actor, at) -> Objection
    make_loan_code(*, lender_id, product_id, enterprise_id=None, base_url: str, actor, at) -> LoanCode

    application(*, application_id), applications_of(*, enterprise_id, page=1, page_size=20) -> Page
    applications_at(*, lender_id, states=(), page=1, page_size=20) -> Page
    decision_queue(*, lender_id, at, page=1, page_size=20) -> QueuePage
    decision(*, decision_id), decisions_of(*, application_id) -> tuple[Decision, ...]
    agreement(*, agreement_id), agreement_of(*, application_id) -> Agreement | None
    agreement_pdf(*, agreement_id) -> bytes, verify_agreement(*, pdf: bytes) -> AgreementCheck
    objections_of(*, application_id), objections_at(*, lender_id, ...), timeline(*, application_id, at) -> Timeline
    proposal_of(*, application_id) -> Proposal | None
    read_loan_code(*, token, at) -> LoanCode, replay_decisions(*, ids=None) -> ReplayResult
"""
