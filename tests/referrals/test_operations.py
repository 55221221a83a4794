"""Operations: several people met together, each a referral of their own, numbered, counted, and never named."""

import datetime
import json
import re
import uuid
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners.models import AccessRecord, Kind, Message, Organisation
from partners.roles import Role
from referrals import workflow
from referrals.models import Operation, OperationMovement, Referral
from referrals.statuses import FeedbackBand, Move, Outcome, Priority, WithdrawalReason
from referrals.tasks import write_missing_messages
from referrals.workflow import NamesThePerson, NotAllowed, OperationChanged, Plan, Refused
from tests.conftest import CANARY_NAME, a_submission, make_organisation, make_person
from tests.faults.test_one_draft_many_clicks import all_at_once

SEEN = "Nine beds in one room above the wash"
TODAY = timezone.localdate
FEBRUARY = {"day_day": "1", "day_month": "2"}


def set_up(by, held_on=None, expected=None, **more) -> Operation:
    plan = Plan(
        held_on or TODAY(), expected, **({"name": "Nightjar", "site": "Unit 4", "officer": "Insp Invented"} | more)
    )
    return workflow.create_operation(key=uuid.uuid4(), plan=plan, by=by)


def add(operation, by, key=None, name="Aneta", arrived=False, not_names=False, **changes) -> Referral:
    own = {"secret": {"person": {"given_names": name}}, "location": {}} | changes
    return workflow.add_person(
        operation_id=operation.pk,
        key=key or uuid.uuid4(),
        referral_from=lambda *shared: a_submission(**own),
        facts={"needs": ["food"], "interpreter": "yes", "language": "Albanian"},
        by=by,
        arrived=arrived,
        not_names=not_names,
    )


def share(operation, by, seen=SEEN, **more):
    secret = {"account": {"what_was_seen": seen}, "setting": {"setting": "car_wash"}}
    location = {"found": {"district": "northtown", "found_address": "4 Example Way"}}
    current = {"version": Operation.objects.get(pk=operation.pk).version} | more
    return workflow.share_circumstances(operation_id=operation.pk, secret=secret, location=location, by=by, **current)


def log(operation, number, kind, by, **more):
    return workflow.log_movement(operation_id=operation.pk, number=number, kind=kind, by=by, **more)


def at(hour, minute=0, day=None):
    return timezone.make_aware(datetime.datetime.combine(day or TODAY(), datetime.time(hour, minute)))


def told_of_reception():
    rows = Message.objects.filter(kind=Kind.RECEPTION_CENTRE)
    return sorted(row.user.email if row.user else row.organisation.slug for row in rows)


@pytest.fixture
def police(cast):
    return cast.police_officer


@pytest.fixture
def operation(police):
    return set_up(police)


@pytest.fixture
def county(cast):
    return make_organisation("county", kind=Organisation.Kind.COUNTY_COUNCIL, opens_reception_centre=True)


@pytest.fixture
def client(cast, police, sign_in):
    return sign_in(Client(), police)


# ---- Setting one up -------------------------------------------------------------------------------------------------


def test_an_operation_has_a_short_reference_of_its_own(operation):
    assert re.fullmatch(r"OP-[CDFGHJKMNPQRTVWXY34679]{3}-[CDFGHJKMNPQRTVWXY34679]{3}", operation.reference)
    assert str(operation) == operation.reference


def test_its_name_place_and_officer_are_sealed(operation):
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM referrals_operation t")
        row = cursor.fetchone()[0]
    assert "Nightjar" not in row
    assert operation.take_out()["name"] == "Nightjar"


def test_setting_it_up_twice_with_one_key_gives_one(police):
    key = uuid.uuid4()
    once, again = (workflow.create_operation(key=key, plan=Plan(TODAY()), by=police) for _ in range(2))
    assert once == again
    assert Operation.objects.count() == 1


def test_somebody_elses_key_gives_an_operation_of_ones_own(cast, police):
    key = uuid.uuid4()
    one = workflow.create_operation(key=key, plan=Plan(TODAY()), by=police)
    other = workflow.create_operation(key=key, plan=Plan(TODAY()), by=cast.lead)
    assert one != other


@pytest.mark.parametrize("name", ["officer", "nurse", "viewer", "auditor", "sysadmin"])
def test_who_runs_no_operations_cannot_set_one_up_and_sees_none(cast, operation, name):
    with pytest.raises(NotAllowed):
        set_up(cast.people[name])
    assert not Operation.objects.visible_to(cast.people[name]).exists()


