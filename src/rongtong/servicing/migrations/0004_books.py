"""Loans, messages and statements of an evaluation are kept apart."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart, unique_in_book


class Migration(migrations.Migration):
    dependencies = [("servicing", "0003_returned_capacity")]

    operations = [
        keep_books_apart("servicing_facility"),
        keep_books_apart("servicing_freeze"),
        keep_books_apart("servicing_loan"),
        keep_books_apart("servicing_message"),
        keep_books_apart("servicing_instruction"),
        keep_books_apart("servicing_payout"),
        keep_books_apart("servicing_instalment"),
        keep_books_apart("servicing_statement"),
        keep_books_apart("servicing_statement_entry"),
        keep_books_apart("servicing_unbooked_entry"),
        keep_books_apart("servicing_repayment"),
        keep_books_apart("servicing_allocation"),
        keep_books_apart("servicing_classification"),
        keep_books_apart("servicing_close", open_to_all=True),
        unique_in_book("servicing_statement_entry", "one_entry_per_bank_reference", "lender_id", "entry_ref"),
        unique_in_book("servicing_close", "servicing_close_pkey", "business_date", primary=True),
    ]
