"""The audit trail and the events are append-only, the audit trail is isolated by tenant, the cache has its table."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        append_only("core_audit_entry"),
        append_only("core_event"),
        isolate("core_audit_entry", "organisation_id", "enterprise_id"),
        migrations.RunSQL(
            "CREATE TABLE core_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);"
            "CREATE INDEX core_cache_expires ON core_cache (expires)",
            "DROP TABLE core_cache",
        ),
    ]
