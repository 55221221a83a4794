"""The answer sheet's pages: who may open them, what they show, what they save, and what they hold back."""

import datetime
import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners.models import AccessRecord
from referrals import workflow
from referrals.forms.nrm import KINDS
from referrals.forms.nrm_words import in_its_sentence
from referrals.handover_states import DeclineReason, RevokeReason
from referrals.models import HandOver, NrmCase
from referrals.nrm_form import Branch, Kind, Unresolved, fields_on
from referrals.nrm_stages import NrmStage, may_follow
from referrals.sheet_case import find_nrm, open_case
from tests.referrals.sheet_cases import address, answer_all, begin_sheet, consents, save
from tests.referrals.test_nrm_form import everything

ADULT, CHILD, NOTIFY = Branch.ADULT_NRM, Branch.CHILD_NRM, Branch.DUTY_TO_NOTIFY
Action = AccessRecord.Action
WITHHELD = "This sheet cannot be copied yet"
CANARIES = ("Zebulina", "Testperson", "Quokkaman", "Wilma", "07700", "Canary", "canal", "20260120", "1998")


@pytest.fixture
def nrm(cast) -> NrmCase:
    return begin_sheet(cast)


@pytest.fixture
def notify(cast) -> NrmCase:
    return begin_sheet(cast, NOTIFY)


@pytest.fixture
def officer(cast, sign_in) -> Client:
    """The named first responder."""
    return sign_in(Client(), cast.police_officer)


