"""Applications, decisions and agreements of an evaluation are kept apart."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart


class Migration(migrations.Migration):
    dependencies = [("origination", "0002_constraints")]

    operations = [
        keep_books_apart("origination_application"),
        keep_books_apart("origination_step"),
        keep_books_apart("origination_decision"),
        keep_books_apart("origination_proposal"),
        keep_books_apart("origination_objection"),
        keep_books_apart("origination_agreement"),
        keep_books_apart("origination_document"),
    ]
