"""On whose behalf and by what right importers asserted what firms authorised."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consent", "0006_entry_constraints")]

    operations = [
        migrations.AddField(
            model_name="assertedpaper", name="actor_organisation_id", field=models.UUIDField(null=True)
        ),
        migrations.AddField(
            model_name="assertedpaper",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(model_name="assertion", name="actor_organisation_id", field=models.UUIDField(null=True)),
        migrations.AddField(
            model_name="assertion", name="actor_right", field=models.CharField(blank=True, default="", max_length=24)
        ),
    ]
