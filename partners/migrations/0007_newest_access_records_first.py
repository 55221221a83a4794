"""The auditor reads the newest records first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0006_append_only_account_changes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="accessrecord",
            index=models.Index(fields=["-at"], name="access_newest"),
        ),
    ]
