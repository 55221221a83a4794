"""A sheet of paper as a coordinator types it in: whose it is, the ordinary pages, and a history that is true."""

import datetime
import re
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.hours import LONDON
from partners.models import AccessRecord, Kind, Membership, Message, Organisation, Partnership
from partners.roles import Role
from referrals import drafts
from referrals.admin.sealed import labelled
from referrals.admin.timeline import timeline as coordinators_timeline
from referrals.forms.answers import to_submission
from referrals.forms.steps import STEPS, path
from referrals.models import Draft, Exclusion, Referral, ReferralEvent
from referrals.statuses import Move, Priority
from referrals.submission import FromPaper
from referrals.views.progress import timeline as referrers_timeline
from referrals.workflow import NotAllowed, Refused, submit
from tests.conftest import a_submission, make_draft, make_organisation, make_person, sign_in_as
from tests.referrals.filled import ADULT, as_posted, fill

START = reverse("paper_start")
TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)
ANSWERS = ADULT | {"do_not_share": {"keep_from": "no"}}


@pytest.fixture
def desk(cast, client):
    """A browser in which a coordinator has signed in with both factors."""
    return sign_in_as(client, cast.coordinator)


def said(cast, **changes) -> dict:
    """What a coordinator types about a sheet that the nurse filled in last night and brought this morning."""
    filled, received = changes.pop("filled", TODAY() - DAY), changes.pop("received", TODAY())
    days = {"filled_on": filled, "received_on": received}
    parts = {f"{name}_{part}": getattr(day, part) for name, day in days.items() for part in ("day", "month", "year")}
    who = {"organisation": cast.hospital.pk, "met_by": "Nora Nightnurse", "email": ""}
    return {"key": str(uuid4()), "received_at": "", **who, **parts, **changes}


def start(desk, cast, **changes) -> Draft:
    response = desk.post(START, said(cast, **changes))
    assert response.status_code == 302, re.findall(r"govuk-error-message.*", response.content.decode())
    return Draft.objects.get(pk=response["Location"].split("/")[2])


def typed_in(desk, cast, answers=ANSWERS, **changes) -> Referral:
    """The referral of a sheet that was typed in and entered."""
    draft = start(desk, cast, **changes)
    fill(draft, answers)
    response = desk.post(reverse("intake_declaration", args=[draft.pk]), {"agreed": "on"})
    assert response["Location"] == reverse("paper_receipt", args=[draft.pk])
    return Referral.objects.get(pk=Draft.objects.get(pk=draft.pk).referral_id)


# --- The whole way --------------------------------------------------------------------------------------------------


def test_a_sheet_is_typed_in_page_after_page_and_each_says_whose_it_is(desk, cast):
    draft = start(desk, cast)
    for step in path(ANSWERS):
        address = reverse("intake_step", args=[draft.pk, step.slug])
        page = desk.get(address).content.decode()
        assert "From paper, for <bdi>Hospital</bdi>" in page
        assert "Nora Nightnurse" in page
        version = re.search(r'name="version" value="(\d+)"', page)[1]
        assert (
            desk.post(address, as_posted(step.key, ANSWERS.get(step.key, {})) | {"version": version}).status_code == 302
        )
    assert "From paper" in desk.get(reverse("intake_check", args=[draft.pk])).content.decode()
    declaration = reverse("intake_declaration", args=[draft.pk])
    assert "I have typed in what the sheet says" in desk.get(declaration).content.decode()
    assert "There is a problem" in desk.post(declaration, {}).content.decode()
    receipt = desk.get(desk.post(declaration, {"agreed": "on"})["Location"]).content.decode()
    referral = Referral.objects.get()
    assert referral.reference in receipt
    assert "shared mailbox of Hospital" in receipt
    assert "shred" in receipt


def test_the_referral_is_the_organisations_and_the_act_the_coordinators(desk, cast):
    referral = typed_in(desk, cast)
    assert referral.organisation == cast.hospital
    assert referral.referrer == cast.coordinator
    event = referral.events.get()
    assert event.by == cast.coordinator
    assert AccessRecord.objects.filter(user=cast.coordinator, action="submit", object_id=referral.pk).count() == 1


