"""How much of a line stands behind nothing any more; the column may change, as the others of a line's present state."""

from django.db import migrations, models

COLUMNS = "state,used_minor,loans_made,frozen,frozen_reason"


def keep(columns: str) -> str:
    return (
        "CREATE OR REPLACE TRIGGER keep BEFORE UPDATE OR DELETE ON servicing_facility FOR EACH ROW "
        f"EXECUTE FUNCTION servicing_keep('{columns}')"
    )


class Migration(migrations.Migration):
    dependencies = [("servicing", "0002_constraints")]

    operations = [
        migrations.AddField("facility", "returned_minor", models.BigIntegerField(default=0)),
        migrations.AddConstraint(
            "facility",
            models.CheckConstraint(
                condition=models.Q(("returned_minor__gte", 0), ("returned_minor__lte", models.F("limit_minor"))),
                name="facility_returned_within_limit",
            ),
        ),
        migrations.RunSQL(keep(f"{COLUMNS},returned_minor"), keep(COLUMNS)),
    ]
