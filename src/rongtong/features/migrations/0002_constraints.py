"""A portrait never changes, and is seen by its firm and the platform; others come to it through consent."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("features", "0001_initial"), ("core", "0002_constraints")]

    operations = [append_only("features_portrait"), isolate("features_portrait", "enterprise_id")]
