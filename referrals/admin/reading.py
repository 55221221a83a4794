"""Everything that the case page shows of one referral, read with few queries whatever happened to it."""

import datetime
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, Func, OuterRef, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf

from partners.cover import READ, WhoIsHere, colleagues_at, from_json, keep_for
from partners.lines import openings_of
from partners.models import User
from referrals.admin import handovers, sections
from referrals.matching import Linked, Suggestion, keys_to_compare, links_of, suggestions
from referrals.models import (
    Attachment,
    Consent,
    Exclusion,
    HandOver,
    Link,
    Note,
    NrmCase,
    Recommendation,
    Referral,
    ReferralEvent,
)


@dataclass(frozen=True)
class CaseFile:
    """One referral with everything around it. `openings` are those of the organisations that have it now."""

    referral: Referral
    reader: User
    now: datetime.datetime
    events: list[ReferralEvent]
    sent: list[dict]
    hand_overs: list[HandOver]
    consents: list[Consent]
    recommendations: list[Recommendation]
    exclusions: list[dict]
    note_kinds: list[str]
    attachments: list[dict]
    nrm: NrmCase | None
    openings: dict[int, tuple[bool | None, str]]
    links: list[Linked]
    alike: list[Suggestion]
    here: WhoIsHere

    @property
    def asked(self) -> list[HandOver]:
        """The hand-overs that are open."""
        return [row for row in self.hand_overs if row.is_open]


def read_case(referral: Referral, reader: User, now: datetime.datetime, *, sealed: bool = False) -> CaseFile:
    """Read what there is about a referral that `reader` has just opened.

    `sealed`: fetch the two sealed blobs as well, still closed, because a part of them was asked for.
    """
    found = _row(referral, reader, now, ("secret", "location") if sealed else ())
    hand_overs = handovers.of_referral(found, reader)
    asked = [row.organisation for row in hand_overs if row.is_open]
    return CaseFile(
        referral=found,
        reader=reader,
        now=now,
        events=list(found.events.select_related("by")),
        sent=sections.messages(found),
        hand_overs=hand_overs,
        consents=list(found.consents.select_related("recorded_by")),
        recommendations=[_recommendation(row) for row in found.advice],
        exclusions=[_with_times(row, "added_at", "lifted_at") for row in found.kept_from],
        note_kinds=found.note_kinds,
        attachments=[_with_times(row, "at", "removed_at") for row in found.attached],
        nrm=_nrm(found, reader),
        openings=openings_of(asked, now),
        links=links_of(found, reader, [_link(row) for row in found.link_rows]),
        here=keep_for(reader, now, _here(found)),
        alike=suggestions(found, reader, [(row["kind"], bytes.fromhex(row["key"])) for row in found.keys]),
    )


def _row(referral: Referral, reader: User, now: datetime.datetime, more: tuple[str, ...]) -> Referral:
    """The referral with its owner, operation and NRM side, and small lists about it as JSON: one query for all."""
    about = {"referral": OuterRef("pk")}
    advice = Recommendation.objects.filter(**about).order_by("-at")
    kept_from = Exclusion.objects.filter(**about).order_by("added_at")
    attached = Attachment.objects.visible_to(reader).filter(**about).order_by("number")
    links = Link.objects.in_force().of(OuterRef("pk")).order_by("at")
    related = (
        "organisation",
        "district",
        "referrer",
        "owner",
        "operation",
        "nrm__first_responder",
        "nrm__organisation",
        "imported_row__batch__by",
    )
    rows = Referral.objects.visible_to(reader).select_related(*related, *more)
    return rows.annotate(
        advice=ArraySubquery(
            advice.values(row=JSONObject(at="at", rules_version="rules_version", facts="facts", result="result"))
        ),
        kept_from=ArraySubquery(kept_from.values(row=JSONObject(**_EXCLUSION))),
        attached=ArraySubquery(attached.values(row=JSONObject(**_ATTACHMENT))),
        note_kinds=ArraySubquery(Note.objects.filter(**about).values("kind")),
        keys=ArraySubquery(keys_to_compare(OuterRef("pk")).values(row=JSONObject(kind="kind", key=_HEX))),
        colleagues=ArraySubquery(colleagues_at(now).values(row=JSONObject(**{name: name for name in READ}))),
        link_rows=ArraySubquery(links.values(row=JSONObject(**_LINK))),
    ).get(pk=referral.pk)


def _here(found: Referral) -> WhoIsHere:
    """Who is here; and the referral learns whether its owner's cover may know of it, as it would in the queue."""
    here = from_json(found.colleagues)
    kept_from = {row["organisation_id"] for row in found.kept_from if row["lifted_at"] is None}
    has = here.has_the_work_of(found.owner_id)
    found.cover_may_know = has is None or has.organisation_id not in kept_from
    return here


def _name_of(user: str) -> Coalesce:
    return Coalesce(NullIf(F(f"{user}__full_name"), Value("")), F(f"{user}__email"), output_field=CharField())


_HEX = Func(F("key"), Value("hex"), function="encode", output_field=CharField())  # JSON has no bytes
_EXCLUSION = {
    "id": "pk",
    "organisation": "organisation__name",
    "organisation_id": "organisation",
    "added_by": "added_by",
    "added_name": _name_of("added_by"),
    "added_at": "added_at",
    "lifted_by": "lifted_by",
    "lifted_name": _name_of("lifted_by"),
    "lifted_at": "lifted_at",
}
_ATTACHMENT = {
    **{name: name for name in ("id", "number", "kind", "content_type", "pages", "size", "at", "by")},
    **{name: name for name in ("removed_at", "removed_by", "removal_reason")},
    "by_name": _name_of("by"),
    "removed_name": _name_of("removed_by"),
}

_LINK = {
    **{name: name for name in ("id", "first_id", "second_id", "kind", "at", "by_id")},
    "full_name": F("by__full_name"),
    "email": F("by__email"),
}


def _link(row: dict) -> Link:
    """A link without what is sealed in it."""
    names = {name: row.pop(name) for name in ("full_name", "email")}
    ids = {name: UUID(row[name]) for name in ("id", "first_id", "second_id")}
    at = datetime.datetime.fromisoformat(row["at"])
    return Link(**(row | ids | {"at": at, "by": User(pk=row.pop("by_id"), **names)}))


def _with_times(row: dict, *names: str) -> dict:
    times = {name: row[name] and datetime.datetime.fromisoformat(row[name]) for name in names}
    return row | times


def _recommendation(row: dict) -> Recommendation:
    return Recommendation(**(row | {"at": datetime.datetime.fromisoformat(row["at"])}))


def _nrm(referral: Referral, reader: User) -> NrmCase | None:
    """The NRM side of a referral that was read through `visible_to`: a coordinator who sees one sees the other."""
    try:
        return referral.nrm
    except NrmCase.DoesNotExist:
        return None
