"""The coordinators' operational page: what waits, where, and for how long. True counts, for coordinators alone.

Everybody else sees published figures (`referrals/published.py`). Whatever is kept from a coordinator's own organisation
is not counted here either.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from partners.access import record_access, requires
from partners.models import AccessRecord
from partners.roles import Permission
from referrals.admin import operational_figures as figures
from referrals.admin.waiting import LATELY
from referrals.export import MARKING
from referrals.statuses import STATUS_LABELS

Row = dict[str, Any]


def _has(*keys: str):
    return lambda row: any(row[key].count for key in keys)


def _longest_first(rows: list[Row], key: str) -> list[Row]:
    return sorted(rows, key=lambda row: -row[key].count)


def tables_of(rows: list[Row]) -> dict[str, list[Any]]:
    """Return which organisations each table of the page lists: those of which it has something to say.

    `idle` has the names of the first responder organisations that have no hand-over.
    """
    late = [row for row in rows if _has("late", "asked_late", "owes")(row)]
    silent = [row for row in rows if _has("silent", "ring", "refused")(row) or row["agreement"]]
    load = [row for row in rows if _has("nrm_open", "nrm_declined")(row)]
    return {
        "late": _longest_first(late, "late"),
        "silent": _longest_first(silent, "silent"),
        "load": _longest_first(load, "nrm_open"),
        "idle": [row["organisation"].name for row in rows if row["can_refer"] and row not in load],
    }


@never_cache
@requires(Permission.TRIAGE)
@require_safe
def operational(request: HttpRequest) -> HttpResponse:
    """Show the figures, and record that somebody looked."""
    record_access(by=request.user, action=AccessRecord.Action.LIST, object_kind="operational_figures")
    now = timezone.now()
    context = admin.site.each_context(request) | {
        "title": "Operational figures",
        "marking": MARKING,
        "now": now,
        "statuses": [STATUS_LABELS[status] for status in figures.SHOWN],
        "ages": figures.by_age(request.user, now),
        "waits": {key.replace("-", "_"): one for key, one in figures.without_an_answer(request.user, now).items()},
        "lately": LATELY.days,
        **tables_of(figures.by_organisation(request.user, now)),
    }
    return TemplateResponse(request, "admin/referrals/operational.html", context)