def test_colleagues_of_the_organisation_and_coordinators_see_it_and_nobody_else(cast, operation):
    colleague = make_person("night", Role.LEAD, cast.constabulary)
    assert Operation.objects.run_by(colleague).get() == operation
    seen_by = {name for name, user in cast.people.items() if Operation.objects.visible_to(user).exists()}
    assert seen_by == {"police_officer", "coordinator", "coordinator2"}


def test_what_a_colleague_changed_meanwhile_is_not_overwritten(operation, police):
    workflow.change_operation(operation_id=operation.pk, plan=Plan(TODAY(), 3), by=police, version=1)
    with pytest.raises(OperationChanged):
        workflow.change_operation(operation_id=operation.pk, plan=Plan(TODAY(), 9), by=police, version=1)
    assert Operation.objects.get().expected == 3


def test_a_planned_operation_takes_people_from_its_day_on(police):
    planned = set_up(police, held_on=TODAY() + datetime.timedelta(days=3))
    with pytest.raises(Refused, match="planned for"):
        add(planned, police)
    workflow.change_operation(operation_id=planned.pk, plan=Plan(TODAY()), by=police, version=1)
    assert add(planned, police).operation_number == 1


def test_its_day_cannot_lie_ahead_once_there_are_people_or_after_somebody_arrived(operation, police):
    add(operation, police)
    tomorrow, yesterday = TODAY() + datetime.timedelta(days=1), TODAY() - datetime.timedelta(days=1)
    change = partial(workflow.change_operation, operation_id=operation.pk, by=police)
    with pytest.raises(Refused, match="today or in the past"):
        change(plan=Plan(tomorrow), version=1)
    change(plan=Plan(yesterday), version=1)
    log(operation, 1, "arrived", police, at=at(0, 0, yesterday))
    with pytest.raises(Refused, match="Somebody arrived on"):
        change(plan=Plan(TODAY()), version=2)


# ---- People ---------------------------------------------------------------------------------------------------------


def test_each_person_is_a_referral_of_their_own_with_the_next_number(operation, police):
    people = [add(operation, police, name=name) for name in ("Aneta", "Borislav", "Cvetka")]
    assert [one.operation_number for one in people] == [1, 2, 3]
    assert len({one.reference for one in people}) == 3
    assert [one.secret.take_out()["person"]["given_names"] for one in people] == ["Aneta", "Borislav", "Cvetka"]


def test_joining_is_an_event_with_codes_only(operation, police):
    referral = add(operation, police)
    event = referral.events.get(move=Move.JOIN_OPERATION)
    assert event.facts == {
        "needs": ["food"],
        "interpreter": "yes",
        "language": "Albanian",
        "operation": str(operation.pk),
        "number": 1,
        "version": 2,
    }


def test_a_double_click_is_one_person(operation, police):
    key = uuid.uuid4()
    once, again = add(operation, police, key=key), add(operation, police, key=key)
    assert once == again
    assert operation.people.count() == 1
    assert once.events.filter(move=Move.JOIN_OPERATION).count() == 1


def test_the_form_of_one_person_sent_with_another_is_refused(operation, police):
    key = uuid.uuid4()
    add(operation, police, key=key)
    with pytest.raises(workflow.SentDifferently):
        add(operation, police, key=key, name="Borislav")


def test_one_key_in_two_hands_is_two_people(cast, operation, police):
    key = uuid.uuid4()
    assert add(operation, police, key=key).operation_number == 1
    assert add(operation, cast.coordinator, key=key).operation_number == 2


def test_nobody_is_added_to_an_operation_one_may_not_run(cast, operation):
    with pytest.raises(Operation.DoesNotExist):
        add(operation, cast.lead)


def test_a_shared_text_that_names_a_person_of_the_operation_is_refused(operation, police):
    add(operation, police, name=CANARY_NAME)
    with pytest.raises(NamesThePerson) as found:
        share(operation, police, seen=f"The foreman shouted at {CANARY_NAME.upper()}.")
    assert found.value.words == [CANARY_NAME.casefold()]
    assert operation.take_out()["secret"] == {}


