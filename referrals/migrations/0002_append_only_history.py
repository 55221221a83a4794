"""The database itself refuses to change or delete an event or a consent (design, principle 3)."""

from django.db import migrations


def guard(table: str) -> migrations.RunSQL:
    """Return the operation that makes `table` append-only, and its reverse."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER {table}_append_only ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("referrals", "0001_initial"),
        ("partners", "0002_append_only_access_records"),
    ]
    operations = [guard("referrals_referralevent"), guard("referrals_consent")]
