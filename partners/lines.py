"""Whom to ring now: the support lines with their hours put into words for this moment (facts, 5.3 and 5.4)."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Q

from partners.hours import LONDON, Stretch, closing_time, is_open, next_opening, when
from partners.models import ClosedDay, Organisation, SupportLine
from partners.week_words import in_words

ALWAYS = "Open all day, every day"
UNKNOWN = "Opening hours not known"


@dataclass(frozen=True)
class LineCard:
    """A line to ring. `is_open` is None when nobody has told us its hours; `hours` says it in words."""

    name: str
    phone: str
    purpose: str
    note: str
    website: str
    is_open: bool | None
    hours: str


def line_cards(now: datetime.datetime, purposes: Sequence[str], *, public_only: bool = False) -> list[LineCard]:
    """Return the lines in force for `purposes`, in that order, as they stand at the aware datetime `now`.

    With `public_only`, lines for professionals are left out. A closed line says when it opens next; nothing here ever
    suggests that it answers emergencies (facts, 5.3).
    """
    today = now.astimezone(LONDON).date()
    lines = SupportLine.objects.in_force(today).filter(purpose__in=purposes).prefetch_related("hours")
    if public_only:
        lines = lines.filter(public=True)
    rows = sorted(lines, key=lambda line: (list(purposes).index(line.purpose), line.position, line.name))
    everywhere, single = _closed_days(rows, today)
    return [_card(line, now, everywhere | single.get(line.pk, set())) for line in rows]


@dataclass(frozen=True)
class PrintedLine:
    """A line as it stands on paper, where nothing is open or closed "now": `hours` says the week in words."""

    name: str
    phone: str
    hours: str
    note: str


def printed_lines(on: datetime.date, purposes: Sequence[str]) -> list[PrintedLine]:
    """Return the public lines in force on the local date `on` for `purposes`, in that order, with their week in words.

    Two queries.
    """
    found = SupportLine.objects.in_force(on).filter(purpose__in=purposes, public=True).prefetch_related("hours")
    rows = sorted(found, key=lambda line: (list(purposes).index(line.purpose), line.position, line.name))
    return [PrintedLine(line.name, line.phone, _week(line), line.note) for line in rows]


def _week(line: SupportLine) -> str:
    return ALWAYS if line.always_open else "; ".join(in_words(_stretches(line)))


def card_of(line: SupportLine, stretches: Sequence[Stretch], now: datetime.datetime) -> LineCard:
    """Return `line`, saved or not, with the hours `stretches` as the public sees it at the aware datetime `now`."""
    whose = Q(line=None) | Q(line=line.pk) if line.pk else Q(line=None)
    closed = set(ClosedDay.objects.filter(whose, day__gte=now.astimezone(LONDON).date()).values_list("day", flat=True))
    return _card_with(line, stretches, now, closed)


def line_cards_of(organisations: Collection[Organisation], now: datetime.datetime) -> dict[int, list[LineCard]]:
    """Return the public lines in force of each organisation, by its id, as they stand at the aware datetime `now`.

    At most three queries for any number of them.
    """
    today = now.astimezone(LONDON).date()
    lines = SupportLine.objects.in_force(today).filter(organisation__in=organisations, public=True)
    rows = list(lines.prefetch_related("hours"))
    everywhere, single = _closed_days(rows, today)
    cards: dict[int, list[LineCard]] = {}
    for line in sorted(rows, key=lambda line: (line.position, line.name)):
        card = _card(line, now, everywhere | single.get(line.pk, set()))
        cards.setdefault(line.organisation_id, []).append(card)
    return cards


def _closed_days(
    lines: list[SupportLine], today: datetime.date
) -> tuple[set[datetime.date], dict[int, set[datetime.date]]]:
    everywhere: set[datetime.date] = set()
    single: dict[int, set[datetime.date]] = {}
    if any(not line.always_open for line in lines):
        for line_id, day in ClosedDay.objects.filter(
            Q(line=None) | Q(line__in=[line.pk for line in lines]), day__gte=today
        ).values_list("line_id", "day"):
            (everywhere if line_id is None else single.setdefault(line_id, set())).add(day)
    return everywhere, single


def _card(line: SupportLine, now: datetime.datetime, closed_days: Collection[datetime.date]) -> LineCard:
    return _card_with(line, _stretches(line), now, closed_days)


def _card_with(
    line: SupportLine, stretches: Sequence[Stretch], now: datetime.datetime, closed_days: Collection[datetime.date]
) -> LineCard:
    open_now, words = opening_in_words(now, stretches, closed_days, always_open=line.always_open)
    return LineCard(line.name, line.phone, line.purpose, line.note, line.website, open_now, words)


def opening_in_words(
    now: datetime.datetime,
    stretches: Sequence[Stretch],
    closed_days: Collection[datetime.date] = (),
    *,
    always_open: bool = False,
) -> tuple[bool | None, str]:
    """Return whether a line is open at the aware datetime `now` (None: not known), and the same in words."""
    if always_open:
        return True, ALWAYS
    if not stretches:
        return None, UNKNOWN
    if is_open(now, stretches, closed_days):
        closes = closing_time(now, stretches)
        return True, f"Open now, until {closes:%H:%M}"
    opens = next_opening(now, stretches, closed_days)
    return False, f"Closed now. Opens {when(opens, now)}" if opens else "Closed now"


def _stretches(line: SupportLine) -> list[Stretch]:
    return [Stretch(hours.weekday, hours.opens, hours.closes) for hours in line.hours.all()]


@dataclass(frozen=True)
class _Times:
    """When one line of an organisation answers."""

    always: bool
    stretches: list[Stretch]
    closed_days: Collection[datetime.date]


def opening_of(organisation: Organisation, now: datetime.datetime) -> tuple[bool | None, str]:
    """Return whether `organisation` answers at the aware datetime `now`, and the same in words.

    It is open when one of its lines is; None when none of them has hours. At most three queries.
    """
    return openings_of([organisation], now)[organisation.pk]


def openings_of(organisations: Collection[Organisation], now: datetime.datetime) -> dict[int, tuple[bool | None, str]]:
    """Return what `opening_of` says of each, by their ids. Three queries for any number of them; none for none."""
    times = _times_of(organisations, now) if organisations else {}
    return {organisation.pk: _opening(times.get(organisation.pk, []), now) for organisation in organisations}


def _opening(times: list[_Times], now: datetime.datetime) -> tuple[bool | None, str]:
    if any(line.always for line in times):
        return True, ALWAYS
    if not times:
        return None, UNKNOWN
    ends = [closing_time(now, line.stretches) for line in times if is_open(now, line.stretches, line.closed_days)]
    if ends:
        return True, f"Open now, until {max(filter(None, ends)):%H:%M}"
    opens = _next(times, now)
    return False, f"Closed now. Opens {when(opens, now)}" if opens else "Closed now"


def next_open(organisation: Organisation, now: datetime.datetime) -> datetime.datetime | None:
    """Return when `organisation`, closed at the aware datetime `now`, opens next (London time).

    None when it is open, when none of its lines has hours, and when it does not open within three weeks.
    """
    times = _times_of([organisation], now).get(organisation.pk, [])
    if any(line.always or is_open(now, line.stretches, line.closed_days) for line in times):
        return None
    return _next(times, now)


def _times_of(organisations: Collection[Organisation], now: datetime.datetime) -> dict[int, list[_Times]]:
    today = now.astimezone(LONDON).date()
    lines = SupportLine.objects.in_force(today).filter(organisation__in=organisations).prefetch_related("hours")
    known = [line for line in lines if line.always_open or line.hours.all()]
    everywhere, single = _closed_days(known, today)
    times: dict[int, list[_Times]] = {}
    for line in known:
        found = _Times(line.always_open, _stretches(line), everywhere | single.get(line.pk, set()))
        times.setdefault(line.organisation_id, []).append(found)
    return times


def _next(times: list[_Times], now: datetime.datetime) -> datetime.datetime | None:
    openings = (next_opening(now, line.stretches, line.closed_days) for line in times)
    return min(filter(None, openings), default=None)
