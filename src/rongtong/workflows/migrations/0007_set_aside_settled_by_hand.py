"""How an operator settled what was set aside."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflows", "0006_obstacles")]

    operations = [
        migrations.AddField("setaside", "note", models.CharField(blank=True, default="", max_length=400)),
    ]
