"""How far a journey has come is the platform's own."""

from django.db import migrations

from rongtong.core.tenancy import isolate


class Migration(migrations.Migration):
    dependencies = [("workflows", "0001_initial")]

    operations = [isolate("workflows_loop_case")]
