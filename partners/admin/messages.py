"""Messages: what is owed and became of it (to read), and the rules that decide who is told."""

from django.contrib import admin
from django.utils.html import format_html

from partners.admin.base import ReadOnlyAdmin, RoleTableAdmin
from partners.kept import messages_for
from partners.models import Message, NotificationRule, State
from partners.roles import Permission

STATE_TONES = {
    State.PENDING: "quiet",
    State.SENDING: "info",
    State.SENT: "good",
    State.DEAD: "stop",
    State.CANCELLED: "quiet",
}


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """Every message and what became of it. Sending one again is done on the queue page."""

    menu_group, menu_text = "Messages", "Every message: to whom, whether it left, and whether somebody has acted on it."
    view_permission = Permission.SEE_MESSAGE_QUEUE
    list_display = ["written", "kind", "reference", "recipient", "channel", "standing", "seen"]
    labels = {
        "created_at": "Written",
        "available_at": "Not to be sent before",
        "sent_at": "Accepted by the mail server",
        "acknowledged_at": "Seen",
    }
    list_filter = ["state", "channel", "kind"]
    list_select_related = ["user", "organisation"]
    search_fields = ["reference"]
    search_help_text = "Reference of the referral"
    ordering = ["-created_at"]
    sortable_by = ()
    fields = [
        "kind",
        "reference",
        "recipient",
        "channel",
        "standing",
        "last_error",
        "attempts",
        "created_at",
        "due_since",
        "available_at",
        "sent_at",
        "acknowledged_at",
    ]

    def get_queryset(self, request):
        """Return what the reader may know of."""
        return messages_for(request.user).order_by(*self.ordering)

    @admin.display(description="written")
    def written(self, message):
        """When it came to be owed."""
        return message.created_at

    @admin.display(description="seen")
    def seen(self, message):
        """When the recipient opened what it is about."""
        return message.acknowledged_at

    @admin.display(description="to")
    def recipient(self, message) -> str:
        """Who gets it."""
        if message.user:
            return message.user.get_full_name()
        return f"{message.organisation.name}, {message.get_contact_display().lower()}"

    @admin.display(description="state")
    def standing(self, message) -> str:
        """What became of it."""
        tone = STATE_TONES[State(message.state)]
        return format_html('<strong class="status-tag tone-{}">{}</strong>', tone, message.get_state_display())


@admin.register(NotificationRule)
class NotificationRuleAdmin(RoleTableAdmin):
    """Who is told of what."""

    menu_group, menu_name, menu_text = "Messages", "Who is told", "For each event: who is told, how, and when it waits."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    list_display = ["kind", "audience", "channel", "active", "quiet"]
    list_filter = ["active", "channel", "audience"]
    fields = ["kind", "audience", "channel", "active", ("quiet_from", "quiet_until")]

    @admin.display(description="quiet time")
    def quiet(self, rule) -> str:
        """When its messages wait."""
        return f"{rule.quiet_from:%H:%M} to {rule.quiet_until:%H:%M}" if rule.quiet_from else "None"
