"""The history of rules is append-only."""

from django.db import migrations

from rongtong.core.tenancy import append_only


class Migration(migrations.Migration):
    dependencies = [("rulebook", "0001_initial")]

    operations = [append_only("rulebook_rule")]