def text_of(response) -> str:
    """What stands on the page, tags and repeated spaces taken out."""
    page = re.sub(r"<script.*?</script>|<svg.*?</svg>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def answers_on(response) -> dict[str, str]:
    """The answers that can be copied from the sheet, by key."""
    found = re.findall(r'id="answer-([\w-]+)" dir="auto">(.*?)</div>', response.content.decode(), flags=re.DOTALL)
    return {key: unescape(words) for key, words in found}


def posted(step, answers: dict, nrm: NrmCase) -> dict:
    """The answers to the questions of one page, as a browser sends them."""
    sent: dict = {"version": NrmCase.objects.get(pk=nrm.pk).version, "continue": "continue"}
    for field in (f for f in step.fields if not f.locked and answers.get(f.key)):
        value = answers[field.key]
        if field.key in step.at_least_one:
            sent.setdefault(KINDS, []).append(field.key)
        elif field.kind is Kind.DATE:
            year, month, day = value.split("-")
            sent |= {f"{field.key}_day": day, f"{field.key}_month": month, f"{field.key}_year": year}
        else:
            sent[field.key] = value
    return sent


def sheet_now(nrm: NrmCase, by):
    return open_case(find_nrm(nrm.pk, by=by), by=by)


def given_now(nrm: NrmCase) -> dict:
    return NrmCase.objects.get(pk=nrm.pk).take_out()["given"]


# --- A fully answered case ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("branch", list(Branch))
def test_a_first_responder_who_answers_every_page_leaves_no_required_field_empty(cast, officer, branch):
    """Page by page, as "Save and continue" leads; then every field of the branch's way, enumerated."""
    nrm = begin_sheet(cast, branch)
    answers = everything(branch, who_contact="someone-else", someone_else=["email", "post"])
    by, seen = cast.police_officer, []
    steps = [block.step for block in sheet_now(nrm, by).sheet.blocks]
    page = next(s.path.strip("/") for s in steps if not all(f.locked for f in s.fields))
    while page:
        step = next(b.step for b in sheet_now(nrm, by).sheet.blocks if b.step.path.strip("/") == page)
        answer = officer.post(address(nrm, page), posted(step, answers, nrm))
        assert answer.status_code == 302, (page, text_of(answer))
        assert page not in seen, "it goes in circles"
        seen.append(page)
        page = answer["Location"].removeprefix(address(nrm)).strip("/")
    shown = officer.get(address(nrm))
    sheet = sheet_now(nrm, by).sheet
    required = [i.field for i in sheet.items if i.field.required]
    assert len(required) > 35
    empty = [f.key for f in required if not answers_on(shown).get(f.key, "").strip()]
    assert empty == []
    assert {i.field.key for i in sheet.items if i.missing} == set()
    assert "Every answer is there" in text_of(shown)
    assert "Not answered yet" not in text_of(shown)
    never = {f.key for f in fields_on(branch).values() if f.required} - {f.key for f in required}
    assert all(not fields_on(branch)[key].shown(answers) or key not in answers_on(shown) for key in never)


@pytest.mark.parametrize("branch", list(Branch))
def test_the_sheet_shows_every_answer_in_the_forms_order_with_where_it_comes_from(cast, officer, branch):
    nrm = begin_sheet(cast, branch)
    answer_all(nrm, cast.police_officer)
    shown = officer.get(address(nrm))
    items = [item for item in sheet_now(nrm, cast.police_officer).sheet.items if item.value]
    assert list(answers_on(shown)) == [item.field.key for item in items]
    assert list(answers_on(shown).values()) == [item.copy for item in items]
    page = shown.content.decode()
    assert page.count('class="button-small copy-button"') == len(items)
    assert "From the case" in page
    assert "From the first responder" in page


def test_what_is_missing_and_what_is_too_long_is_marked_and_linked_from_the_top(cast, officer, nrm):
    save(nrm, cast.police_officer, {"family": "x" * 15_012})
    page = officer.get(address(nrm)).content.decode()
    missing = [i.field.key for i in sheet_now(nrm, cast.police_officer).sheet.items if i.missing]
    assert len(missing) > 15
    for key in [*missing, "family"]:
        assert f'href="#item-{key}"' in page
        assert f'id="item-{key}"' in page
    assert "Parents, brothers and sisters: 12 characters too many" in page
    assert f"{len(missing)} answers are missing, 1 answer is too long" in page
    assert page.count("Not answered yet") == len(missing)


def test_the_sheet_names_the_branch_the_form_and_the_clock_of_its_draft(officer, nrm):
    text = text_of(officer.get(address(nrm)))
    assert "NRM referral of an adult" in text
    assert "OFFICIAL-SENSITIVE" in text
    assert "keeps a draft for 28 days" in text
    assert "60 minutes" in text


def test_no_name_stands_in_the_title_or_the_reference(officer, nrm):
    page = officer.get(address(nrm)).content.decode()
    assert re.search(r"<title>\s*Answer sheet " + nrm.referral.reference, page)
    assert answers_on(officer.get(address(nrm)))["reference"] == nrm.referral.reference


def test_the_sheet_takes_few_queries_however_full_it_is(cast, officer, nrm):
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert officer.get(address(nrm)).status_code == 200
        return len(queries)

    count()  # the first request of a session also notes that it is in use
    empty = count()
    answer_all(nrm, cast.police_officer)
    assert count() == empty
    assert empty <= 15


# --- Who may open it ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["", "what-is-their-background", "print", "pdf", "stage"])
def test_only_the_named_first_responder_and_the_coordinators_open_it(cast, sign_in, nrm, page):
    opened = {
        name for name, user in cast.people.items() if sign_in(Client(), user).get(address(nrm, page)).status_code == 200
    }
    assert opened == {"police_officer", "coordinator", "coordinator2"}
    refused = {
        sign_in(Client(), u).get(address(nrm, page)).status_code for n, u in cast.people.items() if n not in opened
    }
    assert refused == {404}


@pytest.mark.parametrize("page", ["what-is-their-background", "stage", "check"])
def test_nobody_else_can_send_anything_to_it(cast, sign_in, nrm, page):
    before = NrmCase.objects.get().version
    for name in ("nurse", "lead", "beacon_worker", "responder", "sysadmin", "auditor"):
        sent = sign_in(Client(), cast.people[name]).post(address(nrm, page), {"version": before, "family": "x"})
        assert sent.status_code == 404
    assert NrmCase.objects.get().version == before


def test_a_colleague_in_the_same_organisation_does_not_open_it(cast, sign_in, nrm):
    sergeant = type(cast.police_officer).objects.create_user(
        "sergeant@constabulary.example.org", full_name="Test Sergeant"
    )
    sergeant.memberships.create(organisation=cast.constabulary, role=cast.police_officer.role)
    assert sign_in(Client(), sergeant).get(address(nrm)).status_code == 404


@pytest.mark.parametrize("end", ["exclude", "revoke", "decline", "consent"])
def test_the_sheet_is_gone_for_the_first_responder_once_the_hand_over_ends(cast, officer, nrm, end):
    assert officer.get(address(nrm)).status_code == 200
    made = HandOver.objects.get()
    if end == "exclude":
        workflow.exclude(referral_id=nrm.pk, organisation=cast.constabulary, reason="A relative", by=cast.coordinator)
    elif end == "revoke":
        workflow.revoke(hand_over_id=made.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)
    elif end == "decline":
        reason = DeclineReason.NO_CAPACITY
        workflow.decline(hand_over_id=made.pk, reason=reason, by=cast.police_officer, version=made.version)
    else:
        workflow.record_consents(referral_id=nrm.pk, given=consents(nrm="withdrawn"), by=cast.nurse)
    for page in ("", "print", "pdf", "stage", "what-is-their-background"):
        assert officer.get(address(nrm, page)).status_code == 404


def test_every_opening_is_an_access_record_and_nobody_sees_without_one(cast, sign_in, officer, nrm):
    for page in ("", "what-is-their-background", "print", "pdf"):
        officer.get(address(nrm, page))
    rows = AccessRecord.objects.filter(user=cast.police_officer, object_id=nrm.pk).order_by("at", "id")
    kinds = [row.action for row in rows if "answer_sheet" in row.action]
    assert kinds.count(Action.OPEN_ANSWER_SHEET) == 4
    assert kinds.count(Action.PRINT_ANSWER_SHEET) == 1
    assert kinds.count(Action.DOWNLOAD_ANSWER_SHEET) == 1
    assert {row.reference for row in rows} == {nrm.referral.reference}
    sign_in(Client(), cast.nurse).get(address(nrm))
    assert not AccessRecord.objects.filter(user=cast.nurse, action__contains="answer_sheet").exists()


def test_a_sheet_whose_key_is_missing_says_so_and_records_no_opening(cast, officer, nrm):
    NrmCase.objects.update(kid="gone")
    answer = officer.get(address(nrm))
    assert (answer.status_code, "cannot be opened" in text_of(answer)) == (503, True)
    assert not AccessRecord.objects.filter(action=Action.OPEN_ANSWER_SHEET).exists()


def test_nothing_of_it_is_stored_on_the_way(officer, nrm):
    for page in ("", "what-is-their-background", "print", "pdf"):
        assert "no-store" in officer.get(address(nrm, page))["Cache-Control"]


# --- Answering a page -------------------------------------------------------------------------------------------------


def send(client: Client, nrm: NrmCase, page: str, **answers):
    version = answers.pop("version", NrmCase.objects.get(pk=nrm.pk).version)
    return client.post(address(nrm, page), {"version": version, **answers})


def test_a_page_is_filled_in_with_what_the_case_says(officer, nrm):
    page = officer.get(address(nrm, "pv-name-referral")).content.decode()
    assert 'value="Zebulina"' in page
    assert 'value="Testperson"' in page
    assert not re.search("Zebulina|Testperson", re.search(r"<title>.*?</title>", page, re.DOTALL).group())


def test_an_answer_is_saved_and_leads_on_to_the_next_page_with_a_gap(officer, nrm):
    words = "Ruritania, Strelsau"
    answer = send(officer, nrm, "what-is-their-background", birthplace=words, family="Two\r\nbrothers")
    assert answer["Location"] == address(nrm, "potential-victim-exploitative-situation-multiple")
    assert given_now(nrm)["birthplace"] == words
    assert given_now(nrm)["family"] == "Two\nbrothers"
    assert answers_on(officer.get(address(nrm)))["birthplace"] == words
    again = send(officer, nrm, "what-is-their-background", birthplace=words, back="back")
    assert again["Location"] == address(nrm)


@pytest.mark.parametrize(
    ("page", "answers", "says"),
    [
        ("pv-dob", {"pv-dob_day": "31", "pv-dob_month": "2", "pv-dob_year": "1998"}, "must be a real date"),
        ("pv-dob", {"pv-dob_day": "1", "pv-dob_month": "1", "pv-dob_year": "2999"}, "today or in the past"),
        ("pv-dob", {"pv-dob_day": "1", "pv-dob_month": "1", "pv-dob_year": "1850"}, "on or after"),
        ("fr-alternative-contact", {"fr-alternative-contact": "nobody"}, "Enter an e-mail address, like"),
        ("fr-details", {"fr-details-phone": "ask", "fr-details-role": "Sergeant"}, "Enter one phone number"),
        (
            "does-pv-have-children",
            {"does-pv-have-children": "yes", "does-pv-have-children-yes-amount": "many"},
            "from 1 to",
        ),
        ("details-last-contact", {"details-last-contact": "see https://example.org"}, "Take out the web address"),
        ("what-is-their-background", {"family": "x" * 15_001, "education": "Kept all the same"}, "15,000"),
        ("pv-gender-referral", {"pv-gender": "unlisted"}, "Choose from the answers"),
    ],
)
def test_a_wrong_answer_is_refused_at_its_field_and_nothing_typed_is_lost(officer, nrm, page, answers, says):
    before = NrmCase.objects.get().version
    answer = send(officer, nrm, page, **answers)
    assert answer.status_code == 200
    text = text_of(answer)
    assert "There is a problem" in text
    assert text.count(says) >= 2, "in the summary and at the field"
    for typed in (v for v in answers.values() if v not in ("yes", "unlisted")):
        assert typed in unescape(answer.content.decode())
    assert NrmCase.objects.get().version == before


def test_an_answer_that_another_answer_hides_is_dropped_with_its_mistakes(officer, nrm):
    sent = {"does-pv-have-children": "no", "does-pv-have-children-yes-amount": "many"}
    assert send(officer, nrm, "does-pv-have-children", **sent).status_code == 302
    assert given_now(nrm) == {"does-pv-have-children": "no"}


def test_an_empty_answer_clears_what_the_case_says_and_typing_it_again_lets_the_case_answer(officer, nrm):
    send(officer, nrm, "pv-name-referral", **{"pv-name-first-name": "Zebulina", "pv-name-last-name": ""})
    assert given_now(nrm)["pv-name-last-name"] == ""
    assert "pv-name-last-name" not in answers_on(officer.get(address(nrm)))
    send(officer, nrm, "pv-name-referral", **{"pv-name-first-name": "Zebulina", "pv-name-last-name": "Testperson"})
    assert "pv-name-last-name" not in given_now(nrm)
    assert answers_on(officer.get(address(nrm)))["pv-name-last-name"] == "Testperson"


def test_saving_a_draft_as_it_is_confirms_it(cast, officer, nrm):
    draft = next(i for i in sheet_now(nrm, cast.police_officer).sheet.items if i.field.key == "professional-insight")
    assert draft.draft
    send(officer, nrm, "professional-insight", **{"professional-insight": draft.value})
    after = next(i for i in sheet_now(nrm, cast.police_officer).sheet.items if i.field.key == "professional-insight")
    assert (after.draft, after.value) == (False, draft.value)


def test_the_kinds_of_exploitation_are_asked_as_one_question_and_can_be_taken_back(officer, nrm):
    send(officer, nrm, "types-of-exploitation", **{KINDS: ["types-of-exploitation-wages-taken"]})
    ticked = {key for key in answers_on(officer.get(address(nrm))) if key.startswith("types-of-exploitation")}
    assert ticked == {"types-of-exploitation-wages-taken"}


def test_what_somebody_else_saved_meanwhile_is_shown_beside_what_was_typed(cast, officer, nrm):
    version = NrmCase.objects.get().version
    save(nrm, cast.coordinator, {"birthplace": "Freedonia"})
    late = send(officer, nrm, "what-is-their-background", version=version, birthplace="Ruritania", family="A brother")
    assert late.status_code == 409
    page = unescape(late.content.decode())
    assert "was not saved" in page
    assert 'value="Ruritania"' in page
    assert "A brother" in page
    assert "Freedonia" in page
    assert given_now(nrm)["birthplace"] == "Freedonia"
    newest = re.search(r'name="version" value="(\d+)"', page).group(1)
    send(officer, nrm, "what-is-their-background", version=newest, birthplace="Ruritania", family="A brother")
    assert given_now(nrm)["birthplace"] == "Ruritania"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40])
