"""Bad input: every field of every page with what should not come. A clear error, never a 500, nothing typed lost."""

import datetime
import re
import uuid
from urllib.parse import quote_from_bytes, urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partners.formfields import PlainTextField, SplitDateField
from partners.models import Area
from referrals import drafts
from referrals.forms.happened import FoundForm
from referrals.forms.steps import BY_KEY, STEPS
from referrals.models import Draft, Note, Referral
from referrals.workflow import request_information
from tests.conftest import make_draft, make_organisation, sign_in_as
from tests.referrals.filled import ADULT, CHILD, as_posted, fill

MEGABYTE = 1_000_000
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def officer(cast, client):
    return sign_in_as(client, cast.officer, second_factor=False)


@pytest.fixture
def draft(cast):
    return make_draft(cast.officer)


def fields(kind, *, but=()):
    """(step, field) for every field of `kind` on every page."""
    return [
        pytest.param(step.key, name, id=f"{step.key}-{name}")
        for step in STEPS
        for name, field in step.form.base_fields.items()
        if isinstance(field, kind) and not isinstance(field, but or ())
    ]


TEXTS = fields(PlainTextField)
DATES = fields(SplitDateField)
CHOICES = [
    pytest.param(step.key, name, id=f"{step.key}-{name}")
    for step in STEPS
    for name, field in step.form.base_fields.items()
    if hasattr(field, "choices")
]


def on_the_way(draft, key):
    """Fill the draft so that the page `key` is on its path."""
    fill(draft, CHILD if key in ("children_services", "childs_wishes", "signs_child") else ADULT)
    if key == "ring_999":
        fill(draft, {"danger": {"immediate_danger": "yes"}})
    if key.startswith("signs_"):
        themes = {"signs": {"themes": [key.removeprefix("signs_")]}}
        fill(draft, themes | {"age": {"age_group": "unsure"}})


def shown(key, name):
    """What must be chosen so that the field counts."""
    question, answer = BY_KEY[key].form.reveals.get(name, ("", ""))
    return {question: answer} if question else {}


def required(key):
    """Valid answers for what the page asks for at least."""
    return {"danger": {"immediate_danger": "no"}, "age": {"age_group": "adult"}}.get(key, {})


def url(draft, key):
    return reverse("intake_step", args=[draft.pk, BY_KEY[key].slug])


def post(client, draft, key, name, value):
    """Post a page with one value that somebody should not have typed."""
    version = drafts.read(Draft.objects.get(pk=draft.pk)).version(key)
    data = {**required(key), **shown(key, name), name: value, "version": str(version)}
    return client.post(url(draft, key), data)


def stored(draft):
    return drafts.read(Draft.objects.get(pk=draft.pk))


def is_clear_error(page, name):
    """A page of ours with the summary on top, a link to the field, and the word in the title."""
    text = page.content.decode()
    assert page.status_code == 200
    assert "There is a problem" in text
    assert "<title>Error: " in text
    assert f'href="#id_{name}' in text
    assert f'id="id_{name}_error"' in text
    return text


# --- Text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "name"), TEXTS)
def test_a_megabyte_of_text_is_refused_and_shown_again(officer, draft, key, name):
    on_the_way(draft, key)
    typed = "a" * (MEGABYTE - 4) + " end"
    text = is_clear_error(post(officer, draft, key, name, typed), name)
    assert re.search(r"must be [\d,]+ characters or fewer. You have [\d,]+ too many", text)
    assert "too much text on this page to keep it" in text, "it is more than a draft keeps: the page says so"
    assert typed in text


@pytest.mark.parametrize(("key", "name"), TEXTS)
def test_text_just_too_long_is_refused_and_kept_in_the_draft(officer, draft, key, name):
    on_the_way(draft, key)
    typed = "b" * (BY_KEY[key].form.base_fields[name].max_length + 1)
    is_clear_error(post(officer, draft, key, name, typed), name)
    assert stored(draft).typed[key][name] == [typed]


