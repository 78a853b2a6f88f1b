"""One exposure figure per firm: its stages on the reservations, the limit measured for it, what a search started from."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

import rongtong.core.ids
from rongtong.core.tenancy import append_only, isolate, keep_books_apart

_ARROWS = """
CREATE OR REPLACE FUNCTION matching_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF ({old}) IS DISTINCT FROM ({new}) THEN
    RAISE EXCEPTION 'the terms of offer % never change', OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
    ('shown', 'applied'), ('shown', 'taken'), ('shown', 'expired'), ('shown', 'withdrawn'),
    ('applied', 'taken'), ('applied', 'expired'), ('applied', 'withdrawn'){more}) THEN
    RAISE EXCEPTION 'offer % cannot go from % to %', OLD.id, OLD.state, NEW.state
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$
"""
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
_STAGES = """
SELECT set_config('app.scope', 'platform', true), set_config('app.book', 'all', true);
UPDATE matching_reservation r SET stage = CASE o.state WHEN 'taken' THEN 'undrawn' ELSE 'applied' END
FROM matching_offer o WHERE o.reservation_id = r.id AND o.state IN ('applied', 'taken');
"""


def _arrows(more: str) -> str:
    old, new = (", ".join(f"{side}.{column}" for column in _TERMS) for side in ("OLD", "NEW"))
    return _ARROWS.format(old=old, new=new, more=more)


class Migration(migrations.Migration):
    dependencies = [
        ("matching", "0005_books"),
        ("parties", "0003_public_registers"),
    ]

    operations = [
        migrations.CreateModel(
            name="FirmLimit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("measured_minor", models.BigIntegerField()),
                ("elsewhere_minor", models.BigIntegerField(null=True)),
                ("as_of", models.DateField()),
                ("portrait_digest", models.CharField(max_length=64)),
                ("recorded_at", models.DateTimeField()),
            ],
            options={
                "db_table": "matching_firm_limit",
            },
        ),
        migrations.AddField(
            model_name="match",
            name="exposure_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="match",
            name="fitting",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="match",
            name="limit_minor",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="match",
            name="rulebook_version",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="match",
            name="searched_by",
            field=models.CharField(default="", max_length=120),
        ),
        migrations.AddField(
            model_name="reservation",
            name="owed_minor",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="reservation",
            name="stage",
            field=models.CharField(
                choices=[
                    ("shown", "shown"),
                    ("applied", "applied"),
                    ("approved", "approved"),
                    ("undrawn", "undrawn"),
                    ("owed", "owed"),
                ],
                default="shown",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="offer",
            name="approval_odds",
            field=models.DecimalField(decimal_places=4, max_digits=5, null=True),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(fields=["enterprise", "-recorded_at"], name="matching_ma_enterpr_f0d28f_idx"),
        ),
        migrations.AddIndex(
            model_name="match",
            index=models.Index(fields=["searched_by", "-recorded_at"], name="matching_ma_searche_482ab9_idx"),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("owed_minor__gte", 0),
                    (
                        "owed_minor__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("consumed_minor"), "-", models.F("returned_minor")
                        ),
                    ),
                ),
                name="no_more_is_owed_than_stands",
            ),
        ),
        migrations.AddField(
            model_name="firmlimit",
            name="enterprise",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.organisation"
            ),
        ),
        migrations.AddIndex(
            model_name="firmlimit",
            index=models.Index(fields=["enterprise", "-id"], name="matching_fi_enterpr_730eb7_idx"),
        ),
        migrations.AddConstraint(
            model_name="firmlimit",
            constraint=models.CheckConstraint(
                condition=models.Q(("measured_minor__gte", 0)), name="firm_limit_is_not_negative"
            ),
        ),
        isolate("matching_firm_limit", "enterprise_id"),
        append_only("matching_firm_limit"),
        keep_books_apart("matching_firm_limit"),
        migrations.RunSQL(_STAGES, migrations.RunSQL.noop),
        migrations.RunSQL(_arrows(", ('withdrawn', 'applied')"), _arrows("")),
    ]
