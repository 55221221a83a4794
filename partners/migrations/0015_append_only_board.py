"""The database itself refuses to change or delete what stands on the message board (ADR 0018)."""

from django.db import migrations


def guard(table: str) -> migrations.RunSQL:
    """Return the operation that makes `table` append-only, and its reverse."""
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"DROP TRIGGER {table}_append_only ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("partners", "0014_message_board")]
    operations = [
        guard("partners_boardpost"),
        guard("partners_boardaudience"),
        guard("partners_boardwithdrawal"),
        guard("partners_boardreading"),
    ]
