"""The standard clocks and thresholds, and who is told of hand-overs: a new installation must not start without.

Where each length was read stands in its row. A partnership changes them in the admin or in its county's folder.
"""

import datetime

from django.db import migrations

FIRST_MONTH = datetime.date(2017, 5, 1)
FORM = "Home Office online form, configuration of March 2026"
FORM_TEXT = "Home Office online form and first responder guidance: a target, 'where possible'"
STATUTORY = "Modern Slavery Act 2015, statutory guidance on identifying and supporting victims"
RECOVERY = "Statutory guidance: at least 30 days since 13 December 2022, 45 before"
OLD = "Statutory guidance of 2020; not confirmed since"
RECONSIDERED = "Home Office guidance on reconsideration of decisions"
COUNCIL = "Working together to safeguard children: a decision within one working day; to be checked"
LOCAL = "Set by the partnership"
COUNTY = "Hertfordshire Constabulary, July 2018: premises for operations with five or more victims"

LIMITS = [
    ("rg_decision", 5, "working_days", FORM_TEXT),
    ("reconsideration", 30, "calendar_days", RECONSIDERED),
    ("move_on", 45, "calendar_days", STATUTORY),
    ("exit_negative", 9, "working_days", OLD),
    ("draft_expires", 28, "calendar_days", FORM),
    ("draft_warning", 21, "calendar_days", FORM),
    ("turns_18_notice", 90, "calendar_days", LOCAL),
    ("ask_again", 5, "working_days", LOCAL),
    ("children_services", 1, "working_days", COUNCIL),
    ("hand_over_open", 1, "working_days", LOCAL),
    ("hand_over_open_immediate", 60, "minutes", LOCAL),
    ("hand_over_decide", 2, "working_days", LOCAL),
    ("first_responder_decide", 1, "working_days", LOCAL),
    ("first_responder_send", 5, "working_days", LOCAL),
    ("hand_over_report", 20, "working_days", LOCAL),
    ("hand_over_answer", 2, "working_days", LOCAL),
    ("chase_second_contact", 120, "working_minutes", LOCAL),
    ("chase_coordinator", 240, "working_minutes", LOCAL),
    ("chase_ring", 300, "working_minutes", LOCAL),
    ("chase_second_contact_immediate", 10, "minutes", LOCAL),
    ("chase_coordinator_immediate", 20, "minutes", LOCAL),
    ("chase_ring_immediate", 30, "minutes", LOCAL),
    ("outcome_chase", 10, "working_days", LOCAL),
    ("reception_centre", 5, "people", COUNTY),
]
#: What changed within the partnership's lifetime: key, amount, unit, source, first day, last day.
CHANGED = [
    ("recovery_period", 45, "calendar_days", RECOVERY, FIRST_MONTH, datetime.date(2022, 12, 12)),
    ("recovery_period", 30, "calendar_days", RECOVERY, datetime.date(2022, 12, 13), None),
]
RULES = [
    ("referral_assigned", "owner"),
    ("hand_over_offered", "receiving_organisation"),
    ("hand_over_chased", "receiving_second_contact"),
    ("hand_over_unanswered", "owner"),
    ("hand_over_ring", "owner"),
    ("hand_over_accepted", "owner"),
    ("hand_over_declined", "owner"),
    ("hand_over_question", "owner"),
    ("hand_over_answered", "receiving_organisation"),
    ("hand_over_completed", "owner"),
    ("hand_over_revoked", "receiving_organisation"),
    ("passed_on", "referrer"),
    ("partner_accepted", "referrer"),
    ("consent_changed", "owner"),
    ("nrm_progress", "referrer"),
    ("nrm_step", "owner"),
    ("nrm_step", "first_responder"),
    ("nrm_clock", "owner"),
    ("nrm_clock", "first_responder"),
    ("reception_centre", "reception_centre"),
    ("reception_centre", "coordinators_on_duty"),
]


def add_limits(apps, schema_editor):
    limit = apps.get_model("partners", "Limit")
    rows = [(*row, FIRST_MONTH, None) for row in LIMITS] + CHANGED
    names = ("key", "amount", "unit", "source", "starts_on", "ends_on")
    limit.objects.bulk_create([limit(**dict(zip(names, row, strict=True))) for row in rows], ignore_conflicts=True)


def remove_limits(apps, schema_editor):
    apps.get_model("partners", "Limit").objects.all().delete()


def add_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    rule.objects.bulk_create(
        [rule(kind=kind, audience=audience, channel="email") for kind, audience in RULES], ignore_conflicts=True
    )


def remove_rules(apps, schema_editor):
    rule = apps.get_model("partners", "NotificationRule")
    rule.objects.filter(kind__in={kind for kind, _ in RULES}).delete()


class Migration(migrations.Migration):
    dependencies = [("partners", "0008_limits_and_hand_over_messages")]
    operations = [
        migrations.RunPython(add_limits, remove_limits),
        migrations.RunPython(add_rules, remove_rules),
    ]
