"""Authorisations are their firm's own; the log of accesses is seen by the firm and by the reader; nothing is changed."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_initial")]

    operations = [
        isolate("consent_authorisation", "enterprise_id"),
        isolate("consent_revocation", "enterprise_id"),
        isolate("consent_access", "enterprise_id", "reader_id"),
        append_only("consent_authorisation"),
        append_only("consent_revocation"),
        append_only("consent_access"),
    ]
