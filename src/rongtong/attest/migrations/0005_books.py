"""Steps of an evaluation are in the log as all are, and kept apart when the steps of a firm or a case are read."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart


class Migration(migrations.Migration):
    dependencies = [("attest", "0004_seal_constraints"), ("core", "0004_books")]

    operations = [
        keep_books_apart("attest_step"),
    ]
