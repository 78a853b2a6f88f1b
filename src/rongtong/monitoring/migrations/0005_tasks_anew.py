"""Whoever is done with a signal may get a task about it again, when it has become graver."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0004_acted_for")]

    operations = [
        migrations.RemoveConstraint("task", "one_task_per_lender"),
        migrations.AddConstraint(
            "task",
            models.UniqueConstraint(
                fields=["signal", "lender"],
                condition=models.Q(state="open"),
                name="one_open_task_per_lender",
                nulls_distinct=False,
            ),
        ),
    ]