def test_a_page_without_a_true_version_saves_nothing(officer, nrm, version):
    assert send(officer, nrm, "what-is-their-background", version=version, birthplace="X").status_code == 409
    assert given_now(nrm) == {}


@pytest.mark.parametrize("page", ["reference", "pv-under-age", "refuse-nrm", "someone-else", "no-such-page"])
def test_a_page_that_follows_the_case_or_is_not_on_the_way_cannot_be_changed(officer, nrm, page):
    assert officer.get(address(nrm, page)).status_code == 404
    assert send(officer, nrm, page, reference="Zebulina").status_code == 404


# --- A duty to notify -----------------------------------------------------------------------------------------------


def canaries_in(response) -> list[str]:
    text = unescape(response.content.decode())
    return [word for word in CANARIES if word in text]


def test_before_it_is_checked_a_duty_to_notify_shows_no_word_that_identifies_and_nothing_to_copy(officer, notify):
    shown = officer.get(address(notify))
    assert canaries_in(shown) == []
    assert WITHHELD in text_of(shown)
    assert answers_on(shown) == {}
    assert "data-copy=" not in shown.content.decode()
    for page in ("print", "pdf"):
        refused = officer.get(address(notify, page))
        assert (refused.status_code, refused["Content-Type"].split(";")[0]) == (409, "text/html")
        assert "Check the texts" in text_of(refused)
        assert canaries_in(refused) == []
    assert not AccessRecord.objects.filter(
        action__in=[Action.PRINT_ANSWER_SHEET, Action.DOWNLOAD_ANSWER_SHEET]
    ).exists()


