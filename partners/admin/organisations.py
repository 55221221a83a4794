"""Organisations and areas. Neither is deleted: each has a last day, and may name its successor."""

import datetime

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.text import slugify

from partners.admin.base import RoleTableAdmin, RoleTableInline
from partners.hangs_on import has_the_last_coordinators, what_hangs_on
from partners.models import Agreement, Area, Organisation, Standing
from partners.phones import check_phone
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


class OrganisationForm(forms.ModelForm):
    """An organisation. Before it ends, whoever ends it has read what hangs on it."""

    read_what_hangs = forms.BooleanField(
        label="I have read what hangs on it",
        required=False,
        help_text="Needed when you give a last day to an organisation that still has people, lines or open hand-overs.",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "urgent_phone" in self.fields:
            self.fields["urgent_phone"].validators.append(check_phone)

    def clean(self) -> dict:
        """Refuse an end that would leave nobody to answer, and a successor that is none."""
        cleaned = super().clean()
        if self.instance.pk and cleaned.get("successor") == self.instance:  # the database's check needs the id
            self.add_error("successor", "An organisation cannot be its own successor.")
        if self.instance.pk and cleaned.get("ends_on") and "ends_on" in self.changed_data:
            self._check_end(cleaned)
        if self.instance.pk and cleaned.get("starts_on") and "starts_on" in self.changed_data:
            self._check_start(cleaned["starts_on"])
        return cleaned

    def _check_start(self, starts_on: datetime.date) -> None:
        today = timezone.localdate()
        if starts_on > today and has_the_last_coordinators(self.instance, today):
            self.add_error("starts_on", "All coordinators work here: nobody could triage until then.")

    def _check_end(self, cleaned: dict) -> None:
        if has_the_last_coordinators(self.instance, max(cleaned["ends_on"], timezone.localdate())):
            self.add_error(
                "ends_on", "All coordinators work here: nobody could triage any more. Move one of them first."
            )
        holdings = what_hangs_on(self.instance)
        if holdings and not cleaned.get("read_what_hangs"):
            listed = ", ".join(f"{holding.what.lower()}: {holding.count}" for holding in holdings)
            self.add_error(
                "read_what_hangs", f"This still hangs on it ({listed}). Read what becomes of it, then tick this."
            )


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
    form = OrganisationForm
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
                "fields": ["starts_on", "ends_on", "successor", "hanging", "read_what_hangs"],
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
        return ["slug", "hanging"] if obj else []

    def get_fieldsets(self, request, obj=None):
        """Return the parts of the form: on a new organisation nothing hangs yet."""
        if obj:
            return self.fieldsets
        gone = {"hanging", "read_what_hangs"}
        return [
            (name, options | {"fields": [field for field in options["fields"] if field not in gone]})
            for name, options in self.fieldsets
        ]

    @admin.display(description="what hangs on it")
    def hanging(self, organisation) -> str:
        """What is still open there, and what becomes of it after the last day."""
        rows = ((holding.what, holding.count, holding.afterwards) for holding in what_hangs_on(organisation))
        return format_html_join("", "<p><strong>{}: {}</strong>. {}</p>", rows) or "Nothing: it can end at any time."

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


class AreaForm(forms.ModelForm):
    """An area. Its short name comes from its name when nobody gives one."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "code" in self.fields:
            self.fields["code"].required = False
            self.fields["code"].help_text = "For data files and addresses. Leave it empty: it is made from the name."

    def clean(self) -> dict:
        """Make the short name; want a successor that is another area and goes on."""
        cleaned = super().clean()
        if "code" in self.fields and not cleaned.get("code") and "code" not in self.errors:
            cleaned["code"] = self.instance.code = slugify(cleaned.get("name", ""))[:40]
        if self.instance.pk and cleaned.get("successor") == self.instance:
            self.add_error("successor", "An area cannot be its own successor.")
        return cleaned


@admin.register(Area)
class AreaAdmin(RoleTableAdmin):
    """The county and its districts."""

    menu_group, menu_text = "Partner organisations", "The county and its districts, with the days they begin and end."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    form = AreaForm
    list_display = ["name", "kind", "state", "successor"]
    list_filter = [InForceFilter, "kind"]
    list_select_related = ["successor"]
    labels = {"code": "Short name"}
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "code", "kind", "starts_on", "ends_on", "successor"],
                "description": "Nobody chooses an area before its first day or after its last. A referral keeps the "
                "area it was logged with, under the name that area has now; the history keeps the names it had.",
            },
        ),
        (
            "On the map of the dashboard",
            {
                "fields": ["tile_row", "tile_column"],
                "description": "The map is a grid of squares, one a district, roughly as the county lies. Districts "
                "without a place are drawn as bars, and so are all of them when two have the same one.",
            },
        ),
    ]

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
