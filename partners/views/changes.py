"""Who changed which setting, when, and how it was before: for coordinators, administrators and auditors."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from partners.access import requires
from partners.configuration import kind_in_words
from partners.models import ConfigurationChange
from partners.roles import Permission

ROWS = 50


class ChangesForm(forms.Form):
    """Which settings to show. Only kinds that were ever changed are offered."""

    kind = forms.ChoiceField(
        label="Setting", required=False, error_messages={"invalid_choice": "Choose a setting from the list"}
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        kinds = ConfigurationChange.objects.order_by("kind").values_list("kind", flat=True).distinct()
        self.fields["kind"].choices = [("", "All"), *sorted(((k, kind_in_words(k)) for k in kinds), key=lambda k: k[1])]

    def found(self):
        """Return the changes that fit, the newest first; all of them when nothing (valid) is asked for."""
        rows = ConfigurationChange.objects.select_related("by").order_by("-at", "id")
        kind = self.cleaned_data["kind"] if self.is_valid() else ""
        return rows.filter(kind=kind) if kind else rows


@requires(Permission.SEE_SETTINGS_CHANGES)
@require_safe
def settings_changes(request: HttpRequest) -> HttpResponse:
    """Show what was changed in the settings, narrowed down by what stands in the address."""
    form = ChangesForm(request.GET)
    page = Paginator(form.found(), ROWS).get_page(request.GET.get("page"))
    rows = [{"change": row, "kind": kind_in_words(row.kind)} for row in page]
    return render(request, "partners/settings_changes.html", {"form": form, "page_obj": page, "rows": rows})
