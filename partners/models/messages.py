"""Messages as rows: what is owed to whom, what became of it, and the data that decides both (security, 3.1)."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from partners.models.organisations import Organisation
from partners.models.people import User
from partners.plain_text import check_lines, check_one_line
from partners.wording_rules import check_body, check_subject


class Kind(models.TextChoices):
    """Every message the system sends. The name finds the wording (`templates/emails/<kind>.body.txt`)."""

    REFERRAL_SUBMITTED = "referral_submitted", "A referral was submitted"
    REFERRAL_IMMEDIATE = "referral_immediate", "A referral with immediate danger was submitted"
    RECEIPT = "receipt", "Receipt for the referrer"
    TRIAGE_STARTED = "triage_started", "A coordinator took the referral"
    INFORMATION_REQUESTED = "information_requested", "The referrer is asked a question"
    INFORMATION_ANSWERED = "information_answered", "The referrer answered"
    REFERRAL_CLOSED = "referral_closed", "The referral was closed"
    REFERRAL_REOPENED = "referral_reopened", "The referral was reopened"
    REFERRAL_WITHDRAWN = "referral_withdrawn", "The referral was withdrawn"
    REFERRAL_UNOPENED = "referral_unopened", "Nobody has opened a referral"
    REFERRAL_ASSIGNED = "referral_assigned", "A coordinator was given the referral"
    HAND_OVER_OFFERED = "hand_over_offered", "An organisation is handed a referral"
    HAND_OVER_CHASED = "hand_over_chased", "An organisation has not opened a hand-over: its second contact"
    HAND_OVER_UNANSWERED = "hand_over_unanswered", "An organisation has not opened a hand-over: the coordinator"
    HAND_OVER_RING = "hand_over_ring", "An organisation has not opened a hand-over: ring it"
    HAND_OVER_ACCEPTED = "hand_over_accepted", "An organisation accepted a hand-over"
    HAND_OVER_DECLINED = "hand_over_declined", "An organisation declined a hand-over"
    HAND_OVER_QUESTION = "hand_over_question", "An organisation has a question about a hand-over"
    HAND_OVER_ANSWERED = "hand_over_answered", "The question about a hand-over was answered"
    HAND_OVER_COMPLETED = "hand_over_completed", "An organisation finished its work on a hand-over"
    HAND_OVER_REVOKED = "hand_over_revoked", "A hand-over was taken back"
    REFERRAL_AMENDED = "referral_amended", "A referral that an organisation has was amended"
    PASSED_ON = "passed_on", "An organisation was asked to help: the referrer"
    PARTNER_ACCEPTED = "partner_accepted", "An organisation accepted: the referrer"
    ATTACHMENT_ADDED = "attachment_added", "The referrer added a photo or a document"
    CONSENT_CHANGED = "consent_changed", "What the person agreed to has changed"
    NRM_PROGRESS = "nrm_progress", "There is news of the NRM: the referrer"
    NRM_STEP = "nrm_step", "A stage of the NRM was recorded"
    NRM_CLOCK = "nrm_clock", "A clock of the NRM is running out"
    RECEPTION_CENTRE = "reception_centre", "An operation has reached the number for a reception centre"
    BOARD_POST = "board_post", "A post on the message board"
    BOARD_URGENT = "board_urgent", "An urgent post on the message board"
    ADDRESS_REFUSED = "address_refused", "A recipient's mail server refused the address"
    COVER_BEGINS = "cover_begins", "A coordinator is away: their cover"
    INVITATION = "invitation", "Invitation to a colleague"
    SECOND_STEP_CHANGED = "second_step_changed", "The second step of an account was changed"
    HEARTBEAT = "heartbeat", "Daily sign of life"


class Channel(models.TextChoices):
    """How a message travels."""

    EMAIL = "email", "E-mail"
    SMS = "sms", "Text message"


class Audience(models.TextChoices):
    """Who a rule tells. The people or mailboxes are looked up when the event happens."""

    COORDINATORS_ON_DUTY = "coordinators_on_duty", "Coordinators on duty"
    ALL_COORDINATORS = "all_coordinators", "All coordinators"
    OWNER = "owner", "The coordinator who has the referral"
    REFERRER = "referrer", "The referrer"
    SECOND_CONTACTS = "second_contacts", "Second contacts of the coordinating organisation"
    RECEIVING_ORGANISATION = "receiving_organisation", "The organisation that is handed a referral"
    RECEIVING_SECOND_CONTACT = "receiving_second_contact", "Its second contact and its leads"
    FIRST_RESPONDER = "first_responder", "The named first responder"
    RECEPTION_CENTRE = "reception_centre", "Organisations that open a reception centre"
    ADDRESSED = "addressed", "Organisations that a post is addressed to: mailbox, leads and responders"
    ADDRESSED_EVERYBODY = "addressed_everybody", "Organisations that a post is addressed to: everybody there"


class NotificationRule(models.Model):
    """One line of 'when this happens, tell them, this way'. Staff edit it; the outbox reads it."""

    kind = models.CharField(max_length=40, choices=Kind)
    audience = models.CharField(max_length=30, choices=Audience)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    active = models.BooleanField(default=True)
    quiet_from = models.TimeField(null=True, blank=True, help_text="Local time. From here messages wait.")
    quiet_until = models.TimeField(null=True, blank=True, help_text="Local time. Here they leave.")
    # Reconcile asks nothing of a rule for events before its last change: an edited rule must not send old news.
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["kind", "audience", "channel"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "audience", "channel"], name="one_rule_each"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_time_has_both_ends",
                violation_error_message="Give both ends of the quiet time, or neither.",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.get_audience_display()} by {self.get_channel_display()}"


#: The name by which the first migration knows it.
check_placeholders = check_body


class Wording(models.Model):
    """The partnership's own words for a message, in place of the standard ones.

    Placeholders are replaced as text; the template engine never sees what staff write.
    """

    kind = models.CharField(max_length=40, choices=Kind)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)
    subject = models.CharField(max_length=120, blank=True, validators=[check_one_line, check_subject])
    body = models.TextField(max_length=2000, validators=[check_lines, check_body])

    class Meta:
        verbose_name_plural = "wording"
        ordering = ["kind", "channel"]
        constraints = [models.UniqueConstraint(fields=["kind", "channel"], name="one_wording_each")]

    def __str__(self):
        return f"{self.get_kind_display()} ({self.get_channel_display()})"


class State(models.TextChoices):
    """Where a message stands."""

    PENDING = "pending", "Waiting to be sent"
    SENDING = "sending", "Being sent"
    SENT = "sent", "Accepted by the mail server"
    DEAD = "dead", "Could not be delivered"
    CANCELLED = "cancelled", "No longer owed"


class ErrorCode(models.TextChoices):
    """Why an attempt failed: a fixed list, never a server's own text (it may echo an address)."""

    NONE = "", "None"
    TRANSIENT = "transient", "The mail server was busy or out of reach"
    AMBIGUOUS = "ambiguous", "The line broke before the server confirmed"
    RECIPIENT = "recipient", "The mail server refused the address"
    CONFIGURATION = "configuration", "The mail server refused us"
    RENDERING = "rendering", "The message could not be written"
    TOO_OLD = "too_old", "Not delivered within 48 hours"
    NO_ADDRESS = "no_address", "The recipient has no address for this channel"
    RECIPIENT_INACTIVE = "recipient_inactive", "The recipient's account or organisation has ended"
    RECALLED = "recalled", "What it was about was taken back"
    CHANNEL_OFF = "channel_off", "This way of sending is switched off"


