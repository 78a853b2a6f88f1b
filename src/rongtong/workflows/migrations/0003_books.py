"""Runs and closed days of an evaluation are kept apart."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart, unique_in_book


class Migration(migrations.Migration):
    dependencies = [("workflows", "0002_constraints")]

    operations = [
        keep_books_apart("workflows_loop_case"),
        keep_books_apart("workflows_loop_run", open_to_all=True),
        keep_books_apart("workflows_business_day", open_to_all=True),
        unique_in_book("workflows_loop_run", "workflows_loop_run_as_of_key", "as_of"),
        unique_in_book("workflows_business_day", "workflows_business_day_pkey", "business_date", primary=True),
    ]
