"""The intake as a referrer meets it: page after page, back, later, another device, and sent once."""

import datetime
import re
import threading
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners.models import AccessRecord, Limit, Membership, SupportLine
from referrals import drafts
from referrals.forms.answers import to_submission
from referrals.forms.steps import BY_KEY, STEPS, path
from referrals.models import Draft, Referral
from referrals.statuses import Priority
from referrals.workflow import SentDifferently
from tests.conftest import LONG_AGO, make_draft, sign_in_as, submit_one
from tests.referrals.filled import ADULT, CHILD, as_posted, fill

START = reverse("intake_start")


@pytest.fixture
def officer(cast, client):
    """A browser in which the officer has signed in with an e-mailed code."""
    return sign_in_as(client, cast.officer, second_factor=False)


@pytest.fixture
def draft(cast):
    return make_draft(cast.officer)


def url(draft, key, **query):
    return reverse("intake_step", args=[draft.pk, BY_KEY[key].slug], query=query or None)


def at(draft, name):
    return reverse(f"intake_{name}", args=[draft.pk])


def content(draft):
    return drafts.read(Draft.objects.get(pk=draft.pk))


def version_on(response):
    return re.search(r'name="version" value="(\d+)"', response.content.decode())[1]


def walk(client, draft, answers):
    """Fill in page after page as a person does, following the redirects; return the keys of the pages seen."""
    seen, address = [], url(draft, "danger")
    while (match := re.fullmatch(r"/refer/[0-9a-f-]+/([a-z0-9-]+)/", address)) and match[1] != "check":
        key = match[1].replace("-", "_")
        page = client.get(address)
        assert page.status_code == 200
        seen.append(key)
        posted = as_posted(key, answers.get(key, {})) | {"version": version_on(page)}
        address = client.post(address, posted)["Location"]
    assert address == at(draft, "check")
    return seen


def send(client, draft):
    return client.post(at(draft, "declaration"), {"agreed": "on"})


# --- Start and come back ------------------------------------------------------------------------------------------


def test_starting_makes_a_draft_and_asks_about_danger_first(officer, cast):
    response = officer.post(START)
    draft = Draft.objects.get()
    assert draft.user == cast.officer
    assert response["Location"] == url(draft, "danger")


def test_the_start_page_offers_unfinished_referrals_and_says_how_long_they_are_kept(officer, cast, draft):
    fill(draft, {"danger": {"immediate_danger": "no"}})
    make_draft(cast.nurse, version=2)
    submit_one(cast.officer)
    make_draft(cast.officer)
    page = officer.get(START).content.decode()
    assert page.count("Continue the one you started") == 1
    assert at(draft, "resume") in page
    assert f"Kept until {timezone.localtime(draft.expires_at):%-d %B %Y}" in page


def test_too_many_unfinished_referrals_is_an_error_that_says_what_to_do(officer, cast):
    for _ in range(drafts.MOST_DRAFTS):
        make_draft(cast.officer, version=2)
    page = officer.post(START)
    assert page.status_code == 409
    assert "Finish or delete one before you start another" in page.content.decode()


def test_resuming_goes_to_the_first_page_that_is_not_done(officer, draft):
    fill(draft, {"danger": {"immediate_danger": "no"}, "age": {"age_group": "adult"}})
    assert officer.get(at(draft, "resume"))["Location"] == url(draft, "person")
    fill(draft, ADULT)
    assert officer.get(at(draft, "resume"))["Location"] == at(draft, "check")


def test_resuming_goes_back_to_a_page_that_was_left_in_the_middle(officer, draft):
    fill(draft, ADULT)
    officer.post(reverse("intake_save", args=[draft.pk, "risk"]), {"risk_details": "half a sent", "version": "1"})
    assert officer.get(at(draft, "resume"))["Location"] == url(draft, "risk")
    assert "half a sent" in officer.get(url(draft, "risk")).content.decode()


def test_a_draft_started_on_one_device_is_finished_on_another(cast, draft):
    phone, desktop = (sign_in_as(Client(), cast.officer, second_factor=False) for _ in range(2))
    phone.post(url(draft, "account"), {"what_was_seen": "On the phone", "version": "0"})
    assert "On the phone" in desktop.get(url(draft, "account")).content.decode()


