"""Servicing owns the life of a loan after signing: facility, payout, schedule, accrual, repayment, overdue days, class.

It instructs the lender's bank and books what that bank reports: money goes from lender to firm and back, never through
the platform. A loan's state is a pure function of its schedule and its events. It imports origination and everything
below; it publishes `facade`, `contracts`, `api`.
"""
