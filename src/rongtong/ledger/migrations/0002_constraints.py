"""The ledger defends itself: what is here holds against any program that writes to these tables."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate

# An account starts empty and belongs to a licensed institution: the platform has none (no fund pool, domain red line 1).
OWNERS = """
CREATE FUNCTION ledger_check_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.balance <> 0 OR NEW.version <> 0 THEN
    RAISE EXCEPTION 'account (id=%) does not start empty', NEW.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM parties_organisation WHERE id = NEW.lender_id AND kind = 'institution') THEN
    RAISE EXCEPTION 'account (id=%) belongs to % which is no licensed institution', NEW.id, NEW.lender_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'account_of_an_institution';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER check_account BEFORE INSERT ON ledger_account FOR EACH ROW EXECUTE FUNCTION ledger_check_account();
"""

# Transfers write their entries and the balances here. Accounts are locked in the order of their ids, so that two
# postings over the same accounts wait for each other instead of locking each other out.
APPLY = """
CREATE FUNCTION ledger_apply() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM ledger_account
  WHERE id IN (SELECT debit_id FROM added UNION SELECT credit_id FROM added) ORDER BY id FOR NO KEY UPDATE;

  INSERT INTO ledger_entry (account_id, account_version, transfer_id, minor, previous_balance, current_balance,
                            business_date, recorded_at, lender_id, enterprise_id)
  SELECT a.id, a.version + row_number() OVER running, leg.transfer_id, leg.minor,
         a.balance + sum(leg.minor) OVER running - leg.minor, a.balance + sum(leg.minor) OVER running,
         leg.business_date, leg.recorded_at, a.lender_id, a.enterprise_id
  FROM (SELECT id AS transfer_id, debit_id AS account_id, minor, business_date, recorded_at FROM added
        UNION ALL
        SELECT id, credit_id, -minor, business_date, recorded_at FROM added) leg
  JOIN ledger_account a ON a.id = leg.account_id
  WINDOW running AS (PARTITION BY a.id ORDER BY leg.transfer_id);

  UPDATE ledger_account a SET balance = a.balance + moved.minor, version = a.version + moved.entries
  FROM (SELECT account_id, sum(minor) AS minor, count(*) AS entries
        FROM (SELECT debit_id AS account_id, minor FROM added UNION ALL SELECT credit_id, -minor FROM added) legs
        GROUP BY account_id) moved
  WHERE a.id = moved.account_id;
  RETURN NULL;
END $$;
CREATE TRIGGER apply AFTER INSERT ON ledger_transfer
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_apply();
"""

# Only the trigger above, which runs one level deeper, writes entries and balances.
GUARD = """
CREATE FUNCTION ledger_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'rows of % are written by transfers only', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER guard BEFORE INSERT ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard();
CREATE TRIGGER guard BEFORE UPDATE ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION ledger_guard();
CREATE TRIGGER keep_account BEFORE DELETE ON ledger_account FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only_all BEFORE TRUNCATE ON ledger_account FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

# At commit each transfer has exactly its two sides; whoever was looking may have looked away by then.
BALANCED = """
CREATE FUNCTION ledger_check_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE viewer text := coalesce(current_setting('app.scope', true), '');
BEGIN
  PERFORM set_config('app.scope', 'platform', true);
  IF (SELECT count(*) <> 2 OR sum(minor) <> 0 OR max(minor) <> NEW.minor FROM ledger_entry WHERE transfer_id = NEW.id)
  THEN
    RAISE EXCEPTION 'transfer (id=%) does not balance', NEW.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  PERFORM set_config('app.scope', viewer, true);
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON ledger_transfer DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION ledger_check_transfer();
"""

# Both sides belong to one lender, one firm, one currency.
ONE_PAIR = """
ALTER TABLE ledger_transfer
  ADD CONSTRAINT debit_concerns_the_same FOREIGN KEY (debit_id, lender_id, enterprise_id, currency)
  REFERENCES ledger_account (id, lender_id, enterprise_id, currency),
  ADD CONSTRAINT credit_concerns_the_same FOREIGN KEY (credit_id, lender_id, enterprise_id, currency)
  REFERENCES ledger_account (id, lender_id, enterprise_id, currency);
CREATE INDEX ledger_entry_by_date ON ledger_entry (account_id, business_date) INCLUDE (minor);
"""

UNDO = """
DROP INDEX ledger_entry_by_date;
ALTER TABLE ledger_transfer DROP CONSTRAINT debit_concerns_the_same, DROP CONSTRAINT credit_concerns_the_same;
DROP TRIGGER balanced ON ledger_transfer; DROP FUNCTION ledger_check_transfer();
DROP TRIGGER guard ON ledger_entry; DROP TRIGGER guard ON ledger_account;
DROP TRIGGER keep_account ON ledger_account; DROP TRIGGER append_only_all ON ledger_account;
DROP FUNCTION ledger_guard(); DROP TRIGGER apply ON ledger_transfer; DROP FUNCTION ledger_apply();
DROP TRIGGER check_account ON ledger_account; DROP FUNCTION ledger_check_account();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("core", "0002_constraints")]

    operations = [
        append_only("ledger_posting"),
        append_only("ledger_transfer"),
        append_only("ledger_entry"),
        migrations.RunSQL([OWNERS, APPLY, GUARD, BALANCED, ONE_PAIR], UNDO),
        isolate("ledger_account", "lender_id", "enterprise_id"),
        isolate("ledger_transfer", "lender_id", "enterprise_id"),
        isolate("ledger_entry", "lender_id", "enterprise_id"),
    ]
