"""What the files of the record tables were when they were written: proof for good, and the platform's alone."""

from django.db import migrations, models

import rongtong.core.ids
from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_constraints"),
    ]

    operations = [
        migrations.CreateModel(
            name="RecordFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "item",
                    models.CharField(
                        choices=[
                            ("registration", "registration"),
                            ("tax", "tax"),
                            ("invoices", "invoices"),
                            ("social_insurance", "social_insurance"),
                            ("electricity", "electricity"),
                            ("bank_flows", "bank_flows"),
                            ("courts", "courts"),
                            ("news", "news"),
                        ],
                        max_length=24,
                    ),
                ),
                ("path", models.CharField(max_length=1000, unique=True)),
                ("digest", models.CharField(max_length=64)),
                ("rows", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "records_file",
                "indexes": [models.Index(fields=["item"], name="records_fil_item_361fd7_idx")],
            },
        ),
        isolate("records_file"),
        append_only("records_file"),
    ]
