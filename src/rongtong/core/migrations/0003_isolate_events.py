"""Events and remembered responses tell of every tenant's deeds: nobody but the platform, or who asked, reads them."""

from django.db import migrations

PLATFORM = "current_setting('app.scope', true) = 'platform'"

# A deed of anybody writes its event; the platform alone reads them. A form's row holds nothing but where it led to.
EVENTS = f"""
ALTER TABLE core_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE core_event FORCE ROW LEVEL SECURITY;
CREATE POLICY adding ON core_event FOR INSERT WITH CHECK (true);
CREATE POLICY reading ON core_event USING ({PLATFORM});
"""
CALLERS = f"""
ALTER TABLE core_remembered_response ENABLE ROW LEVEL SECURITY;
ALTER TABLE core_remembered_response FORCE ROW LEVEL SECURITY;
CREATE POLICY caller ON core_remembered_response USING (
  {PLATFORM} OR caller LIKE 'form:%'
  OR (current_setting('app.tenant', true) <> '' AND split_part(caller, ':', 1) = current_setting('app.tenant', true)));
"""
UNDO = """
DROP POLICY caller ON core_remembered_response;
ALTER TABLE core_remembered_response NO FORCE ROW LEVEL SECURITY;
ALTER TABLE core_remembered_response DISABLE ROW LEVEL SECURITY;
DROP POLICY reading ON core_event; DROP POLICY adding ON core_event;
ALTER TABLE core_event NO FORCE ROW LEVEL SECURITY;
ALTER TABLE core_event DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_constraints")]

    operations = [migrations.RunSQL([EVENTS, CALLERS], UNDO)]
