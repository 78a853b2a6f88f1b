"""From which day on a source was asked: known from now on; asked once more where it is not."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0006_registers")]

    operations = [migrations.AddField("holding", "collected_from", models.DateField(null=True))]
