"""What was granted goes back to the desk when an objection to it is upheld: its agreement is void, another may follow."""

import django.db.models.deletion
from django.db import migrations, models

BEFORE = (
    "submitted>approved submitted>declined submitted>referred submitted>withdrawn submitted>lapsed "
    "referred>approved referred>declined referred>countered referred>withdrawn referred>lapsed "
    "approved>accepted approved>withdrawn approved>lapsed countered>accepted countered>withdrawn countered>lapsed "
    "declined>referred accepted>signed accepted>withdrawn accepted>lapsed"
)
ARROWS = f"{BEFORE} approved>referred countered>referred accepted>referred"


def guard(arrows: str) -> list[str]:
    """The guard of applications with these arrows in place of those of before."""
    return [
        "DROP TRIGGER guard ON origination_application",
        f"""CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON origination_application FOR EACH ROW
            EXECUTE FUNCTION origination_guard('{arrows}', 'state state_since')""",
    ]


class Migration(migrations.Migration):
    dependencies = [
        ("origination", "0006_list_in_order"),
    ]

    operations = [
        migrations.AlterField(
            model_name="agreement",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="agreements", to="origination.application"
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "void"), _negated=True),
                fields=("application",),
                name="one_agreement_that_holds",
            ),
        ),
        migrations.RunSQL(sql=guard(ARROWS), reverse_sql=guard(BEFORE)),
    ]
