"""“Can my organisation make an NRM referral?” The answer for the reader's own organisation, today, with its reason."""

import datetime
from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from partners.access import submit_lane
from partners.formfields import in_words
from partners.lines import line_cards_of
from partners.models import Organisation, Standing

Kind = Standing.Kind


@submit_lane()
@require_safe
def can_we_refer(request: HttpRequest) -> HttpResponse:
    """Say yes or no, why, and what happens next. Where it is no, name who can do it here."""
    now, today = timezone.now(), timezone.localdate()
    organisation = request.user.organisation
    rows = list(organisation.standings.all())
    responder = newest(rows, Kind.FIRST_RESPONDER, today)
    can = responder is not None and responder.is_in_force(today)
    context = {
        "organisation": organisation,
        "can": can,
        "reason": _reason(responder, today),
        "reason_source": responder.source if responder else "",
        "duty": in_force(rows, Kind.SECTION_52, today),
        "responders": [] if can else _first_responders(now, today, but=organisation),
    }
    return render(request, "referrals/can_we_refer.html", context)


def newest(rows: Iterable[Standing], kind: Standing.Kind, today: datetime.date) -> Standing | None:
    """Return the standing of `kind` in force on the local date `today`, else the next to come, else the last to end."""
    known = [row for row in rows if row.kind == kind]
    ahead = sorted((row for row in known if row.starts_on > today), key=lambda row: row.starts_on)
    ended = sorted((row for row in known if row.ends_on and row.ends_on < today), key=lambda row: row.ends_on)
    return in_force(known, kind, today) or next(iter([*ahead, *reversed(ended)]), None)


def in_force(rows: Iterable[Standing], kind: Standing.Kind, today: datetime.date) -> Standing | None:
    """Return the standing of `kind` that holds on the local date `today`, or None."""
    return next((row for row in rows if row.kind == kind and row.is_in_force(today)), None)


def _reason(row: Standing | None, today: datetime.date) -> str:
    if row is None:
        return "It is not on the Home Office’s list of first responder organisations."
    if row.starts_on > today:
        return f"It becomes a first responder organisation on {in_words(row.starts_on)}."
    if row.is_in_force(today):
        return f"It has been a first responder organisation since {in_words(row.starts_on)}."
    return f"It was a first responder organisation until {in_words(row.ends_on)}, and is one no longer."


def _first_responders(now: datetime.datetime, today: datetime.date, *, but: Organisation) -> list[dict]:
    """The first responders of today, those that are handed referrals here first.

    Immigration enforcement is left out: nothing is shared with it unless the law requires it (design, section 4).
    """
    standing = Standing.objects.in_force(today).filter(kind=Kind.FIRST_RESPONDER)
    found = Organisation.objects.in_force(today).filter(pk__in=standing.values("organisation"))
    found = found.exclude(kind=Organisation.Kind.IMMIGRATION).exclude(pk=but.pk)
    rows = sorted(found, key=lambda one: (not one.receives_referrals, one.name.lower()))
    lines = line_cards_of(rows, now)
    return [{"name": row.name, "receives": row.receives_referrals, "lines": lines.get(row.pk, [])} for row in rows]