def test_a_text_that_names_the_person_is_withheld_and_shown_in_its_sentence_to_be_judged(cast, officer, notify):
    answer_all(notify, cast.police_officer)
    assert WITHHELD not in text_of(officer.get(address(notify)))
    family = "A mother. Zebulina has a brother in Northtown! More follows."
    save(notify, cast.police_officer, {"family": family})
    shown = officer.get(address(notify))
    assert WITHHELD in text_of(shown)
    assert "It holds words that may identify the person" in text_of(shown)
    assert "Zebulina" not in shown.content.decode()
    assert answers_on(shown) == {}
    check = officer.get(address(notify, "check")).content.decode()
    assert '<mark class="hit__words">Zebulina</mark> has a brother in Northtown!' in check
    assert 'Zebulina has a brother in <mark class="hit__words">Northtown</mark>!' in check
    assert "2 places to judge" in check
    assert officer.get(address(notify, "print")).status_code == 409


def marks(nrm, by) -> list[str]:
    return [hit.mark for hit in sheet_now(nrm, by).hits]


def test_what_is_judged_harmless_opens_the_sheet_and_an_edited_text_asks_again(cast, officer, notify):
    by = cast.police_officer
    answer_all(notify, by)
    save(notify, by, {"family": "Zebulina has a brother in Northtown"})
    first, second = marks(notify, by)
    half = send(officer, notify, "check", mark=[first])
    assert half["Location"] == address(notify, "check"), "one is still to be judged"
    assert officer.get(address(notify, "pdf")).status_code == 409
    done = send(officer, notify, "check", mark=[first, second])
    assert done["Location"] == address(notify)
    assert officer.get(address(notify, "pdf")).status_code == 200
    assert answers_on(officer.get(address(notify)))["family"].endswith("Northtown")
    save(notify, by, {"family": "Zebulina has two brothers in Northtown"})
    assert WITHHELD in text_of(officer.get(address(notify)))
    save(notify, by, {"family": "Zebulina has a brother in Northtown"})
    assert send(officer, notify, "check").status_code == 302
    assert WITHHELD in text_of(officer.get(address(notify))), "a tick can be taken back"