def test_who_met_the_person_is_sealed_and_the_case_shows_it(desk, cast):
    referral = typed_in(desk, cast)
    assert referral.secret.take_out()["paper"] == {"who_met_the_person": "Nora Nightnurse"}
    columns = Referral.objects.filter(pk=referral.pk).values().get() | referral.events.values().get()
    assert "Nightnurse" not in str(columns)
    assert "Nightnurse" not in str(list(Message.objects.values()))
    (other,) = [part for part in labelled(referral.secret.take_out()) if part["title"] == "Other answers"]
    assert other["rows"] == [{"key": "Who met the person", "value": "Nora Nightnurse"}]


def test_the_draft_remembers_the_paper_and_nothing_of_it_lies_in_the_open(desk, cast):
    draft = start(desk, cast)
    assert draft.from_paper
    assert drafts.read(draft).paper["met_by"] == "Nora Nightnurse"
    assert "Nightnurse" not in str(Draft.objects.filter(pk=draft.pk).values().get())
    assert "From paper" in desk.get(reverse("intake_start")).content.decode()
    assert "Nightnurse" not in str(dict(desk.session))


def test_the_coordinators_own_number_is_not_offered_as_the_referrers(desk, cast):
    type(cast.coordinator).objects.filter(pk=cast.coordinator.pk).update(phone="01632 960999")
    type(cast.nurse).objects.filter(pk=cast.nurse.pk).update(phone="01632 960888")
    without = desk.get(reverse("intake_step", args=[start(desk, cast).pk, "referrer"])).content.decode()
    assert "960999" not in without
    draft = start(desk, cast, email=cast.nurse.email)
    assert "01632 960888" in desk.get(reverse("intake_step", args=[draft.pk, "referrer"])).content.decode()


# --- Who hears of it ------------------------------------------------------------------------------------------------


def test_a_referrer_with_an_account_finds_it_among_theirs_and_gets_the_receipt(desk, cast):
    referral = typed_in(desk, cast, email=cast.nurse.email.upper())
    assert referral.referrer == cast.nurse
    assert [row.user for row in Message.objects.filter(kind=Kind.RECEIPT)] == [cast.nurse]
    nurse = sign_in_as(Client(), cast.nurse, second_factor=False)
    assert referral.reference in nurse.get(reverse("my_referrals")).content.decode()
    page = nurse.get(reverse("referral_status", args=[referral.pk])).content.decode()
    assert "Received on paper" in page
    assert "Filled in on paper on" in page


def test_without_an_account_the_mailbox_of_the_organisation_gets_the_receipt_and_nobody_twice(desk, cast):
    typed_in(desk, cast)
    receipt = Message.objects.get(kind=Kind.RECEIPT)
    assert (receipt.user, receipt.organisation) == (None, cast.hospital)


def test_without_a_mailbox_the_page_asks_to_ring(desk, cast):
    Organisation.objects.filter(pk=cast.hospital.pk).update(role_mailbox="")
    referral = typed_in(desk, cast)
    assert not Message.objects.filter(kind=Kind.RECEIPT).exists()
    page = desk.get(reverse("paper_receipt", args=[Draft.objects.get(referral=referral).pk])).content.decode()
    assert "Nobody at <bdi>Hospital</bdi> can be told by e-mail" in page


@pytest.mark.parametrize(("danger", "kind"), [("no", Kind.REFERRAL_SUBMITTED), ("yes", Kind.REFERRAL_IMMEDIATE)])
def test_the_coordinators_are_told_as_of_any_other(desk, cast, danger, kind):
    answers = ANSWERS | {"danger": {"immediate_danger": danger}, "ring_999": {"police_told": "yes"}}
    typed_in(desk, cast, answers)
    told = {row.user for row in Message.objects.filter(kind=kind) if row.user}
    assert told == {cast.coordinator, cast.coordinator2}