class Contact(models.TextChoices):
    """Which address of an organisation."""

    MAILBOX = "mailbox", "Role mailbox"
    SECOND = "second", "Second contact"


class MessageQuerySet(models.QuerySet):
    """Sets of messages. Times are the database's: a wrong clock on one machine must not send twice (security, R16)."""

    def to_send(self):
        """Messages that may be claimed now: due, or left behind by a process that died with them."""
        due = Q(state=State.PENDING, available_at__lte=Now())
        left_behind = Q(state=State.SENDING, lease_until__lt=Now())
        return self.filter(due | left_behind).order_by("available_at")

    def unsent(self):
        """Messages that should have left by now and have not."""
        return self.filter(state__in=[State.PENDING, State.SENDING], due_since__lte=Now())

    def undelivered(self):
        """Dead messages that still need a person: a recipient who has since opened the case needs none."""
        return self.filter(state=State.DEAD, acknowledged_at__isnull=True)

    def refused_of(self, organisation: Organisation):
        """Undelivered messages whose address in `organisation` the mail server refused: for its lead."""
        people = User.objects.filter(memberships__organisation=organisation, memberships__ended_at__isnull=True)
        whose = Q(user__in=people) | Q(organisation=organisation)
        return self.undelivered().filter(whose, last_error=ErrorCode.RECIPIENT)


