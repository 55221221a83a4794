"""The coordinator who has a referral is told when its referrer adds something to it."""

from django.db import migrations

RULES = [("attachment_added", "owner")]


def add_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    rule.objects.bulk_create(
        [rule(kind=kind, audience=audience, channel="email") for kind, audience in RULES], ignore_conflicts=True
    )


def remove_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    rule.objects.filter(kind__in={kind for kind, _ in RULES}).delete()


class Migration(migrations.Migration):
    dependencies = [("partners", "0012_attachments_are_told_of_and_recorded")]
    operations = [migrations.RunPython(add_rules, remove_rules)]
