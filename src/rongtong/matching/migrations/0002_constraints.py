"""Tenants see their own rows; products and the terms of offers never change."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate

_TERMS = [
    "id",
    "match_id",
    "reservation_id",
    "product_id",
    "enterprise_id",
    "lender_id",
    "as_of",
    "amount_minor",
    "term_months",
    "repayment_method",
    "annual_rate",
    "fees_minor",
    "annual_cost_simple",
    "annual_cost_effective",
    "approval_odds",
    "days_to_cash",
    "rank",
    "utility",
    "workings",
    "digest",
    "recorded_at",
]


def _row(alias: str) -> str:
    return ", ".join(f"{alias}.{column}" for column in _TERMS)


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_initial"), ("core", "0002_constraints")]

    operations = [
        append_only("matching_product"),
        isolate("matching_capacity_pool", "lender_id"),
        isolate("matching_match", "enterprise_id"),
        isolate("matching_reservation", "enterprise_id", "lender_id"),
        isolate("matching_offer", "enterprise_id", "lender_id"),
        migrations.RunSQL(
            f"""
            CREATE FUNCTION matching_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF ({_row("OLD")}) IS DISTINCT FROM ({_row("NEW")}) THEN
                RAISE EXCEPTION 'the terms of offer % never change', OLD.id USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
                ('shown', 'applied'), ('shown', 'taken'), ('shown', 'expired'), ('shown', 'withdrawn'),
                ('applied', 'taken'), ('applied', 'expired'), ('applied', 'withdrawn')) THEN
                RAISE EXCEPTION 'offer % cannot go from % to %', OLD.id, OLD.state, NEW.state
                  USING ERRCODE = 'integrity_constraint_violation';
              END IF;
              RETURN NEW;
            END $$;
            CREATE TRIGGER keep_terms BEFORE UPDATE ON matching_offer
              FOR EACH ROW EXECUTE FUNCTION matching_keep_terms();
            """,
            "DROP TRIGGER keep_terms ON matching_offer; DROP FUNCTION matching_keep_terms()",
        ),
    ]
