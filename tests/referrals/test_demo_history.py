"""The history behind the demonstration: the same every time, as large as the facts say, as the workflow leaves it."""

import datetime
import uuid
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test.utils import override_settings
from django.utils import timezone

from partners.demo import DEMO_PEOPLE, POLICE
from partners.hours import LONDON
from partners.models import Message, Organisation, User
from referrals import workflow
from referrals.forms.answers import to_submission
from referrals.management.history.loading import load_history
from referrals.management.history.rows import COORDINATORS, submit_key
from referrals.management.history.stories import WORKERS, Story, stories_of
from referrals.models import Consent, Draft, HandOver, NrmCase, PersonKey, Referral, ReferralEvent
from referrals.nrm_form import Branch
from referrals.pathways import Pathway
from referrals.periods import Kind, containing
from referrals.statuses import TRANSITIONS, Status, WithdrawalReason
from tests.conftest import sign_in_as

NOW = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=LONDON)
MONTH = containing(Kind.MONTH, datetime.date(2026, 3, 1))
STORIES = stories_of(MONTH, 2)
#: One of each way that a story can go: how it was asked for and answered, and how it ended.
ONE_OF_EACH = {
    (story.asked and (story.asked.pathway, story.asked.reason is None), story.is_duplicate): story
    for month in (MONTH, MONTH.previous(), MONTH.next())
    for story in stories_of(month, 2)
}
#: What differs from one writing to the next, and is no fact.
OWN = {"id", "reference", "submit_key", "kid", "sealed", "recorded_at", "referral", "hand_over", "quiet"}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demonstration's people and county, taken back after this module."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO=True):
        call_command("load_demo", verbosity=0)
        yield {one.key: User.objects.get(email=one.email) for one in DEMO_PEOPLE}
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def history(demo, django_db_blocker):
    """... and the history."""
    with django_db_blocker.unblock():
        before = Message.objects.count()
        load_history(demo, NOW)
        assert Message.objects.count() == before
        yield Referral.objects.filter(submit_key__in=_keys())


