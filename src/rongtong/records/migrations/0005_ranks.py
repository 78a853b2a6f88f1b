"""In what standing each delivery was stated, and which bank keeps which account of a firm."""

from django.db import migrations, models

import rongtong.core.ids
from rongtong.core.tenancy import isolate


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0004_acted_for"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="rank",
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.CreateModel(
            name="AccountKeeping",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("enterprise_id", models.UUIDField()),
                ("institution_id", models.UUIDField()),
                ("account_number", models.CharField(max_length=34)),
                (
                    "state",
                    models.CharField(
                        choices=[("named", "Named"), ("confirmed", "Confirmed"), ("ended", "Ended")], max_length=12
                    ),
                ),
                ("named_by_id", models.UUIDField()),
                ("recorded_at", models.DateTimeField()),
                ("confirmed_by_id", models.UUIDField(null=True)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "records_account_keeping",
                "indexes": [
                    models.Index(fields=["enterprise_id"], name="records_acc_enterpr_62e244_idx"),
                    models.Index(fields=["institution_id", "account_number"], name="records_acc_institu_e47c46_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "confirmed")),
                        fields=("account_number", "institution_id"),
                        name="one_holder_of_an_account_at_a_bank",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "confirmed"), _negated=True),
                            ("confirmed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="a_confirmed_keeping_says_when",
                    ),
                ],
            },
        ),
        isolate("records_account_keeping", "enterprise_id", "institution_id"),
    ]