def test_a_forged_mark_resolves_nothing_and_is_not_kept(cast, officer, notify):
    by = cast.police_officer
    answer_all(notify, by)
    save(notify, by, {"family": "Zebulina"})
    send(officer, notify, "check", mark=["0" * 64, "*"])
    assert NrmCase.objects.get().take_out()["resolved"] == []
    assert officer.get(address(notify, "print")).status_code == 409


def test_a_judgement_about_an_older_sheet_is_asked_again(cast, officer, notify):
    by = cast.police_officer
    answer_all(notify, by)
    version = save(notify, by, {"family": "Zebulina"}).version
    ticked = marks(notify, by)
    save(notify, cast.coordinator, {"family": "Zebulina Testperson"})
    late = send(officer, notify, "check", version=version, mark=ticked)
    assert (late.status_code, "Look at it again" in text_of(late)) == (409, True)
    assert NrmCase.objects.get().take_out()["resolved"] == []


def test_a_checked_duty_to_notify_names_nobody_anywhere(cast, officer, notify):
    answer_all(notify, cast.police_officer)
    for page in ("", "print", "check"):
        shown = officer.get(address(notify, page))
        assert (shown.status_code, canaries_in(shown)) == (200, [])
    assert "/pv-name-dtn" not in [b.step.path for b in sheet_now(notify, cast.police_officer).sheet.blocks]


