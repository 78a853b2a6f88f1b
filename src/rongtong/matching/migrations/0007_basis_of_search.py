"""What a search rested on besides portrait and exposure, so that it is found again only while that holds."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matching", "0006_exposure")]

    operations = [
        migrations.AddField("match", "basis_digest", models.CharField(default="", max_length=64)),
    ]