def test_an_organisation_that_must_not_know_hears_nothing_of_its_own_sheet(desk, cast):
    kept = {"do_not_share": {"keep_from": "yes", "organisations": ["hospital"]}}
    referral = typed_in(desk, cast, ADULT | kept)
    assert Exclusion.objects.get(referral=referral).organisation == cast.hospital
    assert not Message.objects.filter(organisation=cast.hospital).exists()
    responder = sign_in_as(Client(), cast.responder)
    assert responder.get(reverse("referral_status", args=[referral.pk])).status_code == 404


def test_the_rules_ask_about_the_standing_of_the_organisation_that_refers(desk, cast):
    of_hospital = typed_in(desk, cast).recommendations.first().facts
    of_council = typed_in(desk, cast, organisation=cast.council.pk).recommendations.first().facts
    assert (of_hospital["first_responder"], of_council["first_responder"]) == (False, True)


# --- When -----------------------------------------------------------------------------------------------------------


def test_it_came_in_when_it_was_received_and_both_days_stand_in_the_history(desk, cast):
    received = TODAY() - 3 * DAY
    referral = typed_in(desk, cast, filled=received - DAY, received=received, received_at="8.30 am")
    assert referral.submitted_at == datetime.datetime.combine(received, datetime.time(8, 30), LONDON)
    event = referral.events.get()
    assert event.at == referral.submitted_at
    (line,) = coordinators_timeline([event], cast.coordinator2)
    assert line["title"] == f"{cast.coordinator.full_name} typed it in from paper"
    for day in (received - DAY, TODAY()):
        assert f"{day.day} {day:%B %Y}" in line["text"]
    (line,) = referrers_timeline([event], [])
    assert line["title"] == "Received on paper"
    assert f"{(received - DAY).day} {received - DAY:%B %Y}" in line["text"]


def test_without_a_time_it_is_noon_and_never_later_than_now(desk, cast):
    received = TODAY() - 3 * DAY
    assert typed_in(desk, cast, filled=received, received=received).submitted_at.astimezone(LONDON).hour == 12
    assert typed_in(desk, cast).submitted_at <= timezone.now()


def test_the_clock_counts_from_when_it_was_received(desk, cast):
    received = TODAY() - 30 * DAY
    assert typed_in(desk, cast, filled=received, received=received).due_at < timezone.now()


def test_nobody_is_alarmed_that_a_sheet_is_unread_before_it_could_be_read(desk, cast):
    received = TODAY() - 3 * DAY
    referral = typed_in(desk, cast, filled=received, received=received)
    now, partnership = timezone.now(), Partnership.current()
    assert referral not in Referral.objects.to_escalate(now, partnership)
    later = now + datetime.timedelta(minutes=partnership.unopened_minutes, seconds=5)
    assert referral in Referral.objects.to_escalate(later, partnership)


def test_an_immediate_sheet_is_escalated_after_the_minutes_for_danger(desk, cast):
    answers = ANSWERS | {"danger": {"immediate_danger": "yes"}, "ring_999": {"police_told": "yes"}}
    referral = typed_in(desk, cast, answers, filled=TODAY() - 3 * DAY, received=TODAY() - 3 * DAY)
    now, partnership = timezone.now(), Partnership.current()
    assert referral.priority == Priority.IMMEDIATE
    assert referral not in Referral.objects.to_escalate(now, partnership)
    soon = now + datetime.timedelta(minutes=partnership.unopened_minutes_immediate, seconds=5)
    assert referral in Referral.objects.to_escalate(soon, partnership)


# --- What cannot be -------------------------------------------------------------------------------------------------


