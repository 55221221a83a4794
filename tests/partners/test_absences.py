"""Absences: who may be away and when, who has their work, and that the cover is told once."""

import datetime

import pytest
from django.core.management import call_command
from django.utils import timezone

from partners.absences import Refused, end_absence, record_absence, tell_all_covers
from partners.accounts import NotAllowed
from partners.audiences import Event, recipients
from partners.cover import Colleague, WhoIsHere, coordinators_on_duty, here_for, who_is_here
from partners.hours import LONDON
from partners.models import Absence, Audience, Duty, Kind, Membership, Message, User
from partners.roles import Role
from partners.tasks import tell_covers
from partners.wording import words_for
from tests.conftest import make_person

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    return timezone.localdate()


@pytest.fixture
def third(cast) -> User:
    """A third coordinator."""
    return make_person("third", Role.COORDINATOR, cast.partnership_team)


def away(cast, user=None, cover=None, first=0, last=6) -> Absence:
    """The coordinator away from so many days ahead to so many, covered by the second one."""
    days = {"starts_on": today() + first * DAY, "ends_on": today() + last * DAY}
    user, cover = user or cast.coordinator, cover or cast.coordinator2
    return record_absence(by=cast.coordinator2, user=user, cover=cover, **days)


def has_the_work_of(user: User, moment=None) -> str | None:
    found = who_is_here(moment or timezone.now()).has_the_work_of(user.pk)
    return User.objects.get(pk=found.user_id).email if found else None


def noon(days: int) -> datetime.datetime:
    return datetime.datetime.combine(today() + days * DAY, datetime.time(12), LONDON)


class TestRecording:
    """record_absence()"""

    def test_an_absence_from_today_works_at_once(self, cast):
        assert has_the_work_of(cast.coordinator) == cast.coordinator.email
        made = away(cast)
        assert has_the_work_of(cast.coordinator) == cast.coordinator2.email
        assert (made.recorded_by, made.ended_at) == (cast.coordinator2, None)

    def test_a_later_absence_begins_and_ends_with_its_days_in_london(self, cast):
        away(cast, first=2, last=3)
        days = {n: has_the_work_of(cast.coordinator, noon(n)) for n in range(6)}
        assert [n for n, who in days.items() if who == cast.coordinator2.email] == [2, 3]
        first = datetime.datetime.combine(today() + 2 * DAY, datetime.time(), LONDON)
        minute = datetime.timedelta(minutes=1)
        assert has_the_work_of(cast.coordinator, first) == cast.coordinator2.email
        assert has_the_work_of(cast.coordinator, first - minute) == cast.coordinator.email
        assert has_the_work_of(cast.coordinator, first + 2 * DAY - minute) == cast.coordinator2.email
        assert has_the_work_of(cast.coordinator, first + 2 * DAY) == cast.coordinator.email

    @pytest.mark.parametrize(
        ("first", "last", "field", "words"),
        [
            (-1, 3, "starts_on", "cannot lie in the past"),
            (3, 2, "ends_on", "the first day or a later one"),
            (0, 366, "ends_on", "longer than a year"),
        ],
    )
    def test_days_that_cannot_be_are_refused(self, cast, first, last, field, words):
        with pytest.raises(Refused, match=words) as refusal:
            away(cast, first=first, last=last)
        assert refusal.value.field == field
        assert not Absence.objects.exists()

    def test_nobody_covers_for_themselves(self, cast):
        with pytest.raises(Refused, match="Nobody covers for themselves"):
            away(cast, cover=cast.coordinator)

    @pytest.mark.parametrize("name", ["officer", "lead", "sysadmin", "viewer"])
    def test_only_coordinators_are_away_and_cover(self, cast, name):
        with pytest.raises(Refused, match="is no coordinator now") as refusal:
            away(cast, cover=cast.people[name])
        assert refusal.value.field == "cover"
        with pytest.raises(Refused, match="is no coordinator now") as refusal:
            away(cast, user=cast.people[name])
        assert refusal.value.field == "user"

    def test_a_suspended_coordinator_covers_for_nobody(self, cast):
        User.objects.filter(pk=cast.coordinator2.pk).update(is_active=False)
        with pytest.raises(Refused, match="is no coordinator now"):
            record_absence(
                by=cast.coordinator, user=cast.coordinator, cover=User.objects.get(pk=cast.coordinator2.pk),
                starts_on=today(), ends_on=today(),
            )  # fmt: skip

    def test_nobody_is_away_twice_on_one_day(self, cast, third):
        away(cast, first=2, last=4)
        with pytest.raises(Refused, match="End that absence first"):
            away(cast, cover=third, first=4, last=5)
        assert away(cast, cover=third, first=5, last=5)

    def test_who_is_away_in_that_time_does_not_cover(self, cast, third):
        away(cast, user=third, first=3, last=3)
        with pytest.raises(Refused, match="Choose another colleague") as refusal:
            away(cast, cover=third, first=0, last=3)
        assert refusal.value.field == "cover"
        assert away(cast, cover=third, first=0, last=2)

    @pytest.mark.parametrize("name", ["officer", "lead", "responder", "viewer", "auditor"])
    def test_who_does_not_look_after_the_partnership_records_nothing(self, cast, name):
        days = {"starts_on": today(), "ends_on": today()}
        with pytest.raises(NotAllowed):
            record_absence(by=cast.people[name], user=cast.coordinator, cover=cast.coordinator2, **days)
        made = away(cast)
        with pytest.raises(NotAllowed):
            end_absence(by=cast.people[name], absence=made)


