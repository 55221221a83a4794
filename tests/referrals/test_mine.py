"""What became of it: bands and whose move it is, for the referrer and for the lead; the question and its answer."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import AccessRecord, Organisation
from referrals.models import Note, Referral
from referrals.pathways import Pathway
from referrals.statuses import FeedbackBand, Move, Outcome, Status, WithdrawalReason
from referrals.submission import ConsentGiven
from referrals.views.mine import TONES, WHOSE_MOVE
from referrals.views.progress import HAPPENED
from referrals.workflow import (
    Offer,
    answer_information,
    close,
    escalate,
    hand_over,
    open_case,
    reopen,
    request_information,
    start_triage,
    withdraw,
)
from tests.conftest import CANARY_ALIAS, CANARY_NAME, CANARY_PHONE, CANARY_STORY, make_draft, sign_in_as, submit_one

MINE = reverse("my_referrals")
OURS = reverse("organisation_referrals")


@pytest.fixture
def officer(cast, client):
    return sign_in_as(client, cast.officer, second_factor=False)


@pytest.fixture
def lead(cast):
    return sign_in_as(Client(), cast.lead)


@pytest.fixture
def asked(cast, referral):
    """The officer's referral with a question that waits."""
    return request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=1)


def status_of(referral):
    return reverse("referral_status", args=[referral.pk])


def answer_to(referral):
    return reverse("referral_answer", args=[referral.pk])


def text_of(client, address):
    page = client.get(address)
    assert page.status_code == 200
    return page.content.decode()


# --- Lists --------------------------------------------------------------------------------------------------------


def test_my_list_shows_reference_day_band_and_whose_move_it_is(officer, referral):
    page = text_of(officer, MINE)
    assert referral.reference in page
    assert f"Sent {timezone.localtime(referral.submitted_at):%-d %B %Y}" in page
    assert "Received" in page
    assert "With the coordinators" in page


def test_a_waiting_question_comes_first_and_says_by_when(officer, cast, asked):
    newer = submit_one(cast.officer)
    page = text_of(officer, MINE)
    assert page.index(asked.reference) < page.index(newer.reference)
    assert "Your answer is needed by" in page


def test_a_late_answer_is_called_late(officer, asked):
    Referral.objects.filter(pk=asked.pk).update(due_at=timezone.now() - datetime.timedelta(days=2))
    assert "Your answer was needed by" in text_of(officer, MINE)


def test_my_list_holds_mine_only(officer, cast):
    theirs = [submit_one(person) for person in (cast.colleague, cast.nurse)]
    page = text_of(officer, MINE)
    assert not [referral for referral in theirs if referral.reference in page]
    assert "You have not sent a referral yet" in page


def test_my_list_speaks_of_unfinished_referrals(officer, cast):
    make_draft(cast.officer, version=2)
    assert "You have 1 unfinished referral." in text_of(officer, MINE)


def test_the_leads_list_shows_the_organisations_referrals_and_who_sent_them(lead, cast, referral):
    other = submit_one(cast.nurse)
    page = text_of(lead, OURS)
    assert referral.reference in page
    assert cast.officer.full_name in page
    assert other.reference not in page


def test_the_leads_list_wants_the_second_step(cast):
    client = sign_in_as(Client(), cast.lead, second_factor=False)
    assert client.get(OURS).status_code == 302


@pytest.mark.parametrize("who", ["lead", "coordinator"])
def test_the_status_of_a_colleagues_referral_wants_the_second_step_too(cast, referral, who):
    client = sign_in_as(Client(), getattr(cast, who), second_factor=False)
    response = client.get(status_of(referral))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("second_factor"))


@pytest.mark.parametrize("who", ["officer", "nurse", "viewer", "auditor", "sysadmin", "coordinator", "responder"])
def test_the_organisations_list_is_the_leads(cast, who):
    assert sign_in_as(Client(), getattr(cast, who)).get(OURS).status_code == 404


def test_lists_go_over_pages_and_bad_page_numbers_show_a_page(officer, cast):
    for _ in range(21):
        submit_one(cast.officer)
    assert text_of(officer, MINE).count('class="queue__row') == 20
    assert text_of(officer, f"{MINE}?page=2").count('class="queue__row') == 1
    for number in ("0", "99", "x", "\x00", "-1", "9" * 5000):
        assert officer.get(MINE, {"page": number}).status_code == 200


