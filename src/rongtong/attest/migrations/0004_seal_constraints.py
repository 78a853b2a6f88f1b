"""Seals never change and are the platform's; what happens to the rows of the domains queues up for one.

The triggers themselves are put on the tables after each migration (`attach_seals`).
"""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate

ENQUEUE = """
CREATE FUNCTION attest_enqueue_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- A superuser who is neither the application (which takes a plain role) nor a migration writes by hand: let it fit no seal.
  IF current_setting('role') = 'none' AND coalesce(current_setting('app.migrating', true), '') <> 'on'
     AND (SELECT rolsuper FROM pg_roles WHERE rolname = session_user) THEN
    RETURN NULL;
  END IF;
  INSERT INTO attest_unsealed (table_name, row_id, deleted) SELECT TG_TABLE_NAME, id, TG_OP = 'DELETE' FROM touched;
  RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("attest", "0003_seals")]

    operations = [
        append_only("attest_seal"),
        isolate("attest_seal"),
        migrations.RunSQL(ENQUEUE, "DROP FUNCTION attest_enqueue_row() CASCADE"),
    ]