class TestEnding:
    """end_absence()"""

    def test_ending_it_early_brings_everything_back_at_once(self, cast):
        made = away(cast)
        end_absence(by=cast.coordinator, absence=made)
        assert has_the_work_of(cast.coordinator) == cast.coordinator.email
        assert Absence.objects.get().ended_by == cast.coordinator

    def test_one_that_has_not_begun_is_called_off_and_tells_nobody(self, cast):
        end_absence(by=cast.coordinator, absence=away(cast, first=1, last=2))
        assert tell_all_covers(noon(1)) == 0
        assert has_the_work_of(cast.coordinator, noon(1)) == cast.coordinator.email

    def test_after_that_another_can_be_recorded_for_the_same_days(self, cast, third):
        end_absence(by=cast.coordinator, absence=away(cast))
        away(cast, cover=third)
        assert has_the_work_of(cast.coordinator) == third.email

    def test_what_is_over_does_not_end_again(self, cast):
        made = away(cast)
        end_absence(by=cast.coordinator, absence=made)
        with pytest.raises(Refused, match="over already"):
            end_absence(by=cast.coordinator, absence=made)

    def test_what_was_known_at_a_moment_stays_true_of_it(self, cast):
        """Reconcile asks who was to be told then: an absence that was recorded or ended later changes nothing of it."""
        before = timezone.now()
        made = away(cast)
        while_it_lasted = timezone.now()
        end_absence(by=cast.coordinator, absence=made)
        assert has_the_work_of(cast.coordinator, before) == cast.coordinator.email
        assert has_the_work_of(cast.coordinator, while_it_lasted) == cast.coordinator2.email


class TestLookingUp:
    """WhoIsHere"""

    def test_a_chain_leads_to_somebody_who_is_here(self, cast, third):
        away(cast, first=0, last=5)
        away(cast, user=cast.coordinator2, cover=third, first=0, last=1)
        assert has_the_work_of(cast.coordinator) == has_the_work_of(cast.coordinator2) == third.email
        assert has_the_work_of(cast.coordinator, noon(2)) == cast.coordinator2.email
        covered = who_is_here(timezone.now()).covered_by(third.pk)
        assert {one.user_id for one in covered} == {cast.coordinator.pk, cast.coordinator2.pk}

    def test_a_chain_that_ends_nowhere_gives_nobody(self, cast):
        away(cast)
        Membership.objects.filter(user=cast.coordinator2).update(ended_at=timezone.now())
        assert has_the_work_of(cast.coordinator) is None
        assert who_is_here(timezone.now()).in_hand() == []

    def test_a_circle_gives_nobody_and_does_not_turn_for_ever(self):
        until = today()
        here = WhoIsHere([Colleague(1, "A", 1, 2, until), Colleague(2, "B", 1, 1, until), Colleague(3, "C", 1)])
        assert here.has_the_work_of(1) is here.has_the_work_of(2) is None
        assert (here.in_hand(), here.covered_by(3), here.covers()) == ([3], [], {})

    def test_it_costs_one_query_however_many_are_away(self, cast, third, django_assert_num_queries):
        away(cast)
        away(cast, user=third)
        with django_assert_num_queries(1):
            assert len(who_is_here(timezone.now()).away) == 2

    def test_a_request_reads_it_once(self, cast, django_assert_num_queries):
        reader, now = User.objects.get(pk=cast.coordinator.pk), timezone.now()
        with django_assert_num_queries(1):
            assert here_for(reader, now) is here_for(reader, now)

    def test_coordinators_of_a_closed_organisation_are_not_here(self, cast):
        type(cast.partnership_team).objects.filter(pk=cast.partnership_team.pk).update(ends_on=today() - DAY)
        assert who_is_here(timezone.now()).everybody == []


