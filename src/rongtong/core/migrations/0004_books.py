"""What is done in an evaluation is kept apart in the trail and among the events, too."""

from django.db import migrations

from rongtong.core.tenancy import keep_books_apart


class Migration(migrations.Migration):
    dependencies = [("core", "0003_isolate_events")]

    operations = [
        keep_books_apart("core_audit_entry"),
        keep_books_apart("core_event"),
    ]