class Message(models.Model):
    """One notification to one recipient by one channel; its id is also the mail's Message-ID.

    The address is looked up when the message is sent, not when it is written.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event_id = models.UUIDField(help_text="The event that this message tells of.")
    kind = models.CharField(max_length=40, choices=Kind)
    referral_id = models.UUIDField(null=True, blank=True, db_index=True)
    reference = models.CharField(max_length=20, blank=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    contact = models.CharField(max_length=10, choices=Contact, blank=True)
    audience = models.CharField(
        max_length=30, choices=Audience, blank=True, help_text="Whom the rule meant. Empty: no rule was asked."
    )
    about = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The organisation that was asked for help.",
    )
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.EMAIL)

    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    ambiguous_attempts = models.PositiveIntegerField(default=0)
    rendering_failures = models.PositiveSmallIntegerField(default=0)
    available_at = models.DateTimeField(db_default=Now())
    due_since = models.DateTimeField(
        db_default=Now(), help_text="When it was first due, or was sent again by hand. Its age counts from here."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    last_error = models.CharField(max_length=20, choices=ErrorCode, blank=True, default=ErrorCode.NONE)
    created_at = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "user", "channel", "kind"],
                condition=Q(user__isnull=False),
                name="one_message_a_person_an_event",
            ),
            models.UniqueConstraint(
                fields=["event_id", "organisation", "contact", "channel", "kind"],
                condition=Q(organisation__isnull=False),
                name="one_message_a_mailbox_an_event",
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False, organisation__isnull=True, contact="")
                | (Q(user__isnull=True, organisation__isnull=False) & ~Q(contact="")),
                name="message_has_one_recipient",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENDING, lease_token__isnull=False, lease_until__isnull=False)
                | (~Q(state=State.SENDING) & Q(lease_token__isnull=True, lease_until__isnull=True)),
                name="message_lease_while_sending",
            ),
            models.CheckConstraint(
                condition=Q(state=State.SENT, sent_at__isnull=False) | (~Q(state=State.SENT) & Q(sent_at__isnull=True)),
                name="message_sent_has_a_time",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_is_known"),
        ]
        indexes = [
            models.Index(
                fields=["available_at"],
                name="message_due",
                condition=Q(state__in=[State.PENDING, State.SENDING]),
            ),
            models.Index(fields=["due_since"], name="message_dead", condition=Q(state=State.DEAD)),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} ({self.get_state_display()})"


class ServiceState(models.Model):
    """Signs of life of the parts that run by themselves: 'drain', 'beat', 'timer', 'smtp_pause' and so on."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField(db_default=Now())
    count = models.PositiveIntegerField(default=0)

    def __str__(self):
        return self.name
