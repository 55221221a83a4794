"""What the queue and the case page say about a referral in a few words. Coded facts only, never a person."""

import datetime
from collections.abc import Collection, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.timesince import timesince

from partners.cover import Colleague, WhoIsHere
from partners.hours import when, working_minutes
from partners.models import User
from referrals.codes import EXPLOITATION_SHORT, NOT_KNOWN, SETTINGS, label_of
from referrals.models import HandOver, Referral
from referrals.pathways import Pathway
from referrals.statuses import NEXT_ACTOR_LABELS, NextActor, Priority, Status

#: Beyond this a deadline is said by the calendar; a working day has eight hours (in minutes).
FAR_OFF, WORKING_DAY = datetime.timedelta(days=60), 480
AGE_WORDS = {"adult": "Adult", "child": "Under 18", "unsure": "Age not sure"}

STATUS_TONES = {
    Status.SUBMITTED: "info",
    Status.IN_TRIAGE: "info",
    Status.INFORMATION_REQUESTED: "warn",
    Status.WITH_PARTNERS: "good",
    Status.CLOSED: "quiet",
    Status.WITHDRAWN: "quiet",
}
PRIORITY_TONES = {Priority.IMMEDIATE: "stop", Priority.URGENT: "warn", Priority.STANDARD: "quiet"}


PATHWAYS_SHORT = {
    Pathway.BEACON: "Local support",
    Pathway.NRM: "NRM",
    Pathway.DUTY_TO_NOTIFY: "Duty to notify",
    Pathway.CHILDRENS_SERVICES: "Children’s services",
    Pathway.ADULT_SAFEGUARDING: "Adult safeguarding",
    Pathway.POLICE: "Police",
}


def tag(label: str, tone: str) -> str:
    """Return a state in a word or two, as `templates/components/status_tag.html` writes it."""
    return format_html('<strong class="status-tag tone-{}">{}</strong>', tone, label)


def status_tag(referral: Referral) -> str:
    """Return the tag of the status; an unread referral says so."""
    if referral.status == Status.SUBMITTED and referral.opened_at is None:
        return tag("Unread", "stop" if referral.priority == Priority.IMMEDIATE else "warn")
    return tag(referral.get_status_display(), STATUS_TONES[Status(referral.status)])


def priority_tag(referral: Referral) -> str:
    """Return the tag of the priority."""
    return tag(referral.get_priority_display(), PRIORITY_TONES[Priority(referral.priority)])


def kinds_of_exploitation(referral: Referral) -> str:
    """Say the kinds of exploitation in short: 'Forced labour, wages taken'."""
    words = [EXPLOITATION_SHORT[code] for code in referral.exploitation]
    return ", ".join([words[0], *(word[0].lower() + word[1:] for word in words[1:])]) if words else "Kind not known"


def coded_facts(referral: Referral) -> list[str]:
    """Return age group, setting and district in words."""
    district = referral.district.name if referral.district else "District not known"
    setting = label_of(referral.setting, SETTINGS)
    return [AGE_WORDS[referral.age_group], "Setting not known" if referral.setting == NOT_KNOWN else setting, district]


def about(referral: Referral) -> str:
    """Say what a referral is about, for the queue: kinds of exploitation, then coded facts."""
    facts = format_html_join(" · ", "{}", ((fact,) for fact in coded_facts(referral)))
    return format_html(
        '<span class="about">{}</span> <span class="quiet">{}</span>', kinds_of_exploitation(referral), facts
    )


def due_words(due_at: datetime.datetime | None, now: datetime.datetime) -> str:
    """Say how far off a deadline is: 'due in 3 hours', 'due now', 'overdue by 2 days'; empty without one.

    Both are aware datetimes. The largest whole unit counts: 26 hours are a day.
    """
    if due_at is None:
        return ""
    early, late = min(due_at, now), max(due_at, now)
    if late - early < datetime.timedelta(minutes=1):
        return "due now"
    span = timesince(early, late, depth=1)
    return f"due in {span}" if due_at > now else f"overdue by {span}"


