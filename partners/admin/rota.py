"""The rota and who covers: two weeks at a glance, what happens when nobody is on duty, absences."""

from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from partners.absences import Refused, end_absence, record_absence
from partners.admin.base import RoleTableAdmin
from partners.cover import coordinators_on_duty, who_is_here
from partners.formfields import SplitDateField
from partners.models import Absence, Duty, Membership, User
from partners.roles import Permission, Role
from partners.rota import RotaDay, rota, stretches_without_anybody

ROTA = "admin:partners_duty_changelist"


def coordinators():
    """Return the accounts of the coordinators who may sign in, by name."""
    members = Membership.objects.in_role(Role.COORDINATOR)
    return User.objects.filter(pk__in=members.values("user")).order_by("full_name", "email")


class CoordinatorField(forms.ModelChoiceField):
    """A choice of coordinators by name."""

    def __init__(self, label: str, required: str, **more) -> None:
        wrong = {"required": required, "invalid_choice": "Choose a coordinator from the list"}
        super().__init__(User.objects.none(), label=label, empty_label="Choose", error_messages=wrong, **more)

    def label_from_instance(self, obj: User) -> str:
        """Return the name."""
        return obj.get_full_name()


class AbsenceForm(forms.Form):
    """Who is away, from when to when, and who covers."""

    user = CoordinatorField("Who is away?", "Choose who is away")
    starts_on = SplitDateField(
        label="First day", subject="First day", help_text="From the first minute of this day. It can be today."
    )
    ends_on = SplitDateField(label="Last day", subject="Last day", help_text="Until midnight at the end of this day.")
    cover = CoordinatorField(
        "Who covers?",
        "Choose who covers",
        help_text="They have the referrals among their own, and get what would be sent to whoever is away.",
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("user", "cover"):
            self.fields[name].queryset = coordinators()


@admin.register(Duty)
class DutyAdmin(RoleTableAdmin):
    """Which coordinator is told first, and who has whose work. The list is drawn as two weeks."""

    menu_group, menu_name = "People", "Rota and cover"
    menu_text = "Who is on duty this week and the next, when nobody is, who is away and who covers."
    view_permission = add_permission = change_permission = delete_permission = Permission.MANAGE_PARTNERS
    labels = {"user": "Coordinator", "starts_at": "From", "ends_at": "Until"}
    fieldsets = [
        (
            None,
            {
                "fields": ["user", "starts_at", "ends_at"],
                "description": "A night shift ends on the next day.",
            },
        )
    ]

    def get_urls(self):
        """Return the addresses, with those of absences before Django's own."""
        guarded = self.admin_site.admin_view
        return [
            path("absence/", guarded(self.record), name="partners_absence_add"),
            path("absence/<uuid:absence_id>/end/", guarded(self.end), name="partners_absence_end"),
            path("<int:duty_id>/end/", guarded(self.end_shift), name="partners_duty_end"),
            *super().get_urls(),
        ]

    def people_to_choose(self, request):
        """Return the coordinators."""
        return coordinators()

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """Show two weeks of the rota, its gaps, and the absences."""
        self._require(request)
        now = timezone.now()
        days = rota(now)
        absences = Absence.objects.standing().filter(ends_on__gte=timezone.localdate(now))
        context = {
            "title": "Rota and cover",
            "weeks": [("This week", days[:7]), ("Next week", days[7:])],
            "now": _now_in_words(days),
            "told_now": sorted(user.get_full_name() for user in coordinators_on_duty(now)),
            "gaps": stretches_without_anybody(days),
            "thin": [day for day in days if day.in_working_hours and not (day.is_empty or day.is_past)],
            "absences": [_absence(row) for row in absences.select_related("user", "cover", "recorded_by")],
            "away": who_is_here(now).away,
        }
        return TemplateResponse(request, "admin/partners/rota.html", self.admin_site.each_context(request) | context)

    def record(self, request: HttpRequest) -> HttpResponse:
        """Record an absence."""
        self._require(request)
        form = AbsenceForm(_posted(request), initial={"user": request.user.pk})
        if request.method == "POST" and form.is_valid():
            try:
                made = record_absence(by=request.user, **form.cleaned_data)
            except Refused as refusal:
                form.add_error(refusal.field, refusal.text)
            else:
                messages.success(request, f"{made.cover.get_full_name()} covers. They are told when it begins.")
                return redirect(ROTA)
        context = {"title": "Record an absence", "form": form, "back": reverse(ROTA)}
        return TemplateResponse(request, "admin/partners/absence.html", self.admin_site.each_context(request) | context)

    def end(self, request: HttpRequest, absence_id: UUID) -> HttpResponse:
        """End an absence now, or call it off."""
        self._require(request)
        absence = get_object_or_404(Absence, pk=absence_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            end_absence(by=request.user, absence=absence)
        except Refused as refusal:
            messages.error(request, f"{refusal}.")
        else:
            messages.success(request, "The absence is over. All is as it was before.")
        return redirect(ROTA)

    def end_shift(self, request: HttpRequest, duty_id: int) -> HttpResponse:
        """End a shift that is on, now: what was, stays on the rota."""
        self._require(request)
        now, duty = timezone.now(), get_object_or_404(Duty, pk=duty_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if Duty.objects.at(now).filter(pk=duty.pk, starts_at__lt=now).update(ends_at=now):
            self.log_change(request, duty, "Ended early.")
            messages.success(request, "The shift has ended.")
        else:
            messages.error(request, "This shift is not on now.")
        return redirect(ROTA)

    def _require(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied


def _now_in_words(days: list[RotaDay]) -> str:
    on = [turn for day in days if day.is_today for turn in day.turns if turn.is_on]
    if not on:
        return "Nobody is on duty now"
    words = [f"{turn.name} ({turn.remark})" if turn.remark else turn.name for turn in on]
    return f"On duty now: {', '.join(words)}"


def _absence(row: Absence) -> dict:
    has_begun = row.holds(timezone.localdate())
    return {
        "row": row,
        "has_begun": has_begun,
        "days": f"{row.starts_on:%-d %B} to {row.ends_on:%-d %B %Y}" if row.starts_on != row.ends_on else
        f"{row.starts_on:%-d %B %Y}",
        "end": "End it now" if has_begun else "Call it off",
    }  # fmt: skip


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
