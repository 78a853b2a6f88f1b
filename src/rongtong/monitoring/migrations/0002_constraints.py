"""Signals are the platform's own; a task is seen by its lender and the platform."""

from django.db import migrations

from rongtong.core.tenancy import isolate


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial")]

    operations = [
        isolate("monitoring_signal"),
        isolate("monitoring_task", "lender_id"),
    ]
