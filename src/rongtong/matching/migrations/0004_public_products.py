"""Everybody compares the products; no tenant writes any."""

from django.db import migrations

from rongtong.core.tenancy import publish


class Migration(migrations.Migration):
    dependencies = [("matching", "0003_returned_capacity")]

    operations = [publish("matching_product")]
