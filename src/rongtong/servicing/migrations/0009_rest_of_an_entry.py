"""What an entry left over may be booked by a person: once, beside what was booked of it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("servicing", "0008_faulty_loans")]

    operations = [
        migrations.AddField("repayment", "rest", models.BooleanField(default=False)),
        migrations.AlterField(
            "repayment",
            "entry",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="servicing.statemententry"
            ),
        ),
        migrations.AddConstraint(
            "repayment",
            models.UniqueConstraint(fields=["entry", "rest"], name="an_entry_and_its_rest_pay_once"),
        ),
    ]