def test_a_person_whose_name_stands_in_the_shared_text_is_not_added_until_it_is_said_to_be_no_name(operation, police):
    share(operation, police, seen="They may not leave. The rose garden is locked.")
    with pytest.raises(NamesThePerson):
        add(operation, police, name="Rose May")
    assert add(operation, police, name="Rose May", not_names=True).operation_number == 1
    assert share(operation, police, seen="Behind the rose garden they may not leave.").version == 4
    assert add(operation, police, name="Rose").operation_number == 2


def test_an_address_typed_as_everybodys_holds_no_name_either(operation, police):
    add(operation, police, name="Example")
    with pytest.raises(NamesThePerson):
        share(operation, police)
    assert share(operation, police, not_names=True)


# ---- The number for a reception centre ------------------------------------------------------------------------------


def test_the_fifth_person_opens_the_reception_centre_and_it_is_told_once(cast, county, operation, police):
    for _ in range(4):
        add(operation, police)
    assert told_of_reception() == []
    fifth = add(operation, police)
    everybody = sorted(["county", cast.coordinator.email, cast.coordinator2.email])
    assert told_of_reception() == everybody
    assert fifth.events.get(move=Move.JOIN_OPERATION).facts["reception_centre"] == 5
    opened = Operation.objects.get().reception_opened_at
    for _ in range(2):
        add(operation, police)
    workflow.change_operation(operation_id=operation.pk, plan=Plan(TODAY(), 50), by=police, version=1)
    assert told_of_reception() == everybody
    assert Operation.objects.get().reception_opened_at == opened
    assert write_missing_messages(timezone.now()) == 0


def test_what_is_told_names_the_operation_and_no_referral(county, operation, police):
    for _ in range(5):
        add(operation, police)
    rows = Message.objects.filter(kind=Kind.RECEPTION_CENTRE)
    assert set(rows.values_list("reference", "referral_id")) == {(operation.reference, None)}


def test_a_message_that_was_forgotten_is_found(county, operation, police):
    for _ in range(5):
        add(operation, police)
    Message.objects.filter(kind=Kind.RECEPTION_CENTRE).delete()
    assert write_missing_messages(timezone.now()) == 3


@pytest.mark.parametrize("later", [False, True])
def test_the_expected_number_opens_it_before_anybody_is_logged(county, police, later):
    operation = set_up(police, expected=4 if later else 6)
    if later:
        assert told_of_reception() == []
        workflow.change_operation(operation_id=operation.pk, plan=Plan(TODAY(), 6), by=police, version=1)
    assert len(told_of_reception()) == 3
    for _ in range(6):
        add(operation, police)
    assert len(told_of_reception()) == 3


def test_the_people_are_assessed_again_when_the_number_is_reached(operation, police):
    people = [add(operation, police) for _ in range(4)]
    assert not [one for one in people if one.recommendations.first().facts["reception_centre"]]
    people.append(add(operation, police))
    people.append(add(operation, police))
    assert all(one.recommendations.first().facts["reception_centre"] for one in people)
    assert {one.recommendations.count() for one in people} == {2}


def test_who_was_logged_twice_does_not_count(cast, county, operation, police):
    double = add(operation, police)
    workflow.withdraw(referral_id=double.pk, reason=WithdrawalReason.DUPLICATE, by=cast.coordinator, version=2)
    for _ in range(4):
        add(operation, police)
    assert told_of_reception() == []
    assert add(operation, police).operation_number == 6
    assert len(told_of_reception()) == 3


def test_who_opens_reception_centres_sees_the_board_once_the_number_is_reached_and_nothing_sealed(
    county, operation, police, sign_in
):
    duty = make_person("duty", Role.RESPONDER, county)
    page, link = sign_in(Client(), duty), reverse("operation", args=[operation.pk])
    assert page.get(link).status_code == 404
    people = [add(operation, police, arrived=True) for _ in range(5)]
    message = Message.objects.get(kind=Kind.RECEPTION_CENTRE, organisation=county)
    assert page.get(reverse("message_link", args=[message.pk]))["Location"] == link
    shown = page.get(link).content.decode()
    assert people[0].reference in shown
    assert "Nightjar" not in shown
    assert "Received" not in shown
    assert page.get(reverse("operation_change", args=[operation.pk])).status_code == 404
    assert log(operation, 1, "left", duty, destination="hospital")
    for number in range(2, 6):
        log(operation, number, "left", duty, destination="family")
    workflow.close_operation(operation_id=operation.pk, by=police)
    assert page.get(link).status_code == 404


