"""Who is told of posts on the message board: a new installation must not start without."""

from django.db import migrations

RULES = [("board_post", "addressed"), ("board_urgent", "addressed_everybody")]


def add_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    rule.objects.bulk_create(
        [rule(kind=kind, audience=audience, channel="email") for kind, audience in RULES], ignore_conflicts=True
    )


def remove_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    rule.objects.filter(kind__in={kind for kind, _ in RULES}).delete()


class Migration(migrations.Migration):
    dependencies = [("partners", "0015_append_only_board")]
    operations = [migrations.RunPython(add_rules, remove_rules)]
