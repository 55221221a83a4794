"""Organisations that have a referral are told that it was amended: the standard rule."""

from django.db import migrations

RULES = [("referral_amended", "receiving_organisation")]


def add_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    rule.objects.bulk_create(
        [rule(kind=kind, audience=audience, channel="email") for kind, audience in RULES], ignore_conflicts=True
    )


def remove_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    rule.objects.filter(kind__in={kind for kind, _ in RULES}).delete()


class Migration(migrations.Migration):
    dependencies = [("partners", "0017_amendments_are_told_and_read")]
    operations = [migrations.RunPython(add_rules, remove_rules)]
