"""An entry is known by its account, reference and content, and may wait for a person for more reasons."""

from django.db import migrations, models

from rongtong.core.tenancy import unique_in_book

REASONS = [
    "amount_differs",
    "bundled",
    "date_unlikely",
    "excess",
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
FACT = (
    "lender",
    "account",
    "entry_ref",
    "part",
    "credit",
    "amount_minor",
    "currency",
    "booked_date",
    "end_to_end_id",
    "text",
    "status",
    "reversal",
)
COLUMNS = ("lender_id", *FACT[1:])


class Migration(migrations.Migration):
    dependencies = [("servicing", "0006_unlikely_days")]

    operations = [
        migrations.AddField("statemententry", "account", models.CharField(max_length=34, default="")),
        migrations.AddField("statemententry", "part", models.PositiveIntegerField(default=0)),
        migrations.AddField("statemententry", "status", models.CharField(max_length=35, default="BOOK")),
        migrations.AddField("statemententry", "reversal", models.BooleanField(default=False)),
        migrations.RemoveConstraint("statemententry", "one_entry_per_bank_reference"),
        migrations.AddConstraint("statemententry", models.UniqueConstraint(fields=FACT, name="one_entry_per_fact")),
        unique_in_book("servicing_statement_entry", "one_entry_per_fact", *COLUMNS),
        migrations.AddIndex(
            "statemententry",
            models.Index(fields=["lender", "end_to_end_id"], name="entries_of_an_order"),
        ),
        migrations.RemoveConstraint("unbookedentry", "unbooked_reason_known"),
        migrations.AddConstraint(
            "unbookedentry",
            models.CheckConstraint(condition=models.Q(reason__in=REASONS), name="unbooked_reason_known"),
        ),
    ]
