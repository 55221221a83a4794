"""The page of one hand-over for the organisation that is asked. Opening it is recorded, and stops the reminders.

Before the organisation accepts it sees coded facts. Afterwards it opens what its pathway needs by a click of its own,
in the answer to that click and nowhere else. What it declined, or what was taken back, is a stub.
"""

from dataclasses import dataclass, field
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from partners.access import requires
from partners.lines import opening_of
from partners.models import User
from partners.roles import Permission
from partners.sealing import CannotOpen
from referrals import workflow
from referrals.admin.columns import person
from referrals.admin.sealed import labelled
from referrals.admin.sections import facts, indicators, referrer
from referrals.disclose import open_hand_over_notes, open_limited
from referrals.forms.handover import ACTS
from referrals.handover_states import possible_hand_over_moves
from referrals.limited_views import LIMITED_VIEWS, NARRATIVE_PATHWAYS
from referrals.models import Attachment, HandOver, Note, NrmCase
from referrals.pathways import Pathway
from referrals.statuses import Priority
from referrals.views import hand_over_words as words
from referrals.views.amended_words import amended_since

PERSON, NOTES = "person", "notes"
PARTNER_NOTES = (Note.Kind.PARTNER_QUESTION, Note.Kind.PARTNER_ANSWER, Note.Kind.PARTNER_REPORT)


@dataclass
class Opened:
    """What this answer shows of the sealed parts. Nothing of it is kept anywhere."""

    person: list[dict] | None = None
    notes: list[dict] | None = None
    broken: set[str] = field(default_factory=set)  # parts that the key does not open

    @property
    def parts(self) -> list[str]:
        """The parts that are shown, so that opening another keeps them open."""
        return [part for part in (PERSON, NOTES) if getattr(self, part) is not None]


@requires(Permission.WRITE_REFERRAL)
@require_safe
def hand_over(request: HttpRequest, hand_over_id: UUID) -> HttpResponse:
    """Show one hand-over with its sealed parts closed."""
    if request.user.may(Permission.TRIAGE):
        return to_case(request.user, hand_over_id)
    return _page(request, _opened(request.user, hand_over_id), [])


@requires(Permission.WRITE_REFERRAL)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over_open(request: HttpRequest, hand_over_id: UUID) -> HttpResponse:
    """Show one hand-over with the parts that were asked for open, in the answer to this POST alone.

    `part` is what to open, `shown` what is open already.
    """
    if request.user.may(Permission.TRIAGE):
        return to_case(request.user, hand_over_id)
    if request.method != "POST":
        return redirect("hand_over", get_object_or_404(HandOver.objects.visible_to(request.user), pk=hand_over_id).pk)
    parts = {*request.POST.getlist("part"), *request.POST.getlist("shown")}
    return _page(request, _opened(request.user, hand_over_id), [part for part in (PERSON, NOTES) if part in parts])


def to_case(coordinator: User, hand_over_id: UUID) -> HttpResponse:
    """Send a coordinator to the case in the admin. Raises Http404."""
    row = get_object_or_404(HandOver.objects.visible_to(coordinator), pk=hand_over_id)
    return redirect("admin:referrals_referral_change", row.referral_id)


def _opened(user: User, hand_over_id: UUID) -> HandOver:
    """Return the hand-over, locked, with the record of the look. It cannot be taken back while the page is written."""
    try:
        return workflow.open_hand_over(hand_over_id=hand_over_id, by=user)
    except (HandOver.DoesNotExist, workflow.NotAllowed):
        raise Http404 from None


def _page(request: HttpRequest, hand_over: HandOver, parts: list[str]) -> HttpResponse:
    user = request.user
    context = {
        "hand_over": hand_over,
        "referral": hand_over.referral,
        "asked": words.asked_of(hand_over),
        "status": words.status_tag(hand_over),
        "sheet_url": _sheet_url(hand_over, user),
    }
    if not HandOver.objects.seen_by(user).filter(pk=hand_over.pk).exists():
        return render(request, "referrals/hand_over_stub.html", context)
    opened = _open_parts(hand_over, parts, user)
    return render(request, "referrals/hand_over.html", context | _details(hand_over, user, opened))


