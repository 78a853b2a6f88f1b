"""What is set aside in an evaluation is kept apart, too."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart, unique_in_book


class Migration(migrations.Migration):
    dependencies = [("workflows", "0004_set_aside")]

    operations = [
        keep_books_apart("workflows_set_aside"),
        unique_in_book(
            "workflows_set_aside",
            "one_open_line_per_step_and_subject",
            "step",
            "subject",
            "business_date",
            where="settled_at IS NULL",
            nulls_distinct=False,
        ),
    ]
