"""Which organisations can be asked to take a referral on a pathway, and what to know before choosing one."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from partners.lines import openings_of
from partners.models import Area, Organisation, Standing, SupportLine, User
from referrals.admin.forms import people_of
from referrals.models import Referral
from referrals.pathways import Pathway

FIRST_RESPONDERS_ONLY = (Pathway.NRM, Pathway.DUTY_TO_NOTIFY)

#: Who is usually asked: whoever has such a line; where nobody here has one, such a kind of organisation.
USUAL: dict[Pathway, tuple[SupportLine.Purpose, Organisation.Kind]] = {
    Pathway.BEACON: (SupportLine.Purpose.VICTIM_CARE, Organisation.Kind.VICTIM_SERVICE),
    Pathway.CHILDRENS_SERVICES: (SupportLine.Purpose.CHILDREN, Organisation.Kind.COUNTY_COUNCIL),
    Pathway.ADULT_SAFEGUARDING: (SupportLine.Purpose.ADULTS, Organisation.Kind.COUNTY_COUNCIL),
    Pathway.POLICE: (SupportLine.Purpose.POLICE, Organisation.Kind.POLICE),
}


@dataclass(frozen=True)
class Candidate:
    """An organisation that can be asked, what there is to know before one chooses it, and who could be named."""

    organisation: Organisation
    usual: bool
    covers: bool
    hint: str
    people: list[User]


def candidates(referral: Referral, pathway: Pathway) -> list[Candidate]:
    """Return the organisations that can be asked on `pathway`, the usual ones first; who must not know is not there."""
    now = timezone.now()
    rows = list(_can_take(referral, pathway))
    usual = _usual(rows, referral, pathway)
    duty = _with_standing(Standing.Kind.SECTION_52)
    openings, people = openings_of(rows, now), people_of(rows, referral)
    found = []
    for row in rows:
        covers = _covers(row, referral.district)
        facts = [
            "The referrer’s own organisation" if row.pk == referral.organisation_id else "",
            "Under the duty to notify" if pathway is Pathway.DUTY_TO_NOTIFY and row.pk in duty else "",
            "" if covers else f"Not in {referral.district}",
            "Only where the law requires it" if row.kind == Organisation.Kind.IMMIGRATION else "",
            openings[row.pk][1],
        ]
        hint = ". ".join(fact for fact in facts if fact)
        found.append(Candidate(row, row.pk in usual and covers, covers, hint, people.get(row.pk, [])))
    own = referral.organisation_id
    return sorted(found, key=lambda one: (not one.usual, not one.covers, one.organisation.pk != own))


def _can_take(referral: Referral, pathway: Pathway) -> QuerySet[Organisation]:
    today = timezone.localdate()
    rows = Organisation.objects.in_force(today).exclude(
        pk__in=referral.exclusions.in_force().values("organisation"),
    )
    rows = rows.exclude(pk__in=referral.hand_overs.open().filter(pathway=pathway).values("organisation"))
    if pathway not in FIRST_RESPONDERS_ONLY:
        return rows.filter(receives_referrals=True).prefetch_related("areas")
    standing = Standing.objects.in_force(today).filter(kind=Standing.Kind.FIRST_RESPONDER).values("organisation")
    can = rows.filter(receives_referrals=True) | rows.filter(pk=referral.organisation_id)
    return can.filter(pk__in=standing).prefetch_related("areas")


def _usual(rows: list[Organisation], referral: Referral, pathway: Pathway) -> set[int]:
    if pathway is Pathway.DUTY_TO_NOTIFY:
        kind = Standing.Kind.SECTION_52
        return set(
            Standing.objects.in_force(timezone.localdate()).filter(kind=kind).values_list("organisation", flat=True)
        )
    if pathway is Pathway.NRM:
        return {row.pk for row in rows}
    purpose, kind = USUAL[pathway]
    lines = SupportLine.objects.in_force(timezone.localdate()).filter(purpose=purpose, organisation__in=rows)
    return set(lines.values_list("organisation", flat=True)) or {row.pk for row in rows if row.kind == kind}


def _covers(organisation: Organisation, district: Area | None) -> bool:
    """Return whether it works in the district; an organisation of the county, or without areas, works everywhere."""
    areas = organisation.areas.all()
    return not areas or district is None or any(area.kind == Area.Kind.COUNTY or area == district for area in areas)


def _with_standing(kind: Standing.Kind) -> set[int]:
    rows = Standing.objects.in_force(timezone.localdate()).filter(kind=kind)
    return set(rows.values_list("organisation", flat=True))
