"""The NRM side of a referral: what its first responder adds, and which stage was reached when."""

import datetime
from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from partners.limits import Limits, current_limits
from partners.models import User
from referrals.models import HandOver, NrmCase, Referral
from referrals.notifications import tell, told_of_nrm
from referrals.nrm_form import Answers, Branch, Case, answers_of
from referrals.nrm_stages import Clock, NrmStage, check_stage, clocks
from referrals.pathways import FIRST_RESPONDER_PATHWAYS, Pathway
from referrals.person_index import index_person
from referrals.statuses import Move
from referrals.submission import Revision, Submission
from referrals.workflow.handovers import settle
from referrals.workflow.moves import locked, note_event
from referrals.workflow.recommend import newest_consents


class SheetChanged(Exception):
    """Raised when somebody else saved the answer sheet meanwhile. `case` is as it stands now."""

    def __init__(self, case: NrmCase):
        self.case = case
        super().__init__("The answer sheet changed after this page was opened.")


def begin_nrm(referral: Referral, hand_over: HandOver, *, accepted: bool = True) -> NrmCase:
    """Open the NRM side of a locked referral for the person who has accepted the hand-over.

    A second first responder goes on where the first stopped: nobody has to tell their story again. `accepted` is False
    when somebody else is named for what was accepted before.
    """
    case = NrmCase.objects.select_for_update().filter(referral=referral).first()
    if case is None:
        case = NrmCase(
            referral=referral, began={NrmStage.PREPARING: timezone.localdate(hand_over.accepted_at).isoformat()}
        )
        case.put({"given": {}, "resolved": [], "home_office_reference": ""})
    case.first_responder, case.organisation = hand_over.responder, hand_over.organisation
    turned = _turn(case, _branch(referral, Pathway(hand_over.pathway)))
    if accepted and (turned or case.stage == NrmStage.WITHDRAWN):
        _begin_again(case, timezone.localdate(hand_over.accepted_at))
    case.version += 0 if case._state.adding else 1
    _set_next_clock(case, current_limits())
    case.save()
    return case


def _turn(case: NrmCase, branch: Branch) -> bool:
    """Put a case on `branch`; return whether another form than before has to be sent."""
    before, case.branch = case.branch, branch
    return bool(before) and (before == Branch.DUTY_TO_NOTIFY) != case.is_duty_to_notify


def _begin_again(case: NrmCase, on: datetime.date) -> None:
    """Whoever declined may consent later, and the other way round: a new form is sent, with its own stages."""
    case.stage, case.told_of_clock = NrmStage.PREPARING, ""
    case.began = {NrmStage.PREPARING: on.isoformat()}


def _branch(referral: Referral, pathway: Pathway) -> Branch:
    if referral.age_group != "adult":
        return Branch.CHILD_NRM
    return Branch.DUTY_TO_NOTIFY if pathway is Pathway.DUTY_TO_NOTIFY else Branch.ADULT_NRM


@transaction.atomic
def save_answers(
    *,
    referral_id: UUID,
    by: User,
    version: int,
    given: Mapping[str, object] | None = None,
    resolved: Collection[str] | None = None,
) -> NrmCase:
    """Save what the first responder answered, and which hits of the anonymity check they have judged.

    `given` changes single keys. An empty answer stays, for it clears what the case says; None takes the key out, and
    the case answers again. Raises NrmCase.DoesNotExist, SheetChanged.
    """
    referral, case = _locked_case(referral_id, by=by, version=version)
    kept = case.take_out()
    answers = {**kept["given"], **(given or {})}
    kept["given"] = {key: value for key, value in answers.items() if value is not None}
    # Whoever answers a question again has seen what was amended.
    kept["amended"] = {key: on for key, on in kept.get("amended", {}).items() if key not in (given or {})}
    if resolved is not None:
        kept["resolved"] = sorted(resolved)
    _save(case, kept)
    if given:
        index_person(referral)
    return case


def follow_amendment(referral: Referral, revision: Revision) -> None:
    """Take the NRM side of a locked referral along when its answers were amended.

    What the sheet takes from the case follows by itself. An answer of the first responder stands, and bears the day on
    which the case began to say otherwise. Another age is another branch. A page open there is not saved over it.
    """
    case = NrmCase.objects.select_for_update().filter(referral=referral).first()
    if case is None:
        return
    case.referral = referral
    sent = referral.hand_overs.sharing().filter(pathway__in=FIRST_RESPONDER_PATHWAYS, responder=case.first_responder)
    pathway = sent.values_list("pathway", flat=True).last() or Pathway.NRM
    if _turn(case, _branch(referral, Pathway(pathway))):
        _begin_again(case, timezone.localdate())
    before, now = (_taken(case, read) for read in (revision.before, revision.after))
    kept, today = case.take_out(), timezone.localdate().isoformat()
    stale = {key: today for key, given in kept["given"].items() if before.get(key) != now.get(key) != given}
    kept["amended"] = {**kept.get("amended", {}), **stale}
    _set_next_clock(case, current_limits())
    _save(case, kept)


