"""Entries of a statement whose loan cannot be booked on wait for a person, too."""

from django.db import migrations, models

REASONS = [
    "amount_differs",
    "bundled",
    "date_unlikely",
    "excess",
    "fault",
    "loan_closed",
    "not_paid_out",
    "order_exceeded",
    "order_rejected",
    "returned",
    "reversal",
    "status_unknown",
    "unmatched",
    "wrong_currency",
]


class Migration(migrations.Migration):
    dependencies = [("servicing", "0007_entries_by_content")]

    operations = [
        migrations.RemoveConstraint("unbookedentry", "unbooked_reason_known"),
        migrations.AddConstraint(
            "unbookedentry",
            models.CheckConstraint(condition=models.Q(reason__in=REASONS), name="unbooked_reason_known"),
        ),
    ]
