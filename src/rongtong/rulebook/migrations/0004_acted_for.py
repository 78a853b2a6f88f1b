"""On whose behalf and by what right a rule was recorded."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rulebook", "0003_public"),
    ]

    operations = [
        migrations.AddField(
            model_name="rulerow",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="rulerow",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
    ]
