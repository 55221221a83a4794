"""The case page: what it shows, what it keeps closed, and what each button does."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench.queries import CONTROL
from partners.models import AccessRecord, Message, State
from referrals.admin.sealed import SHOWN_AS_FACTS
from referrals.forms.steps import BY_KEY
from referrals.models import Note, Referral, ReferralLocation, ReferralSecret
from referrals.workflow import add_note, answer_information, close, open_case, request_information, start_triage
from tests.conftest import CANARY_ALIAS, CANARY_NAME, CANARY_PHONE, CANARY_PLACE, CANARY_STORY, submit_one
from tests.referrals.filled import ADULT
from tests.referrals.test_admin_queue import fill

CANARIES = [CANARY_NAME, CANARY_ALIAS, CANARY_PHONE, CANARY_PLACE, CANARY_STORY]


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def colleague(cast, sign_in) -> Client:
    """The other coordinator's browser."""
    return sign_in(Client(), cast.coordinator2)


def address(referral: Referral, act: str = "change") -> str:
    return f"/admin/referrals/referral/{referral.pk}/{act}/"


def text_of(response) -> str:
    """What a reader sees: no tags, single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def actions(referral: Referral) -> list[str]:
    rows = AccessRecord.objects.filter(object_id=referral.pk).exclude(action="submit")
    return list(rows.order_by("at").values_list("action", flat=True))


def test_the_page_says_what_a_coordinator_has_to_know(cast, referral, coordinator):
    page = text_of(coordinator.get(address(referral)))
    for words in [
        f"Referral {referral.reference}",
        "Made to work for little or no pay",
        "Believes they have to work against their will",
        "Control and freedom",
        "Car wash",
        "Northtown",
        "Whose move A coordinator",
        "Owner Nobody yet",
        cast.officer.full_name,
        cast.officer.email,
        "Not asked yet",
        "Yes, they agree",
        "A referral was submitted",
        "Waiting to be sent",
        f"{cast.officer.full_name} sent the referral",
        "You opened it for the first time",
        "Opened the case",
    ]:
        assert words in page, words


def test_opening_the_page_is_recorded_and_acknowledges_the_message(cast, referral, coordinator):
    coordinator.get(address(referral))
    assert actions(referral) == ["view"]
    assert Message.objects.get(user=cast.coordinator, referral_id=referral.id).acknowledged_at is not None


def test_nothing_sealed_is_on_the_page_until_it_is_opened(cast, referral, coordinator):
    add_note(referral_id=referral.id, text="A note in confidence", by=cast.coordinator2)
    page = coordinator.get(address(referral)).content.decode()
    assert not [word for word in [*CANARIES, "A note in confidence"] if word in page]


def test_one_click_shows_identity_and_account_in_that_answer_only(cast, referral, coordinator):
    response = coordinator.post(address(referral, "open"), {"part": "identity"})
    page = text_of(response)
    for words in [CANARY_NAME, CANARY_ALIAS, CANARY_PHONE, CANARY_STORY]:
        assert words in page
    assert CANARY_PLACE not in page
    assert "no-store" in response.headers["Cache-Control"]
    assert actions(referral) == ["view", "open_identity"]
    assert CANARY_NAME not in coordinator.get(address(referral)).content.decode()


def test_what_the_form_no_longer_asks_is_still_shown(cast, coordinator):
    referral = submit_one(cast.officer, secret={"old_page": {"old_question": "An old answer", "several": ["a", "b"]}})
    page = text_of(coordinator.post(address(referral, "open"), {"part": "identity"}))
    assert "Old question An old answer" in page


def test_the_location_wants_a_reason(referral, coordinator):
    page = text_of(coordinator.post(address(referral, "open"), {"part": "location"}))
    assert "Choose why you need the location" in page
    assert CANARY_PLACE not in page
    assert actions(referral) == ["view"]


def test_a_reason_from_the_list_opens_the_location_and_is_recorded(referral, coordinator):
    page = text_of(coordinator.post(address(referral, "open"), {"part": "location", "reason": "contact"}))
    assert CANARY_PLACE in page
    assert CANARY_NAME not in page
    record = AccessRecord.objects.get(object_id=referral.pk, action="open_location")
    assert record.purpose == "To arrange safe contact or a visit"


@pytest.mark.parametrize(
    ("purpose", "error"),
    [
        ("", "Your reason must have at least 15 characters"),
        ("I am curious", "Your reason must have at least 15 characters"),
        ("x" * 251, "must be 250 characters or fewer"),
        (f"To visit {CANARY_NAME} at home", "Your reason must not name the person"),
    ],
)
def test_a_reason_in_words_must_say_something_and_name_nobody(referral, coordinator, purpose, error):
    data = {"part": "location", "reason": "other", "purpose": purpose}
    response = coordinator.post(address(referral, "open"), data)
    assert error in text_of(response)
    assert CANARY_PLACE not in response.content.decode()
    assert "open_location" not in actions(referral)


def test_opening_one_part_keeps_the_others_open_and_records_them_again(cast, referral, coordinator):
    add_note(referral_id=referral.id, text="A note in confidence", by=cast.coordinator2)
    data = {"part": "notes", "shown": ["identity", "location"], "reason": "danger"}
    page = text_of(coordinator.post(address(referral, "open"), data))
    for words in ["A note in confidence", CANARY_NAME, CANARY_PLACE]:
        assert words in page
    assert actions(referral) == ["view", "open_identity", "read_notes", "open_location"]


def test_what_stands_on_the_page_as_coded_facts_is_not_said_twice(cast, coordinator):
    referral = submit_one(cast.officer, secret=ADULT | {"person": {"given_names": CANARY_NAME}})
    page = text_of(coordinator.post(address(referral, "open"), {"part": "identity"}))
    assert "A man answered for her." in page
    assert "Told to marry" in page
    assert "Which kinds of signs" not in page
    assert page.count("Somebody controls where they go") == 0


def test_the_answers_that_are_left_out_are_questions_of_the_form():
    assert {step for step, _ in SHOWN_AS_FACTS} <= set(BY_KEY)
    assert all(name in BY_KEY[step].form.base_fields for step, name in SHOWN_AS_FACTS)


def test_a_part_that_does_not_exist_opens_nothing(referral, coordinator):
    page = coordinator.post(address(referral, "open"), {"part": ["everything", "secret"]}).content.decode()
    assert not [word for word in CANARIES if word in page]


def test_the_address_of_an_opened_part_leads_back_to_the_case(referral, coordinator):
    response = coordinator.get(address(referral, "open"))
    assert response.headers["Location"] == address(referral)


@pytest.mark.parametrize(
    ("model", "data", "words"),
    [
        (ReferralSecret, {"part": "identity"}, "The identity and account cannot be opened"),
        (ReferralLocation, {"part": "location", "reason": "danger"}, "The location cannot be opened"),
        (Note, {"part": "notes"}, "The questions, answers and notes cannot be opened"),
    ],
)
def test_what_the_key_does_not_open_says_so_and_what_to_do(cast, referral, coordinator, model, data, words):
    add_note(referral_id=referral.id, text="A note in confidence", by=cast.coordinator)
    row = model.objects.get(referral=referral)
    model.objects.filter(referral=referral).update(sealed=bytes(row.sealed)[:-1] + b"?")
    response = coordinator.post(address(referral, "open"), data)
    assert response.status_code == 200
    page = text_of(response)
    assert words in page
    assert f"Tell the system administrator the reference {referral.reference}" in page
    assert actions(referral) == ["view"]


def test_the_buttons_are_those_that_the_status_allows(cast, referral, coordinator):
    def buttons() -> list[str]:
        return [slug for slug, _ in coordinator.get(address(referral)).context["acts"]]

    assert buttons() == ["take", "ask", "note", "amend", "withdraw", "duplicate", "pdf"]
    start_triage(referral_id=referral.id, by=cast.coordinator, version=2)
    assert buttons() == [
        "hand-over",
        "decide",
        "ask",
        "note",
        "amend",
        "assign",
        "close",
        "withdraw",
        "duplicate",
        "pdf",
    ]
    close(referral_id=referral.id, outcome="no_contact", band="passed_on", by=cast.coordinator, version=3)
    assert buttons() == ["reopen", "note", "pdf"]


def press(client: Client, referral: Referral, act: str, **data):
    """Press the button of an act as somebody who has just loaded its page."""
    referral.refresh_from_db()
    return client.post(address(referral, act), {"version": referral.version, **data})


def test_a_case_goes_from_taken_to_closed_and_is_reopened(cast, referral, coordinator, colleague):
    done = press(coordinator, referral, "take")
    assert done.headers["Location"] == address(referral)
    referral.refresh_from_db()
    assert (referral.status, referral.owner) == ("in_triage", cast.coordinator)
    press(coordinator, referral, "ask", question="Which shift does the person work?")
    referral.refresh_from_db()
    assert (referral.status, referral.next_actor) == ("information_requested", "referrer")
    answer_information(referral_id=referral.id, answer="Nights", by=cast.officer)
    assert "The referrer has answered" in text_of(coordinator.get(address(referral)))
    press(coordinator, referral, "note", text="Rang the officer")
    press(coordinator, referral, "assign", to=cast.coordinator2.pk)
    press(colleague, referral, "close", outcome="supported_locally", band="help_in_place")
    referral.refresh_from_db()
    assert (referral.status, referral.owner, referral.outcome) == ("closed", cast.coordinator2, "supported_locally")
    page = text_of(colleague.get(address(referral)))
    assert "Supported locally. The referrer was told: “Help is in place.”" in page
    assert f"{cast.coordinator.full_name} gave it to you" in page
    press(coordinator, referral, "reopen")
    referral.refresh_from_db()
    assert (referral.status, referral.owner) == ("in_triage", cast.coordinator)


def test_a_withdrawn_referral_says_why(referral, coordinator):
    press(coordinator, referral, "withdraw", reason="duplicate")
    assert "Duplicate of another referral" in text_of(coordinator.get(address(referral)))


def test_a_question_that_names_the_person_is_given_back_with_the_words(referral, coordinator):
    question = f"Where does {CANARY_NAME} sleep?"
    response = press(coordinator, referral, "ask", question=question)
    page = text_of(response)
    assert f"Take out “{CANARY_NAME.casefold()}”" in page
    assert response.context["form"]["question"].value() == question
    assert not Note.objects.exists()
    assert actions(referral) == ["open_identity"], "to be told which words are right is to read them"


def test_a_question_is_not_sent_while_the_case_cannot_be_opened(referral, coordinator):
    ReferralSecret.objects.filter(referral=referral).update(kid="lost")
    response = press(coordinator, referral, "ask", question="Which shift?")
    assert "The identity cannot be opened" in text_of(response)
    assert response.context["form"]["question"].value() == "Which shift?"


@pytest.mark.parametrize(
    ("act", "data", "error"),
    [
        ("ask", {"question": ""}, "Enter your question"),
        ("ask", {"question": "x" * 2001}, "Your question must be 2,000 characters or fewer"),
        ("ask", {"question": "a\x00b"}, "invisible control character"),
        ("note", {"text": "x" * 1_000_000}, "Your note must be 4,000 characters or fewer"),
        ("close", {}, "Choose how it ended"),
        ("close", {"outcome": "won", "band": "help_in_place"}, "Select a valid choice"),
        ("withdraw", {"reason": "boredom"}, "Select a valid choice"),
        ("assign", {}, "Choose a coordinator"),
        ("assign", {"to": "²"}, "Choose a coordinator from the list"),
    ],
)
def test_what_cannot_be_accepted_is_said_and_nothing_happens(cast, referral, coordinator, act, data, error):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    response = press(coordinator, referral, act, **data)
    assert response.status_code == 200
    assert error in text_of(response)
    referral.refresh_from_db()
    assert referral.version == 2
    assert not Note.objects.exists()


def test_only_coordinators_are_offered_and_accepted(cast, referral, coordinator):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    offered = set(coordinator.get(address(referral, "assign")).context["form"].fields["to"].queryset)
    assert offered == {cast.coordinator2}
    assert "Choose a coordinator from the list" in text_of(press(coordinator, referral, "assign", to=cast.officer.pk))


def test_the_second_coordinator_is_told_what_changed_and_loses_nothing(cast, referral, coordinator, colleague):
    seen = Referral.objects.get(pk=referral.pk).version
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator2, version=seen)
    response = coordinator.post(address(referral, "ask"), {"version": seen, "question": "Who drives them?"})
    assert response.status_code == 409
    page = text_of(response)
    assert "This referral changed while you had it open" in page
    assert f"{cast.coordinator2.full_name} asked the referrer a question" in page
    assert response.context["form"]["question"].value() == "Who drives them?"
    assert Note.objects.count() == 1


def test_after_reading_what_changed_the_same_can_be_done_all_the_same(cast, referral, coordinator):
    start_triage(referral_id=referral.id, by=cast.coordinator2, version=1)
    told = coordinator.post(address(referral, "ask"), {"version": 1, "question": "Who drives them?"})
    again = {"version": told.context["form"]["version"].value(), "question": told.context["form"]["question"].value()}
    assert coordinator.post(address(referral, "ask"), again).status_code == 302
    assert Note.objects.get().take_out() == {"text": "Who drives them?"}


def test_what_is_no_longer_possible_is_said_and_keeps_the_words(cast, referral, coordinator):
    start_triage(referral_id=referral.id, by=cast.coordinator2, version=1)
    close(referral_id=referral.id, outcome="no_contact", band="passed_on", by=cast.coordinator2, version=2)
    response = coordinator.post(address(referral, "ask"), {"version": 3, "question": "Who drives them?"})
    assert response.status_code == 409
    assert "This can no longer be done" in text_of(response)
    assert response.context["form"]["question"].value() == "Who drives them?"


def test_taking_what_a_colleague_has_just_taken_says_who(cast, referral, coordinator):
    start_triage(referral_id=referral.id, by=cast.coordinator2, version=1)
    response = coordinator.post(address(referral, "take"), {"version": 1})
    assert response.status_code == 409
    assert f"{cast.coordinator2.full_name} took it" in text_of(response)
    referral.refresh_from_db()
    assert referral.owner == cast.coordinator2


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 30, "1.5"])
def test_a_forged_version_is_never_a_crash(referral, coordinator, version):
    response = coordinator.post(address(referral, "take"), {"version": version})
    assert response.status_code == 200
    referral.refresh_from_db()
    assert referral.status == "submitted"


def test_a_message_that_could_not_be_delivered_is_the_first_thing_on_the_page(cast, referral, coordinator):
    Message.objects.filter(referral_id=referral.id, user=cast.officer).update(
        state=State.DEAD, last_error="recipient", attempts=1
    )
    page = text_of(coordinator.get(address(referral)))
    assert "A message about this referral could not be delivered" in page
    assert "Could not be delivered: the mail server refused the address" in page


def test_immediate_danger_is_said_until_somebody_takes_it(cast, coordinator):
    referral = submit_one(cast.officer, priority="immediate")
    assert "Somebody may be in danger now" in text_of(coordinator.get(address(referral)))
    press(coordinator, referral, "take")
    assert "Somebody may be in danger now" not in text_of(coordinator.get(address(referral)))


@pytest.mark.parametrize("count", [10, 100_000])
def test_the_case_page_costs_under_25_queries(cast, referral, coordinator, django_assert_max_num_queries, count):
    fill(cast, count - 1)
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator2, version=1)
    answer_information(referral_id=referral.id, answer="Nights", by=cast.officer)
    for number in range(20):
        add_note(referral_id=referral.id, text=f"Note {number}", by=[cast.coordinator, cast.coordinator2][number % 2])
        open_case(referral_id=referral.id, by=cast.coordinator2)
    coordinator.get("/admin/")  # the session notes at most once a minute that it is in use
    with django_assert_max_num_queries(24):
        coordinator.get(address(referral))
    for data in [{"part": "notes"}, {"part": "identity"}, {"part": "location", "reason": "danger"}]:
        with CaptureQueriesContext(connection) as asked:
            coordinator.post(address(referral, "open"), data)
        # What only opens and closes a transaction asks the database nothing.
        assert len([query for query in asked.captured_queries if not query["sql"].startswith(CONTROL)]) < 25


def test_the_first_opening_costs_under_25_queries_too(referral, coordinator, django_assert_max_num_queries):
    coordinator.get("/admin/")
    with django_assert_max_num_queries(24):
        coordinator.get(address(referral))
