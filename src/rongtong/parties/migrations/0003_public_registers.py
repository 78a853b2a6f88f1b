"""Everybody reads the public registers; no tenant writes in them, and what an organisation is it stays."""

from django.db import migrations

from rongtong.core.tenancy import publish

# The ledger opens accounts for institutions alone: a firm or the operator must not become one by an update.
SAME_KIND = """
CREATE FUNCTION parties_keep_kind() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'organisation % stays what it is', OLD.id USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER keep_kind BEFORE UPDATE ON parties_organisation FOR EACH ROW
WHEN (OLD.id IS DISTINCT FROM NEW.id OR OLD.kind IS DISTINCT FROM NEW.kind) EXECUTE FUNCTION parties_keep_kind();
"""

# Of a licence only its withdrawal is news; another term is another licence.
SAME_LICENCE = """
CREATE FUNCTION parties_keep_licence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.withdrawn_date IS NOT NULL
     OR to_jsonb(OLD) - 'withdrawn_date' IS DISTINCT FROM to_jsonb(NEW) - 'withdrawn_date' THEN
    RAISE EXCEPTION 'licence % stays as it was recorded', OLD.number USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keep_licence BEFORE UPDATE OR DELETE ON parties_licence FOR EACH ROW
EXECUTE FUNCTION parties_keep_licence();
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_constraints"), ("core", "0002_constraints")]

    operations = [
        publish("parties_organisation", "id"),
        publish("parties_identifier"),
        publish("parties_licence"),
        migrations.RunSQL(
            [SAME_KIND, SAME_LICENCE],
            "DROP TRIGGER keep_licence ON parties_licence; DROP FUNCTION parties_keep_licence();"
            "DROP TRIGGER keep_kind ON parties_organisation; DROP FUNCTION parties_keep_kind()",
        ),
    ]
