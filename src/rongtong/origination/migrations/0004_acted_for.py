"""On whose behalf and by what right each step, decision, proposal, answer and signature came about."""

from django.db import migrations, models

COLUMNS = "state answer answered_at answered_by"
WHO = "actor_kind actor_id actor_name actor_organisation_id actor_right"
ARROWS = "raised>upheld raised>dismissed"


def guard(columns: str) -> str:
    """An objection changes once, when it is answered: its answer and who gave it."""
    return (
        "CREATE OR REPLACE TRIGGER guard BEFORE UPDATE OR DELETE ON origination_objection FOR EACH ROW "
        f"EXECUTE FUNCTION origination_guard('{ARROWS}', '{columns}')"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("origination", "0003_books"),
    ]

    operations = [
        migrations.AddField(
            model_name="decision",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="decision",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(
            model_name="document",
            name="actor_id",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="document",
            name="actor_kind",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="document",
            name="actor_name",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="document",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="document",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(
            model_name="objection",
            name="actor_id",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="objection",
            name="actor_kind",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="objection",
            name="actor_name",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="objection",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="objection",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(
            model_name="proposal",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="proposal",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(
            model_name="step",
            name="actor_id",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="step",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="step",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        *(
            migrations.AlterField(model, f"actor_{name}", models.CharField(blank=True, default="", max_length=length))
            for model, name, length in (
                ("decision", "kind", 16),
                ("decision", "id", 80),
                ("decision", "name", 200),
                ("step", "kind", 16),
                ("step", "name", 200),
            )
        ),
        migrations.RunSQL(guard(f"{COLUMNS} {WHO}"), guard(COLUMNS)),
    ]
