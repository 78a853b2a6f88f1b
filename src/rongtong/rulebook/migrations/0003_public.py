"""Everybody reads the rules; no tenant writes any."""

from django.db import migrations

from rongtong.core.tenancy import publish


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0002_constraints"), ("core", "0002_constraints")]

    operations = [publish("rulebook_rule")]
