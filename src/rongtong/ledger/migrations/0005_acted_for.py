"""On whose behalf and by what right accounts were opened and postings made."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_books"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="account",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
        migrations.AddField(
            model_name="posting",
            name="actor_organisation_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="posting",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
    ]
