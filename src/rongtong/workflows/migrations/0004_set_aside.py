"""What jobs set aside: the platform's own."""

from django.db import migrations, models

import rongtong.core.ids
from rongtong.core.tenancy import isolate


class Migration(migrations.Migration):
    dependencies = [
        ("workflows", "0003_books"),
    ]

    operations = [
        migrations.CreateModel(
            name="SetAside",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=rongtong.core.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("step", models.CharField(max_length=40)),
                ("subject", models.CharField(max_length=80)),
                ("business_date", models.DateField(null=True)),
                ("code", models.CharField(max_length=80)),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("attempts", models.PositiveIntegerField(default=1)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "workflows_set_aside",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("settled_at", None)),
                        fields=("step", "subject", "business_date"),
                        name="one_open_line_per_step_and_subject",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        isolate("workflows_set_aside"),
    ]
