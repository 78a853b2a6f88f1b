"""On whose behalf and by what right consents were given and data read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0002_constraints"),
    ]

    operations = [
        migrations.AddField(
            model_name="access",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="authorisation",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(
            model_name="revocation",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="revocation",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
    ]
