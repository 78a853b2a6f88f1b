"""On whose behalf and by what right deliveries came and rows were erased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0003_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="batch",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="batch",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(
            model_name="erasure",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="erasure",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
    ]