def _keys() -> set[uuid.UUID]:
    month, found = containing(Kind.MONTH, datetime.date(2023, 11, 1)), set()
    for number in range(40):
        found |= {submit_key(story) for story in stories_of(month, number // 12)}
        month = month.next()
    return found


def test_the_same_month_gives_the_same_stories():
    assert stories_of(MONTH, 2) == STORIES
    assert stories_of(MONTH.next(), 2) != STORIES


def test_every_story_can_be_sent_as_it_is():
    for story in STORIES:
        submission = to_submission(story.answers)
        assert submission.secret["person"]["family_name"].startswith("Invented ")


def test_what_happens_comes_in_its_order():
    for story in STORIES:
        asked = [story.asked.offered_at, story.asked.answered_at, story.asked.ended_at] if story.asked else []
        moments = [story.at, story.opened_at, *asked, story.closed_at]
        assert moments == sorted(moments)


def test_the_load_is_that_of_the_facts(history):
    """About ten NRM referrals a quarter by the constabulary, three to four times as many concerns (facts, 5.5 B)."""
    quarters = Counter(containing(Kind.QUARTER, timezone.localdate(row.submitted_at)) for row in history)
    whole = sorted(quarters)[1:-1]
    assert len(whole) == 11
    concerns = sum(quarters[one] for one in whole) / len(whole)
    sent = NrmCase.objects.filter(organisation__slug=POLICE).exclude(branch=Branch.DUTY_TO_NOTIFY)
    by_police = Counter(containing(Kind.QUARTER, timezone.localdate(case.referral.submitted_at)) for case in sent)
    nrm = sum(by_police[one] for one in whole) / len(whole)
    assert 8 <= nrm <= 12
    assert 3 <= concerns / nrm <= 5


def test_nobody_is_told_and_nothing_is_left_to_do(history):
    assert all(not row.is_open for row in history)
    assert not HandOver.objects.open().filter(referral__in=history).exists()
    assert not NrmCase.objects.filter(referral__in=history, next_on__isnull=False).exists()


def test_a_second_load_adds_nothing(history, demo):
    count = Referral.objects.count()
    assert load_history(demo, NOW) == 0
    assert Referral.objects.count() == count


def test_every_event_is_a_move_that_the_table_allows(history):
    for event in ReferralEvent.objects.filter(referral__in=history).exclude(from_status=""):
        assert TRANSITIONS[event.move][Status(event.from_status)] == event.to_status


def test_a_case_of_the_history_opens_like_any_other(history, demo, client):
    sign_in_as(client, demo["coordinator"])
    for row in history.order_by("submitted_at")[:3]:
        assert client.get(f"/admin/referrals/referral/{row.pk}/change/").status_code == 200


def test_only_the_demonstration_can_load_it():
    with override_settings(DEMO=False), pytest.raises(CommandError, match="DEMO is not set"):
        call_command("load_demo_history")


# --- What the workflow would have left -------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ONE_OF_EACH, ids=str)
def test_a_story_leaves_what_the_workflow_leaves(way, demo):
    story = ONE_OF_EACH[way]
    with transaction.atomic():
        told = _tell_the_workflow(story, demo)
        by_workflow = _left_by(told)
        transaction.set_rollback(True)
    with transaction.atomic():
        load_history(demo, NOW)
        by_history = _left_by(Referral.objects.get(submit_key=submit_key(story)))
        transaction.set_rollback(True)
    assert by_history == by_workflow


def _tell_the_workflow(story: Story, people: dict[str, User]) -> Referral:
    by = people[story.by or COORDINATORS[0]]
    owner = people[COORDINATORS[story.at.day % 2]]
    draft = Draft(user=by, submit_key=uuid.uuid4(), expires_at=timezone.now() + datetime.timedelta(days=1))
    draft.put({})
    draft.save(force_insert=True)
    organisation = Organisation.objects.get(slug=story.organisation)
    carried = {} if story.by else {"on_behalf_of": organisation}
    submission = to_submission(story.answers)
    referral = workflow.submit(by=by, draft_id=draft.pk, submission=submission, at=story.at, quiet=True, **carried)
    act = {"referral_id": referral.pk, "by": owner, "quiet": True}
    workflow.start_triage(version=1, at=story.opened_at, **act)
    if story.asked:
        _hand_over(story, referral, owner, people)
    version = Referral.objects.get(pk=referral.pk).version
    if story.is_duplicate:
        workflow.withdraw(reason=WithdrawalReason.DUPLICATE, version=version, at=story.closed_at, **act)
    else:
        workflow.close(outcome=story.outcome, band=story.band, version=version, at=story.closed_at, **act)
    return Referral.objects.get(pk=referral.pk)


def _hand_over(story: Story, referral: Referral, owner: User, people: dict[str, User]) -> None:
    asked = story.asked
    offer = workflow.Offer(Organisation.objects.get(slug=asked.to), asked.pathway)
    offered = {"referral_id": referral.pk, "offers": [offer], "by": owner, "version": 2}
    (row,) = workflow.hand_over(at=asked.offered_at, **offered)
    act = {"hand_over_id": row.pk, "by": people[WORKERS[asked.to]]}
    if asked.reason:
        workflow.decline(reason=asked.reason, version=1, at=asked.ended_at, **act)
        return
    workflow.accept(version=1, at=asked.answered_at, **act)
    if asked.pathway in (Pathway.NRM, Pathway.DUTY_TO_NOTIFY):
        # The stage is recorded with a date of the past; what the history keeps of it is compared apart.
        NrmCase.objects.filter(referral=referral).update(next_on=None, next_clock="")
    workflow.complete(outcome=asked.outcome, version=2, at=asked.ended_at, **act)


def _left_by(referral: Referral) -> dict[str, object]:
    return {
        "referral": _plain(referral),
        "events": [_plain(row) for row in ReferralEvent.objects.filter(referral=referral).order_by("facts__version")],
        "hand_overs": [_plain(row) for row in HandOver.objects.filter(referral=referral)],
        "consents": sorted((_plain(row) for row in Consent.objects.filter(referral=referral)), key=str),
        "recommendations": [(row.facts, row.result) for row in referral.recommendations.all()],
        "secret": referral.secret.take_out(),
        "location": referral.location.take_out(),
        "keys": set(PersonKey.objects.filter(referral=referral).values_list("kind", "key")),
        "nrm": list(NrmCase.objects.filter(referral=referral).values("branch", "organisation", "first_responder")),
    }


def _plain(row) -> dict[str, object]:
    names = [field.attname for field in row._meta.concrete_fields if field.name not in OWN]
    values = {name: getattr(row, name) for name in names}
    if "facts" in values:
        values["facts"] = {name: value for name, value in values["facts"].items() if name not in OWN}
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in values.items()}
