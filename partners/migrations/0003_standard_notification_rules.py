"""The standard answer to "who is told": a new installation must not start with nobody."""

from django.db import migrations

STANDARD = [
    ("referral_submitted", "coordinators_on_duty"),
    ("referral_immediate", "coordinators_on_duty"),
    ("referral_immediate", "second_contacts"),
    ("receipt", "referrer"),
    ("triage_started", "referrer"),
    ("information_requested", "referrer"),
    ("information_answered", "owner"),
    ("referral_closed", "referrer"),
    ("referral_reopened", "referrer"),
    ("referral_withdrawn", "referrer"),
    ("referral_unopened", "all_coordinators"),
    ("referral_unopened", "second_contacts"),
    ("heartbeat", "all_coordinators"),
]


def add_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    rule.objects.bulk_create(
        [rule(kind=kind, audience=audience, channel="email") for kind, audience in STANDARD], ignore_conflicts=True
    )


def remove_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    for kind, audience in STANDARD:
        rule.objects.filter(kind=kind, audience=audience, channel="email").delete()


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_append_only_access_records")]
    operations = [migrations.RunPython(add_rules, remove_rules)]