def test_bad_days_and_names_are_errors_in_words_and_nothing_typed_is_lost(desk, cast):
    closed = make_organisation("closed", ends_on=TODAY() - 10 * DAY)
    refused = {
        "must be today or in the past": {"filled": TODAY() + DAY},
        "must be on or after 1 January 2015": {"filled": datetime.date(2014, 12, 31)},
        "must not lie before the day it was filled in": {"received": TODAY() - 9 * DAY},
        "must not lie ahead": {"received_at": "23:59:59"[:5]},
        "Enter a time like 8:30": {"received_at": "soon"},
        "Choose the organisation": {"organisation": ""},
        "Choose from the list": {"organisation": "999999"},
        "Closed did not take part on": {"organisation": closed.pk},
        "Enter the name of the professional": {"met_by": " "},
        "must be an e-mail address": {"email": "nurse at work"},
        "Nobody at Hospital has an account": {"email": cast.officer.email},
        "invisible control character": {"met_by": "Nora\x00Night"},
        "characters or fewer": {"met_by": "N" * 100_000},
    }
    for words, changes in refused.items():
        page = desk.post(START, said(cast, **changes))
        assert page.status_code == 200, words
        assert words in page.content.decode(), words
        if "met_by" not in changes:
            assert "Nora Nightnurse" in page.content.decode()
    assert not Draft.objects.exists()


def test_a_sheet_of_an_organisation_that_closed_since_is_typed_in(desk, cast):
    Organisation.objects.filter(pk=cast.hospital.pk).update(ends_on=TODAY() - 2 * DAY)
    received = TODAY() - 4 * DAY
    referral = typed_in(desk, cast, filled=received, received=received)
    assert referral.organisation == cast.hospital
    assert not Message.objects.filter(organisation=cast.hospital).exists(), "nobody reads its mailbox any more"


def test_an_account_that_ended_meanwhile_is_said_on_the_last_page_and_can_be_put_right(desk, cast):
    draft = start(desk, cast, email=cast.nurse.email)
    fill(draft, ANSWERS)
    Membership.objects.filter(user=cast.nurse).update(ended_at=timezone.now())
    check, sheet = (reverse(name, args=[draft.pk]) for name in ("intake_check", "paper_sheet"))
    assert desk.post(reverse("intake_declaration", args=[draft.pk]), {"agreed": "on"})["Location"] == check
    page = desk.get(check).content.decode()
    assert "Nobody at Hospital has an account" in page
    assert f'href="{sheet}"' in page
    assert cast.nurse.email in desk.get(sheet).content.decode()
    assert desk.post(sheet, said(cast))["Location"] == reverse("intake_resume", args=[draft.pk])
    assert drafts.read(Draft.objects.get(pk=draft.pk)).answers == drafts.read(draft).answers
    assert desk.post(reverse("intake_declaration", args=[draft.pk]), {"agreed": "on"}).status_code == 302
    assert Referral.objects.get().referrer == cast.coordinator


def test_the_workflow_takes_no_account_of_another_organisation_and_no_paper_from_a_referrer(cast):
    paper = FromPaper(filled_on=TODAY(), account=cast.officer.pk)
    made = {"submission": a_submission(), "at": timezone.now(), "paper": paper}
    draft = make_draft(cast.coordinator)
    with pytest.raises(Refused):
        submit(by=cast.coordinator, draft_id=draft.pk, on_behalf_of=cast.hospital, **made)
    own = make_draft(cast.colleague)
    with pytest.raises(NotAllowed):
        submit(by=cast.colleague, draft_id=own.pk, **made)
    assert not ReferralEvent.objects.filter(move=Move.SUBMIT).exists()


# --- Twice, and by others -------------------------------------------------------------------------------------------


def test_two_clicks_make_one_draft_and_one_referral(desk, cast):
    typed = said(cast)
    first, second = (desk.post(START, typed)["Location"] for _ in range(2))
    assert first == second
    draft = Draft.objects.get()
    fill(draft, ANSWERS)
    declaration = reverse("intake_declaration", args=[draft.pk])
    answers = [desk.post(declaration, {"agreed": "on"})["Location"] for _ in range(2)]
    assert set(answers) == {reverse("paper_receipt", args=[draft.pk])}
    assert Referral.objects.count() == 1
    assert Message.objects.filter(kind=Kind.RECEIPT).count() == 1


