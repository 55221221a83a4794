"""The pages of an amendment: closed until a recorded click, old beside new, nothing that was typed gets lost."""

import json
import re

import pytest
from django.test import Client

from partners.models import AccessRecord
from referrals import workflow
from referrals.forms.amendment import pages_of
from referrals.forms.steps import BY_KEY
from referrals.models import Amendment, Referral, ReferralEvent, ReferralSecret
from referrals.statuses import Move
from tests.conftest import CANARY_NAME, CANARY_PHONE, CANARY_PLACE
from tests.referrals.amended import WHY, amend, answers_now, posted, sent
from tests.referrals.test_admin_case import actions, address, text_of

WHERE = {"reason": "contact", "purpose": ""}


@pytest.fixture
def full(cast) -> Referral:
    """An adult's referral with every answer."""
    return sent(cast.officer)


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def page(referral, step: str) -> str:
    return f"/admin/referrals/referral/{referral.pk}/amend/{BY_KEY[step].slug}/"


def send(client, referral, step, do, *, version=1, why=WHY, **changes):
    """What the browser sends of a page that was opened."""
    data = posted(referral, step, **changes) | {"do": do, "why": why, "version": version}
    return client.post(page(referral, step), data | (WHERE if BY_KEY[step].form.place else {}))


def test_the_list_shows_every_page_and_no_answer_until_it_is_asked(full, coordinator):
    closed = coordinator.get(address(full, "amend"))
    assert CANARY_NAME not in closed.content.decode()
    assert actions(full) == []
    shown = text_of(coordinator.post(address(full, "amend")))
    for words in [CANARY_NAME, "A man answered for her.", "Age and date of birth", "Ruritanian", "Car wash"]:
        assert words in shown, words
    assert CANARY_PLACE not in shown
    assert "National Referral Mechanism" not in shown
    assert shown.count("27 March 1999") == 1
    record = AccessRecord.objects.get(object_id=full.pk, action="open_identity")
    assert record.purpose == "To amend: the list of answers"


def test_each_page_is_closed_then_open_with_what_is_there(full, coordinator):
    for step in pages_of(answers_now(full)):
        closed = coordinator.get(page(full, step.key)).content.decode()
        assert not [word for word in (CANARY_NAME, CANARY_PLACE, CANARY_PHONE, "A man answered") if word in closed]
        opened = coordinator.post(page(full, step.key), {"do": "open", **WHERE})
        assert opened.status_code == 200
        form = opened.context["questions"]
        assert [name for name, value in form.initial.items() if value], step.key
    looks = AccessRecord.objects.filter(object_id=full.pk)
    assert set(looks.values_list("action", flat=True)) >= {"open_identity", "open_location"}


def test_a_page_about_the_place_wants_a_reason_and_records_it(full, coordinator):
    refused = text_of(coordinator.post(page(full, "where_now"), {"do": "open"}))
    assert "Choose why you need the location" in refused
    assert CANARY_PLACE not in refused
    named = {"do": "open", "reason": "other", "purpose": f"To visit {CANARY_NAME} at home"}
    assert "must not name the person" in text_of(coordinator.post(page(full, "where_now"), named))
    assert "open_location" not in actions(full)
    assert CANARY_PLACE in coordinator.post(page(full, "where_now"), {"do": "open", **WHERE}).content.decode()
    record = AccessRecord.objects.get(object_id=full.pk, action="open_location")
    assert record.purpose == "To arrange safe contact or a visit"


def test_a_page_that_is_not_about_the_place_does_not_open_it(full, coordinator):
    coordinator.post(page(full, "person"), {"do": "open"})
    assert actions(full) == ["open_identity"]


def test_old_stands_beside_new_before_it_is_saved(full, coordinator):
    compared = send(coordinator, full, "person", "check", given_names="Yolanda", known_as="")
    assert compared.context["rows"] == [
        {"question": "First names", "old": "Zebulina", "new": "Yolanda", "follows": False},
        {"question": "Other names they use", "old": "Quokkaman", "new": "No answer", "follows": False},
    ]
    assert WHY in text_of(compared)
    assert not Amendment.objects.exists()
    again = dict(compared.context["typed"]) | {"do": "again", "why": WHY, "version": 1}
    form = coordinator.post(page(full, "person"), again)
    assert form.context["questions"].initial["given_names"] == "Yolanda"
    assert form.context["form"].initial["why"] == WHY