# ---- Arrivals and departures ----------------------------------------------------------------------------------------


def test_arrival_and_departure_are_entries_of_a_log_that_only_grows(operation, police):
    add(operation, police)
    log(operation, 1, "arrived", police)
    log(operation, 1, "left", police, destination="safe_house")
    assert list(operation.movements.values_list("kind", "destination")) == [("arrived", ""), ("left", "safe_house")]


def test_who_has_not_arrived_does_not_leave_and_who_is_here_does_not_arrive(operation, police):
    add(operation, police)
    with pytest.raises(Refused, match="has not arrived yet"):
        log(operation, 1, "left", police, destination="home")
    log(operation, 1, "arrived", police)
    with pytest.raises(Refused, match="is logged as here since"):
        log(operation, 1, "arrived", police)
    with pytest.raises(Refused, match="Say where they went"):
        log(operation, 1, "left", police)


def test_nothing_is_logged_ahead_of_its_time_before_the_operation_or_in_the_wrong_order(police):
    yesterday = TODAY() - datetime.timedelta(days=1)
    operation = set_up(police, held_on=yesterday)
    add(operation, police)
    with pytest.raises(Refused, match="lies ahead"):
        log(operation, 1, "arrived", police, at=timezone.now() + datetime.timedelta(minutes=5))
    with pytest.raises(Refused, match="This is before it"):
        log(operation, 1, "arrived", police, at=at(23, 59, yesterday - datetime.timedelta(days=1)))
    log(operation, 1, "arrived", police, at=at(5, 20, yesterday))
    with pytest.raises(Refused, match=r"They arrived at 05:20 on .* This is before it"):
        log(operation, 1, "left", police, at=at(5, 10, yesterday), destination="home")


def test_a_mistake_is_put_right_by_a_new_entry_and_the_old_one_stays(police):
    operation = set_up(police, held_on=TODAY() - datetime.timedelta(days=1))
    add(operation, police)
    early, late = at(4, 50, operation.held_on), at(5, 20, operation.held_on)
    log(operation, 1, "arrived", police, at=late)
    log(operation, 1, "arrived", police, at=early, corrects=True)
    log(operation, 1, "left", police, at=at(5, 0, operation.held_on), destination="home")
    rows = list(operation.movements.order_by("recorded_at"))
    assert [row.at for row in workflow.that_hold(rows)] == [early, at(5, 0, operation.held_on)]
    assert len(rows) == 3


def test_it_is_closed_when_everybody_has_left_and_then_nothing_changes(operation, police):
    add(operation, police, arrived=True)
    add(operation, police)
    with pytest.raises(Refused, match=r"Not everybody has left \(number 1\)"):
        workflow.close_operation(operation_id=operation.pk, by=police)
    log(operation, 1, "left", police, destination="home")
    assert workflow.close_operation(operation_id=operation.pk, by=police).closed_at
    for act in (
        lambda: add(operation, police),
        lambda: log(operation, 1, "arrived", police),
        lambda: share(operation, police),
        lambda: workflow.close_operation(operation_id=operation.pk, by=police),
    ):
        with pytest.raises(Refused, match="closed"):
            act()


# ---- Two officers at once -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_ten_people_added_at_once_get_ten_numbers_and_one_reception_centre(cast):
    operation = set_up(cast.police_officer)
    results = all_at_once(lambda n: add(operation, [cast.police_officer, cast.coordinator][n % 2]), 10)
    assert sorted(one.operation_number for one in results) == list(range(1, 11))
    assert told_of_reception() == sorted([cast.coordinator.email, cast.coordinator2.email])


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_on_save_are_one_person_and_ten_on_arrived_one_arrival(cast):
    operation, key = set_up(cast.police_officer), uuid.uuid4()
    results = all_at_once(lambda _: add(operation, cast.police_officer, key=key), 10)
    assert {one.operation_number for one in results if isinstance(one, Referral)} == {1}
    assert len([one for one in results if isinstance(one, Referral)]) == 10
    clicks = all_at_once(lambda _: log(operation, 1, "arrived", cast.police_officer), 10)
    assert len([one for one in clicks if isinstance(one, OperationMovement)]) == 1
    assert len([one for one in clicks if isinstance(one, Refused)]) == 9


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_on_set_up_are_one_operation(cast):
    key = uuid.uuid4()
    make = partial(workflow.create_operation, key=key, plan=Plan(TODAY(), 5), by=cast.police_officer)
    assert len(set(all_at_once(lambda _: make(), 10))) == 1
    assert len(told_of_reception()) == 2