# --- Page after page ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [ADULT, CHILD], ids=["adult", "child"])
def test_the_whole_way_from_start_to_receipt(officer, draft, answers):
    assert walk(officer, draft, answers) == [step.key for step in path(answers)]
    assert content(draft).answers == answers | {
        key: {} for key in (step.key for step in path(answers)) if key not in answers
    }
    response = send(officer, draft)
    referral = Referral.objects.get()
    assert response["Location"] == reverse("referral_receipt", args=[referral.pk])
    assert bytes(referral.content_hash) == to_submission(answers).content_hash()


def test_an_empty_page_is_an_answer_everywhere_but_at_danger_and_age(officer, draft):
    only = {"danger": {"immediate_danger": "no"}, "age": {"age_group": "unsure"}}
    walk(officer, draft, only)
    send(officer, draft)
    assert Referral.objects.get().priority == Priority.URGENT


def test_danger_stops_the_form_with_999_first(officer, draft):
    response = officer.post(url(draft, "danger"), {"immediate_danger": "yes", "version": "0"}, follow=True)
    page = response.content.decode()
    assert response.redirect_chain[-1][0] == url(draft, "ring_999")
    assert re.search(r'<h1[^>]*>Stop. Ring <a href="tel:999">999</a> now</h1>', page)
    fill(draft, CHILD | {"danger": {"immediate_danger": "yes"}})
    send(officer, draft)
    assert Referral.objects.get().priority == Priority.IMMEDIATE


def test_the_childs_way_shows_the_number_of_childrens_services(officer, draft):
    SupportLine.objects.create(
        slug="children", name="Children’s line", purpose="children", phone="01632 960043", always_open=True
    )
    fill(draft, {"age": {"age_group": "child"}})
    page = officer.get(url(draft, "children_services")).content.decode()
    assert "Children’s line" in page
    assert 'href="tel:01632960043"' in page


def test_what_must_be_answered_is_asked_for_in_the_summary_and_at_the_question(officer, draft):
    page = officer.post(url(draft, "age"), {"rough_age": "16", "version": "0"}).content.decode()
    assert "<title>Error: Age" in page
    assert '<a href="#id_age_group_0">Say whether they are 18 or over</a>' in page
    assert 'value="16"' in page
    assert content(draft).typed["age"] == {"rough_age": ["16"]}


def test_where_one_is_on_the_way_is_said_on_every_page(officer, draft):
    fill(draft, ADULT)
    for step in path(ADULT):
        assert step.caption in officer.get(url(draft, step.key)).content.decode() or step.key == "ring_999"


def test_a_page_that_is_not_on_the_path_leads_back_to_it(officer, draft):
    fill(draft, {"danger": {"immediate_danger": "no"}, "age": {"age_group": "child"}})
    assert officer.get(url(draft, "consent"))["Location"] == at(draft, "resume")


def test_an_answer_to_a_page_that_left_the_path_is_kept_and_leads_on(officer, draft):
    fill(draft, {"danger": {"immediate_danger": "no"}, "age": {"age_group": "child"}})
    response = officer.post(url(draft, "consent"), {"nrm": "given", "version": "0"})
    assert response["Location"] == url(draft, "childs_wishes")
    assert content(draft).answers["consent"] == {"nrm": "given"}


def test_the_form_offers_the_professionals_own_details_and_keeps_what_they_change(officer, cast, draft):
    cast.officer.phone, cast.officer.job_title = "01632 960555", "Housing officer"
    cast.officer.save()
    page = officer.get(url(draft, "referrer")).content.decode()
    assert "01632 960555" in page
    assert "Housing officer" in page
    officer.post(url(draft, "referrer"), {"referrer_job_title": "Team lead", "version": "0"})
    page = officer.get(url(draft, "referrer")).content.decode()
    assert "Team lead" in page


def test_people_met_together_are_told_from_how_many_on_a_reception_centre_opens(officer, draft):
    page = officer.get(url(draft, "found")).content.decode()
    assert "Each of them needs a referral of their own" in page
    assert "From 5 people on" in page
    Limit.objects.filter(key="reception_centre").update(amount=8)
    assert "From 8 people on" in officer.get(url(draft, "found")).content.decode()
    Limit.objects.filter(key="reception_centre").delete()
    assert "reception centre" not in officer.get(url(draft, "found")).content.decode()