def test_what_falls_away_with_it_is_shown_apart(full, coordinator):
    compared = send(coordinator, full, "age", "check", age_group="unsure")
    assert [row["question"] for row in compared.context["rows"]] == ["Are they 18 or over?"]
    assert "Were they under 18 at any time while they were exploited?" in [
        row["question"] for row in compared.context["follows"]
    ]
    assert "The priority changes" in text_of(compared)


def test_immediate_danger_is_said_before_it_rings(full, coordinator):
    compared = text_of(send(coordinator, full, "danger", "check", immediate_danger="yes"))
    assert "This makes it immediate danger" in compared


def test_saving_leads_back_to_the_case_which_tells_of_it(cast, full, coordinator):
    saved = send(coordinator, full, "person", "save", given_names="Yolanda")
    assert saved.headers["Location"] == address(full)
    assert answers_now(full)["person"]["given_names"] == "Yolanda"
    closed = coordinator.get(address(full))
    shown = text_of(closed)
    assert "The amendment is saved" in shown
    assert "You amended what was referred" in shown
    assert "Amendments" in shown
    assert "First names" in shown
    assert not [word for word in ("Yolanda", CANARY_NAME, WHY) if word in closed.content.decode()]
    opened = text_of(coordinator.post(address(full, "open"), {"part": "amendments"}))
    for words in ("Yolanda", CANARY_NAME, WHY):
        assert words in opened
    assert "read_amendments" in actions(full)


def test_what_changed_about_the_place_is_read_with_the_location_alone(full, coordinator):
    send(coordinator, full, "where_now", "save", address="Flat 2, Elsewhere")
    opened = text_of(coordinator.post(address(full, "open"), {"part": "amendments"}))
    assert CANARY_PLACE not in opened
    assert "Elsewhere" not in opened
    assert "show the location as well" in opened
    both = text_of(coordinator.post(address(full, "open"), {"part": ["amendments", "location"], "reason": "danger"}))
    assert CANARY_PLACE in both
    assert "Flat 2, Elsewhere" in both
    found = text_of(coordinator.post(address(full, "open"), {"part": "location", "shown": "amendments", **WHERE}))
    assert CANARY_PLACE in found


def test_when_nothing_is_different_it_says_so_and_saves_nothing(full, coordinator):
    for do in ("check", "save"):
        answer = text_of(send(coordinator, full, "person", do))
        assert "This is what the referral says already" in answer
    assert not ReferralEvent.objects.filter(move=Move.AMEND).exists()


@pytest.mark.parametrize(
    ("step", "changes", "error"),
    [
        ("person", {"given_names": "x" * 201}, "must be 200 characters or fewer"),
        ("person", {"gender": "forged"}, "Choose from the answers on this page"),
        ("age", {"age_group": "child"}, "contradict each other"),
        ("age", {"age_group": ""}, "Say whether they are 18 or over"),
        ("age", {"date_of_birth_day": "32"}, "must be a real date"),
        ("danger", {"immediate_danger": ""}, "Say whether anyone is in immediate danger"),
        ("found", {"people_met": "many"}, "must be a number from 1 to 200"),
        ("person", {"given_names": "Yolanda", "why": ""}, "Say why you amend it"),
        ("person", {"given_names": "Yolanda", "why": "x" * 2001}, "must be 2,000 characters or fewer"),
    ],
)
@pytest.mark.parametrize("do", ["check", "save"])
def test_bad_input_is_said_at_its_field_and_loses_nothing(full, coordinator, step, changes, error, do):
    answer = send(coordinator, full, step, do, **({"why": WHY} | changes))
    assert error in text_of(answer)
    for name, value in changes.items():
        if value and name in answer.context["questions"].data:
            assert answer.context["questions"].data[name] == value
    assert not Amendment.objects.exists()


def test_a_forged_version_is_refused(full, coordinator):
    for version in ("", "x", "0", "9" * 30):
        assert send(coordinator, full, "person", "save", given_names="Yolanda", version=version).status_code == 200
    assert not Amendment.objects.exists()


def test_the_second_coordinator_sees_what_changed_and_what_was_typed(cast, full, coordinator):
    amend(full, cast.coordinator2, "person", given_names="Yolanda")
    answer = send(coordinator, full, "person", "save", given_names=None, family_name="Otherperson")
    assert answer.status_code == 409
    shown = text_of(answer)
    assert "This referral changed while you had it open" in shown
    assert "Test Coordinator2 amended what was referred" in shown
    assert "Yolanda" in shown
    assert answer.context["questions"].data["family_name"] == "Otherperson"
    assert 'name="version" value="2"' in answer.content.decode()
    assert Amendment.objects.count() == 1