def _details(hand_over: HandOver, user: User, opened: Opened) -> dict:
    referral, pathway, now = hand_over.referral, Pathway(hand_over.pathway), timezone.now()
    accepted = hand_over.accepted_at is not None
    moves = possible_hand_over_moves(hand_over.status)
    return {
        "opened": opened,
        "accepted": accepted,
        "danger": hand_over.is_open and referral.priority == Priority.IMMEDIATE,
        "amended": amended_since(hand_over),
        "move": words.whose_move(hand_over, user, now),
        "acts": [(slug, act) for slug, act in ACTS.items() if act.move in moves],
        "reasons": words.reasons(hand_over),
        "facts": facts(referral),
        "limited": LIMITED_VIEWS[pathway],
        "indicators": indicators(referral) if opened.person is not None and _sees(pathway, "signs") else [],
        "referrer": referrer(referral) if opened.person is not None and _sees(pathway, "referrer") else [],
        "consent": words.consent_for(hand_over, with_how=accepted),
        "consent_url": reverse("record_consent", args=[referral.pk]) if _may_record(hand_over, user) else "",
        "attachments": _attachments(hand_over, user),
        "line": opening_of(hand_over.organisation, now),
        "offered_by": hand_over.offered_by,
        "offered": words.moment(hand_over.offered_at, now),
        "first_responder": _first_responder(hand_over, user),
        "notes_kept": hand_over.notes.filter(kind__in=PARTNER_NOTES).count(),
    }


def _attachments(hand_over: HandOver, user: User) -> list[Attachment]:
    """What is attached, where the pathway of this hand-over needs the account of what happened."""
    if hand_over.accepted_at is None or hand_over.pathway not in NARRATIVE_PATHWAYS:
        return []
    return list(Attachment.objects.visible_to(user).kept().filter(referral=hand_over.referral))


def _sees(pathway: Pathway, step: str) -> bool:
    return step in LIMITED_VIEWS[pathway].secret


def _open_parts(hand_over: HandOver, parts: list[str], by: User) -> Opened:
    """Open `parts` and record each look; a part that does not open is named in `broken`."""
    opened = Opened()
    for part in parts:
        if part == PERSON and (hand_over.accepted_at is None or not _shows_a_person(hand_over)):
            continue  # a button that is not there was pressed
        try:
            setattr(opened, part, _OPENERS[part](hand_over, by))
        except CannotOpen:
            opened.broken.add(part)
    return opened


def _shows_a_person(hand_over: HandOver) -> bool:
    view = LIMITED_VIEWS[Pathway(hand_over.pathway)]
    return bool(view.secret or view.location)


def _person(hand_over: HandOver, by: User) -> list[dict]:
    secret, location = open_limited(hand_over, by=by)
    return labelled({step: secret.get(step, {}) | location.get(step, {}) for step in {**secret, **location}})


def _notes(hand_over: HandOver, by: User) -> list[dict]:
    return [
        {"kind": note.get_kind_display(), "who": person(note.by, by), "at": note.at, "text": text}
        for note, text in open_hand_over_notes(hand_over, by=by)
    ]


_OPENERS = {PERSON: _person, NOTES: _notes}


def _first_responder(hand_over: HandOver, user: User) -> str:
    """Say who the named first responder is, where the pathway has one: 'You' for the reader."""
    sends = hand_over.pathway in (Pathway.NRM, Pathway.DUTY_TO_NOTIFY)
    return person(hand_over.responder, user, "Whoever accepts it") if sends else ""


def _may_record(hand_over: HandOver, user: User) -> bool:
    return hand_over.accepted_at is not None and workflow.may_record_consent(hand_over.referral, user)


def _sheet_url(hand_over: HandOver, user: User) -> str:
    """The answer sheet, for the named first responder alone."""
    is_theirs = NrmCase.objects.visible_to(user).filter(pk=hand_over.referral_id, organisation=hand_over.organisation)
    sends = hand_over.pathway in (Pathway.NRM, Pathway.DUTY_TO_NOTIFY)
    return reverse("nrm_sheet", args=[hand_over.referral_id]) if sends and is_theirs.exists() else ""
