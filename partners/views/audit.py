"""The auditor's page: who looked at what, when and why. It shows references and purposes, never case content."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partners.access import record_access, requires
from partners.formfields import CalendarDay, PlainTextField
from partners.models import AccessRecord, User
from partners.roles import ROLE_LABELS, Permission, Role

ROWS = 50
NO_DATE = {"invalid": "Enter a real date, such as 2026-11-30"}


class PersonField(forms.ModelChoiceField):
    """A choice of accounts by name and address."""

    def label_from_instance(self, obj: User) -> str:
        """Return the words for one account."""
        return f"{obj.full_name} ({obj.email})" if obj.full_name else obj.email


class AccessLogForm(forms.Form):
    """What to look for. Everything is optional."""

    reference = PlainTextField(
        label="Reference", required=False, max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    person = PersonField(
        label="Person",
        queryset=User.objects.order_by("full_name", "email"),
        required=False,
        empty_label="Anybody",
        error_messages={"invalid_choice": "Choose a person from the list"},
    )
    act = forms.ChoiceField(
        label="What they did",
        choices=[("", "Anything"), *AccessRecord.Action.choices],
        required=False,
        error_messages={"invalid_choice": "Choose what they did from the list"},
    )
    since = forms.DateField(label="From", required=False, error_messages=NO_DATE, widget=CalendarDay)
    until = forms.DateField(label="To", required=False, error_messages=NO_DATE, widget=CalendarDay)

    def clean(self) -> dict:
        """Want the days in their order."""
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day must not be before the first")
        return cleaned

    def found(self):
        """Return the rows that fit, the newest first; all of them when nothing (valid) is asked for."""
        rows = AccessRecord.objects.select_related("user", "organisation").order_by("-at", "id")
        asked = self.cleaned_data if self.is_valid() else {}
        wanted = {
            "reference__iexact": asked.get("reference"),
            "user": asked.get("person"),
            "action": asked.get("act"),
            "at__date__gte": asked.get("since"),
            "at__date__lte": asked.get("until"),
        }
        return rows.filter(**{lookup: value for lookup, value in wanted.items() if value})


#: What was looked at, where it is no list of referrals.
LISTS = {"access_log": "Looked at the access log", "operational_figures": "Looked at the operational figures"}


@requires(Permission.SEE_ACCESS_LOG)
@require_safe
def access_log(request: HttpRequest) -> HttpResponse:
    """Show the access log, narrowed down by what stands in the address. Looking at it is on it."""
    form = AccessLogForm(request.GET)
    record_access(by=request.user, action=AccessRecord.Action.LIST, object_kind="access_log")
    page = Paginator(form.found(), ROWS).get_page(request.GET.get("page"))
    rows = [{"record": row, "role": _role(row), "what": _what(row)} for row in page]
    context = {"form": form, "page_obj": page, "rows": rows}
    return render(request, "partners/access_log.html", context)


def _role(row: AccessRecord) -> str:
    return ROLE_LABELS[Role(row.role)] if row.role in set(Role) else ""


def _what(row: AccessRecord) -> str:
    if row.action == AccessRecord.Action.LIST:
        return LISTS.get(row.object_kind, "Looked at the list of referrals")
    return row.get_action_display()
