"""Organisations and areas. Neither is deleted: each has a last day, and may name its successor."""

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from partners.admin.base import RoleTableAdmin, RoleTableInline
from partners.models import Agreement, Area, Organisation, Standing
from partners.roles import Permission


class InForceFilter(admin.SimpleListFilter):
    """Shows what is true today, unless asked for what was or will be."""

    title, parameter_name = "in force", "in_force"

    def lookups(self, request, model_admin):
        """Return the choices beside "All"."""
        return [("today", "Today"), ("ended", "Ended"), ("later", "Starts later")]

    def queryset(self, request, queryset):
        """Return the rows of the choice."""
        today = timezone.localdate()
        if self.value() == "today":
            return queryset.in_force(today)
        if self.value() == "ended":
            return queryset.filter(ends_on__lt=today)
        return queryset.filter(starts_on__gt=today) if self.value() == "later" else queryset


class StandingInline(RoleTableInline):
    """The legal standing of an organisation, each for a time."""

    model = Standing
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS


class AgreementInline(RoleTableInline):
    """The sharing agreements an organisation signed."""

    model = Agreement
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS


@admin.register(Organisation)
class OrganisationAdmin(RoleTableAdmin):
    """The partner organisations and how each is reached."""

    menu_group, menu_text = "Partner organisations", "Who takes part, where they are and how they are reached."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    list_display = ["name", "kind", "receives", "first_responder", "agreement", "state"]
    sortable_by = ()
    empty_value_display = ""
    list_filter = [InForceFilter, "receives_referrals", "opens_reception_centre", "kind", "sector"]
    search_fields = ["name", "short_name"]
    search_help_text = "Name of the organisation"
    prepopulated_fields = {"slug": ["name"]}
    labels = {
        "slug": "Name in web addresses",
        "email_domains": "E-mail domains",
        "nrm_name": "Name in the Home Office form",
    }
    inlines = [StandingInline, AgreementInline]
    parts = ("standings", "agreements")
    fieldsets = [
        (None, {"fields": ["name", "short_name", "slug", "kind", "sector", "areas"]}),
        ("How it is reached", {"fields": ["role_mailbox", "second_contact", "urgent_phone", "email_domains"]}),
        ("What it does here", {"fields": ["receives_referrals", "opens_reception_centre", "coordinates", "nrm_name"]}),
        (
            "When",
            {
                "description": "An organisation that leaves gets a last day. From the next day its people can sign in "
                "but do nothing, and nothing is sent to it.",
                "fields": ["starts_on", "ends_on", "successor"],
            },
        ),
    ]

    def get_queryset(self, request):
        """Return the organisations with what the list says about each."""
        standing = Standing.objects.in_force(timezone.localdate()).filter(
            organisation=OuterRef("pk"), kind=Standing.Kind.FIRST_RESPONDER
        )
        agreements = Agreement.objects.filter(organisation=OuterRef("pk")).order_by("-signed_on")
        return (
            super()
            .get_queryset(request)
            .annotate(is_first_responder=Exists(standing), review_on=Subquery(agreements.values("review_on")[:1]))
        )

    def get_prepopulated_fields(self, request, obj=None):
        """Return the short name for addresses that is made from the name: for a new organisation only."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request, obj=None):
        """Return what does not change once it is in addresses and data files."""
        return ["slug"] if obj else []

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """Return the areas as check boxes: there are about a dozen."""
        return super().formfield_for_manytomany(db_field, request, widget=forms.CheckboxSelectMultiple, **kwargs)

    @admin.display(description="can be handed a referral")
    def receives(self, organisation) -> str:
        """Whether it can be handed a referral."""
        return "Yes" if organisation.receives_referrals else ""

    @admin.display(description="first responder")
    def first_responder(self, organisation) -> str:
        """Whether it can make an NRM referral today."""
        return "Yes" if organisation.is_first_responder else ""

    @admin.display(description="sharing agreement")
    def agreement(self, organisation) -> str:
        """Until when the newest agreement stands."""
        if organisation.review_on is None:
            return "None signed"
        late = organisation.review_on < timezone.localdate()
        return f"{'Review overdue since' if late else 'Review by'} {organisation.review_on:%-d %b %Y}"

    @admin.display(description="in force")
    def state(self, organisation) -> str:
        """Whether it takes part today."""
        return in_force_words(organisation)


@admin.register(Area)
class AreaAdmin(RoleTableAdmin):
    """The county and its districts."""

    menu_group, menu_text = "Partner organisations", "The county and its districts, with the days they begin and end."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    list_display = ["name", "kind", "state", "successor"]
    list_filter = [InForceFilter, "kind"]
    list_select_related = ["successor"]
    fields = ["name", "code", "kind", "starts_on", "ends_on", "successor"]

    def get_readonly_fields(self, request, obj=None):
        """Return what does not change once referrals carry it."""
        return ["code"] if obj else []

    @admin.display(description="in force")
    def state(self, area) -> str:
        """Whether it exists today."""
        return in_force_words(area)


def in_force_words(row) -> str:
    """Say whether a dated row holds today, and when that ends."""
    today = timezone.localdate()
    if row.starts_on > today:
        return f"From {row.starts_on:%-d %b %Y}"
    if row.ends_on is None:
        return "Yes"
    return f"{'Until' if row.ends_on >= today else 'Ended'} {row.ends_on:%-d %b %Y}"