# ---- Pages ----------------------------------------------------------------------------------------------------------


def url(name, operation, *more):
    return reverse(name, args=[operation.pk, *more])


def post_person(client, operation, **answers):
    return client.post(url("operation_add", operation), {"key": str(uuid.uuid4()), "age_group": "adult"} | answers)


def test_an_operation_is_set_up_filled_and_closed_through_the_pages(client, police):
    day = TODAY()
    said = {"held_on_day": day.day, "held_on_month": day.month, "held_on_year": day.year, "expected": "3"}
    response = client.post(reverse("operation_new"), said | {"key": str(uuid.uuid4()), "name": "Nightjar"})
    operation = Operation.objects.get()
    assert response["Location"] == url("operation", operation)
    shared = {"what_was_seen": SEEN, "setting": "car_wash", "kinds": ["forced-to-work"], "district": "northtown"}
    assert client.post(url("operation_circumstances", operation), shared | {"version": "1"}).status_code == 302
    post_person(
        client, operation, given_names="Aneta", needs=["medical"], language="Albanian", arrived="on", nrm="given"
    )
    referral = Referral.objects.get()
    assert (referral.setting, referral.district.code, referral.exploitation) == (
        "car_wash",
        "northtown",
        ["forced-to-work"],
    )
    secret = referral.secret.take_out()
    assert secret["account"] == {"what_was_seen": SEEN}
    assert secret["found"] == {"found_on": day.isoformat()}
    assert secret["communication"] == {
        "interpreter_needed": "yes",
        "language": "Albanian",
        "other_needs": "Needs at once: medical help",
    }
    assert referral.priority == Priority.URGENT  # nobody said that they are safe
    assert dict(referral.consents.values_list("kind", "state"))["nrm"] == "given"
    client.post(url("operation_person", operation, 1), {"kind": "left", "destination": "hospital"})
    assert client.post(url("operation_close", operation))["Location"] == url("operation", operation)
    assert "Closed" in client.get(url("operation", operation)).content.decode()


def test_save_and_add_the_next_opens_an_empty_form_and_the_other_button_the_board(client, operation):
    assert post_person(client, operation)["Location"] == url("operation_add", operation)
    page = client.get(url("operation_add", operation)).content.decode()
    assert "Number 1 is logged" in page
    assert post_person(client, operation, done="done")["Location"] == url("operation", operation)


def test_a_child_needs_no_consent_to_the_nrm_and_danger_is_immediate(client, operation):
    post_person(client, operation, age_group="child", nrm="refused", beacon="given", immediate_danger="yes")
    referral = Referral.objects.get()
    assert referral.priority == Priority.IMMEDIATE
    assert dict(referral.consents.values_list("kind", "state")) == {"beacon": "given", "police": "not_asked"}


def test_a_later_change_of_the_shared_text_goes_to_people_added_afterwards(client, operation, police):
    share(operation, police)
    post_person(client, operation)
    share(operation, police, seen="Eleven beds")
    post_person(client, operation)
    seen = [one.secret.take_out()["account"]["what_was_seen"] for one in operation.people.order_by("operation_number")]
    assert seen == [SEEN, "Eleven beds"]


def test_the_age_is_the_one_thing_that_must_be_said_and_nothing_typed_is_lost(client, operation):
    page = post_person(client, operation, age_group="", given_names="Aneta", language="Ruritanian").content.decode()
    assert "Say whether they are 18 or over" in page
    assert 'value="Aneta"' in page
    assert 'value="Ruritanian"' in page
    assert not Referral.objects.exists()


def test_going_back_and_typing_the_next_person_over_the_last_is_noticed(client, operation):
    key = str(uuid.uuid4())
    post_person(client, operation, key=key, given_names="Aneta")
    response = post_person(client, operation, key=key, given_names="Borislav")
    page = response.content.decode()
    assert response.status_code == 409
    assert "Number 1 was added from this page already" in page
    assert 'value="Borislav"' in page
    new_key = re.search(r'name="key" value="([^"]+)"', page)[1]
    assert new_key != key
    assert post_person(client, operation, key=new_key, given_names="Borislav").status_code == 302
    assert operation.people.count() == 2