def _taken(case: NrmCase, read: Submission) -> Answers:
    """What the sheet takes of these answers."""
    return answers_of(
        Case(
            branch=Branch(case.branch),
            reference="",
            age_group=read.age_group,
            secret=read.secret,
            location=read.location,
            exploitation=read.exploitation,
            indicators=read.indicators,
            consents=newest_consents(case.referral),
        )
    )


@transaction.atomic
def record_stage(
    *,
    referral_id: UUID,
    stage: NrmStage,
    on: datetime.date,
    by: User,
    version: int,
    home_office_reference: str = "",
    at: datetime.datetime | None = None,
) -> NrmCase:
    """Record that the case reached `stage` on the local date `on`; the original referrer hears that there is news.

    The Home Office's reference is sealed. Raises StageNotAllowed with the reason, SheetChanged, NrmCase.DoesNotExist.
    """
    referral, case = _locked_case(referral_id, by=by, version=version)
    dates = case.stage_dates()
    check_stage(case.stage, stage, on, timezone.localdate(), dates, duty_to_notify=case.is_duty_to_notify)
    case.began, case.stage = {**case.began, str(stage): on.isoformat()}, NrmStage(stage)
    case.told_of_clock = ""  # a clock of this stage may run out before one of the last stage that was told of
    limits = current_limits()
    _set_next_clock(case, limits)
    kept = case.take_out()
    if home_office_reference:
        kept["home_office_reference"] = home_office_reference
    _save(case, kept)
    if home_office_reference:
        index_person(referral)
    facts = {"stage": str(stage), "on": on.isoformat(), **told_of_nrm(case)}
    event = note_event(referral, Move.NRM_STAGE, by=by, at=at, facts=facts)
    tell(referral, event)
    _move_hand_over_clock(referral, case, limits)
    settle(referral, by=by, at=at)
    return case


def _locked_case(referral_id: UUID, *, by: User, version: int) -> tuple[Referral, NrmCase]:
    visible = NrmCase.objects.visible_to(by)
    referral = locked(visible.values_list("referral", flat=True).get(pk=referral_id), by=None, version=None)
    case = visible.select_for_update(of=("self",)).select_related("first_responder", "organisation").get(pk=referral_id)
    case.referral = referral
    if version != case.version:
        raise SheetChanged(case)
    return referral, case


def _save(case: NrmCase, kept: dict) -> None:
    case.version += 1
    case.put(kept)
    case.save()


def clocks_of(case: NrmCase, limits: Limits) -> list[Clock]:
    """Return the clocks that run for a case, the nearest first."""
    month = case.referral.turns_18_month
    notice = datetime.timedelta(days=limits.amount("turns_18_notice"))
    return clocks(case.stage_dates(), case.stage, limits.due_on, ask_again_on=month - notice if month else None)


def _set_next_clock(case: NrmCase, limits: Limits) -> None:
    told = case.told_of_clock
    left = [clock for clock in clocks_of(case, limits) if f"{clock.on} {clock.key}" > told]
    case.next_clock, case.next_on = (left[0].key, left[0].on) if left else ("", None)


def _move_hand_over_clock(referral: Referral, case: NrmCase, limits: Limits) -> None:
    """Once it is sent, the first responder's clock is that of the Home Office and not that of sending."""
    running = referral.hand_overs.open().filter(responder=case.first_responder, accepted_at__isnull=False)
    since = timezone.now()
    for hand_over in running.filter(pathway__in=FIRST_RESPONDER_PATHWAYS):
        days = (case.next_on - timezone.localdate()).days if case.next_on else 0
        hand_over.due_at = max(limits.due("hand_over_report", since), since + datetime.timedelta(days=days))
        hand_over.save(update_fields=["due_at"])


@transaction.atomic
def tell_of_clock(*, referral_id: UUID, today: datetime.date) -> bool:
    """Tell the first responder and the coordinator that a clock of the NRM needs them. The system's own move.

    Returns False when there was nothing to tell any more on the local date `today`.
    """
    referral = locked(referral_id, by=None, version=None)
    case = NrmCase.objects.select_for_update(of=("self",)).select_related("referral").get(pk=referral_id)
    case.referral = referral
    if case.next_on is None or case.next_on > today:
        return False
    facts = {"clock": case.next_clock, "on": case.next_on.isoformat(), **told_of_nrm(case)}
    event = note_event(referral, Move.NRM_CLOCK, by=None, facts=facts)
    tell(referral, event)
    case.told_of_clock = f"{case.next_on} {case.next_clock}"
    _set_next_clock(case, current_limits(today))
    case.save(update_fields=["told_of_clock", "next_clock", "next_on"])
    return True
