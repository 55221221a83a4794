"""The demonstration: believable, entered the honest way, never where it could be mistaken for the real thing."""

import datetime
import tomllib
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import override_settings
from django.utils import timezone

from partners.board.reading import reach, unread
from partners.demo import DEMO_BY_KEY, DEMO_PEOPLE
from partners.formfields import SplitDateField
from partners.hours import LONDON, is_working_day
from partners.models import Area, BoardPost, Membership, Message, Organisation, Standing, User
from referrals import drafts
from referrals.forms.answers import on_the_path, problems
from referrals.forms.steps import BY_KEY, path
from referrals.management.demo_referrals import moment, on_days
from referrals.models import Draft, HandOver, NrmCase, Referral, ReferralEvent
from referrals.statuses import NextActor, Priority, Status

DATA = Path(__file__).resolve().parents[2] / "data" / "demo" / "referrals.toml"
ENTRIES = tomllib.loads(DATA.read_text())["referral"]
NOW = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=LONDON)

# Each test takes back what it does, inside the transaction that holds the demonstration; and the mark lets this module
# run before the tests that empty the database.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demonstration, loaded once for this module and taken back after it."""
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEMO=True):
        call_command("load_demo", verbosity=0)
        yield
        transaction.set_rollback(True)


def person(key: str) -> User:
    return User.objects.get(email=DEMO_BY_KEY[key].email)


