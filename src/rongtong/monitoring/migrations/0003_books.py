"""Signals and tasks of an evaluation are kept apart."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart, unique_in_book


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0002_constraints")]

    operations = [
        keep_books_apart("monitoring_signal"),
        keep_books_apart("monitoring_task"),
        unique_in_book(
            "monitoring_signal", "one_open_signal_per_code", "enterprise_id", "code", where="state = 'open'"
        ),
    ]
