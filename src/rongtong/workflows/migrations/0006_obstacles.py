"""What stands in the way of a firm in the loop, and applications that ended."""

from django.db import migrations, models

STATES = [
    ("pending", "Pending"),
    ("unmatched", "Unmatched"),
    ("matched", "Matched"),
    ("applied", "Applied"),
    ("declined", "Declined"),
    ("referred", "Referred"),
    ("approved", "Approved"),
    ("agreed", "Agreed"),
    ("instructed", "Instructed"),
    ("drawn", "Drawn"),
    ("rejected", "Rejected"),
    ("ended", "Ended"),
]


class Migration(migrations.Migration):
    dependencies = [("workflows", "0005_set_aside_in_books")]

    operations = [
        migrations.AddField("loopcase", "obstacle", models.CharField(blank=True, default="", max_length=80)),
        migrations.AddField("loopcase", "obstacle_detail", models.CharField(blank=True, default="", max_length=300)),
        migrations.AlterField("loopcase", "state", models.CharField(choices=STATES, default="pending", max_length=12)),
    ]