def everything() -> Counter:
    """How many rows each table has."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if "_" in name]
        counts = Counter()
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')  # noqa: S608 - names of our own tables
            counts[table] = cursor.fetchone()[0]
    return counts


# --- What is there ---------------------------------------------------------------------------------------------------


def test_every_demo_person_has_their_role_in_their_organisation(demo):
    for shown in DEMO_PEOPLE:
        membership = person(shown.key).membership
        assert (membership.role, membership.organisation.slug) == (shown.role, shown.organisation)


def test_nobody_of_them_has_a_password(demo):
    assert not any(person(shown.key).has_usable_password() for shown in DEMO_PEOPLE)


def test_there_are_referrals_in_every_state_that_the_workflow_reaches(demo):
    states = Counter(Referral.objects.values_list("status", flat=True))
    assert states == {
        Status.SUBMITTED: 3,
        Status.IN_TRIAGE: 3,
        Status.INFORMATION_REQUESTED: 1,
        Status.WITH_PARTNERS: 2,
        Status.CLOSED: 4,
        Status.WITHDRAWN: 1,
    }


def test_hand_overs_stand_at_every_point_of_the_way(demo):
    found = set(HandOver.objects.values_list("pathway", "status"))
    assert {("beacon", "offered"), ("beacon", "accepted"), ("nrm", "accepted"), ("nrm", "completed")} <= found
    assert set(NrmCase.objects.values_list("stage", flat=True)) == {"home_office_draft", "rg_positive"}


def test_all_priorities_districts_and_referring_organisations_are_seen(demo):
    referrals = Referral.objects.all()
    assert {r.priority for r in referrals} == set(Priority)
    assert {r.district.code for r in referrals} == set(
        Area.objects.filter(kind=Area.Kind.DISTRICT).values_list("code", flat=True)
    )
    assert {r.organisation.slug for r in referrals} == {
        DEMO_BY_KEY[key].organisation for key in ("officer", "nurse", "beacon", "police", "coordinator")
    }


def test_one_with_immediate_danger_is_unread(demo):
    unread = Referral.objects.unread().get(priority=Priority.IMMEDIATE)
    assert unread.submitted_at > timezone.now() - datetime.timedelta(minutes=10)


def test_the_officer_has_a_question_to_answer(demo):
    waiting = Referral.objects.get(status=Status.INFORMATION_REQUESTED)
    assert waiting.referrer == person("officer")
    assert waiting.next_actor == NextActor.REFERRER
    assert "sleep on the site" in waiting.notes.get(kind="question").take_out()["text"]


def test_one_is_overdue_on_the_coordinators_desk(demo):
    overdue = Referral.objects.overdue(timezone.now()).filter(owner=person("coordinator"), status=Status.IN_TRIAGE)
    assert overdue.exists()


def test_the_nurse_finds_a_half_written_one(demo):
    draft = Draft.objects.of(person("nurse")).live(timezone.now()).get()
    assert drafts.read(draft).answers["person"]["known_as"] == "Mr Provisional"
    assert len(drafts.read(draft).done) == 4


def test_what_a_referral_says_is_sealed_and_opens(demo):
    for referral in Referral.objects.all():
        assert referral.secret.take_out()["referrer"]["referrer_phone"].startswith("01632 960")
        assert referral.location.take_out()["found"]["district"] == referral.district.code


def test_each_event_owes_its_messages_and_none_was_sent_by_loading(demo):
    told = Message.objects.filter(event_id__in=ReferralEvent.objects.values("id"))
    assert told.count() == Message.objects.exclude(kind__startswith="board").count()
    assert Message.objects.filter(kind="receipt").count() == 14
    assert not Message.objects.exclude(state="pending").exists()


def test_older_events_say_that_they_were_entered_later(demo):
    old = ReferralEvent.objects.filter(at__lt=timezone.now() - datetime.timedelta(hours=6))
    assert old.exists()
    assert not old.exclude(facts__has_key="recorded_at").exists()


def test_the_history_of_each_referral_runs_forwards(demo):
    for referral in Referral.objects.all():
        events = list(referral.events.order_by("facts__version", "at"))
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert events[0].at == referral.submitted_at


# --- Loading it again ------------------------------------------------------------------------------------------------


def test_a_second_load_changes_nothing(demo):
    before, stamps = everything(), set(Referral.objects.values_list("pk", "version", "status"))
    out = StringIO()
    with override_settings(DEMO=True):
        call_command("load_demo", stdout=out)
    assert out.getvalue() == "0 rows of the county, 0 texts and 0 referrals were new.\n"
    assert everything() == before
    assert set(Referral.objects.values_list("pk", "version", "status")) == stamps


def test_what_a_visitor_has_changed_stays(demo):
    officer = person("officer")
    Membership.objects.filter(user=officer).update(ended_at=timezone.now())
    Organisation.objects.filter(slug="nspcc").update(short_name="Changed")
    Standing.objects.filter(organisation__slug="nspcc").update(source="Changed")
    Draft.objects.of(person("nurse")).unsent().delete()
    with override_settings(DEMO=True):
        call_command("load_demo", verbosity=0)
    assert not officer.memberships.active().exists()
    assert Organisation.objects.get(slug="nspcc").short_name == "Changed"
    assert not Draft.objects.of(person("nurse")).unsent().exists()


@override_settings(DEMO=False)
def test_it_is_refused_where_demo_is_not_set():
    before = everything()
    with pytest.raises(CommandError, match="DEMO is not set"):
        call_command("load_demo")
    assert everything() == before


# --- The data itself -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["key"] for entry in ENTRIES])
def test_each_answer_could_have_been_given_in_the_form(demo, entry):
    answers = on_days(entry["answers"], NOW.date())
    assert problems(answers) == []
    assert on_the_path(answers) == answers, "an answer is not on the path"
    for step in path(answers):
        given = answers.get(step.key, {})
        form = step.form(as_posted(step.form, given), answers=answers)
        assert form.is_valid(), (step.key, form.errors)
        assert {name: value for name, value in form.given().items() if name in given} == given


def as_posted(form, given):
    """What a browser would send for these answers."""
    posted = {}
    for name, value in given.items():
        if isinstance(form.base_fields[name], SplitDateField):
            day = datetime.date.fromisoformat(value)
            posted |= {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}
        else:
            posted[name] = value
    return posted


def test_the_half_written_one_has_answers_of_known_pages():
    answers = tomllib.loads(DATA.read_text())["draft"]["answers"]
    assert all(name in BY_KEY[step].form.base_fields for step, given in answers.items() for name in given)


def test_no_number_in_it_belongs_to_anybody():
    phones = [
        value
        for entry in ENTRIES
        for given in entry["answers"].values()
        for name, value in given.items()
        if name.endswith(("_phone", "_number"))
    ]
    assert phones
    assert all(phone.startswith(("01632 960", "07700 900")) and len(phone) == 12 for phone in phones)


# --- When things are said to have happened ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("12m", "2026-11-23T11:48"),
        ("1d 10:40", "2026-11-20T10:40"),  # the Friday before that Monday
        ("6d 09:00", "2026-11-13T09:00"),
    ],
)
def test_a_moment_is_counted_back_in_minutes_or_working_days(words, expected):
    assert moment(words, NOW) == datetime.datetime.fromisoformat(expected).replace(tzinfo=LONDON)


@pytest.mark.parametrize("words", ["0d 10:00", "yesterday", "9d", "-3m"])
def test_other_words_for_a_moment_are_refused(words):
    with pytest.raises(ValueError, match="is not like"):
        moment(words, NOW)


@pytest.mark.parametrize("start", ["2026-12-27T03:00", "2026-10-25T01:30", "2027-03-28T12:00", "2026-11-21T23:59"])
def test_on_any_day_of_the_year_every_move_lies_in_the_past_and_in_order(start):
    now = datetime.datetime.fromisoformat(start).replace(tzinfo=LONDON)
    for entry in ENTRIES:
        moments = [moment(step["at"], now) for step in [entry, *entry["moves"]] if "at" in step]
        assert moments == sorted(moments)
        assert moments[-1] < now
        assert all(is_working_day(at.date()) for at in moments if now - at > datetime.timedelta(hours=6))


def test_the_message_board_has_an_urgent_a_read_and_a_withdrawn_post(demo):
    posts = list(BoardPost.objects.select_related("withdrawal"))
    assert [post.urgent for post in posts] == [True, False, False]
    assert [post.is_withdrawn for post in posts] == [False, True, False]
    assert unread(person("officer")).urgent == posts[0]
    assert unread(person("nurse")).urgent is None
    assert len(reach(posts[2]).read) == 5
    told = Message.objects.filter(kind__startswith="board")
    assert set(told.values_list("event_id", flat=True)) == {posts[0].pk}, "what is carried over tells nobody"