def test_a_language_that_is_not_on_the_list_stays_sealed(client, operation):
    post_person(client, operation, interpreter_needed="yes", language=f"{CANARY_NAME}ish")
    referral = Referral.objects.get()
    assert referral.events.get(move=Move.JOIN_OPERATION).facts["language"] == "Other"
    assert referral.secret.take_out()["communication"]["language"] == f"{CANARY_NAME}ish"


def test_a_name_in_the_shared_text_gets_a_clear_error_and_the_text_back(client, operation, police):
    add(operation, police, name=CANARY_NAME)
    text = f"The foreman shouted at {CANARY_NAME}."
    page = client.post(url("operation_circumstances", operation), {"what_was_seen": text, "version": "1"})
    shown = page.content.decode()
    assert f"“{CANARY_NAME.casefold()}”: this may be the name of a person in this operation" in shown
    assert text in shown
    assert 'name="not_names"' in shown
    ticked = {"what_was_seen": text, "version": "1", "not_names": "on"}
    assert client.post(url("operation_circumstances", operation), ticked).status_code == 302


def test_the_name_of_a_new_person_that_stands_in_the_shared_text_gets_a_clear_error(client, operation, police):
    share(operation, police, seen="The rose garden is locked")
    page = post_person(client, operation, given_names="Rose").content.decode()
    assert "“rose”" in page
    assert 'value="Rose"' in page
    assert post_person(client, operation, given_names="Rose", not_names="on").status_code == 302


def test_two_people_who_write_the_shared_text_see_both_versions(client, operation, police):
    share(operation, police, seen="Their version")
    response = client.post(url("operation_circumstances", operation), {"what_was_seen": "My version", "version": "1"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "My version" in page
    assert "Their version" in page
    assert 'name="version" value="2"' in page


@pytest.mark.parametrize("expected", ["0", "10000", "-3", "five", "9" * 5000])
def test_an_expected_number_nobody_can_mean_is_refused(client, expected):
    day = TODAY()
    said = {"held_on_day": day.day, "held_on_month": day.month, "held_on_year": day.year, "expected": expected}
    page = client.post(reverse("operation_new"), said | {"name": "Nightjar"}).content.decode()
    assert "Expected number must be" in page
    assert 'value="Nightjar"' in page
    assert not Operation.objects.exists()


@pytest.mark.parametrize(
    ("year", "words"), [(2019, "must be on or after"), (2049, "must be on or before"), ("", "must include a year")]
)
def test_a_day_nobody_can_mean_is_refused(client, year, words):
    said = {"held_on_day": "1", "held_on_month": "2", "held_on_year": year}
    assert words in client.post(reverse("operation_new"), said).content.decode()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, "Say whether they arrived or left"),
        ({"kind": "flew"}, "Choose from the answers on this page"),
        ({"kind": "left", "destination": "home"}, "has not arrived yet"),
        ({"kind": "arrived", "time": "half five"}, "Time must be hours and minutes"),
        ({"kind": "arrived", "time": "25:00"}, "Time must be hours and minutes"),
        (
            {"kind": "arrived", **FEBRUARY, "day_year": "2026"},
            "Enter the time as well as the day",
        ),
        (
            {"kind": "arrived", "time": "0520", **FEBRUARY, "day_year": "2026"},
            "This is before it",
        ),
        ({"kind": "arrived", "time": "05:20", **FEBRUARY, "day_year": "2049"}, "in the past"),
    ],
)
def test_bad_entries_of_the_log_get_a_clear_error(client, operation, police, said, words):
    add(operation, police)
    assert words in client.post(url("operation_person", operation, 1), said).content.decode()
    assert not OperationMovement.objects.exists()


def test_a_second_arrived_now_says_that_they_are_here(client, operation, police):
    add(operation, police)
    tap = partial(client.post, url("operation_person", operation, 1), {"kind": "arrived"})
    assert tap()["Location"] == f"{url('operation', operation)}#number-1"
    assert "is logged as here since" in tap().content.decode()


def test_a_number_that_nobody_has_is_not_there(client, operation):
    assert client.get(url("operation_person", operation, 1)).status_code == 404
    assert client.get(f"/operations/{operation.pk}/people/{'9' * 40}/").status_code == 404


