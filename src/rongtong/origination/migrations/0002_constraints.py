"""What Django cannot say: isolation by tenant, append-only rows, and states that change along their arrows only."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate

ARROWS = {
    "application": (
        "submitted>approved submitted>declined submitted>referred submitted>withdrawn "
        "referred>approved referred>declined referred>countered referred>withdrawn "
        "approved>accepted approved>withdrawn countered>accepted countered>withdrawn "
        "declined>referred accepted>signed accepted>withdrawn",
        "state state_since",
    ),
    "proposal": ("pending>confirmed pending>replaced", "state"),
    "objection": ("raised>upheld raised>dismissed", "state answer answered_at answered_by"),
    "agreement": ("prepared>signed_by_firm signed_by_firm>signed", "state firm_signed_at lender_signed_at"),
}
"""For each table its allowed transitions, and the columns that may change at all."""

GUARD = """CREATE FUNCTION origination_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE arrows text[] := string_to_array(TG_ARGV[0], ' '); free text[] := string_to_array(TG_ARGV[1], ' ');
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'rows of % are kept', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (to_jsonb(OLD) - free) IS DISTINCT FROM (to_jsonb(NEW) - free) THEN
    RAISE EXCEPTION 'only % of % may change', TG_ARGV[1], TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.state = NEW.state OR NOT (OLD.state || '>' || NEW.state) = ANY (arrows) THEN
    RAISE EXCEPTION '% cannot go from % to %', TG_TABLE_NAME, OLD.state, NEW.state USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$"""


def guard(noun: str) -> migrations.RunSQL:
    """Only the arrows of a table, and only its free columns."""
    arrows, free = ARROWS[noun]
    table = f"origination_{noun}"
    return migrations.RunSQL(
        sql=f"""CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW
                EXECUTE FUNCTION origination_guard('{arrows}', '{free}')""",
        reverse_sql=f"DROP TRIGGER guard ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("origination", "0001_initial")]

    operations = [
        *(
            isolate(f"origination_{noun}", "enterprise_id", "lender_id")
            for noun in ("application", "step", "decision", "proposal", "objection", "agreement", "document")
        ),
        isolate("origination_related_party", "of_id"),
        *(append_only(f"origination_{noun}") for noun in ("step", "decision", "document")),
        migrations.RunSQL(sql=GUARD, reverse_sql="DROP FUNCTION origination_guard()"),
        *(guard(noun) for noun in ARROWS),
    ]
