"""Logins are kept under a digest of their key: those that were kept under the key itself end, and people log in again."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("parties", "0005_legal_representatives"), ("sessions", "0001_initial")]

    operations = [migrations.RunSQL("DELETE FROM django_session", migrations.RunSQL.noop)]
