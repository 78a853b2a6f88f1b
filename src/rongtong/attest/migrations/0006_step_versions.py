"""A step names the version of its own leaf and of the columns behind its evidence; those before stand at version 1."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attest", "0005_books")]

    operations = [
        migrations.AddField("step", "leaf_version", models.PositiveSmallIntegerField(default=1, db_default=1)),
        migrations.AddField("step", "evidence_versions", models.JSONField(null=True)),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AddField("step", "book", models.CharField(db_default="live", max_length=10))]
        ),
    ]