def test_a_name_asked_for_without_consent_stands_in_the_way_of_all_of_it(cast, officer, notify):
    answer_all(notify, cast.police_officer)
    save(notify, cast.police_officer, {"authorities-cooperation": "yes"})
    shown = officer.get(address(notify))
    assert "the form asks for their name" in text_of(shown)
    assert answers_on(shown) == {}
    assert officer.get(address(notify, "print")).status_code == 409


def test_an_nrm_referral_has_no_check_of_this_kind(officer, nrm):
    assert officer.get(address(nrm, "check")).status_code == 404


def test_a_very_long_sentence_is_shortened_around_the_words(cast, notify):
    save(notify, cast.police_officer, {"family": "word " * 200 + "Zebulina" + " more" * 200})
    (hit,) = [h for h in sheet_now(notify, cast.police_officer).hits if h.item.field.key == "family"]
    assert isinstance(hit, Unresolved)
    found = in_its_sentence(hit, judged=False)
    assert found.words == "Zebulina"
    assert found.before.startswith("… word")
    assert found.after.endswith("more …")
    assert len(found.before) + len(found.after) < 500


# --- Stages ---------------------------------------------------------------------------------------------------------


def stage(client: Client, nrm: NrmCase, to: str, on: datetime.date, **more):
    day = {"on_day": on.day, "on_month": on.month, "on_year": on.year}
    return send(client, nrm, "stage", stage=to, **day, **more)


def today() -> datetime.date:
    return timezone.localdate()


