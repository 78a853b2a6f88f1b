"""The books of an evaluation are kept apart."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_privileges")]

    operations = [
        keep_books_apart("ledger_account"),
        keep_books_apart("ledger_transfer"),
        keep_books_apart("ledger_entry"),
        keep_books_apart("ledger_posting", open_to_all=True),
    ]