def test_a_page_that_is_not_asked_any_more_gives_back_what_was_typed(cast, full, coordinator):
    typed = posted(full, "exploited_as_child") | {"exploited_as_child": "yes", "why": WHY, "version": 1}
    amend(full, cast.coordinator2, "age", age_group="unsure")
    for do in ("check", "save"):
        answer = coordinator.post(page(full, "exploited_as_child"), typed | {"do": do})
        assert answer.status_code == 409
        assert "not part of it now" in text_of(answer)
        assert answer.context["questions"].data["exploited_as_child"] == "yes"
    assert coordinator.post(page(full, "exploited_as_child"), {"do": "open"}).status_code == 302


def test_one_that_ended_meanwhile_gives_back_what_was_typed(cast, full, coordinator):
    workflow.withdraw(referral_id=full.pk, reason="logged_in_error", by=cast.coordinator2, version=1)
    answer = send(coordinator, full, "person", "save", version=2, given_names="Yolanda")
    assert answer.status_code == 409
    assert "This can no longer be done" in text_of(answer)
    assert answer.context["questions"].data["given_names"] == "Yolanda"
    assert "This cannot be done now" in text_of(coordinator.get(address(full, "amend")))


def test_what_the_key_does_not_open_says_so_and_keeps_what_was_typed(full, coordinator):
    data = posted(full, "person", given_names="Yolanda") | {"do": "save", "why": WHY, "version": 1}
    row = ReferralSecret.objects.get(referral=full)
    ReferralSecret.objects.filter(referral=full).update(sealed=bytes(row.sealed)[:-1] + b"?")
    for sent_data in ({"do": "open"}, data):
        answer = coordinator.post(page(full, "person"), sent_data)
        assert "cannot be opened" in text_of(answer)
    assert answer.context["questions"].data["given_names"] == "Yolanda"
    assert "cannot be opened" in text_of(coordinator.post(address(full, "amend")))
    assert "open_identity" not in actions(full)


def test_what_is_not_amended_has_no_page(full, coordinator):
    for step in ("consent-details", "do-not-share", "referrer", "no-such-page"):
        assert coordinator.get(f"/admin/referrals/referral/{full.pk}/amend/{step}/").status_code == 404


@pytest.mark.parametrize("name", ["officer", "lead", "nurse", "beacon_worker", "viewer", "auditor", "sysadmin"])
def test_nobody_else_finds_the_pages(cast, full, sign_in, name):
    client = sign_in(Client(), cast.people[name])
    for url in (address(full, "amend"), page(full, "person")):
        assert {client.get(url).status_code, client.post(url, {"do": "open"}).status_code} == {404}


def test_a_coordinator_who_must_not_know_finds_no_page(cast, full, sign_in):
    membership = cast.beacon_worker.membership
    membership.role = "coordinator"
    membership.save()
    workflow.exclude(referral_id=full.pk, organisation=cast.beacon, reason="Close", by=cast.coordinator)
    client = sign_in(Client(), cast.beacon_worker)
    for url in (address(full, "amend"), page(full, "person")):
        assert client.get(url).status_code == client.post(url, {"do": "open"}).status_code == 404


def test_nothing_that_was_typed_or_opened_is_left_behind(full, coordinator):
    send(coordinator, full, "person", "check", given_names="Yolanda", why=f"{CANARY_NAME} said so")
    send(coordinator, full, "person", "save", given_names="Yolanda", why=f"{CANARY_NAME} said so")
    session = json.dumps(dict(coordinator.session))
    assert not [word for word in ("Yolanda", CANARY_NAME) if word in session]
    title = re.search(r"<title>(.*?)</title>", coordinator.post(page(full, "person"), {}).content.decode(), re.DOTALL)
    assert "Yolanda" not in title.group(1)
    assert "Who they are" in title.group(1)


def test_the_referrer_reads_that_it_was_corrected_and_nothing_else(cast, full, coordinator, sign_in):
    send(coordinator, full, "person", "save", given_names="Yolanda")
    shown = text_of(sign_in(Client(), cast.officer, second_factor=False).get(f"/referrals/{full.pk}/"))
    assert "A coordinator corrected it" in shown
    assert not [word for word in ("Yolanda", "First names", WHY) if word in shown]
