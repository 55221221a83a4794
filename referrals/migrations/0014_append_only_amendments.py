"""The database itself refuses to change or delete an amendment: the old answers cannot be lost.

Sealing it again is the one change there is, and that always brings another key id (`manage.py reseal`).
"""

from django.db import migrations

TABLE = "referrals_amendment"


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0013_amendments"),
        ("partners", "0002_append_only_access_records"),
    ]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE DELETE OR UPDATE OF event_id ON {TABLE} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"DROP TRIGGER {TABLE}_append_only ON {TABLE}",
        ),
        migrations.RunSQL(
            f"CREATE TRIGGER {TABLE}_sealed_once_a_key BEFORE UPDATE ON {TABLE} "
            "FOR EACH ROW WHEN (OLD.kid = NEW.kid) EXECUTE FUNCTION refuse_change()",
            f"DROP TRIGGER {TABLE}_sealed_once_a_key ON {TABLE}",
        ),
    ]
