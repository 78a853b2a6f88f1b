"""A loan may change its class more than once on a day: a close that was cut off goes on after money was booked."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("servicing", "0009_rest_of_an_entry")]

    operations = [migrations.RemoveConstraint("classification", "one_classification_per_day")]
