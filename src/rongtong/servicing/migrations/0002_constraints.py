"""What happened stays as it was written; lenders and firms see their own rows only."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate

SHARED = (
    "facility",
    "freeze",
    "loan",
    "message",
    "instruction",
    "payout",
    "instalment",
    "repayment",
    "allocation",
    "classification",
)
LENDERS = ("statement", "statement_entry", "unbooked_entry")
FIXED = ("freeze", "payout", "statement", "statement_entry", "repayment", "allocation", "classification")

# Of these rows only the columns named may change: the rest is what was agreed, sent or scheduled.
MUTABLE = {
    "facility": "state,used_minor,loans_made,frozen,frozen_reason",
    "instalment": "ended_version",
    "message": "state,attempts,error,sent_at,answered_at",
    "instruction": "state,reason,answered_at",
    "unbooked_entry": "resolved_at,resolution",
    "loan": "state,rejection_reason,activated_at,closed_date,maturity_date,schedule_version,state_date,"
    "outstanding_minor,interest_accrued_minor,penalty_accrued_minor,interest_paid_minor,penalty_paid_minor,accruals,"
    "overdue_minor,overdue_days,loan_class,stage,next_due_date,next_due_minor",
}
KEEP = """
CREATE FUNCTION servicing_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR to_jsonb(NEW) - string_to_array(TG_ARGV[0], ',')
                         IS DISTINCT FROM to_jsonb(OLD) - string_to_array(TG_ARGV[0], ',') THEN
    RAISE EXCEPTION 'this of % does not change', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
"""


def keep(table: str, columns: str) -> migrations.RunSQL:
    """Let only the columns change."""
    return migrations.RunSQL(
        [
            f"CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON servicing_{table} FOR EACH ROW "
            f"EXECUTE FUNCTION servicing_keep('{columns}')",
            f"CREATE TRIGGER append_only_all BEFORE TRUNCATE ON servicing_{table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        ],
        f"DROP TRIGGER keep ON servicing_{table}; DROP TRIGGER append_only_all ON servicing_{table}",
    )


class Migration(migrations.Migration):
    dependencies = [("servicing", "0001_initial"), ("core", "0002_constraints")]

    operations = [
        migrations.RunSQL(KEEP, "DROP FUNCTION servicing_keep()"),
        *(append_only(f"servicing_{table}") for table in FIXED),
        *(keep(table, columns) for table, columns in MUTABLE.items()),
        *(isolate(f"servicing_{table}", "enterprise_id", "lender_id") for table in SHARED),
        *(isolate(f"servicing_{table}", "lender_id") for table in LENDERS),
    ]
