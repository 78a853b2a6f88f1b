"""Look-ups in public registers, kept whether or not there was an answer."""

from django.db import migrations, models

import rongtong.core.ids
from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0005_ranks"),
    ]

    operations = [
        migrations.CreateModel(
            name="RegisterLookup",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("enterprise_id", models.UUIDField()),
                ("reader_id", models.UUIDField()),
                ("register", models.CharField(max_length=24)),
                ("purpose", models.CharField(max_length=24)),
                ("as_of", models.DateField()),
                ("state", models.CharField(max_length=12)),
                ("detail", models.CharField(blank=True, max_length=200)),
                ("listed", models.BooleanField(null=True)),
                ("amount_minor", models.BigIntegerField(null=True)),
                ("answer_digest", models.CharField(blank=True, max_length=64)),
                ("actor_kind", models.CharField(max_length=16)),
                ("actor_id", models.CharField(max_length=80)),
                ("actor_name", models.CharField(max_length=200)),
                ("actor_organisation_id", models.UUIDField(null=True)),
                ("actor_right", models.CharField(blank=True, default="", max_length=24)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "records_register_lookup",
                "indexes": [
                    models.Index(fields=["enterprise_id", "-recorded_at"], name="records_reg_enterpr_750abc_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("listed__isnull", False), ("state", "answered")),
                            models.Q(("listed__isnull", True), ("state__in", ["silent", "not_asked"])),
                            _connector="OR",
                        ),
                        name="an_answer_says_whether_a_firm_is_listed",
                    )
                ],
            },
        ),
        isolate("records_register_lookup", "enterprise_id", "reader_id"),
        append_only("records_register_lookup"),
    ]
