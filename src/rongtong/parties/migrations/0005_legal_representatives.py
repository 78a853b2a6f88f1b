"""Who the business register names as legal representative: the platform's to ask, never a tenant's to state."""

import django.db.models.deletion
from django.db import migrations, models

import rongtong.core.ids
from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("parties", "0004_key_makers")]

    operations = [
        migrations.CreateModel(
            "LegalRepresentative",
            [
                (
                    "id",
                    models.UUIDField(
                        default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("source", models.CharField(max_length=40)),
                ("as_of", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.organisation"
                    ),
                ),
            ],
            options={
                "db_table": "parties_legal_representative",
                "indexes": [models.Index(fields=["organisation", "-as_of"], name="parties_representative_newest")],
            },
        ),
        isolate("parties_legal_representative"),
        append_only("parties_legal_representative"),
    ]