def test_lists_take_the_same_queries_for_one_and_for_twenty(officer, cast, django_assert_max_num_queries):
    submit_one(cast.officer)
    officer.get(MINE)
    for _ in range(19):
        submit_one(cast.officer)
    with django_assert_max_num_queries(11):
        officer.get(MINE)


# --- One referral -------------------------------------------------------------------------------------------------


def moves(referral, cast):
    """Every state a referral can be in, one after the other."""
    yield "Received"
    open_case(referral_id=referral.id, by=cast.coordinator)
    start_triage(referral_id=referral.id, by=cast.coordinator, version=2)
    yield "Being looked at"
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=3)
    yield "We need your help"
    answer_information(referral_id=referral.id, answer="Nights", by=cast.officer)
    yield "Being looked at"
    close(
        referral_id=referral.id,
        outcome=Outcome.NRM_SUBMITTED,
        band=FeedbackBand.PASSED_ON,
        by=cast.coordinator,
        version=5,
    )
    yield "Closed"
    reopen(referral_id=referral.id, by=cast.coordinator, version=6)
    withdraw(referral_id=referral.id, reason=WithdrawalReason.DUPLICATE, by=cast.coordinator, version=7)
    yield "Withdrawn"


def test_the_band_follows_the_referral_for_the_referrer_and_the_lead(officer, lead, cast, referral):
    for band in moves(referral, cast):
        for reader in (officer, lead):
            assert f'class="band__title">{band}<' in text_of(reader, status_of(referral))


def test_the_timeline_tells_every_step_in_plain_words_newest_first(officer, cast, referral):
    for _ in moves(referral, cast):
        pass
    page = text_of(officer, status_of(referral))
    told = [HAPPENED[move] for move in (Move.WITHDRAW, Move.REOPEN, Move.CLOSE, Move.ANSWER_INFORMATION, Move.SUBMIT)]
    places = [page.index(f'class="timeline__title">{words}') for words in told]
    assert places == sorted(places)


def test_at_the_end_the_referrer_hears_the_band_and_not_the_outcome(officer, cast, referral):
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    close(
        referral_id=referral.id,
        outcome=Outcome.NRM_SUBMITTED,
        band=FeedbackBand.HELP_IN_PLACE,
        by=cast.coordinator,
        version=2,
    )
    page = text_of(officer, status_of(referral))
    assert "Help is in place." in page
    assert "National Referral Mechanism" not in page


def test_why_it_was_withdrawn_is_not_told(officer, cast, referral):
    """ "Duplicate" would tell that somebody else referred the same person."""
    withdraw(referral_id=referral.id, reason=WithdrawalReason.DUPLICATE, by=cast.coordinator, version=1)
    assert "uplicate" not in text_of(officer, status_of(referral))


def test_an_escalation_is_not_the_referrers_business(officer, referral):
    escalate(referral_id=referral.id)
    assert text_of(officer, status_of(referral)).count("timeline__title") == 1


def test_no_page_of_mine_shows_anything_of_the_case(officer, lead, cast, asked):
    for client, address in ((officer, MINE), (officer, status_of(asked)), (officer, answer_to(asked)), (lead, OURS)):
        page = text_of(client, address)
        for word in (CANARY_NAME, CANARY_ALIAS, CANARY_PHONE, CANARY_STORY, "Car wash", "car_wash", "Northtown"):
            assert word not in page


@pytest.mark.parametrize("who", ["nurse", "viewer", "auditor", "sysadmin", "colleague"])
def test_a_referral_that_is_not_yours_is_not_there(cast, asked, who):
    client = sign_in_as(Client(), getattr(cast, who))
    for address in (status_of(asked), answer_to(asked)):
        assert client.get(address).status_code == 404


def test_every_status_and_actor_has_words():
    assert set(TONES) == set(Status)
    assert len(WHOSE_MOVE) == 3


# --- The question and its answer ----------------------------------------------------------------------------------


def test_the_question_is_shown_and_the_look_recorded(officer, cast, asked):
    page = text_of(officer, answer_to(asked))
    assert "Which shift?" in page
    record = AccessRecord.objects.filter(user=cast.officer).latest("at")
    assert (record.action, record.object_id) == ("read_question", asked.pk)


