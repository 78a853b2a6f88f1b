"""Entries of a statement that are dated on an unlikely day wait for a person, too."""

from django.db import migrations, models

REASONS = ["amount_differs", "date_unlikely", "excess", "loan_closed", "unmatched", "wrong_currency"]


class Migration(migrations.Migration):
    dependencies = [("servicing", "0005_acted_for")]

    operations = [
        migrations.RemoveConstraint("unbookedentry", "unbooked_reason_known"),
        migrations.AddConstraint(
            "unbookedentry",
            models.CheckConstraint(condition=models.Q(reason__in=REASONS), name="unbooked_reason_known"),
        ),
    ]