def working_words(due_at: datetime.datetime, now: datetime.datetime, days_off: Collection[datetime.date] = ()) -> str:
    """Say how much working time is left: 'due in 3 working hours', 'due in 2 working days' of eight hours.

    Both are aware datetimes. Where it is overdue, far off, or no working time lies between, it is said by the calendar.
    """
    if not datetime.timedelta() < due_at - now <= FAR_OFF:
        return due_words(due_at, now)
    minutes = working_minutes(now, due_at, days_off)
    for size, unit in ((WORKING_DAY, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return f"due in {minutes // size} working {unit}{'' if minutes // size == 1 else 's'}"
    return due_words(due_at, now)


def is_late(referral: Referral, now: datetime.datetime) -> bool:
    """Return whether the next move was due before the aware datetime `now`."""
    return referral.is_open and referral.due_at is not None and referral.due_at < now


def due(referral: Referral, now: datetime.datetime, days_off: Collection[datetime.date] = ()) -> str:
    """Say by when the next move is due: how far off, and the hour under it. In danger the clock runs at night too."""
    if referral.due_at is None:
        return ""
    in_danger = referral.priority == Priority.IMMEDIATE
    words = due_words(referral.due_at, now) if in_danger else working_words(referral.due_at, now, days_off)
    late = is_late(referral, now)
    return format_html(
        '<span class="{}">{}</span> <span class="quiet">{}</span>',
        "due due--late" if late else "due",
        words.capitalize(),
        f"{referral.due_at:%-d %B %Y}" if abs((referral.due_at - now).days) > 6 else when(referral.due_at, now),
    )


def person(user: User | None, reader: User, nobody: str = "Nobody yet") -> str:
    """Say who a member of staff is, as seen by `reader`: 'You' for oneself."""
    if user is None:
        return nobody
    return "You" if user == reader else user.get_full_name()


def whose_move(referral: Referral, reader: User, here: WhoIsHere, hand_overs: Sequence[HandOver] = ()) -> str:
    """Say whose move it is, as seen by `reader`; of the referral's open `hand_overs`, who is asked.

    The coordinator's move is that of whoever covers while the owner is away.
    """
    if referral.next_actor == NextActor.COORDINATOR:
        has = _has_it(referral, here)
        return "A coordinator" if has is None else "You" if has.user_id == reader.pk else has.name
    if referral.next_actor == NextActor.PARTNER and hand_overs:
        names = dict.fromkeys(row.organisation.short_name or row.organisation.name for row in hand_overs)
        return in_short(list(names))
    return NEXT_ACTOR_LABELS[NextActor(referral.next_actor)]


def owner(referral: Referral, reader: User, here: WhoIsHere) -> str:
    """Say who has a referral, as seen by `reader`: 'A. Name (covered by B. Name until 30 November)', 'You, covering for
    A. Name until 30 November'. Of an ended one, who had it."""
    name = person(referral.owner, reader)
    if referral.owner is None or not referral.is_open:
        return name
    known, has = here.known(referral.owner_id), _has_it(referral, here)
    if known is None:
        return f"{name} (does not coordinate here now)"
    if known.until is None:
        return name
    until = f"until {known.until:%-d %B}"
    if has is None:
        return f"{name} (away {until}, nobody covers this one)"
    return (
        f"You, covering for {name} {until}" if has.user_id == reader.pk else f"{name} (covered by {has.name} {until})"
    )


def _has_it(referral: Referral, here: WhoIsHere) -> Colleague | None:
    """Who has the work now; nobody where the cover must not know of it (`ReferralQuerySet.with_cover`)."""
    has = here.has_the_work_of(referral.owner_id)
    covers = has is not None and has.user_id != referral.owner_id
    return None if covers and not getattr(referral, "cover_may_know", True) else has


def in_short(names: list[str]) -> str:
    """Say several names in the space of one: 'Beacon', 'Beacon and 2 more'."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def pathway_tags(referral: Referral) -> str:
    """Return the recommended pathways in short, for the queue."""
    words = ((PATHWAYS_SHORT[Pathway(code)],) for code in referral.pathways)
    tags = format_html_join(" ", '<span class="pathway-tag">{}</span>', words)
    return format_html('<span class="pathway-tags">{}</span>', tags) if tags else ""
