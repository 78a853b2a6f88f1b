"""The order in which lists of applications are read, so that no page sorts all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("origination", "0005_lapse_and_void")]
    operations = [
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["-submitted_at", "-id"], name="application_latest_first"),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["lender", "-submitted_at", "-id"], name="application_of_lender"),
        ),
    ]