def test_a_colleague_finds_neither_the_draft_nor_its_pages(desk, cast):
    draft = start(desk, cast)
    colleague = sign_in_as(Client(), cast.coordinator2)
    assert "From paper" not in colleague.get(reverse("intake_start")).content.decode()
    for name in ("paper_sheet", "paper_receipt", "intake_check", "intake_declaration", "intake_resume"):
        assert colleague.get(reverse(name, args=[draft.pk])).status_code == 404
    assert colleague.post(START, said(cast, key=str(draft.pk))).status_code == 404


def test_nobody_else_types_in_from_paper_and_a_code_by_mail_is_not_enough(cast):
    for name in ("officer", "lead", "responder", "viewer", "auditor", "sysadmin"):
        assert sign_in_as(Client(), cast.people[name]).get(START).status_code == 404
    weak = sign_in_as(Client(), cast.coordinator, second_factor=False)
    assert "second-step" in weak.get(START)["Location"]
    draft = start(sign_in_as(Client(), cast.coordinator), cast)
    for address in (reverse("intake_step", args=[draft.pk, STEPS[0].slug]), reverse("intake_check", args=[draft.pk])):
        assert "second-step" in weak.get(address)["Location"]


@pytest.mark.parametrize("name", ["intake_step", "intake_save"])
def test_nothing_can_be_typed_into_a_sheet_or_read_from_it_with_a_code_by_mail_alone(name, cast):
    draft = start(sign_in_as(Client(), cast.coordinator), cast)
    before = bytes(Draft.objects.get(pk=draft.pk).sealed)
    weak = sign_in_as(Client(), cast.coordinator, second_factor=False)
    address = reverse(name, args=[draft.pk, STEPS[0].slug])
    for version in ("1", "99"):
        answer = weak.post(address, {"immediate_danger": "yes", "version": version})
        assert answer.status_code == 403
        assert cast.hospital.name not in answer.content.decode()
    assert bytes(Draft.objects.get(pk=draft.pk).sealed) == before


def test_where_a_sheet_comes_from_is_what_was_said_last(desk, cast):
    key = str(uuid4())
    desk.post(START, said(cast, key=key))
    first = Draft.objects.get(pk=key)
    desk.post(START, said(cast, key=key, organisation=cast.council.pk))
    assert drafts.read(first).paper != drafts.read(Draft.objects.get(pk=key)).paper
    assert Draft.objects.count() == 1


def test_who_is_no_coordinator_any_more_does_not_find_the_draft(desk, cast):
    draft = start(desk, cast)
    Membership.objects.filter(user=cast.coordinator).update(role=Role.REFERRER)
    assert desk.get(reverse("intake_check", args=[draft.pk])).status_code == 404


def test_an_ordinary_draft_has_no_page_about_a_sheet(desk, cast):
    draft = make_draft(cast.coordinator)
    assert desk.get(reverse("paper_sheet", args=[draft.pk])).status_code == 404
    assert desk.get(reverse("paper_receipt", args=[draft.pk])).status_code == 404


def test_a_draft_started_on_the_form_is_never_the_one_of_a_sheet(desk, cast):
    draft = start(desk, cast)
    desk.post(reverse("intake_start"))
    assert Draft.objects.exclude(pk=draft.pk).get().from_paper is False


def test_too_many_unfinished_is_said_and_keeps_what_was_typed(desk, cast):
    for _ in range(drafts.MOST_DRAFTS):
        make_draft(cast.coordinator, version=2)
    page = desk.post(START, said(cast))
    assert page.status_code == 409
    assert "Nora Nightnurse" in page.content.decode()


def test_answers_reach_the_submission_as_on_screen(desk, cast):
    referral = typed_in(desk, cast)
    expected = to_submission(ANSWERS)
    assert {key: value for key, value in referral.secret.take_out().items() if key != "paper"} == expected.secret
    assert referral.location.take_out() == expected.location


def test_a_lead_of_the_organisation_sees_it_like_any_of_theirs(desk, cast):
    lead = make_person("wardlead", Role.LEAD, cast.hospital)
    referral = typed_in(desk, cast)
    page = sign_in_as(Client(), lead).get(reverse("organisation_referrals")).content.decode()
    assert referral.reference in page
