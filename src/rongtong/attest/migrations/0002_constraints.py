"""The log is append-only, steps are isolated by tenant, and each new step waits for the sequencer."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("attest", "0001_initial"), ("core", "0002_constraints")]

    operations = [
        append_only("attest_step"),
        append_only("attest_leaf"),
        append_only("attest_node"),
        append_only("attest_checkpoint"),
        isolate("attest_step", "enterprise_id", "lender_id", "written_by_id"),
        migrations.RunSQL(
            """CREATE FUNCTION attest_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
               BEGIN INSERT INTO attest_pending (step_id) SELECT id FROM added; RETURN NULL; END $$;
               CREATE TRIGGER enqueue AFTER INSERT ON attest_step
               REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION attest_enqueue()""",
            "DROP TRIGGER enqueue ON attest_step; DROP FUNCTION attest_enqueue()",
        ),
    ]
