"""On whose behalf and by what right limits were frozen and statements brought."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("servicing", "0004_books"),
    ]

    operations = [
        migrations.AddField(
            model_name="freeze",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="freeze",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(
            model_name="statement",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="statement",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
    ]
