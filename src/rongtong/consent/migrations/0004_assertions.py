"""What importers assert about firms, and what evaluations read on it."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import rongtong.core.ids
from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("consent", "0003_acted_for"), ("core", "0004_books")]

    operations = [
        migrations.CreateModel(
            name="AssertedPaper",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=200)),
                ("content", models.BinaryField()),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=120)),
            ],
            options={"db_table": "consent_asserted_paper"},
        ),
        migrations.CreateModel(
            name="Assertion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "items",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), size=None),
                ),
                ("text", models.TextField()),
                ("asserted_by", models.CharField(max_length=200)),
                ("checked_by", models.CharField(blank=True, max_length=200)),
                ("valid_to", models.DateTimeField()),
                ("retention_days", models.PositiveIntegerField()),
                ("actor", models.CharField(max_length=120)),
                ("asserted_at", models.DateTimeField()),
                ("content_digest", models.CharField(max_length=64, unique=True)),
                (
                    "enterprise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.organisation"
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consent.assertedpaper",
                    ),
                ),
            ],
            options={
                "db_table": "consent_assertion",
                "indexes": [models.Index(fields=["enterprise", "-asserted_at"], name="assertions_of_a_firm")],
            },
        ),
        migrations.AddField(model_name="access", name="assertion_id", field=models.UUIDField(null=True)),
        isolate("consent_assertion", "enterprise_id"),
        isolate("consent_asserted_paper"),
        append_only("consent_assertion"),
        append_only("consent_asserted_paper"),
    ]