def test_organisations_to_keep_it_from_are_named_in_groups_and_on_the_check(officer, draft):
    page = officer.get(url(draft, "do_not_share")).content.decode()
    assert page.index("Police, borders and justice") < page.index("Constabulary") < page.index("Hospital")
    assert "Nobody there is told that it was left out" in page
    fill(draft, ADULT)
    check = officer.get(at(draft, "check")).content.decode()
    assert "The man who drives her has a brother on the ward" in check
    assert ">Hospital<" in re.sub(r"\s", "", check)


def test_what_was_sent_keeps_it_from_the_organisation_and_from_every_part_that_is_shown(officer, draft):
    fill(draft, ADULT)
    send(officer, draft)
    referral = Referral.objects.get()
    exclusion = referral.exclusions.get()
    assert exclusion.organisation.slug == "hospital"
    assert exclusion.take_out() == {"reason": "The man who drives her has a brother on the ward"}
    assert "do_not_share" not in referral.secret.take_out() | referral.location.take_out()
    for address in (reverse("referral_receipt", args=[referral.pk]), reverse("referral_status", args=[referral.pk])):
        page = officer.get(address).content.decode()
        assert "brother" not in page
        assert "Hospital" not in page


def test_the_consent_page_leads_to_who_can_make_an_nrm_referral(officer, draft):
    fill(draft, ADULT)
    assert f'href="{reverse("can_we_refer")}"' in officer.get(url(draft, "consent")).content.decode()


# --- Back, later, change ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("button", ["back", "later"])
def test_back_and_later_save_what_was_typed_even_when_it_is_wrong(officer, draft, button):
    response = officer.post(
        url(draft, "person"),
        {"given_names": "Zebulina", "date_of_birth_day": "31", "date_of_birth_month": "2", "version": "0", button: ""},
    )
    assert response["Location"] == (url(draft, "age") if button == "back" else START)
    page = officer.get(url(draft, "person")).content.decode()
    assert "Zebulina" in page
    assert 'value="31"' in page
    assert "There is a problem" not in page


def test_back_from_the_first_page_leads_to_the_start(officer, draft):
    assert officer.post(url(draft, "danger"), {"version": "0", "back": ""})["Location"] == START


def test_later_says_until_when_the_draft_is_kept(officer, draft):
    page = officer.post(url(draft, "person"), {"version": "0", "later": ""}, follow=True).content.decode()
    assert f"You can finish it until {timezone.localtime(draft.expires_at):%-d %B %Y}" in page


def test_the_enter_key_presses_continue_and_not_back(officer, draft):
    """A browser presses the first submit button of the form."""
    page = officer.get(url(draft, "person")).content.decode()
    buttons = re.findall(r'<button type="submit"[^>]*name="(\w+)"', page)
    assert buttons[0] == "continue"
    assert set(buttons) == {"continue", "back", "later"}


def test_changing_an_answer_leads_back_to_the_check(officer, draft):
    fill(draft, ADULT)
    check = officer.get(at(draft, "check")).content.decode()
    assert url(draft, "setting", change=1) in check
    response = officer.post(url(draft, "setting", change=1), {"setting": "farm", "version": "1"})
    assert response["Location"] == at(draft, "check")
    response = officer.post(url(draft, "setting", change=1), {"setting": "farm", "version": "2", "back": ""})
    assert response["Location"] == at(draft, "check")


def test_a_change_that_opens_new_pages_leads_through_them_first(officer, draft):
    fill(draft, ADULT)
    response = officer.post(url(draft, "age", change=1), {"age_group": "child", "version": "1"})
    assert response["Location"] == url(draft, "children_services", change=1)
    response = officer.post(response["Location"], {"contacted": "no", "version": "0"})
    assert response["Location"] == url(draft, "childs_wishes", change=1)
    response = officer.post(response["Location"], {"version": "0"})
    assert response["Location"] == at(draft, "check")


# --- Check and send -----------------------------------------------------------------------------------------------


def test_the_check_shows_the_answers_of_the_path_and_gaps_plainly(officer, draft):
    fill(draft, ADULT | {"childs_wishes": {"wishes": "left behind"}})
    page = officer.get(at(draft, "check")).content.decode()
    assert "Zebulina" in page
    assert "Northtown" in page
    assert "Not answered yet" in page
    assert "left behind" not in page


def test_nothing_is_sent_before_danger_and_age_are_answered(officer, draft):
    fill(draft, {"person": {"given_names": "Zebulina"}})
    page = officer.get(at(draft, "check")).content.decode()
    assert "There is a problem" in page
    assert at(draft, "declaration") not in page
    assert send(officer, draft)["Location"] == at(draft, "check")
    assert not Referral.objects.exists()


