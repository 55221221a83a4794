"""The database refuses to change or delete a board report that was issued."""

from django.db import migrations

TABLE = "referrals_boardreport"


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0020_board_reports"),
        ("partners", "0002_append_only_access_records"),
    ]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER {TABLE}_stands BEFORE UPDATE OR DELETE ON {TABLE} "
            "FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION refuse_change()",
            f"DROP TRIGGER {TABLE}_stands ON {TABLE}",
        ),
    ]
