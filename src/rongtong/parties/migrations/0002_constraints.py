"""A tenant's people, keys and declarations are its own; declarations are append-only."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate

SEES_A_PERSON = """current_setting('app.scope', true) IS DISTINCT FROM 'tenant'
    OR id IN (SELECT user_id FROM parties_membership
              WHERE organisation_id::text = current_setting('app.tenant', true))"""
"""A tenant sees the people who act for it. The login, which comes before anybody is known, sees all."""


SEES_A_FACTOR = """current_setting('app.scope', true) IS DISTINCT FROM 'tenant'
    OR user_id IN (SELECT id FROM parties_user)"""
"""The login library's second factors follow the people: what the inner SELECT shows is what the rule above shows."""


def secure(table: str, rule: str) -> migrations.RunSQL:
    """Row-level security by a rule of one's own."""
    return migrations.RunSQL(
        sql=[
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY tenant ON {table} USING ({rule}) WITH CHECK ({rule})",
        ],
        reverse_sql=[
            f"DROP POLICY tenant ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ],
    )


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [
        isolate("parties_membership", "organisation_id"),
        isolate("parties_api_key", "organisation_id"),
        isolate("parties_size_declaration", "organisation_id"),
        append_only("parties_size_declaration"),
        secure("parties_user", SEES_A_PERSON),
        secure("mfa_authenticator", SEES_A_FACTOR),
    ]