def test_typed_text_that_was_not_saved_is_not_left_behind_by_sending(officer, draft):
    fill(draft, ADULT)
    officer.post(reverse("intake_save", args=[draft.pk, "account"]), {"what_was_said": "More", "version": "1"})
    assert "Finish the page “What you saw and heard”" in officer.get(at(draft, "check")).content.decode()
    assert send(officer, draft)["Location"] == at(draft, "check")
    assert not Referral.objects.exists()


def test_nothing_is_sent_without_the_declaration(officer, draft):
    fill(draft, ADULT)
    page = officer.post(at(draft, "declaration"), {})
    assert "Tick the box" in page.content.decode()
    assert not Referral.objects.exists()


def test_sent_twice_it_is_one_referral_and_one_receipt(officer, draft):
    fill(draft, ADULT)
    first, second = send(officer, draft), send(officer, draft)
    assert first["Location"] == second["Location"]
    assert Referral.objects.count() == 1


def at_once(*requests):
    """Make several requests at the same time, each from a browser and a connection of its own; return the answers."""
    ready, answers = threading.Barrier(len(requests)), []

    def make(request):
        ready.wait()
        answers.append(request())
        connection.close()

    threads = [threading.Thread(target=make, args=[request]) for request in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_sent_from_three_tabs_in_the_same_instant_it_is_one_referral(transactional_db, cast, draft):
    fill(draft, ADULT)
    tabs = [sign_in_as(Client(), cast.officer, second_factor=False) for _ in range(3)]
    answers = at_once(*(partial(send, tab, draft) for tab in tabs))
    referral = Referral.objects.get()
    assert {answer["Location"] for answer in answers} == {reverse("referral_receipt", args=[referral.pk])}


@pytest.mark.django_db(transaction=True)
def test_what_a_second_device_saves_in_the_instant_of_sending_is_sent_or_shown_again(transactional_db, cast, draft):
    fill(draft, ADULT)
    phone, desktop = (sign_in_as(Client(), cast.officer, second_factor=False) for _ in range(2))
    typed = {"what_was_said": "One more thing", "version": "1"}
    answers = at_once(partial(send, desktop, draft), partial(phone.post, url(draft, "account"), typed))
    sent = Referral.objects.get().secret.take_out()["account"].get("what_was_said")
    refused = [answer for answer in answers if answer.status_code == 409]
    assert (sent == "One more thing") is not bool(refused)
    assert all("One more thing" in answer.content.decode() for answer in refused)


@pytest.mark.parametrize("name", ["resume", "check", "declaration"])
def test_going_back_to_a_sent_draft_shows_its_receipt(officer, draft, name):
    fill(draft, ADULT)
    receipt = send(officer, draft)["Location"]
    assert officer.get(at(draft, name))["Location"] == receipt
    assert officer.get(url(draft, "person"))["Location"] == receipt


def test_changing_a_page_of_a_sent_draft_says_so_and_shows_what_was_typed(officer, draft):
    fill(draft, ADULT)
    send(officer, draft)
    page = officer.post(url(draft, "account"), {"what_was_said": "One more thing", "version": "1"})
    assert page.status_code == 409
    assert Referral.objects.get().reference in page.content.decode()
    assert "One more thing" in page.content.decode()


def test_a_form_that_was_sent_with_other_answers_answers_409_with_the_reference(
    officer, cast, draft, monkeypatch, referral
):
    def sent_before(**_):
        raise SentDifferently(referral)

    fill(draft, ADULT)
    monkeypatch.setattr("referrals.views.sending.submit", sent_before)
    page = send(officer, draft)
    assert page.status_code == 409
    assert referral.reference in page.content.decode()


def test_discarding_asks_once_and_deletes_for_good(officer, draft):
    assert "cannot be brought back" in officer.get(at(draft, "discard")).content.decode()
    assert Draft.objects.exists()
    assert officer.post(at(draft, "discard"))["Location"] == START
    assert not Draft.objects.exists()


# --- Two devices --------------------------------------------------------------------------------------------------


def test_two_devices_on_one_page_see_both_texts(cast, officer, draft):
    desktop = sign_in_as(Client(), cast.officer, second_factor=False)
    officer.post(url(draft, "account"), {"what_was_seen": "From the phone", "version": "0"})
    page = desktop.post(url(draft, "account"), {"what_was_seen": "From the desk", "version": "0"})
    text = page.content.decode()
    assert page.status_code == 409
    assert "changed on another device" in text
    assert "From the phone" in text
    assert "From the desk" in text
    assert version_on(page) == "1"
    again = desktop.get(url(draft, "account")).content.decode()
    assert "From the phone" in again
    assert "From the desk" in again
    both = {"what_was_seen": "From the phone and the desk", "version": "1"}
    assert desktop.post(url(draft, "account"), both)["Location"] == url(draft, "exploitation")
    assert "other version" not in desktop.get(url(draft, "account")).content.decode()


def test_a_double_click_on_continue_is_no_conflict(officer, draft):
    posted = as_posted("person", ADULT["person"]) | {"version": "0"}
    first, second = (officer.post(url(draft, "person"), posted) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert content(draft).other == {}


# --- Autosave -----------------------------------------------------------------------------------------------------


def save_url(draft, key):
    return reverse("intake_save", args=[draft.pk, BY_KEY[key].slug])


def test_autosave_keeps_what_is_typed_unchecked_and_says_the_new_version(officer, draft):
    response = officer.post(save_url(draft, "age"), {"rough_age": "16", "version": "0"})
    assert (response.status_code, response.json()) == (200, {"version": 1})
    assert content(draft).typed["age"] == {"rough_age": ["16"]}
    assert content(draft).answers == {}


def test_autosave_of_a_page_that_was_changed_elsewhere_is_refused_and_kept_aside(officer, draft):
    officer.post(url(draft, "account"), {"what_was_seen": "saved", "version": "0"})
    assert officer.post(save_url(draft, "account"), {"what_was_seen": "stale", "version": "0"}).status_code == 409
    page = officer.get(url(draft, "account")).content.decode()
    assert "saved" in page
    assert "stale" in page


def test_autosave_of_more_than_a_draft_keeps_is_refused(officer, draft):
    text = "x" * (drafts.LONGEST_PAGE + 1)
    assert officer.post(save_url(draft, "account"), {"what_was_seen": text, "version": "0"}).status_code == 413


def test_autosave_is_only_posted_to(officer, draft):
    assert officer.get(save_url(draft, "account")).status_code == 405


def test_autosave_of_a_draft_that_is_over_is_not_there(officer, draft):
    fill(draft, ADULT)
    send(officer, draft)
    assert officer.post(save_url(draft, "account"), {"what_was_seen": "x"}).status_code == 404


# --- Who and how often --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["colleague", "lead", "coordinator", "nurse", "viewer", "auditor", "sysadmin"])
def test_somebody_elses_draft_is_not_there(cast, draft, who):
    stranger = sign_in_as(Client(), getattr(cast, who))
    for name in ("resume", "check", "declaration", "discard"):
        assert stranger.get(at(draft, name)).status_code == 404
    for method in ("get", "post"):
        assert getattr(stranger, method)(url(draft, "person")).status_code == 404
    assert stranger.post(save_url(draft, "person")).status_code == 404
    assert stranger.post(at(draft, "declaration"), {"agreed": "on"}).status_code == 404
    assert Draft.objects.get() == draft


def test_opening_a_draft_in_another_session_is_recorded_once(cast, officer):
    officer.post(START)
    draft = Draft.objects.get()
    officer.get(url(draft, "danger"))
    assert not AccessRecord.objects.exists(), "it was started here"
    other = sign_in_as(Client(), cast.officer, second_factor=False)
    for key in ("danger", "age", "person"):
        other.get(url(draft, key))
    record = AccessRecord.objects.get()
    assert (record.action, record.object_id, record.object_kind) == ("open_draft", draft.pk, "draft")


def queries(client, method, address, data=None):
    """How many queries a request makes; the savepoint around it is there in a test only."""
    with CaptureQueriesContext(connection) as captured:
        response = getattr(client, method)(address, data or {})
    assert response.status_code in (200, 302), response.status_code
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


@pytest.mark.parametrize("answers", [ADULT, CHILD], ids=["adult", "child"])
def test_a_page_takes_few_queries(officer, draft, answers):
    """The bar is ten. Session, account, membership, draft and partnership are five, a footer with lines six."""
    SupportLine.objects.create(slug="children", name="Children’s line", purpose="children", phone="01632 960043")
    fill(draft, answers | {"danger": {"immediate_danger": "yes"}})
    officer.get(url(draft, "danger"))
    counts = {}
    for step in path(content(draft).answers):
        address = url(draft, step.key)
        counts[step.key, "get"] = queries(officer, "get", address)
        posted = as_posted(step.key, content(draft).answers.get(step.key, {}))
        posted |= {"version": str(content(draft).version(step.key))}
        counts[step.key, "post"] = queries(officer, "post", address, posted)
    counts["check", "get"] = queries(officer, "get", at(draft, "check"))
    more = {("found", "get"): 7, ("check", "get"): 7, ("children_services", "get"): 9}
    assert {key: count for key, count in counts.items() if count > more.get(key, 6)} == {}


def test_the_first_look_in_a_session_adds_the_record_and_nothing_else_but_the_session(cast, draft):
    client = sign_in_as(Client(), cast.officer, second_factor=False)
    client.get(START)
    first = queries(client, "get", url(draft, "danger"))
    second = queries(client, "get", url(draft, "danger"))
    assert first - second == 2, "the record, and the session that remembers it"


# --- Accounts that no longer stand --------------------------------------------------------------------------------


def suspend(cast):
    cast.officer.is_active = False
    cast.officer.save()


def close_organisation(cast):
    cast.council.ends_on = timezone.localdate() - datetime.timedelta(days=1)
    cast.council.save()


def end_membership(cast):
    Membership.objects.filter(user=cast.officer).update(ended_at=timezone.now())


FALLS = pytest.mark.parametrize("fall", [suspend, close_organisation, end_membership], ids=lambda fall: fall.__name__)


@FALLS
def test_what_is_typed_when_the_account_falls_is_saved_before_it_is_said(cast, officer, draft, fall):
    fall(cast)
    page = officer.post(url(draft, "account"), {"what_was_seen": "Typed meanwhile", "version": "0"})
    assert page.status_code == 403
    assert "What you typed is saved" in page.content.decode()
    assert content(draft).typed["account"] == {"what_was_seen": ["Typed meanwhile"]}


@FALLS
def test_autosave_saves_once_more_and_answers_403(cast, officer, draft, fall):
    fall(cast)
    assert officer.post(save_url(draft, "age"), {"rough_age": "16", "version": "0"}).status_code == 403
    assert content(draft).typed["age"] == {"rough_age": ["16"]}


@FALLS
def test_nothing_can_be_read_or_sent_any_more(cast, officer, draft, fall):
    fill(draft, ADULT)
    fall(cast)
    for address in (
        START,
        url(draft, "person"),
        *(at(draft, n) for n in ("resume", "check", "declaration", "discard")),
    ):
        page = officer.get(address)
        assert page.status_code == 403
        assert "Zebulina" not in page.content.decode()
    assert send(officer, draft).status_code == 403
    assert officer.post(at(draft, "discard")).status_code == 403
    assert not Referral.objects.exists()
    assert Draft.objects.exists()


def test_back_in_the_organisation_the_draft_is_as_it_was(cast, officer, draft):
    close_organisation(cast)
    officer.post(url(draft, "account"), {"what_was_seen": "Typed meanwhile", "version": "0"})
    cast.council.ends_on = None
    cast.council.starts_on = LONG_AGO
    cast.council.save()
    assert "Typed meanwhile" in officer.get(url(draft, "account")).content.decode()


def test_a_draft_whose_key_is_missing_says_so_and_is_not_touched(officer, draft):
    fill(draft, ADULT)
    Draft.objects.update(kid="lost")
    before = bytes(Draft.objects.get().sealed)
    for address in (url(draft, "person"), at(draft, "check"), at(draft, "resume")):
        page = officer.get(address)
        assert page.status_code == 503
        assert "cannot be opened" in page.content.decode()
    assert officer.post(url(draft, "person"), {"given_names": "x"}).status_code == 503
    assert bytes(Draft.objects.get().sealed) == before


def test_no_page_of_the_intake_has_the_person_in_its_title_or_address(officer, draft):
    fill(draft, ADULT)
    for step in STEPS:
        page = officer.get(url(draft, step.key), follow=True)
        title = re.search(r"<title>(.*?)</title>", page.content.decode(), re.DOTALL)[1]
        assert "Zebulina" not in title + page.request["PATH_INFO"]
