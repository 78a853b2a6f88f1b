"""Authorisations get entries, states and checked signatories; rows from before keep their bytes as edition 1."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import rongtong.core.ids

# What was refused before refusals were counted.
COUNT_OLD = """
SELECT set_config('app.scope', 'platform', true);
INSERT INTO consent_refusal_count
  (id, enterprise_id, reader_id, items, purpose, refusal, day, times, actor_kind, actor_id, actor_name, actor_right, first_at, last_at)
SELECT gen_random_uuid(), enterprise_id, reader_id, items, purpose, refusal,
       (occurred_at AT TIME ZONE 'Asia/Shanghai')::date, count(*), max(actor_kind), max(actor_id), max(actor_name), max(actor_right), min(occurred_at), max(occurred_at)
  FROM consent_access WHERE refusal <> '' GROUP BY enterprise_id, reader_id, items, purpose, refusal, 7
"""

ORGANISATION = "parties.organisation"


def organisation(*, held: bool = True) -> models.ForeignKey:
    """A reference to an organisation; not held where rows outlive the transaction that they tell of."""
    free = {} if held else {"db_constraint": False, "db_index": False}
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=ORGANISATION, **free)


def own_id() -> models.UUIDField:
    return models.UUIDField(default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False)


def acted_for() -> list[tuple[str, models.Field]]:
    return [
        ("actor_organisation_id", models.UUIDField(null=True)),
        ("actor_right", models.CharField(blank=True, default="", max_length=24)),
    ]


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_assertions"), ("parties", "0003_public_registers")]

    operations = [
        migrations.RemoveConstraint("authorisation", "one_next_version_of_a_consent"),
        # the rows that are there were signed as one block
        migrations.AddField("authorisation", "edition", models.PositiveSmallIntegerField(default=1)),
        migrations.AlterField("authorisation", "edition", models.PositiveSmallIntegerField(default=2)),
        migrations.AddField("authorisation", "entries", models.JSONField(default=list)),
        migrations.AddField("authorisation", "supplement", models.TextField(blank=True, default="")),
        migrations.AddField("authorisation", "basis", models.CharField(blank=True, default="", max_length=16)),
        migrations.AddField("authorisation", "awaits_check", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "authorisation",
            models.CheckConstraint(
                condition=models.Q(edition=2) | models.Q(entries=[], supplement="", basis="", awaits_check=False),
                name="consent_entries_since_edition_2",
            ),
        ),
        migrations.AddField(
            "access",
            "entry_numbers",
            django.contrib.postgres.fields.ArrayField(models.PositiveSmallIntegerField(), default=list, size=None),
        ),
        migrations.AddField("access", "mode", models.CharField(blank=True, default="", max_length=16)),
        migrations.CreateModel(
            "StateChange",
            [
                ("id", own_id()),
                ("kind", models.CharField(max_length=16)),
                ("reason", models.CharField(blank=True, max_length=400)),
                ("channel", models.CharField(max_length=40)),
                ("changed_at", models.DateTimeField()),
                ("changed_by", models.CharField(max_length=120)),
                *acted_for(),
                (
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to="consent.authorisation",
                    ),
                ),
                ("enterprise", organisation()),
            ],
            options={
                "db_table": "consent_state_change",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["authorisation", "kind", "changed_at"], name="consent_changes_once_a_moment"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "Mandate",
            [
                ("id", own_id()),
                ("name", models.CharField(max_length=200)),
                ("media_type", models.CharField(max_length=40)),
                ("content", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(max_length=120)),
                *acted_for(),
                ("enterprise", organisation()),
            ],
            options={"db_table": "consent_mandate"},
        ),
        migrations.CreateModel(
            "Use",
            [
                ("id", own_id()),
                ("number", models.PositiveSmallIntegerField()),
                ("used_at", models.DateTimeField()),
                (
                    "authorisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consent.authorisation"
                    ),
                ),
                ("enterprise", organisation()),
                ("reader", organisation()),
            ],
            options={
                "db_table": "consent_use",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["authorisation", "number", "reader", "used_at"],
                        name="what_one_moment_fetches_is_one_fetch",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            "RefusalCount",
            [
                ("id", own_id()),
                ("items", django.contrib.postgres.fields.ArrayField(models.CharField(max_length=40), size=None)),
                ("purpose", models.CharField(max_length=40)),
                ("refusal", models.CharField(max_length=16)),
                ("day", models.DateField()),
                ("times", models.PositiveIntegerField()),
                ("actor_kind", models.CharField(max_length=16)),
                ("actor_id", models.CharField(max_length=80)),
                ("actor_name", models.CharField(max_length=200)),
                ("actor_right", models.CharField(blank=True, default="", max_length=24)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("enterprise", organisation(held=False)),
                ("reader", organisation(held=False)),
            ],
            options={
                "db_table": "consent_refusal_count",
                "constraints": [
                    models.UniqueConstraint(
                        fields=["enterprise", "reader", "items", "purpose", "refusal", "day"],
                        name="refusals_of_a_day_are_one",
                    )
                ],
            },
        ),
        migrations.RunSQL(COUNT_OLD, migrations.RunSQL.noop),
    ]
