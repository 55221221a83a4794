"""Submit: one transaction that makes a draft a referral, and owes a message to everybody who must know."""

import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.hours import end_of_working_day
from partners.models import AccessRecord, Area, ClosedDay, Organisation, Partnership, User
from partners.roles import Permission
from referrals.disclose import record_view
from referrals.models import Consent, Draft, Referral, ReferralEvent, ReferralLocation, ReferralSecret
from referrals.notifications import tell
from referrals.person_index import add_keys
from referrals.references import new_reference
from referrals.statuses import Move, NextActor, Priority, Status
from referrals.submission import FromPaper, Submission
from referrals.workflow.consent import consent_row
from referrals.workflow.moves import NotAllowed, Refused, happened, quietly, require
from referrals.workflow.recommend import assess
from referrals.workflow.sharing import add_exclusion, excludable

REFERENCE_TRIES = 5


class SentDifferently(Exception):
    """Raised when this form was sent before with other answers. `referral` is what was sent."""

    def __init__(self, referral: Referral):
        self.referral = referral
        super().__init__("This form was already sent, with other answers.")


def triage_due(priority: Priority, now: datetime.datetime, partnership: Partnership) -> datetime.datetime:
    """Return by when a coordinator should have read a referral that comes in at the aware datetime `now`."""
    if priority is Priority.IMMEDIATE:
        return now + datetime.timedelta(hours=partnership.triage_hours_immediate)
    closed = set(ClosedDay.objects.filter(line=None, day__gte=now.date()).values_list("day", flat=True))
    end_of_today = end_of_working_day(now, 0, closed)
    if priority is Priority.URGENT and now < end_of_today:
        return end_of_today
    return end_of_working_day(now, partnership.triage_days_standard, closed)


@transaction.atomic
def submit(
    *,
    by: User,
    draft_id: UUID,
    submission: Submission,
    at: datetime.datetime | None = None,
    on_behalf_of: Organisation | None = None,
    paper: FromPaper | None = None,
    quiet: bool = False,
) -> Referral:
    """Turn `by`'s draft into a referral, once.

    `at` is when it came in, for a referral that is carried over from paper or another system: its history says so
    (`moves.happened`). A coordinator may enter it for the organisation that referred, from `paper` (ADR 0030), or as
    history and `quiet`: nobody is told (ADR 0017). A second call with the same answers returns the same referral.
    Raises SentDifferently when the draft was sent with other answers, NotAllowed when `by` may not refer, Refused when
    the account on the paper is not the organisation's any more, Draft.DoesNotExist when the draft is not theirs.
    """
    # Without a join: a query that waited for the lock sees the draft as it is now and the referral as it was before.
    draft = Draft.objects.of(by).select_for_update().get(pk=draft_id)
    if draft.referral is not None:
        return _sent_before(draft.referral, submission)
    organisation = _referring(by, on_behalf_of)
    referral = _insert(_referrer(by, organisation, paper), organisation, draft, submission, at)
    _seal_and_record(referral, by, submission)
    add_keys(referral, submission.secret)
    _exclude(referral, by, submission)
    assess(referral, submission, organisation)
    facts = {"version": 1, "priority": str(submission.priority), **quietly(quiet, at), **_on_paper(paper)}
    told = happened(at, facts)
    event = ReferralEvent.objects.create(referral=referral, move=Move.SUBMIT, by=by, to_status=Status.SUBMITTED, **told)
    record_view(referral, by=by, action=AccessRecord.Action.SUBMIT)
    tell(referral, event)
    draft.referral = referral
    draft.put({})
    draft.save(update_fields=["referral", "kid", "sealed"])
    return referral


def _sent_before(referral: Referral, submission: Submission) -> Referral:
    if bytes(referral.content_hash) != submission.content_hash():
        raise SentDifferently(referral)
    return referral


def _referring(by: User, on_behalf_of: Organisation | None) -> Organisation:
    """The organisation that refers: the one `by` works for, or for a coordinator the one it is carried over for."""
    require(by, Permission.WRITE_REFERRAL)
    if on_behalf_of is not None:
        require(by, Permission.TRIAGE)
    organisation = on_behalf_of or by.organisation
    if organisation is None:
        raise NotAllowed("no organisation")
    return organisation


def _referrer(by: User, organisation: Organisation, paper: FromPaper | None) -> User:
    """Whose referral it is: who met the person, if they have an account; else whoever enters it."""
    if paper is None or paper.account is None:
        return by
    require(by, Permission.TRIAGE)
    referrer = User.objects.get(pk=paper.account)
    if referrer.organisation != organisation or not referrer.may(Permission.WRITE_REFERRAL):
        raise Refused("Their account is not of this organisation any more", "email")
    return referrer


def _on_paper(paper: FromPaper | None) -> dict[str, str]:
    return {"filled_on": paper.filled_on.isoformat()} if paper else {}


def _insert(
    referrer: User, organisation: Organisation, draft: Draft, submission: Submission, at: datetime.datetime | None
) -> Referral:
    fields = {
        "submit_key": draft.submit_key,
        "content_hash": submission.content_hash(),
        "organisation": organisation,
        "referrer": referrer,
        "priority": submission.priority,
        "next_actor": NextActor.COORDINATOR,
        "due_at": triage_due(submission.priority, at or timezone.now(), Partnership.current()),
        "age_group": submission.age_group,
        "district": Area.objects.filter(code=submission.district_code).first() if submission.district_code else None,
        "setting": submission.setting,
        "exploitation": submission.exploitation,
        "indicators": submission.indicators,
        "turns_18_month": month_of(submission.turns_18_on),
    } | ({"submitted_at": at} if at else {})
    for _ in range(REFERENCE_TRIES):
        try:
            with transaction.atomic():
                return Referral.objects.create(reference=new_reference(), **fields)
        except IntegrityError as error:
            if "reference" not in str(error):
                raise
    raise RuntimeError("No free reference was found.")


def month_of(day: str) -> datetime.date | None:
    """Return the first of the month of an ISO date, None for "".

    The day of a birthday is half of who somebody is, and stays sealed.
    """
    return datetime.date.fromisoformat(day).replace(day=1) if day else None


def _exclude(referral: Referral, by: User, submission: Submission) -> None:
    named = list(Organisation.objects.filter(slug__in=submission.exclude)) if submission.exclude else []
    for organisation in excludable(named):
        add_exclusion(referral, organisation, submission.exclude_reason, by)


def _seal_and_record(referral: Referral, by: User, submission: Submission) -> None:
    for model, answers in ((ReferralSecret, submission.secret), (ReferralLocation, submission.location)):
        row = model(referral=referral)
        row.put(answers)
        row.save(force_insert=True)
    Consent.objects.bulk_create(consent_row(referral, given, by) for given in submission.consents)
