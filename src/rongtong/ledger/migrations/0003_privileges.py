"""Entries and balances are out of the application's reach: it may insert transfers, the trigger does the rest as owner.

The guard of 0002 asks how deep in triggers a write is; a program may bring a trigger of its own, on a temporary table.
"""

from django.db import migrations

from rongtong.core.roles import APP_ROLE

# No account concerns the operator, the regulator or a lender as the firm: the platform is on neither side.
CONCERNS_A_FIRM = """
CREATE FUNCTION ledger_check_firm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM parties_organisation WHERE id = NEW.enterprise_id AND kind <> 'enterprise') THEN
    RAISE EXCEPTION 'account (id=%) concerns % which is no enterprise', NEW.id, NEW.enterprise_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'account_concerns_a_firm';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER check_firm BEFORE INSERT ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_check_firm();
"""
OWNER_WRITES = "ALTER FUNCTION ledger_apply() SECURITY DEFINER SET search_path = public, pg_temp"

# Where the tables' owner may not make roles there is no such role, and the guard of 0002 stands alone.
OUT_OF_REACH = f"""DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
    REVOKE INSERT, UPDATE, DELETE ON ledger_entry FROM {APP_ROLE};
    REVOKE UPDATE, DELETE ON ledger_account FROM {APP_ROLE};
    GRANT UPDATE (id) ON ledger_account TO {APP_ROLE}; -- a row can be locked by whoever may update a column of it
    REVOKE UPDATE, DELETE ON ledger_transfer, ledger_posting FROM {APP_ROLE};
  END IF;
END $$"""
WITHIN_REACH = f"""DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
    GRANT INSERT, UPDATE, DELETE ON ledger_entry, ledger_account, ledger_transfer, ledger_posting TO {APP_ROLE};
  END IF;
END $$"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_constraints")]

    operations = [
        migrations.RunSQL(
            [CONCERNS_A_FIRM, OWNER_WRITES, OUT_OF_REACH],
            [
                WITHIN_REACH,
                "ALTER FUNCTION ledger_apply() SECURITY INVOKER RESET search_path",
                "DROP TRIGGER check_firm ON ledger_account; DROP FUNCTION ledger_check_firm()",
            ],
        )
    ]
