"""Accounts and memberships: to find and read here; what is done with them is in `account_acts.py`."""

from django.contrib import admin
from django.db.models import Prefetch
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from partners.admin import account_acts
from partners.admin.base import ReadOnlyAdmin, RoleTableAdmin, RoleTableInline
from partners.hours import LONDON
from partners.models import AccountChange, Membership, User
from partners.roles import ROLE_CHOICES, ROLE_LABELS, Permission, Role

SHOWN_CHANGES = 50


class RoleFilter(admin.SimpleListFilter):
    """By the role of the active membership."""

    title, parameter_name = "role", "role"

    def lookups(self, request, model_admin):
        """Return the roles, and having none."""
        return [*ROLE_CHOICES, ("none", "No active membership")]

    def queryset(self, request, queryset):
        """Return the accounts of one role."""
        active = Membership.objects.active()
        if self.value() == "none":
            return queryset.exclude(pk__in=active.values("user"))
        return queryset.filter(pk__in=active.filter(role=self.value()).values("user")) if self.value() else queryset


class MembershipInline(RoleTableInline):
    """What the person is and was, the newest first."""

    model = Membership
    fk_name = "user"
    template = "admin/edit_inline/tabular.html"  # only read
    view_permission = Permission.MANAGE_ACCOUNTS
    extra = 0
    fields = readonly_fields = ["organisation", "role", "started_at", "ended_at", "acts"]

    @admin.display(description="change")
    def acts(self, membership) -> str:
        """What can be done with it."""
        return membership_links(membership)


@admin.register(User)
class UserAdmin(RoleTableAdmin):
    """The accounts. An account is suspended, never deleted; names and addresses are not searched (they would be in the
    address of the page)."""

    menu_group, menu_name = "People", "Accounts"
    menu_text = "Who may sign in, with which role: invite, suspend, reset a second step."
    view_permission = add_permission = change_permission = Permission.MANAGE_ACCOUNTS
    records_changes = False  # `AccountChange` does, and names nobody
    change_form_template = "admin/partners/user/change_form.html"
    list_display = ["name", "email", "organisation", "role", "standing", "signed_in"]
    labels = {"date_joined": "Account since", "last_login": "Last signed in"}
    list_display_links = ["name"]
    list_filter = ["is_active", RoleFilter]
    search_fields = ["memberships__organisation__name", "job_title"]
    search_help_text = "Organisation or job title"
    ordering = ["full_name", "email"]
    sortable_by = ()
    inlines = [MembershipInline]
    fieldsets = [
        (None, {"fields": ["full_name", "job_title", "phone"]}),
        ("Account", {"fields": ["email", "standing", "date_joined", "last_login"]}),
        ("What was done with this account", {"fields": ["changes"]}),
    ]
    readonly_fields = ["email", "standing", "date_joined", "last_login", "changes"]

    def get_urls(self):
        """Return the addresses, with those of the acts before Django's own."""
        guarded = self.admin_site.admin_view
        return [
            path("add/", guarded(account_acts.invite), name="partners_user_add"),
            path("<int:user_id>/do/<slug:act>/", guarded(account_acts.on_account), name="partners_user_act"),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        """Return the accounts with their active memberships."""
        active = Membership.objects.active().select_related("organisation")
        return super().get_queryset(request).prefetch_related(Prefetch("memberships", active, to_attr="active_ones"))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """Show one account with the acts that are possible."""
        user = self.get_object(request, object_id)
        acts = account_acts.possible(user, request.user) if user else []
        return super().change_view(
            request, object_id, form_url, {"title": "Account", "acts": acts, **(extra_context or {})}
        )

    @admin.display(description="name")
    def name(self, user) -> str:
        """The person's name; the address when there is none."""
        return user.get_full_name()

    @admin.display(description="organisation")
    def organisation(self, user) -> str:
        """Where the person works."""
        return user.active_ones[0].organisation.name if user.active_ones else ""

    @admin.display(description="role")
    def role(self, user) -> str:
        """What the person is there."""
        return ROLE_LABELS[Role(user.active_ones[0].role)] if user.active_ones else ""

    @admin.display(description="standing")
    def standing(self, user) -> str:
        """Whether the person may sign in and do anything."""
        if not user.is_active:
            return tag("Suspended", "stop")
        return tag("In use", "good") if user.active_ones else tag("No membership", "quiet")

    @admin.display(description="last signed in")
    def signed_in(self, user):
        """When the person signed in last."""
        return user.last_login

    @admin.display(description="changes")
    def changes(self, user) -> str:
        """What was done with the account and by whom, the newest first."""
        rows = AccountChange.objects.filter(user=user).select_related("by")[:SHOWN_CHANGES]
        lines = format_html_join("", "<li>{}: {} by {}</li>", ((_when(row.at), _what(row), _who(row)) for row in rows))
        return format_html('<ul class="changes">{}</ul>', lines) if lines else "Nothing since it was loaded"


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Who is, and was, what and where. A membership ends; it is never deleted."""

    menu_group, menu_text = (
        "People",
        "Who is, and was, in which organisation and role: change a role, end a membership.",
    )
    view_permission = Permission.MANAGE_ACCOUNTS
    list_display = ["person", "organisation", "role", "started_at", "ended_at", "acts"]
    list_display_links = ["person"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "role"]
    list_select_related = ["user", "organisation"]
    search_fields = ["organisation__name"]
    search_help_text = "Organisation"
    sortable_by = ()
    fields = ["person", "organisation", "role", "started_at", "invited", "ended_at", "ended", "acts"]

    def get_urls(self):
        """Return the addresses, with those of the acts before Django's own."""
        guarded = self.admin_site.admin_view
        act = path(
            "<int:membership_id>/do/<slug:act>/", guarded(account_acts.on_membership), name="partners_membership_act"
        )
        return [act, *super().get_urls()]

    @admin.display(description="person")
    def person(self, membership) -> str:
        """Whose it is."""
        return membership.user.get_full_name()

    @admin.display(description="invited by")
    def invited(self, membership) -> str:
        """Who began it."""
        return membership.invited_by.get_full_name() if membership.invited_by else "Not recorded"

    @admin.display(description="ended by")
    def ended(self, membership) -> str:
        """Who ended it."""
        return membership.ended_by.get_full_name() if membership.ended_by else ""

    @admin.display(description="change")
    def acts(self, membership) -> str:
        """What can be done with it."""
        return membership_links(membership)


def membership_links(membership: Membership) -> str:
    """Return links to what can be done with a membership; nothing when it has ended."""
    if membership.pk is None or membership.ended_at is not None:
        return ""
    links = ((reverse("admin:partners_membership_act", args=[membership.pk, slug]), words) for slug, words in ACTS)
    return format_html_join(" · ", '<a href="{}">{}</a>', links)


ACTS = (("role", "Change the role"), ("end", "End it"))


def tag(label: str, tone: str) -> str:
    """Return a state in a word or two, as `templates/components/status_tag.html` writes it."""
    return format_html('<strong class="status-tag tone-{}">{}</strong>', tone, label)


def _when(at) -> str:
    return f"{at.astimezone(LONDON):%-d %B %Y, %H:%M}"


def _what(change: AccountChange) -> str:
    roles = [ROLE_LABELS[Role(role)] for role in (change.role_before, change.role_after) if role]
    return f"{change.get_act_display()} ({' → '.join(roles)})" if roles else change.get_act_display()


def _who(change: AccountChange) -> str:
    return change.by.get_full_name()
