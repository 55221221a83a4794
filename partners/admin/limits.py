"""The clocks and thresholds: what each means, what holds today, what is planned, what held before; and one page on
which each is changed from a day on."""

from dataclasses import dataclass, field

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from partners.admin.base import RoleTableAdmin
from partners.formfields import CalendarDay, PlainTextField
from partners.hours import when
from partners.limit_changes import LABELS, LimitRefused, change_limit, take_back, units_for
from partners.limit_words import GROUPS, MEANINGS, OF_THE_PARTNERSHIP
from partners.limits import LimitMissing, LimitUnitWrong, current_limits
from partners.models import Limit, LimitKey, Partnership, Unit
from partners.roles import Permission

TAKE_BACK = "take_back"


@dataclass
class Clock:
    """One clock with its rows, the newest first."""

    key: LimitKey
    means: str
    now: Limit | None = None
    planned: list[Limit] = field(default_factory=list)
    earlier: list[Limit] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of its page."""
        return reverse("admin:partners_limit_of", args=[self.key])


class ChangeLimitForm(forms.Form):
    """Asks for the new length, from when on, and where it was read."""

    amount = forms.IntegerField(
        label="How many",
        error_messages={"required": "Enter how many", "invalid": "Enter a whole number, such as 5"},
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    unit = forms.ChoiceField(
        label="Counted in",
        error_messages={"required": "Choose what it is counted in", "invalid_choice": "This cannot be counted in that"},
    )
    starts_on = forms.DateField(
        label="From",
        help_text="From tomorrow on. What runs already keeps its time.",
        error_messages={"required": "Enter the first day", "invalid": "Enter a real date, such as 2026-11-30"},
        widget=CalendarDay,
    )
    source = PlainTextField(
        label="Where this was read",
        max_length=200,
        help_text="A law, guidance, a decision of the partnership and its date.",
    )

    def __init__(self, *args, key: LimitKey, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [(unit.value, unit.label) for unit in units_for(key)]


@admin.register(Limit)
class LimitAdmin(RoleTableAdmin):
    """How long something may take, and from how many people on something happens. History is kept: none is removed."""

    menu_group = "Settings"
    menu_text = "How long each step may take, and the number for a reception centre. Each holds from a day on."
    view_permission = change_permission = Permission.MANAGE_PARTNERS
    labels = LABELS
    fields = ["key", "amount", "unit", "starts_on", "ends_on", "source"]
    readonly_fields = ["key", "amount", "unit", "starts_on", "ends_on"]

    def get_urls(self):
        """Return the addresses, with the page of one clock before Django's own."""
        guarded = self.admin_site.admin_view
        return [path("of/<slug:key>/", guarded(self.clock_view), name="partners_limit_of"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None):
        """Show every clock with its meaning and what holds today."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        clocks = _clocks(list(LimitKey))
        groups = [(name, [clocks[key] for key in keys]) for name, keys in GROUPS.items()]
        more = {"title": self.plural, "groups": groups, "own": _of_the_partnership()}
        return TemplateResponse(request, "admin/partners/limits.html", self.admin_site.each_context(request) | more)

    def clock_view(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show one clock with its history, and change it from a day on."""
        if not self.has_change_permission(request) or key not in LimitKey.values:
            raise Http404
        clock = _clocks([LimitKey(key)])[LimitKey(key)]
        if TAKE_BACK in request.POST:
            return self._take_back(request, clock)
        form = ChangeLimitForm(request.POST if request.method == "POST" else None, key=clock.key, initial=_start(clock))
        if request.method == "POST" and form.is_valid():
            try:
                change_limit(key=clock.key, by=request.user, **form.cleaned_data | {"unit": Unit(form["unit"].value())})
            except LimitRefused as refusal:
                form.add_error(_field_of(str(refusal)), str(refusal))
            else:
                messages.success(request, "The change is planned.")
                return redirect(clock.url)
        more = {"title": clock.key.label, "clock": clock, "form": form, "example": _example(clock)}
        return TemplateResponse(request, "admin/partners/limit.html", self.admin_site.each_context(request) | more)

    def _take_back(self, request: HttpRequest, clock: Clock) -> HttpResponse:
        planned = request.POST[TAKE_BACK]
        try:
            if planned not in {str(row.pk) for row in clock.planned}:
                raise LimitRefused("That change is gone or has begun. Plan another one instead.")
            take_back(limit_id=int(planned), by=request.user)
        except LimitRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "The planned change is taken back.")
        return redirect(clock.url)


def _clocks(keys: list[LimitKey]) -> dict[LimitKey, Clock]:
    today = timezone.localdate()
    clocks = {key: Clock(key, MEANINGS[key]) for key in keys}
    for row in Limit.objects.filter(key__in=keys).order_by("-starts_on"):
        clock = clocks[LimitKey(row.key)]
        if row.is_in_force(today):
            clock.now = row
        else:
            (clock.planned if row.starts_on > today else clock.earlier).append(row)
    for clock in clocks.values():
        clock.planned.reverse()
    return clocks


def _of_the_partnership() -> list[dict]:
    row = Partnership.current()
    names = {name: str(Partnership._meta.get_field(name).verbose_name) for name in OF_THE_PARTNERSHIP}
    return [
        {"name": names[name][:1].upper() + names[name][1:], "means": means, "amount": getattr(row, name)}
        for name, means in OF_THE_PARTNERSHIP.items()
    ]


def _start(clock: Clock) -> dict:
    newest = clock.planned[-1] if clock.planned else clock.now
    return {"amount": newest.amount, "unit": newest.unit} if newest else {}


def _example(clock: Clock) -> str:
    """Say when this clock would run out if it started now; nothing for a threshold."""
    now = timezone.now()
    try:
        return when(current_limits().due(clock.key, now), now)
    except (LimitMissing, LimitUnitWrong):
        return ""


def _field_of(refusal: str) -> str:
    """Return the field that a refusal of `change_limit` is about."""
    return "amount" if "number" in refusal else "unit" if "counted in" in refusal else "starts_on"
