"""What happened to a referral: append-only events, consents and recommendations, and sealed notes."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from partners.models import AppendOnly, AppendOnlyQuerySet, User
from referrals.codes import CONSENT_KINDS, CONSENT_STATES, EXPLAINERS
from referrals.models.handover import HandOver
from referrals.models.referral import Referral
from referrals.models.sealed import SealedRow
from referrals.note_codes import NOTE_TAG_CODES
from referrals.statuses import STATUS_LABELS, Move, choices


class ReferralEvent(AppendOnly):
    """One thing that happened. `facts` holds codes and ids only, never a name and never a narrative."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="events")
    move = models.CharField(max_length=24, choices=[(m.value, m.value.replace("_", " ").capitalize()) for m in Move])
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    from_status = models.CharField(max_length=24, choices=choices(STATUS_LABELS), blank=True)
    to_status = models.CharField(max_length=24, choices=choices(STATUS_LABELS))
    facts = models.JSONField(default=dict)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        indexes = [
            models.Index(fields=["referral", "at"], name="event_of_a_referral"),
            models.Index(fields=["at"], name="event_newest"),
        ]
        constraints = [models.CheckConstraint(condition=Q(move__in=list(Move)), name="event_move_is_known")]

    def __str__(self):
        return f"{self.get_move_display()}"


class Consent(AppendOnly):
    """What the person said about one kind of sharing, as told to one professional on one day.

    A change of mind is a new row; the newest row of a kind holds.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=24, choices=CONSENT_KINDS)
    state = models.CharField(max_length=12, choices=CONSENT_STATES)
    explained_on = models.DateField(null=True)
    explained_by = models.CharField(max_length=20, choices=EXPLAINERS, blank=True)
    language = models.CharField(max_length=60, blank=True)
    interpreter = models.CharField(max_length=12, blank=True)
    privacy_notice_given = models.CharField(max_length=12, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-recorded_at"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[k for k, _ in CONSENT_KINDS]), name="consent_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=[s for s, _ in CONSENT_STATES]), name="consent_state_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.get_state_display()}"


class Recommendation(AppendOnly):
    """What the pathway rules said on one day, from which coded facts and under which version of the rules.

    The newest row of a referral holds. `facts` and `result` are `pathways.Facts` and `pathways.as_stored`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="recommendations")
    at = models.DateTimeField(db_default=Now())
    rules_version = models.CharField(max_length=20)
    facts = models.JSONField(default=dict)
    result = models.JSONField(default=dict)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["referral", "-at"], name="recommendation_newest")]
        constraints = [
            models.CheckConstraint(condition=~Q(rules_version=""), name="recommendation_names_its_rules"),
        ]

    def __str__(self):
        return f"Rules {self.rules_version}"


class Note(SealedRow):
    """A question to the referrer, their answer, or a coordinator's note. The text is sealed; `tags` are coded."""

    class Kind(models.TextChoices):
        QUESTION = "question", "Question to the referrer"
        ANSWER = "answer", "The referrer's answer"
        NOTE = "note", "Coordinator's note"
        PARTNER_QUESTION = "partner_q", "Question of a partner organisation"
        PARTNER_ANSWER = "partner_a", "Answer to a partner organisation"
        PARTNER_REPORT = "partner_r", "Report of a partner organisation"
        OVERRIDE = "override", "Why it was handed over without consent"
        CONSENT = "consent", "Who explained it and who interpreted"
        DECISION = "decision", "Why it was decided"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="notes")
    hand_over = models.ForeignKey(HandOver, on_delete=models.PROTECT, null=True, related_name="notes")
    kind = models.CharField(max_length=10, choices=Kind)
    tags = ArrayField(models.CharField(max_length=12), default=list, editable=False)
    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["referral", "at"], name="note_of_a_referral")]
        constraints = [
            models.CheckConstraint(
                condition=Q(hand_over__isnull=False) | ~Q(kind__in=["partner_q", "partner_a", "partner_r", "override"]),
                name="note_of_a_partner_has_a_hand_over",
            ),
            models.CheckConstraint(condition=Q(tags__contained_by=NOTE_TAG_CODES), name="note_tags_are_coded"),
        ]

    def __str__(self):
        return self.get_kind_display()