def test_a_draft_at_the_home_office_starts_its_clock_on_the_sheet(officer, nrm):
    assert stage(officer, nrm, NrmStage.HOME_OFFICE_DRAFT, today())["Location"] == address(nrm)
    text = text_of(officer.get(address(nrm)))
    assert "Draft on the Home Office form" in text
    ends = today() + datetime.timedelta(days=28)
    assert f"The Home Office deletes the draft {ends:%A} {ends.day} {ends:%B %Y} Last day" in text
    assert "Dates so far" in text


def test_the_reference_of_the_home_office_is_kept_sealed_and_shown_on_the_sheet(officer, nrm):
    stage(officer, nrm, NrmStage.SUBMITTED, today(), home_office_reference="NRM-2026/0042")
    assert NrmCase.objects.get().take_out()["home_office_reference"] == "NRM-2026/0042"
    text = text_of(officer.get(address(nrm)))
    assert "Home Office reference: NRM-2026/0042" in text
    assert "Target: the Home Office aims at this day" in text


@pytest.mark.parametrize("branch", list(Branch))
def test_only_stages_that_may_follow_are_offered(cast, officer, branch):
    nrm = begin_sheet(cast, branch)
    page = officer.get(address(nrm, "stage")).content.decode()
    offered = re.findall(r'name="stage"[^>]*value="(\w+)"|value="(\w+)"[^>]*name="stage"', page)
    expected = [s.value for s in may_follow(NrmStage.PREPARING, duty_to_notify=branch is NOTIFY)]
    assert [a or b for a, b in offered] == expected


TOMORROW, LONG_AGO = datetime.timedelta(days=1), datetime.timedelta(days=30)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"on_year": str(timezone.localdate().year + 1)}, "must be today or in the past"),
        ({"on_day": "31", "on_month": "2"}, "must be a real date"),
        ({"on_day": "", "on_month": "", "on_year": ""}, "Enter the day"),
        ({"stage": ""}, "Choose what happened"),
        ({"stage": "cg_positive"}, "Choose from the answers"),
        ({"home_office_reference": "Zebulina Testperson"}, "never a name"),
    ],
)
def test_a_stage_that_cannot_be_is_refused_and_nothing_typed_is_lost(officer, nrm, changes, says):
    typed = {"stage": "submitted", "on_day": "3", "on_month": "4", "on_year": "2026", "home_office_reference": "REF-7"}
    answer = send(officer, nrm, "stage", **(typed | changes))
    assert answer.status_code == 200
    assert text_of(answer).count(says) >= 2
    page = answer.content.decode()
    for value in (typed | changes).values():
        assert not value or value in page or value == "cg_positive"
    assert NrmCase.objects.get().stage == NrmStage.PREPARING


def test_a_decision_before_the_sending_is_refused_with_the_date_it_must_follow(officer, nrm):
    stage(officer, nrm, NrmStage.SUBMITTED, today())
    early = stage(officer, nrm, NrmStage.RG_POSITIVE, today() - LONG_AGO)
    assert "The date must not be before" in text_of(early)
    assert NrmCase.objects.get().stage == NrmStage.SUBMITTED


def test_a_stage_recorded_on_an_old_page_is_shown_again_with_what_stands_now(officer, nrm):
    version = NrmCase.objects.get().version
    stage(officer, nrm, NrmStage.HOME_OFFICE_DRAFT, today())
    late = stage(officer, nrm, NrmStage.SUBMITTED, today(), version=version)
    assert late.status_code == 409
    assert "nothing was recorded" in text_of(late)
    assert "Now: Draft on the Home Office form" in text_of(late)
    assert "You chose: The NRM referral was sent" in text_of(late)


def test_when_nothing_may_follow_there_is_nothing_to_record(cast, officer, notify):
    stage(officer, notify, NrmStage.NOTIFIED, today())
    assert "Record what happened" not in text_of(officer.get(address(notify)))
    assert officer.get(address(notify, "stage"))["Location"] == address(notify)
