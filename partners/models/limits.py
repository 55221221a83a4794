"""Clocks and thresholds as data with a first day: laws and guidance change them, and nobody should need a new release
(facts, 1.1). `partners/limits.py` reads and counts them."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from partners.models.organisations import Dated, DatedQuerySet


class LimitKey(models.TextChoices):
    """What a limit is for. The code asks for it by this name."""

    RG_DECISION = "rg_decision", "Reasonable grounds decision due"
    RECOVERY_PERIOD = "recovery_period", "Recovery period, at least"
    RECONSIDERATION = "reconsideration", "Asking for reconsideration of a decision"
    MOVE_ON = "move_on", "Move-on support after a positive conclusive decision, at least"
    EXIT_NEGATIVE = "exit_negative", "Leaving support after a negative conclusive decision"
    DRAFT_EXPIRES = "draft_expires", "The Home Office deletes a draft of its form"
    DRAFT_WARNING = "draft_warning", "Warning that a draft of the Home Office form will be deleted"
    TURNS_18_NOTICE = "turns_18_notice", "Notice before an 18th birthday"
    ASK_AGAIN = "ask_again", "Asking again somebody who wanted time"
    CHILDREN_SERVICES = "children_services", "Children's services decide on a referral"
    HAND_OVER_OPEN = "hand_over_open", "Hand-over to be opened"
    HAND_OVER_OPEN_IMMEDIATE = "hand_over_open_immediate", "Hand-over to be opened, immediate danger"
    HAND_OVER_DECIDE = "hand_over_decide", "Hand-over to be accepted or declined"
    FIRST_RESPONDER_DECIDE = "first_responder_decide", "First responder accepts or declines"
    FIRST_RESPONDER_SEND = "first_responder_send", "First responder sends the form"
    HAND_OVER_REPORT = "hand_over_report", "Outcome of an accepted hand-over to be reported"
    HAND_OVER_ANSWER = "hand_over_answer", "Question about a hand-over to be answered"
    CHASE_SECOND_CONTACT = "chase_second_contact", "Silence before the second contact is told"
    CHASE_COORDINATOR = "chase_coordinator", "Silence before the coordinator is told"
    CHASE_RING = "chase_ring", "Silence before somebody is asked to ring"
    CHASE_SECOND_CONTACT_IMMEDIATE = (
        "chase_second_contact_immediate",
        "Silence before the second contact is told, immediate danger",
    )
    CHASE_COORDINATOR_IMMEDIATE = (
        "chase_coordinator_immediate",
        "Silence before the coordinator is told, immediate danger",
    )
    CHASE_RING_IMMEDIATE = "chase_ring_immediate", "Silence before somebody is asked to ring, immediate danger"
    OUTCOME_CHASE = "outcome_chase", "Asking for a decision that is late, after its day"
    RECEPTION_CENTRE = "reception_centre", "People in one operation for whom a reception centre opens"


class Unit(models.TextChoices):
    """What a limit is counted in."""

    WORKING_DAYS = "working_days", "Working days"
    CALENDAR_DAYS = "calendar_days", "Calendar days"
    MINUTES = "minutes", "Minutes, day and night"
    WORKING_MINUTES = "working_minutes", "Minutes of working time (Monday to Friday, 09:00 to 17:00)"
    PEOPLE = "people", "People"


#: Clocks that may run in minutes. Every other is counted to a day and shown as one.
COUNTED_TO_THE_MINUTE = (
    LimitKey.HAND_OVER_OPEN,
    LimitKey.HAND_OVER_OPEN_IMMEDIATE,
    LimitKey.CHASE_SECOND_CONTACT,
    LimitKey.CHASE_COORDINATOR,
    LimitKey.CHASE_RING,
    LimitKey.CHASE_SECOND_CONTACT_IMMEDIATE,
    LimitKey.CHASE_COORDINATOR_IMMEDIATE,
    LimitKey.CHASE_RING_IMMEDIATE,
)


class DateRange(models.Func):
    """The days of a dated row as PostgreSQL's range."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Limit(Dated):
    """How long something may take, or from how many people on something happens; true for a time.

    A change is a new row: the old one gets a last day, so that a clock that ran then can still be explained.
    """

    key = models.CharField("what for", max_length=40, choices=LimitKey)
    amount = models.PositiveIntegerField("how many", validators=[MinValueValidator(1)])
    unit = models.CharField("counted in", max_length=20, choices=Unit)
    source = models.CharField(max_length=200, blank=True, help_text="Where this was read: a law, guidance, a decision.")

    objects = DatedQuerySet.as_manager()

    class Meta(Dated.Meta):
        ordering = ["key", "-starts_on"]
        verbose_name = "clock or threshold"
        verbose_name_plural = "clocks and thresholds"
        constraints = [
            *Dated.Meta.constraints,
            ExclusionConstraint(
                name="one_limit_of_a_key_a_day",
                expressions=[
                    ("key", RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message="On some of these days another row holds. Give that one a last day first.",
            ),
            models.CheckConstraint(condition=Q(key__in=LimitKey.values), name="limit_is_known"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="limit_is_positive"),
            models.CheckConstraint(
                condition=Q(key=LimitKey.RECEPTION_CENTRE, unit=Unit.PEOPLE)
                | (~Q(key=LimitKey.RECEPTION_CENTRE) & Q(unit__in=[Unit.WORKING_DAYS, Unit.CALENDAR_DAYS]))
                | Q(key__in=COUNTED_TO_THE_MINUTE, unit__in=[Unit.MINUTES, Unit.WORKING_MINUTES]),
                name="limit_has_a_unit_that_fits",
                violation_error_message="This is not counted in that: count a reception centre in people, and other "
                "limits in days. Only a hand-over to be opened, and being chased for it, can be counted in minutes.",
            ),
        ]

    def __str__(self):
        return f"{self.get_key_display()}: {self.in_words.split(',')[0].split(' (')[0]}"

    @property
    def in_words(self) -> str:
        """The length in words: "5 working days", "1 working day"."""
        unit = self.get_unit_display().lower().replace("monday", "Monday").replace("friday", "Friday")
        if self.amount == 1:
            unit = unit.replace("days", "day").replace("minutes", "minute").replace("people", "person")
        return f"{self.amount:,} {unit}"
