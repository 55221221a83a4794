"""The database itself refuses to change or delete the history of the settings."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("partners", "0019_banners_and_configuration_changes")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER partners_configurationchange_append_only BEFORE UPDATE OR DELETE "
            "ON partners_configurationchange FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            "DROP TRIGGER partners_configurationchange_append_only ON partners_configurationchange",
        ),
    ]