def test_the_answer_goes_to_the_coordinator_and_the_status_says_so(officer, asked):
    page = officer.post(answer_to(asked), {"answer": "Nights, I think"}, follow=True).content.decode()
    assert "Your answer was sent" in page
    assert "Being looked at" in page
    note = Note.objects.get(kind="answer")
    assert note.take_out()["text"] == "Nights, I think"


def test_an_empty_answer_is_asked_for(officer, asked):
    page = officer.post(answer_to(asked), {"answer": "   "}).content.decode()
    assert "Write your answer" in page
    assert "Which shift?" in page
    assert not Note.objects.filter(kind="answer").exists()


def test_too_long_an_answer_is_refused_and_shown_again(officer, asked):
    page = officer.post(answer_to(asked), {"answer": "y" * 15_010}).content.decode()
    assert "You have 10 too many" in page
    assert "y" * 15_010 in page


def test_a_double_click_is_one_answer(officer, asked):
    for _ in range(2):
        assert officer.post(answer_to(asked), {"answer": "Nights"})["Location"] == status_of(asked)
    assert Note.objects.filter(kind="answer").count() == 1


def test_a_second_and_different_answer_is_not_swallowed(officer, asked):
    officer.post(answer_to(asked), {"answer": "Nights"})
    page = officer.post(answer_to(asked), {"answer": "No, days"})
    assert page.status_code == 409
    assert "was not sent" in page.content.decode()
    assert "No, days" in page.content.decode()


def test_what_was_typed_is_kept_when_the_key_is_missing(officer, asked):
    officer.post(answer_to(asked), {"answer": "Nights"})
    Note.objects.update(kid="lost")
    response = officer.post(answer_to(asked), {"answer": "Nights, and Sundays"})
    assert response.status_code == 409
    assert "Nights, and Sundays</textarea>" in response.content.decode()


def test_asked_twice_the_newest_question_is_answered(officer, cast, asked):
    officer.post(answer_to(asked), {"answer": "Nights"})
    request_information(referral_id=asked.id, question="And at weekends?", by=cast.coordinator, version=3)
    page = text_of(officer, answer_to(asked))
    assert page.index("And at weekends?") < page.index("Which shift?")
    officer.post(answer_to(asked), {"answer": "No"})
    assert [note.take_out()["text"] for note in Note.objects.filter(kind="answer")] == ["Nights", "No"]


def test_without_a_question_there_is_nothing_to_answer(officer, referral):
    assert officer.get(answer_to(referral))["Location"] == status_of(referral)


def test_the_lead_sees_that_a_question_waits_and_cannot_answer_it(lead, asked):
    page = text_of(lead, status_of(asked))
    assert "The person who sent it was asked a question" in page
    assert f'<a href="{OURS}" class="govuk-back-link">' in page
    assert "Answer the question" not in page
    assert lead.get(answer_to(asked)).status_code == 404
    assert lead.post(answer_to(asked), {"answer": "x"}).status_code == 404


def test_what_was_typed_is_given_back_when_the_account_falls(officer, cast, asked):
    cast.officer.is_active = False
    cast.officer.save()
    page = officer.post(answer_to(asked), {"answer": "Typed meanwhile"})
    assert page.status_code == 403
    assert "Typed meanwhile" in page.content.decode()
    assert "Which shift?" not in page.content.decode()
    assert officer.get(answer_to(asked)).status_code == 403
    assert not Note.objects.filter(kind="answer").exists()


def test_a_question_whose_key_is_missing_says_so(officer, asked):
    Note.objects.update(kid="lost")
    page = officer.get(answer_to(asked))
    assert page.status_code == 503
    assert "cannot be opened" in page.content.decode()


def test_somebody_who_is_named_for_a_hand_over_finds_the_way_to_it(cast, officer):
    assert "You are the named person" not in officer.get("/referrals/").content.decode()
    referral = submit_one(cast.nurse, consents=[ConsentGiven(kind="nrm", state="given")])
    start_triage(referral_id=referral.pk, by=cast.coordinator, version=1)
    Organisation.objects.filter(pk=cast.council.pk).update(receives_referrals=True)
    offers = [Offer(Organisation.objects.get(pk=cast.council.pk), Pathway.NRM, responder=cast.officer)]
    hand_over(referral_id=referral.pk, offers=offers, by=cast.coordinator, version=2)
    page = officer.get("/referrals/").content.decode()
    assert "You are the named person of a hand-over." in page
    assert reverse("inbox") in page
