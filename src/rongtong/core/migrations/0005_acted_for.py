"""By what right each audit entry was written."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_books"),
    ]

    operations = [
        migrations.AddField(
            model_name="auditentry",
            name="actor_right",
            field=models.CharField(blank=True, default="", max_length=24),
        ),
    ]
