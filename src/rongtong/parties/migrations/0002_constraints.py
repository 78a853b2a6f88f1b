"""A tenant's people, keys and declarations are its own; declarations are append-only."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate

SEES_A_PERSON = """current_setting('app.scope', true) IS DISTINCT FROM 'tenant'
    OR id IN (SELECT user_id FROM parties_membership
              WHERE organisation_id::text = current_setting('app.tenant', true))"""
"""A tenant sees the people who act for it. The login, which comes before anybody is known, sees all."""


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial")]

    operations = [
        isolate("parties_membership", "organisation_id"),
        isolate("parties_api_key", "organisation_id"),
        isolate("parties_size_declaration", "organisation_id"),
        append_only("parties_size_declaration"),
        migrations.RunSQL(
            sql=[
                "ALTER TABLE parties_user ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE parties_user FORCE ROW LEVEL SECURITY",
                f"CREATE POLICY tenant ON parties_user USING ({SEES_A_PERSON}) WITH CHECK ({SEES_A_PERSON})",
            ],
            reverse_sql=[
                "DROP POLICY tenant ON parties_user",
                "ALTER TABLE parties_user NO FORCE ROW LEVEL SECURITY",
                "ALTER TABLE parties_user DISABLE ROW LEVEL SECURITY",
            ],
        ),
    ]
