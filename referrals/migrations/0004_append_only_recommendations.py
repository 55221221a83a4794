"""The database itself refuses to change or delete a recommendation, or an arrival at a reception centre."""

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
        ("referrals", "0003_hand_overs_nrm_and_operations"),
        ("partners", "0002_append_only_access_records"),
    ]
    operations = [guard("referrals_recommendation"), guard("referrals_operationmovement")]
