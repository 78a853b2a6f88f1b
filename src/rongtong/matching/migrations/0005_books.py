"""Searches, offers and capacity of an evaluation are kept apart."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart, unique_in_book


class Migration(migrations.Migration):
    dependencies = [("matching", "0004_public_products")]

    operations = [
        keep_books_apart("matching_capacity_pool"),
        keep_books_apart("matching_match"),
        keep_books_apart("matching_reservation"),
        keep_books_apart("matching_offer"),
        unique_in_book("matching_capacity_pool", "matching_capacity_pool_product_code_key", "product_code"),
        unique_in_book(
            "matching_match", "one_open_match_per_ask", "enterprise_id", "as_of", "ask_digest", where="open"
        ),
    ]
