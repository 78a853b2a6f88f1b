"""What befell an authorisation is its firm's own and stays; fetches and refusals are seen by the firm and the reader."""

from django.db import migrations

from rongtong.core.tenancy import append_only, isolate


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_entries_and_states")]

    operations = [
        isolate("consent_state_change", "enterprise_id"),
        isolate("consent_mandate", "enterprise_id"),
        isolate("consent_use", "enterprise_id", "reader_id"),
        isolate("consent_refusal_count", "enterprise_id", "reader_id"),
        append_only("consent_state_change"),
        append_only("consent_mandate"),
        append_only("consent_use"),
    ]
