"""Which referrals may be about the same person: blind keys are compared, and only the reason is said, never the value.

For coordinators alone, and only among what they may see: whoever sent a referral learns nothing (security, 4.3).
"""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Case, Count, Max, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from partners.access import record_access
from partners.models import AccessRecord, User
from partners.roles import Permission
from referrals.disclose import record_view
from referrals.models import Link, LinkKind, PersonKey, Referral
from referrals.person_index import blind_keys
from referrals.person_keys import IMPLIED, REASONS, KeyKind, Person

MOST = 20  # suggestions: a list that nobody reads to its end helps nobody
#: A telephone of a helpline, a name that hundreds bear: what so many referrals have in common is no reason.
COMMON = 50
#: These say who it is, however many referrals have them.
TELLING = (KeyKind.REFERENCE, KeyKind.NAME_BORN)
SEARCHES_AN_HOUR = 10  # by one person (security, 5.1)

Keys = Collection[tuple[str, bytes]]

_STRENGTH = {kind: len(REASONS) - place for place, kind in enumerate(REASONS)}


class TooLittle(Exception):
    """Raised when a search says too little to find one person. The text is for whoever searched."""

    text = "Give two names, or one name with a date of birth, a phone number, an e-mail address or a reference"


class TooManySearches(Exception):
    """Raised when somebody has searched too often within the hour. The text is for them."""

    text = f"You can search for people {SEARCHES_AN_HOUR} times an hour. Try again later"


@dataclass(frozen=True)
class Suggestion:
    """A referral that may be about the same person, and why, strongest reason first."""

    referral: Referral
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Linked:
    """A referral that a coordinator has linked to another one, and the link itself (its note is sealed)."""

    referral: Referral
    link: Link


def suggestions(referral: Referral, by: User, keys: Keys | None = None) -> list[Suggestion]:
    """Return which other referrals that `by` may see may be about the same person, strongest first, at most 20.

    Those that are linked as the same person already are left out. Nothing for anybody but a coordinator.
    `keys` are those of `keys_to_compare`, where they were read already: then it is one query, else two.
    """
    if not by.may(Permission.TRIAGE):
        return []
    linked = Link.objects.in_force().of(referral).filter(kind=LinkKind.SAME_PERSON)
    known = Q(pk=referral.pk) | Q(pk__in=linked.values("first")) | Q(pk__in=linked.values("second"))
    return _found(Referral.objects.visible_to(by).exclude(known), _keys_of(referral) if keys is None else keys)


@transaction.atomic
def find_people(
    by: User,
    *,
    name: str = "",
    born: datetime.date | None = None,
    phone: str = "",
    email: str = "",
    reference: str = "",
    purpose: str = "",
) -> list[Suggestion]:
    """Return which referrals that `by` may see may be about the person who is described, strongest first, at most 20.

    `name` is all the names that are known, in any order; `reference` is the Home Office's. What sounds alike is found
    too. The search is recorded with its `purpose`, never with its words. Raises PermissionError for anybody but a
    coordinator, TooLittle, TooManySearches.
    """
    if not by.may(Permission.TRIAGE):
        raise PermissionError("only coordinators search for people")
    person = Person(
        names=((name, "", ""),),
        born=frozenset({born} if born else ()),
        phones=(phone,),
        emails=(email,),
        references=(reference,),
    )
    if not (keys := blind_keys(person)):
        raise TooLittle(TooLittle.text)
    _record_search(by, purpose)
    return _found(Referral.objects.visible_to(by), keys)


def _record_search(by: User, purpose: str) -> None:
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # searches sent at once are counted one after another
    since = timezone.now() - datetime.timedelta(hours=1)
    mine = AccessRecord.objects.filter(user=by, action=AccessRecord.Action.SEARCH, at__gte=since)
    if mine.count() >= SEARCHES_AN_HOUR:
        raise TooManySearches(TooManySearches.text)
    record_access(by=by, action=AccessRecord.Action.SEARCH, object_kind="person", purpose=purpose)


def _with(keys: Keys) -> QuerySet[PersonKey]:
    """The rows with one of these keys. A key belongs to one kind by its making; the kind is there for the index."""
    return PersonKey.objects.filter(kind__in={kind for kind, _ in keys}, key__in={key for _, key in keys})


def keys_to_compare(of: Referral | OuterRef) -> QuerySet[PersonKey]:
    """Return the keys of a referral that others have, and not so many others that it says nothing."""
    same = PersonKey.objects.filter(kind=OuterRef("kind"), key=OuterRef("key")).order_by().values("kind")
    counted = PersonKey.objects.filter(referral=of).annotate(n=Subquery(same.annotate(n=Count("pk")).values("n")))
    return counted.filter(Q(n__lte=COMMON + 1) | Q(kind__in=TELLING), n__gt=1)


def _keys_of(referral: Referral) -> Keys:
    return [(kind, bytes(key)) for kind, key in keys_to_compare(referral).values_list("kind", "key")]


def _found(among: QuerySet[Referral], keys: Keys) -> list[Suggestion]:
    """The strongest of the referrals with one of `keys`, the newest first of two that are alike. One query."""
    if not keys:
        return []
    strength = Case(*(When(person_keys__kind=kind, then=Value(strength)) for kind, strength in _STRENGTH.items()))
    kind = "person_keys__kind"
    ranked = (
        among.filter(person_keys__in=_with(keys))
        .annotate(kinds=ArrayAgg(kind, distinct=True), best=Max(strength), n=Count(kind, distinct=True))
        .order_by("-best", "-n", "-submitted_at")
        .select_related("organisation", "district", "owner")
    )
    return [Suggestion(referral, _reasons(referral.kinds)) for referral in ranked[:MOST]]


def _reasons(kinds: Collection[str]) -> tuple[str, ...]:
    implied = {weaker for kind in kinds for weaker in IMPLIED.get(KeyKind(kind), ())}
    return tuple(words for kind, words in REASONS.items() if kind in kinds and kind not in implied)


def links_of(referral: Referral, by: User, links: Sequence[Link] | None = None) -> list[Linked]:
    """Return the referrals that are linked to this one and that `by` may see, oldest link first.

    Nothing for anybody but a coordinator. `links` are those in force of this referral, where they were read already:
    then it is one query, else two. The others are looked up by their ids: a join with all that is visible is slow.
    """
    if not by.may(Permission.TRIAGE):
        return []
    rows = Link.objects.in_force().of(referral).select_related("by") if links is None else links
    others = {link.pk: link.second_id if link.first_id == referral.pk else link.first_id for link in rows}
    seen = Referral.objects.visible_to(by).select_related("organisation", "district", "owner").in_bulk(others.values())
    return [Linked(seen[others[link.pk]], link) for link in rows if others[link.pk] in seen]


@transaction.atomic
def open_link_note(link: Link, on: Referral, by: User) -> str:
    """Return why a coordinator made `link`, "" when they did not say, and record the look on the referral `on`.

    Raises `partners.sealing.CannotOpen`.
    """
    text: str = link.take_out()["note"]
    if text:
        record_view(on, by=by, action=AccessRecord.Action.READ_NOTES)
    return text
