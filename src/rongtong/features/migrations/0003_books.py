"""Portraits of an evaluation are kept apart."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart, unique_in_book


class Migration(migrations.Migration):
    dependencies = [("features", "0002_constraints")]

    operations = [
        keep_books_apart("features_portrait"),
        unique_in_book(
            "features_portrait", "one_portrait_per_inputs", "enterprise_id", "as_of", "version", "inputs_digest"
        ),
    ]