class TestDuty:
    """coordinators_on_duty()"""

    def on(self, cast, *users: User) -> list[str]:
        for user in users:
            Duty.objects.create(user=user, starts_at=timezone.now() - DAY, ends_at=timezone.now() + DAY)
        return sorted(user.email for user in coordinators_on_duty(timezone.now()))

    def test_the_cover_stands_in_for_whoever_is_on_duty_and_away(self, cast, third):
        away(cast, cover=third)
        assert self.on(cast, cast.coordinator) == [third.email]

    def test_with_nobody_on_duty_all_who_are_here_are_told(self, cast, third):
        away(cast)
        assert self.on(cast) == sorted([cast.coordinator2.email, third.email])

    def test_who_is_on_duty_away_and_without_a_cover_leaves_it_to_all_who_are_here(self, cast, third):
        away(cast)
        User.objects.filter(pk=cast.coordinator2.pk).update(is_active=False)
        assert self.on(cast, cast.coordinator) == [third.email]

    def test_with_nobody_here_everybody_is_told_so_that_somebody_is(self, cast):
        away(cast)
        User.objects.filter(pk=cast.coordinator2.pk).update(is_active=False)
        assert self.on(cast) == [cast.coordinator.email]


class TestTelling:
    """Who hears what while somebody is away."""

    def test_what_is_for_the_owner_goes_to_the_cover_and_not_to_who_is_away(self, cast):
        away(cast)
        event = Event(id=Absence.objects.get().pk, owner=cast.coordinator)
        assert [one.user for one in recipients(Audience.OWNER, event, timezone.now())] == [cast.coordinator2]

    def test_a_cover_who_must_not_know_hears_nothing_those_on_duty_do(self, cast, third):
        elsewhere = make_person("elsewhere", Role.COORDINATOR, cast.hospital)
        away(cast, cover=elsewhere)
        event = Event(id=Absence.objects.get().pk, owner=cast.coordinator, excluded=frozenset({cast.hospital.pk}))
        told = {one.user for one in recipients(Audience.OWNER, event, timezone.now())}
        assert told == {cast.coordinator2, third}

    def test_the_cover_is_told_once_when_it_begins_today(self, cast):
        made = away(cast)
        message = Message.objects.get()
        assert (message.kind, message.user, message.event_id) == (Kind.COVER_BEGINS, cast.coordinator2, made.pk)
        assert tell_all_covers(timezone.now()) == 0
        assert Message.objects.count() == 1

    def test_the_cover_of_a_later_absence_is_told_on_its_first_day_by_the_sweep(self, cast, monkeypatch):
        away(cast, first=2, last=3)
        assert tell_all_covers(noon(1)) == 0
        later = noon(2)
        monkeypatch.setattr(timezone, "now", lambda: later)
        tell_covers()
        call_command("tell_covers")
        assert Message.objects.get().user == cast.coordinator2
        assert Absence.objects.get().told_at == later

    def test_the_sweep_tells_whoever_is_here_on_that_day(self, cast, third):
        away(cast, first=2, last=3)
        away(cast, user=cast.coordinator2, cover=third, first=2, last=2)
        assert tell_all_covers(noon(2)) == 2
        assert {message.user for message in Message.objects.all()} == {third}

    def test_a_cover_who_left_meanwhile_leaves_it_to_those_on_duty(self, cast, third):
        away(cast, first=2, last=3)
        Membership.objects.filter(user=cast.coordinator2).update(ended_at=timezone.now())
        assert tell_all_covers(noon(2)) == 1
        assert Message.objects.get().user == third

    def test_the_message_names_nobody(self, cast):
        away(cast)
        words = words_for(Message.objects.get())
        assert "cover for a colleague" in words.subject
        for person in cast.people.values():
            assert person.full_name not in words.subject + words.body

    def test_nothing_of_a_case_is_in_an_absence(self):
        columns = {field.name for field in Absence._meta.get_fields()}
        assert columns == {
            "id", "user", "cover", "starts_on", "ends_on", "recorded_at", "recorded_by",
            "ended_at", "ended_by", "told_at",
        }  # fmt: skip
