"""Who an audience is when something happens: the people and mailboxes behind each word of a notification rule."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from partners.cover import coordinators_on_duty, who_is_here
from partners.hours import LONDON
from partners.models import Audience, Contact, Organisation, User
from partners.models.people import Membership
from partners.roles import Permission, Role, may

#: Audiences inside the organisation that is asked for help. What it may no longer see is cancelled for them.
RECEIVERS = (Audience.RECEIVING_ORGANISATION, Audience.RECEIVING_SECOND_CONTACT, Audience.FIRST_RESPONDER)


@dataclass(frozen=True)
class Event:
    """What a message tells of: the event's id, and the case it belongs to by id and reference only.

    `organisation` is the one that is asked for help; `responder` the person there who has it.
    """

    id: UUID
    referral_id: UUID | None = None
    reference: str = ""
    owner: User | None = None
    referrer: User | None = None
    organisation: Organisation | None = None
    responder: User | None = None
    #: Ids of organisations that must not know of the case: nobody there is told, save who referred it.
    excluded: frozenset[int] = frozenset()
    #: Ids of the organisations that a post of the message board is addressed to.
    addressed: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Recipient:
    """A person, or one of an organisation's mailboxes."""

    user: User | None = None
    organisation: Organisation | None = None
    contact: str = ""


def recipients(audience: str, event: Event, now: datetime.datetime) -> list[Recipient]:
    """Return who an audience is for this event at the aware datetime `now`.

    What is for a coordinator is for every coordinator who may know of it, when none of those who were meant may.
    """
    found = _who_may_know(_WHO[Audience(audience)](event, now), audience, event)
    if found or audience not in (Audience.OWNER, Audience.COORDINATORS_ON_DUTY):
        return found
    return _who_may_know(_all_coordinators(event, now), audience, event)


def _who_may_know(found: list[Recipient], audience: str, event: Event) -> list[Recipient]:
    if not event.excluded or audience == Audience.REFERRER:
        return found
    return [one for one in found if _organisation_id(one) not in event.excluded]


def _organisation_id(recipient: Recipient) -> int | None:
    whose = recipient.organisation or (recipient.user.organisation if recipient.user else None)
    return whose.pk if whose else None


def _on_duty(event: Event, now: datetime.datetime) -> list[Recipient]:
    return [Recipient(user=user) for user in coordinators_on_duty(now)]


def _all_coordinators(event: Event, now: datetime.datetime) -> list[Recipient]:
    members = Membership.objects.in_role(Role.COORDINATOR).select_related("user")
    return [Recipient(user=member.user) for member in members]


def _owner(event: Event, now: datetime.datetime) -> list[Recipient]:
    """Whoever has the work of the owner: they themselves, or the colleague who covers while they are away.

    Never also whoever is away: a message is answered by who is here. Those on duty when it is nobody, or somebody who
    may not know of it.
    """
    has = who_is_here(now).has_the_work_of(event.owner.pk) if event.owner else None
    if has is None or has.organisation_id in event.excluded:
        return _on_duty(event, now)
    return [Recipient(user=User.objects.get(pk=has.user_id))]


def _referrer(event: Event, now: datetime.datetime) -> list[Recipient]:
    return [Recipient(user=event.referrer)] if event.referrer else []


def _second_contacts(event: Event, now: datetime.datetime) -> list[Recipient]:
    hosts = _in_force(now).filter(coordinates=True)
    return [recipient for host in hosts for recipient in _mailbox(host, Contact.SECOND)]


def _receiving(event: Event, now: datetime.datetime) -> list[Recipient]:
    """The mailbox, and whoever has it; as long as nobody has it, every responder."""
    if event.organisation is None:
        return []
    responders = _people_of(event.organisation, Role.RESPONDER)
    return _mailbox(event.organisation) + (_named(event) or responders)


def _receiving_second(event: Event, now: datetime.datetime) -> list[Recipient]:
    if event.organisation is None:
        return []
    return _mailbox(event.organisation, Contact.SECOND) + _people_of(event.organisation, Role.LEAD)


def _first_responder(event: Event, now: datetime.datetime) -> list[Recipient]:
    """The named person; the mailbox when that person has left the organisation since."""
    if event.responder is None or event.organisation is None:
        return [Recipient(user=event.responder)] if event.responder else []
    return _named(event) or _mailbox(event.organisation)


def _reception_centre(event: Event, now: datetime.datetime) -> list[Recipient]:
    openers = _in_force(now).filter(opens_reception_centre=True)
    return [recipient for opener in openers for recipient in _mailbox(opener)]


def _addressed(event: Event, now: datetime.datetime) -> list[Recipient]:
    """The mailboxes of the organisations that still take part, their leads and their responders. Two queries."""
    return _all_of(event, now, Role.LEAD, Role.RESPONDER)


def _addressed_everybody(event: Event, now: datetime.datetime) -> list[Recipient]:
    """The same, and everybody else there who may read the message board."""
    return _all_of(event, now, *(role for role in Role if may(role, Permission.READ_BOARD)))


def _all_of(event: Event, now: datetime.datetime, *roles: Role) -> list[Recipient]:
    organisations = list(_in_force(now).filter(pk__in=event.addressed))
    members = Membership.objects.in_role(*roles).filter(organisation__in=organisations).select_related("user")
    mailboxes = [recipient for organisation in organisations for recipient in _mailbox(organisation)]
    return mailboxes + [Recipient(user=member.user) for member in members.order_by("pk")]


def _in_force(now: datetime.datetime):
    return Organisation.objects.in_force(now.astimezone(LONDON).date())


def _mailbox(organisation: Organisation, contact: Contact = Contact.MAILBOX) -> list[Recipient]:
    address = organisation.second_contact if contact == Contact.SECOND else organisation.role_mailbox
    return [Recipient(organisation=organisation, contact=contact)] if address else []


def _people_of(organisation: Organisation, *roles: Role) -> list[Recipient]:
    members = Membership.objects.in_role(*roles).filter(organisation=organisation).select_related("user")
    return [Recipient(user=member.user) for member in members]


def _named(event: Event) -> list[Recipient]:
    """The named person, whatever their role, if they still work in the organisation that is asked."""
    if event.responder is None or not event.responder.is_active:
        return []
    still_there = event.responder.organisation == event.organisation
    return [Recipient(user=event.responder)] if still_there else []


_WHO: dict[Audience, Callable[[Event, datetime.datetime], list[Recipient]]] = {
    Audience.COORDINATORS_ON_DUTY: _on_duty,
    Audience.ALL_COORDINATORS: _all_coordinators,
    Audience.OWNER: _owner,
    Audience.REFERRER: _referrer,
    Audience.SECOND_CONTACTS: _second_contacts,
    Audience.RECEIVING_ORGANISATION: _receiving,
    Audience.RECEIVING_SECOND_CONTACT: _receiving_second,
    Audience.FIRST_RESPONDER: _first_responder,
    Audience.RECEPTION_CENTRE: _reception_centre,
    Audience.ADDRESSED: _addressed,
    Audience.ADDRESSED_EVERYBODY: _addressed_everybody,
}
