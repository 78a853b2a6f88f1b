"""On whose behalf and by what right offers were searched."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0007_basis_of_search")]

    operations = [
        migrations.AddField(model_name="match", name="actor_organisation_id", field=models.UUIDField(null=True)),
        migrations.AddField(
            model_name="match", name="actor_right", field=models.CharField(blank=True, default="", max_length=24)
        ),
    ]