@pytest.mark.parametrize(("key", "name"), TEXTS)
def test_a_control_character_is_refused_and_said_where(officer, draft, key, name):
    on_the_way(draft, key)
    for sign in ("\x00", "\x01", "\x1b", "\x7f", "\x9b"):
        text = is_clear_error(post(officer, draft, key, name, f"ab{sign}cd"), name)
        assert "invisible control character (character 3)" in text
        assert stored(draft).typed[key][name] == [f"ab{sign}cd"]


@pytest.mark.parametrize(("key", "name"), TEXTS)
def test_bytes_that_are_no_utf_8_are_refused_and_said_where(officer, draft, key, name):
    on_the_way(draft, key)
    good = urlencode(required(key) | shown(key, name) | {"version": stored(draft).version(key)})
    body = f"{good}&{name}=ab{quote_from_bytes(bytes([0xFF, 0xFE]))}cd"
    text = is_clear_error(officer.post(url(draft, key), body, content_type=FORM), name)
    assert "did not arrive properly" in text


def test_raw_bytes_that_are_no_utf_8_are_read_as_old_systems_mean_them(officer, draft):
    """Django reads a body that is not UTF-8 as Latin-1, which is what a form without an encoding is."""
    response = officer.post(url(draft, "person"), b"given_names=Zo\xeb&version=0", content_type=FORM)
    assert response.status_code == 302
    assert stored(draft).answers["person"] == {"given_names": "Zoë"}


AS_TYPED = [
    "زبولينا",
    "‏right to left‏ and ‎back",
    "Zebuli\u0301na n\u0303",
    "\u0065\u0301 is not \u00e9",
    "👩🏽‍⚕️ 👨‍👩‍👧",
    "ไม่รู้",
    "Dvořák-Ó’Shea, Đặng",
    "<script>alert(1)</script> & \"quotes\" 'too'",
    "{{ partnership.name }} {% now 'Y' %} %s %(x)s {0}",
    "'; DROP TABLE referrals_draft; --",
    "=1+1 @SUM -2",
]


@pytest.mark.parametrize("typed", AS_TYPED)
def test_words_of_every_script_are_kept_as_typed(officer, draft, typed):
    fill(draft, ADULT)
    response = officer.post(url(draft, "account"), {"what_was_said": typed, "version": "1"})
    assert response.status_code == 302
    assert stored(draft).answers["account"] == {"what_was_said": typed}
    check = officer.get(reverse("intake_check", args=[draft.pk])).content.decode()
    assert escape(typed) in check
    officer.post(reverse("intake_declaration", args=[draft.pk]), {"agreed": "on"})
    assert Referral.objects.get().secret.take_out()["account"] == {"what_was_said": typed}


