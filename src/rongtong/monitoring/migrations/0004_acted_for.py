"""Who disposed of a task, on whose behalf, by what right."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("monitoring", "0003_books"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="actor_id",
            field=models.CharField(blank=True, default="", max_length=80),
        ),
        migrations.AddField(
            model_name="task",
            name="actor_kind",
            field=models.CharField(blank=True, default="", max_length=16),
        ),
        migrations.AddField(
            model_name="task",
            name="actor_name",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="task",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="task",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
    ]