def test_each_look_at_the_board_is_an_access_record(client, operation, police):
    client.get(url("operation", operation))
    looks = AccessRecord.objects.filter(action=AccessRecord.Action.OPEN_OPERATION)
    assert list(looks.values_list("user", "object_id", "reference")) == [(police.pk, operation.pk, operation.reference)]


def test_the_board_shows_numbers_references_and_coded_facts_and_no_name(client, operation, police):
    people = [add(operation, police, name=name) for name in (CANARY_NAME, "Borislav")]
    log(operation, 2, "arrived", police)
    page = client.get(url("operation", operation)).content.decode()
    assert all(one.reference in page for one in people)
    assert "Interpreter: Albanian" in page
    assert "Here since" in page
    assert CANARY_NAME not in page
    assert "Borislav" not in page
    assert "A reception centre opens for 5 people" in page


def test_the_board_says_what_became_of_each_person_in_bands(cast, client, operation, police, sign_in):
    referral = add(operation, police)
    workflow.start_triage(referral_id=referral.pk, by=cast.coordinator, version=2)
    workflow.close(
        referral_id=referral.pk,
        outcome=Outcome.NRM_SUBMITTED,
        band=FeedbackBand.PASSED_ON,
        by=cast.coordinator,
        version=3,
    )
    page = client.get(url("operation", operation)).content.decode()
    assert "It was passed to the organisation that is best placed to act." in page
    assert "Referred to the National Referral Mechanism" not in page
    assert reverse("referral_status", args=[referral.pk]) in page
    theirs = sign_in(Client(), cast.coordinator).get(url("operation", operation)).content.decode()
    assert "Referred to the National Referral Mechanism" in theirs
    assert reverse("admin:referrals_referral_change", args=[referral.pk]) in theirs


def test_a_colleague_of_another_shift_sees_the_board_and_opens_no_referral(cast, operation, police, sign_in):
    referral = add(operation, police)
    night = make_person("night", Role.RESPONDER, cast.constabulary)
    client = sign_in(Client(), night)
    page = client.get(url("operation", operation)).content.decode()
    assert referral.reference in page
    assert reverse("referral_status", args=[referral.pk]) not in page
    assert client.get(reverse("referral_status", args=[referral.pk])).status_code == 404


def test_somebody_whose_organisation_must_not_know_of_a_person_does_not_find_them(cast, operation, police, sign_in):
    kept, shown = add(operation, cast.coordinator), add(operation, police)
    workflow.exclude(
        referral_id=kept.pk, organisation=cast.constabulary, reason="A cousin works there", by=cast.coordinator
    )
    client = sign_in(Client(), police)
    page = client.get(url("operation", operation)).content.decode()
    assert shown.reference in page
    assert kept.reference not in page
    assert 'class="stat__figure">2<' not in page
    assert client.get(url("operation_person", operation, 1)).status_code == 404
    assert "1 logged" in client.get(reverse("operations")).content.decode()


def test_the_part_that_does_not_open_is_said_and_the_board_still_works(client, operation, police):
    add(operation, police)
    Operation.objects.update(kid="lost")
    page = client.get(url("operation", operation))
    assert page.status_code == 200
    assert "Cannot be opened" in page.content.decode()
    assert client.get(url("operation_circumstances", operation)).status_code == 503
    response = post_person(client, operation, given_names="Aneta")
    assert response.status_code == 503
    assert 'value="Aneta"' in response.content.decode()


@pytest.mark.parametrize("name", ["operations", "operation"])
def test_the_pages_ask_the_database_as_often_for_one_person_as_for_seven(client, police, name):
    operation = set_up(police, expected=9)
    address = reverse(name, args=[] if name == "operations" else [operation.pk])

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    add(operation, police, arrived=True)
    queries()
    few = queries()
    for _ in range(6):
        add(operation, police, arrived=True)
        set_up(police)
    assert queries() == few


def test_on_the_page_of_a_person_the_operation_is_only_its_reference(client, operation, police):
    share(operation, police)
    first, _ = add(operation, police, name="Aneta"), add(operation, police, name="Borislav")
    page = client.get(reverse("referral_status", args=[first.pk])).content.decode()
    assert operation.reference in page
    assert "Nightjar" not in page
    assert "Borislav" not in page
    assert "Unit 4" not in json.dumps(first.secret.take_out())