def test_line_ends_of_every_kind_become_one_kind(officer, draft):
    officer.post(url(draft, "account"), {"what_was_said": "a\r\nb\rc\u2028d", "version": "0"})
    assert stored(draft).answers["account"] == {"what_was_said": "a\nb\nc\nd"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_whatever_text_is_typed_is_stored_as_typed_or_kept_and_shown(officer, draft, typed):
    version = str(stored(draft).version("account"))
    response = officer.post(url(draft, "account"), {"what_was_seen": typed, "version": version})
    now = stored(draft)
    if response.status_code == 302:
        kept = now.answers["account"].get("what_was_seen", "")
        assert kept == BY_KEY["account"].form.base_fields["what_was_seen"].clean(typed)
    else:
        assert response.status_code == 200
        assert now.typed["account"]["what_was_seen"] == [typed]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_whatever_bytes_arrive_there_is_a_page(officer, draft, body):
    response = officer.post(url(draft, "account"), b"what_was_seen=" + body, content_type=FORM)
    assert response.status_code in (200, 302, 400, 409)


def test_an_address_that_is_no_e_mail_address_is_refused(officer, draft):
    for typed in ("nobody", "a@b", "a b@example.org", "a@example.org\nBcc: b@example.org", "@"):
        data = {"channels": "email", "email_address": typed, "version": str(stored(draft).version("contact"))}
        text = is_clear_error(officer.post(url(draft, "contact"), data), "email_address")
        assert "must be an e-mail address, like name@example.org" in text


# --- Dates --------------------------------------------------------------------------------------------------------

FAR = timezone.localdate() + datetime.timedelta(days=2)
NO_DATES = [
    (("31", "2", "2020"), "must be a real date"),
    (("29", "2", "2023"), "must be a real date"),
    (("0", "1", "2020"), "must be a real date"),
    (("1", "13", "2020"), "must be a real date"),
    (("x", "1", "2020"), "must be a real date"),
    (("١", "١", "٢٠٢٠"), "must be a real date"),
    (("1", "1", "20"), "must have a year of 4 numbers"),
    (("1", "1", ""), "must include a year"),
    (("", "1", ""), "must include a day and year"),
    ((str(FAR.day), str(FAR.month), str(FAR.year)), "must be today or in the past"),
    (("1", "1", "1899"), "must be on or after 1 January 1900"),
    (("1" * MEGABYTE, "1", "2020"), "must be a real date"),
    (("1\x00", "1", "2020"), "must be a real date"),
]


@pytest.mark.parametrize(("key", "name"), DATES)
def test_a_date_that_is_none_or_lies_ahead_is_refused_and_shown_again(officer, draft, key, name):
    on_the_way(draft, key)
    for typed, words in NO_DATES:
        data = dict(zip([f"{name}_day", f"{name}_month", f"{name}_year"], typed, strict=True))
        data |= {**required(key), **shown(key, name), "version": str(stored(draft).version(key))}
        text = is_clear_error(officer.post(url(draft, key), data), name)
        assert words in text
        assert f'value="{escape(typed[0])}"' in text or not typed[0]
        if len(typed[0]) < MEGABYTE:
            assert stored(draft).typed[key][f"{name}_year"] == [typed[2]]


def test_a_birth_date_that_makes_a_child_of_an_adult_is_refused(officer, draft):
    fill(draft, {"age": {"age_group": "adult"}})
    born = timezone.localdate() - datetime.timedelta(days=15 * 365)
    data = as_posted("person", {"date_of_birth": born.isoformat()}) | {"version": "0"}
    text = is_clear_error(officer.post(url(draft, "person"), data), "date_of_birth")
    assert "makes them under 18, but you said they are 18 or over" in text


def test_an_eighteenth_birthday_before_the_referral_is_refused_for_a_child(officer, draft):
    fill(draft, {"danger": {"immediate_danger": "no"}, "age": {"age_group": "child"}})
    today = timezone.localdate()
    eighteen = today.replace(year=today.year - 18) if (today.month, today.day) != (2, 29) else today
    data = as_posted("person", {"given_names": "Zebulina", "date_of_birth": eighteen.isoformat()}) | {"version": "0"}
    text = is_clear_error(officer.post(url(draft, "person"), data), "date_of_birth")
    assert "makes them 18 or over, but you said they are under 18" in text
    assert "Zebulina" in text
    assert f'value="{eighteen.year}"' in text
    younger = as_posted("person", {"date_of_birth": (eighteen + datetime.timedelta(days=1)).isoformat()})
    assert officer.post(url(draft, "person"), younger | {"version": "1"}).status_code == 302


def test_an_age_changed_after_the_date_of_birth_is_found_before_it_is_sent(officer, draft):
    fill(draft, ADULT | {"age": {"age_group": "child"}})
    page = officer.get(reverse("intake_check", args=[draft.pk])).content.decode()
    assert "makes them 18 or over, but you said they are under 18" in page
    officer.post(reverse("intake_declaration", args=[draft.pk]), {"agreed": "on"})
    assert not Referral.objects.exists()


@pytest.mark.parametrize("typed", ["0", "201", "-1", "1.5", "two", "٣", "1e2", "999999"])
def test_a_number_of_people_that_cannot_be_is_refused_and_shown_again(officer, draft, typed):
    text = is_clear_error(officer.post(url(draft, "found"), {"people_met": typed, "version": "0"}), "people_met")
    assert "Number of people must be a number from 1 to 200" in text
    assert f'value="{escape(typed)}"' in text


@pytest.mark.parametrize(("typed", "kept"), [("1", "1"), (" 200 ", "200"), ("007", "7")])
def test_a_number_of_people_is_kept_as_its_digits(officer, draft, typed, kept):
    officer.post(url(draft, "found"), {"people_met": typed, "version": "0"})
    assert stored(draft).answers["found"] == {"people_met": kept}


def test_an_organisation_that_must_not_hear_of_it_is_named_and_the_reason_is_not_lost(officer, draft):
    data = {"keep_from": "yes", "why": "A cousin works there", "version": "0"}
    text = is_clear_error(officer.post(url(draft, "do_not_share"), data), "organisations")
    assert "Choose the organisation that must not hear of this" in text
    assert "A cousin works there" in text


@pytest.mark.parametrize("slug", ["partnership-team", "gone-by"])
def test_who_coordinates_or_has_closed_cannot_be_left_out(officer, cast, draft, slug):
    make_organisation("gone-by", ends_on=timezone.localdate() - datetime.timedelta(days=1))
    assert f'value="{slug}"' not in officer.get(url(draft, "do_not_share")).content.decode()
    data = {"keep_from": "yes", "organisations": [slug], "version": "0"}
    text = is_clear_error(officer.post(url(draft, "do_not_share"), data), "organisations")
    assert "Choose from the answers on this page" in text


def test_what_was_chosen_before_the_answer_became_no_is_dropped(officer, draft):
    data = {"keep_from": "no", "organisations": ["forged"], "why": "\x00", "version": "0"}
    assert officer.post(url(draft, "do_not_share"), data).status_code == 302
    assert stored(draft).answers["do_not_share"] == {"keep_from": "no"}


# --- Choices ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "name"), CHOICES)
def test_a_forged_choice_is_refused_without_repeating_it(officer, draft, key, name):
    on_the_way(draft, key)
    before = stored(draft).answers.get(key)
    for forged in ("forged", "\x00", "yes\n", "<b>", "x" * MEGABYTE):
        text = is_clear_error(post(officer, draft, key, name, forged), name)
        assert "Choose from the answers on this page" in text
        assert "<b>" not in text
    assert stored(draft).answers.get(key) == before


def test_a_district_that_has_ended_can_no_longer_be_chosen_but_old_drafts_keep_it(officer, cast, draft):
    fill(draft, ADULT)
    form = FoundForm(answers={})
    assert "northtown" in dict(form.fields["district"].choices)
    Area.objects.filter(code="northtown").update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    is_clear_error(post(officer, draft, "found", "district", "northtown"), "district")
    assert "Northtown" in officer.get(reverse("intake_check", args=[draft.pk])).content.decode()


def test_none_of_these_sent_with_others_is_dropped(officer, draft):
    officer.post(url(draft, "signs"), {"themes": ["work", "none"], "version": "0"})
    assert stored(draft).answers["signs"] == {"themes": ["work"]}


def test_answers_in_fields_that_are_hidden_are_dropped_mistakes_included(officer, draft):
    data = {"channels": "phone", "phone_number": "1", "email_address": "wrong", "post_address": "x\x00", "version": "0"}
    assert officer.post(url(draft, "contact"), data).status_code == 302
    assert stored(draft).answers["contact"] == {"channels": ["phone"], "phone_number": "1"}


# --- Parameters ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS, ids=[step.key for step in STEPS])
def test_missing_parameters_are_unanswered_questions(officer, draft, step):
    on_the_way(draft, step.key)
    response = officer.post(url(draft, step.key), {})
    assert response.status_code in (200, 302, 409)
    assert response.status_code != 302 or step.key not in ("danger", "age")


@pytest.mark.parametrize("step", STEPS, ids=[step.key for step in STEPS])
def test_doubled_and_unknown_parameters_change_nothing_else(officer, draft, step):
    on_the_way(draft, step.key)
    posted = as_posted(step.key, (CHILD | ADULT).get(step.key, {}))
    doubled = {name: [*([value] if isinstance(value, str) else value)] * 2 for name, value in posted.items()}
    data = doubled | {
        "version": [str(stored(draft).version(step.key))] * 2,
        "owner": "1",
        "status": "closed",
        "by": "2",
    }
    response = officer.post(url(draft, step.key), data)
    assert response.status_code == (302 if posted or step.key not in ("danger", "age") else 200)
    if response.status_code == 302:
        assert stored(draft).answers[step.key] == (CHILD | ADULT).get(step.key, {}) or step.key.startswith("signs")
    assert "owner" not in str(stored(draft))


def test_of_a_doubled_answer_the_last_counts_as_in_every_form(officer, draft):
    officer.post(url(draft, "danger"), "immediate_danger=no&immediate_danger=yes&version=0", content_type=FORM)
    assert stored(draft).answers["danger"] == {"immediate_danger": "yes"}


@pytest.mark.parametrize("version", ["", "x", "-1", "1e9", "9" * 40, "١", "\x00", " 0 ", "0.0"])
def test_a_version_that_is_no_number_never_breaks_a_page(officer, draft, version):
    assert officer.post(url(draft, "person"), {"given_names": "Zeb", "version": version}).status_code == 302
    response = officer.post(url(draft, "person"), {"given_names": "Zebulina", "version": version})
    assert response.status_code == 409
    assert "Zebulina" in response.content.decode()


def test_too_many_fields_are_refused_as_a_whole(officer, draft):
    data = {f"field{number}": "x" for number in range(500)}
    assert officer.post(url(draft, "person"), data).status_code in (400, 413)
    assert stored(draft).versions == {}


def test_a_body_that_is_larger_than_anything_is_refused_as_a_whole(officer, draft):
    response = officer.post(url(draft, "account"), {"what_was_seen": "x" * 7 * MEGABYTE})
    assert response.status_code in (400, 413)
    assert "too" in response.content.decode().lower()
    assert stored(draft).versions == {}


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", "x/y"])
def test_a_body_of_another_kind_is_an_empty_page(officer, draft, content_type):
    response = officer.post(url(draft, "danger"), b'{"immediate_danger": "no"}', content_type=content_type)
    assert response.status_code in (200, 400)
    assert "immediate_danger" not in stored(draft).answers.get("danger", {})


def test_an_uploaded_file_is_not_a_text(officer, draft, tmp_path):
    path = tmp_path / "x.txt"
    path.write_text("Zebulina")
    with path.open("rb") as file:
        response = officer.post(url(draft, "account"), {"what_was_seen": file, "version": "0"})
    assert response.status_code == 302
    assert stored(draft).answers["account"] == {}


# --- Addresses ----------------------------------------------------------------------------------------------------

NAMES = ["intake_resume", "intake_check", "intake_declaration", "intake_discard"]


@pytest.mark.parametrize("bad", ["1", "x", "../..", "00000000", "%00", "0" * 4000, "a" * 36])
def test_an_id_that_is_no_id_is_not_there(officer, bad):
    for address in (f"/refer/{bad}/", f"/refer/{bad}/person/", f"/referrals/{bad}/", f"/referrals/{bad}/answer/"):
        assert officer.get(address, follow=True).status_code == 404
        assert officer.post(address).status_code == 404


def test_an_id_that_nobody_has_is_not_there(officer):
    for name in NAMES:
        assert officer.get(reverse(name, args=[uuid.uuid4()])).status_code == 404
    for name in ("referral_status", "referral_receipt", "referral_answer"):
        assert officer.get(reverse(name, args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize("step", ["nothing", "where_now", "PERSON", "signs-none", "x" * 500])
def test_a_page_that_does_not_exist_is_not_there(officer, draft, step):
    for address in (f"/refer/{draft.pk}/{step}/", f"/refer/{draft.pk}/{step}/save/"):
        assert officer.post(address).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_refused(officer, draft, method):
    for name in NAMES:
        assert getattr(officer, method)(reverse(name, args=[draft.pk])).status_code == 405
    assert getattr(officer, method)(url(draft, "person")).status_code == 405
    assert Draft.objects.exists()


# --- Drafts that are over -----------------------------------------------------------------------------------------


def expire(draft):
    Draft.objects.filter(pk=draft.pk).update(expires_at=timezone.now() - datetime.timedelta(seconds=1))


def test_an_expired_draft_says_so_and_its_content_is_wiped(officer, draft):
    fill(draft, ADULT)
    expire(draft)
    for address in (url(draft, "person"), *(reverse(name, args=[draft.pk]) for name in NAMES)):
        page = officer.get(address)
        assert page.status_code == 410
        assert "no longer kept" in page.content.decode()
        assert "Zebulina" not in page.content.decode()
    assert stored(draft) == drafts.Content()


def test_what_is_typed_into_an_expired_draft_is_shown_to_be_copied(officer, draft):
    expire(draft)
    page = officer.post(url(draft, "account"), {"what_was_seen": "Typed too late\x00", "version": "0"})
    assert page.status_code == 410
    assert "Typed too late" in page.content.decode()
    assert "It was not saved. Copy it" in page.content.decode()


def test_an_expired_draft_cannot_be_sent(officer, draft):
    fill(draft, ADULT)
    expire(draft)
    assert officer.post(reverse("intake_declaration", args=[draft.pk]), {"agreed": "on"}).status_code == 410
    assert not Referral.objects.exists()


# --- The answer to a question -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("z" * MEGABYTE, "must be 15,000 characters or fewer"),
        ("a\x00b", "invisible control character (character 2)"),
        ("a\ufffdb", "did not arrive properly"),
        ("", "Write your answer"),
    ],
    ids=["1MB", "NUL", "broken", "empty"],
)
def test_a_bad_answer_is_a_clear_error_and_shown_again(officer, cast, referral, typed, words):
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=1)
    text = is_clear_error(officer.post(reverse("referral_answer", args=[referral.pk]), {"answer": typed}), "answer")
    assert words in text
    assert typed.replace("\x00", "") in text.replace("\x00", "")
    assert not Note.objects.filter(kind="answer").exists()


@pytest.mark.parametrize("typed", AS_TYPED)
def test_an_answer_is_kept_as_typed(officer, cast, referral, typed):
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=1)
    officer.post(reverse("referral_answer", args=[referral.pk]), {"answer": typed})
    assert Note.objects.get(kind="answer").take_out()["text"] == typed


# --- Strangers ----------------------------------------------------------------------------------------------------


def test_a_stranger_is_asked_to_sign_in_and_gets_back_what_was_typed(draft):
    stranger = Client()
    assert stranger.get(url(draft, "person")).status_code == 302
    page = stranger.post(url(draft, "person"), {"given_names": "Zebulina"})
    assert page.status_code in (302, 403)
    assert stored(draft).typed == {}


def test_a_forged_request_without_a_token_changes_nothing(cast, draft):
    client = sign_in_as(Client(enforce_csrf_checks=True), cast.officer, second_factor=False)
    assert client.post(url(draft, "person"), {"given_names": "Zebulina"}).status_code == 403
    assert client.post(reverse("intake_discard", args=[draft.pk])).status_code == 403
    assert stored(draft) == drafts.Content()
