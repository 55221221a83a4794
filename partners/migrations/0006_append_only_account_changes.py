"""The database itself refuses to change or delete the record of what happened to an account."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("partners", "0005_account_changes")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER partners_accountchange_append_only BEFORE UPDATE OR DELETE ON partners_accountchange "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            "DROP TRIGGER partners_accountchange_append_only ON partners_accountchange",
        )
    ]
