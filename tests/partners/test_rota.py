"""The rota: who is on duty on each day of two weeks, when nobody is, and who is away."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from partners.absences import record_absence
from partners.hours import LONDON
from partners.models import Absence, Duty, Membership, User
from partners.rota import rota, stretches_without_anybody, week_of
from tests.conftest import make_person

pytestmark = pytest.mark.django_db

ROTA = "/admin/partners/duty/"
MONDAY = datetime.date(2026, 11, 23)
DAY = datetime.timedelta(days=1)


def at(days: int, clock: str, monday: datetime.date = MONDAY) -> datetime.datetime:
    return datetime.datetime.combine(monday + days * DAY, datetime.time.fromisoformat(clock), LONDON)


NOW = at(0, "10:00")


def shift(user: User, days: int, starts="09:00", ends="17:00", nights=0, monday=MONDAY) -> Duty:
    return Duty.objects.create(user=user, starts_at=at(days, starts, monday), ends_at=at(days + nights, ends, monday))


def page_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


class TestTwoWeeks:
    """rota()"""

    def test_it_is_this_week_and_the_next_from_monday(self, cast):
        days = rota(at(3, "12:00"))
        assert [day.day for day in days] == [MONDAY + n * DAY for n in range(14)]
        assert [day.is_today for day in days].index(True) == 3
        assert [day.is_past for day in days] == [True] * 3 + [False] * 11
        assert week_of(MONDAY + 6 * DAY) == MONDAY

    def test_a_day_without_anybody_says_so_in_words(self, cast):
        day = rota(NOW)[5]
        assert (day.gap, day.is_empty, day.in_working_hours) == (
            "Nobody is on duty on Saturday 28 November",
            True,
            False,
        )

    def test_a_day_with_a_shift_says_when_nobody_is_on_duty(self, cast):
        shift(cast.coordinator, 0)
        day = rota(NOW)[0]
        assert [(turn.name, turn.hours, turn.is_on) for turn in day.turns] == [
            (cast.coordinator.full_name, "09:00 to 17:00", True)
        ]
        assert day.gap == "Nobody is on duty from 00:00 to 09:00 and from 17:00 to 24:00"
        assert not day.in_working_hours

    def test_a_gap_in_working_hours_is_a_gap_that_matters(self, cast):
        shift(cast.coordinator, 0, "09:00", "12:00")
        shift(cast.coordinator2, 0, "12:30", "17:00")
        day = rota(NOW)[0]
        assert "from 12:00 to 12:30" in day.gap
        assert day.in_working_hours
        shift(cast.coordinator2, 5, "09:00", "12:00")
        assert not rota(NOW)[5].in_working_hours

    def test_a_night_stands_on_both_days_and_a_full_day_has_no_gap(self, cast):
        shift(cast.coordinator, 0, "00:00", "12:00")
        shift(cast.coordinator2, 0, "11:00", "08:00", nights=1)
        first, second = rota(NOW)[:2]
        assert [turn.hours for turn in first.turns] == ["00:00 to 12:00", "11:00 to 24:00"]
        assert first.gap == ""
        assert [turn.hours for turn in second.turns] == ["00:00 to 08:00"]

    def test_a_shift_over_midnight_at_the_ends_of_the_two_weeks_is_seen(self, cast):
        shift(cast.coordinator, -1, "20:00", "08:00", nights=1)
        shift(cast.coordinator, 13, "20:00", "08:00", nights=1)
        days = rota(NOW)
        assert (days[0].turns[0].hours, days[13].turns[0].hours) == ("00:00 to 08:00", "20:00 to 24:00")

    @pytest.mark.parametrize("sunday", [datetime.date(2026, 3, 29), datetime.date(2026, 10, 25)])
    def test_the_days_on_which_the_clocks_change_have_no_gap_of_their_own(self, cast, sunday):
        monday = week_of(sunday)
        shift(cast.coordinator, 6, "00:00", "00:00", nights=1, monday=monday)
        day = rota(at(0, "10:00", monday))[6]
        assert (day.day, day.gap, day.turns[0].hours) == (sunday, "", "00:00 to 24:00")

    def test_who_is_away_is_named_with_the_cover_and_there_is_no_gap(self, cast):
        monday = week_of(timezone.localdate()) + 7 * DAY
        shift(cast.coordinator, 0, monday=monday)
        days = {"starts_on": monday, "ends_on": monday}
        record_absence(by=cast.coordinator, user=cast.coordinator, cover=cast.coordinator2, **days)
        day = rota(timezone.now())[7]
        assert day.turns[0].remark == f"away, {cast.coordinator2.full_name} covers"
        assert not day.is_empty

    def test_who_is_away_with_nobody_to_cover_leaves_a_gap(self, cast):
        monday = week_of(timezone.localdate()) + 7 * DAY
        shift(cast.coordinator, 0, monday=monday)
        days = {"starts_on": monday, "ends_on": monday}
        record_absence(by=cast.coordinator, user=cast.coordinator, cover=cast.coordinator2, **days)
        Membership.objects.filter(user=cast.coordinator2).update(ended_at=timezone.now())
        day = rota(timezone.now())[7]
        assert (day.turns[0].remark, day.is_empty) == ("away, and nobody covers", True)

    def test_a_shift_of_somebody_who_left_counts_for_nobody(self, cast):
        shift(cast.coordinator, 0)
        Membership.objects.filter(user=cast.coordinator).update(ended_at=timezone.now())
        day = rota(NOW)[0]
        assert (day.turns[0].remark, day.is_empty) == ("cannot work here on that day: counts for nobody", True)

    def test_it_costs_the_same_however_full_it_is(self, cast, django_assert_num_queries):
        for days in range(14):
            shift(cast.coordinator, days)
            shift(cast.coordinator2, days, "17:00", "22:00")
        with django_assert_num_queries(4):
            rota(NOW)

    def test_days_without_anybody_in_a_row_are_one_line(self, cast):
        for days in (0, 1, 2, 3, 4, 7, 8, 9, 10, 12):
            shift(cast.coordinator, days)
        assert stretches_without_anybody(rota(NOW)) == [
            "from Saturday 28 November to Sunday 29 November",
            "on Friday 4 December",
            "on Sunday 6 December",
        ]


class TestThePage:
    """The rota in the admin."""

    def test_it_calls_out_the_gaps_and_says_who_is_told_then(self, cast, coordinator):
        page = page_of(coordinator.get(ROTA))
        sunday = week_of(timezone.localdate()) + 6 * DAY
        assert f"Nobody is on duty on {sunday:%A} {sunday.day} {sunday:%B}" in page
        assert "Nobody is on duty now" in page
        told = page.split("What comes in now is told to")[1].split("</p>")[0]
        for person in (cast.coordinator, cast.coordinator2):
            assert person.full_name in told
        assert "With nobody on duty, every coordinator who is not away is told" in page

    def test_it_names_who_is_on_duty_now_and_can_end_the_shift(self, cast, coordinator):
        now = timezone.now()
        duty = Duty.objects.create(user=cast.coordinator2, starts_at=now - DAY, ends_at=now + DAY)
        page = page_of(coordinator.get(ROTA))
        assert f"On duty now: {cast.coordinator2.full_name}" in page
        assert f"<bdi>{cast.coordinator.full_name}</bdi>" not in page.split("is told to")[1].split("</p>")[0]
        coordinator.post(f"{ROTA}{duty.pk}/end/")
        duty.refresh_from_db()
        assert now < duty.ends_at < timezone.now() + datetime.timedelta(minutes=1)
        assert "Nobody is on duty now" in page_of(coordinator.get(ROTA))

    def test_a_shift_that_is_not_on_is_not_ended(self, cast, coordinator):
        now = timezone.now()
        duty = Duty.objects.create(user=cast.coordinator, starts_at=now + DAY, ends_at=now + 2 * DAY)
        assert "not on now" in page_of(coordinator.post(f"{ROTA}{duty.pk}/end/", follow=True))
        duty.refresh_from_db()
        assert duty.ends_at == now + 2 * DAY

    def test_a_shift_is_added_changed_and_taken_away(self, cast, coordinator):
        day = timezone.localdate() + DAY
        days = {"starts_at_0": day.isoformat(), "ends_at_0": day.isoformat()}
        data = {"user": cast.coordinator2.pk, **days, "starts_at_1": "09:00", "ends_at_1": "17:00"}
        assert coordinator.post(f"{ROTA}add/", data).status_code == 302
        duty = Duty.objects.get()
        assert timezone.localtime(duty.starts_at).hour == 9
        assert cast.coordinator2.full_name in page_of(coordinator.get(ROTA))
        refused = page_of(coordinator.post(f"{ROTA}{duty.pk}/change/", data | {"ends_at_1": "08:00"}))
        assert "The shift must end after it starts" in refused
        assert f'value="{day.isoformat()}"' in refused
        assert "Enter a valid date" in page_of(coordinator.post(f"{ROTA}add/", data | {"starts_at_0": "soon"}))
        coordinator.post(f"{ROTA}{duty.pk}/change/", data | {"user": cast.coordinator.pk})
        assert Duty.objects.get().user == cast.coordinator
        coordinator.post(f"{ROTA}{duty.pk}/delete/", {"post": "yes"})
        assert not Duty.objects.exists()


class TestAbsences:
    """Absences on the page of the rota."""

    def data(self, cast, first=0, last=3, **changes) -> dict[str, object]:
        days = {"starts_on": timezone.localdate() + first * DAY, "ends_on": timezone.localdate() + last * DAY}
        parts = {
            f"{name}_{part}": getattr(day, part) for name, day in days.items() for part in ("day", "month", "year")
        }
        return {"user": cast.coordinator.pk, "cover": cast.coordinator2.pk, **parts, **changes}

    def test_an_absence_is_recorded_shown_and_ended(self, cast, coordinator):
        response = coordinator.post(f"{ROTA}absence/", self.data(cast))
        assert response["Location"] == ROTA
        page = page_of(coordinator.get(ROTA))
        assert "Away now" in page
        assert f"{cast.coordinator2.full_name}</bdi> covers" in page
        coordinator.post(f"{ROTA}absence/{Absence.objects.get().pk}/end/")
        assert "Nobody is away" in page_of(coordinator.get(ROTA))
        again = coordinator.post(f"{ROTA}absence/{Absence.objects.get().pk}/end/", follow=True)
        assert "over already" in page_of(again)

    def test_one_that_lies_ahead_can_be_called_off(self, cast, coordinator):
        coordinator.post(f"{ROTA}absence/", self.data(cast, first=5, last=6))
        assert "Call it off" in page_of(coordinator.get(ROTA))

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"user": ""}, "Choose who is away"),
            ({"cover": ""}, "Choose who covers"),
            ({"cover": "999999"}, "Choose a coordinator from the list"),
            ({"cover": "officer"}, "Choose a coordinator from the list"),
            ({"cover": "coordinator"}, "Nobody covers for themselves"),
            ({"starts_on_day": "40"}, "First day must be a real date"),
            ({"starts_on_day": ""}, "First day must include a day"),
            ({"starts_on_year": "2020"}, "cannot lie in the past"),
            ({"ends_on_year": "2020"}, "the first day or a later one"),
            ({"ends_on_year": "2090"}, "longer than a year"),
            ({"ends_on_day": "x" * 100_000}, "Last day must be a real date"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_typed_is_lost(self, cast, coordinator, changes, words):
        given = {name: cast.people[value].pk if value in cast.people else value for name, value in changes.items()}
        response = coordinator.post(f"{ROTA}absence/", self.data(cast, **given))
        page = page_of(response)
        assert response.status_code == 200
        assert "There is a problem" in page
        assert words in page
        if "ends_on_year" not in changes:
            assert f'value="{(timezone.localdate() + 3 * DAY).year}"' in page
        assert not Absence.objects.exists()

    def test_somebody_who_is_away_then_does_not_cover(self, cast, coordinator):
        third = make_person("third", "coordinator", cast.partnership_team)
        coordinator.post(f"{ROTA}absence/", self.data(cast, user=third.pk))
        page = page_of(coordinator.post(f"{ROTA}absence/", self.data(cast, cover=third.pk)))
        assert "Choose another colleague" in page
        assert Absence.objects.count() == 1

    @pytest.mark.parametrize("name", ["officer", "lead", "responder", "viewer", "auditor"])
    def test_the_pages_exist_for_nobody_else(self, cast, client, sign_in, name):
        sign_in(client, cast.people[name])
        for path in ["", "absence/", "add/"]:
            assert client.get(ROTA + path).status_code == 404
        assert client.post(f"{ROTA}absence/", self.data(cast)).status_code == 404
        assert not Absence.objects.exists()
