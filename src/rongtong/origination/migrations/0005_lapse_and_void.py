"""Applications that lapse, agreements that are void, proposals that are dropped."""

from django.db import migrations, models

ARROWS = {
    "application": (
        "submitted>approved submitted>declined submitted>referred submitted>withdrawn submitted>lapsed "
        "referred>approved referred>declined referred>countered referred>withdrawn referred>lapsed "
        "approved>accepted approved>withdrawn approved>lapsed countered>accepted countered>withdrawn countered>lapsed "
        "declined>referred accepted>signed accepted>withdrawn accepted>lapsed",
        "state state_since",
    ),
    "proposal": ("pending>confirmed pending>replaced pending>dropped", "state"),
    "agreement": (
        "prepared>signed_by_firm signed_by_firm>signed prepared>void signed_by_firm>void",
        "state firm_signed_at lender_signed_at",
    ),
}
"""For each table its allowed transitions from now on, and the columns that may change at all."""


def guard(noun: str) -> migrations.RunSQL:
    """The guard of a table with its arrows of today in place of those of before."""
    arrows, free = ARROWS[noun]
    table = f"origination_{noun}"
    return migrations.RunSQL(
        sql=[
            f"DROP TRIGGER guard ON {table}",
            f"""CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW
                EXECUTE FUNCTION origination_guard('{arrows}', '{free}')""",
        ],
        reverse_sql=migrations.RunSQL.noop,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("origination", "0004_acted_for"),
        ("parties", "0003_public_registers"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="agreement",
            name="agreement_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="agreement",
            name="agreement_state_has_its_signatures",
        ),
        migrations.RemoveConstraint(
            model_name="application",
            name="application_state_known",
        ),
        migrations.RemoveConstraint(
            model_name="document",
            name="document_stage_known",
        ),
        migrations.RemoveConstraint(
            model_name="proposal",
            name="proposal_state_known",
        ),
        migrations.AlterField(
            model_name="agreement",
            name="state",
            field=models.CharField(
                choices=[
                    ("prepared", "prepared"),
                    ("signed_by_firm", "signed_by_firm"),
                    ("signed", "signed"),
                    ("void", "void"),
                ],
                default="prepared",
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="application",
            name="state",
            field=models.CharField(
                choices=[
                    ("submitted", "submitted"),
                    ("referred", "referred"),
                    ("approved", "approved"),
                    ("countered", "countered"),
                    ("declined", "declined"),
                    ("accepted", "accepted"),
                    ("signed", "signed"),
                    ("withdrawn", "withdrawn"),
                    ("lapsed", "lapsed"),
                ],
                default="submitted",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="document",
            name="stage",
            field=models.CharField(
                choices=[
                    ("prepared", "prepared"),
                    ("signed_by_firm", "signed_by_firm"),
                    ("signed", "signed"),
                    ("void", "void"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["prepared", "signed_by_firm", "signed", "void"])),
                name="agreement_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("firm_signed_at", None), ("lender_signed_at", None), ("state", "prepared")),
                    models.Q(
                        ("firm_signed_at__isnull", False), ("lender_signed_at", None), ("state", "signed_by_firm")
                    ),
                    models.Q(
                        ("firm_signed_at__isnull", False), ("lender_signed_at__isnull", False), ("state", "signed")
                    ),
                    models.Q(("lender_signed_at", None), ("state", "void")),
                    _connector="OR",
                ),
                name="agreement_state_has_its_signatures",
            ),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "submitted",
                            "referred",
                            "approved",
                            "countered",
                            "declined",
                            "accepted",
                            "signed",
                            "withdrawn",
                            "lapsed",
                        ],
                    )
                ),
                name="application_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("stage__in", ["prepared", "signed_by_firm", "signed", "void"])),
                name="document_stage_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["pending", "confirmed", "replaced", "dropped"])),
                name="proposal_state_known",
            ),
        ),
        *(guard(noun) for noun in ARROWS),
    ]
