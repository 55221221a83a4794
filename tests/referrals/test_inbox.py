"""The inbox and the page of one hand-over: who sees what of it, what is recorded, and who was first."""

import datetime
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners.models import AccessRecord, SupportLine
from partners.roles import Role
from partners.sealing import CannotOpen
from referrals import workflow
from referrals.forms.handover import ACTS, OUTCOMES
from referrals.handover_states import (
    DeclineReason,
    HandOverOutcome,
    HandOverStatus,
    OverrideReason,
    RevokeReason,
    possible_hand_over_moves,
)
from referrals.models import HandOver, Referral
from referrals.pathways import Pathway
from referrals.statuses import FeedbackBand, Outcome, WithdrawalReason
from referrals.views.hand_over_words import ASKED
from tests.conftest import (
    CANARY_ALIAS,
    CANARY_NAME,
    CANARY_PHONE,
    CANARY_PLACE,
    CANARY_STORY,
    make_person,
)
from tests.referrals.test_handovers import consents, in_triage, offer

CANARIES = [CANARY_NAME, CANARY_ALIAS, CANARY_PHONE, CANARY_PLACE, CANARY_STORY]
INBOX = "/inbox/"


def page(hand_over, act: str = "") -> str:
    return reverse("hand_over", args=[hand_over.pk]) + (f"{act}/" if act else "")


def text_of(response) -> str:
    """What a reader sees of the main part of a page, white space made single."""
    main = re.search(r"<main\b.*?</main>", response.content.decode(), flags=re.DOTALL)[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def accept(hand_over, by) -> HandOver:
    return workflow.accept(hand_over_id=hand_over.pk, by=by, version=HandOver.objects.get(pk=hand_over.pk).version)


def decline(hand_over, by) -> HandOver:
    version = HandOver.objects.get(pk=hand_over.pk).version
    return workflow.decline(hand_over_id=hand_over.pk, reason=DeclineReason.NO_CAPACITY, by=by, version=version)


def complete(hand_over, by, outcome=HandOverOutcome.SUPPORT_GIVEN) -> HandOver:
    version = HandOver.objects.get(pk=hand_over.pk).version
    return workflow.complete(hand_over_id=hand_over.pk, outcome=outcome, by=by, version=version)


def close(referral, by) -> Referral:
    version = Referral.objects.get(pk=referral.pk).version
    ends = {"outcome": Outcome.SUPPORTED_LOCALLY, "band": FeedbackBand.HELP_IN_PLACE}
    return workflow.close(referral_id=referral.pk, by=by, version=version, **ends)


@pytest.fixture
def taken(cast):
    return in_triage(cast.officer, cast.coordinator)


@pytest.fixture
def offered(cast, taken):
    return offer(taken, cast.coordinator, cast.beacon)


@pytest.fixture
def accepted(cast, offered):
    return accept(offered, cast.beacon_worker)


@pytest.fixture
def worker(client, cast, sign_in):
    """The client of the victim service's worker."""
    return sign_in(client, cast.beacon_worker)


@pytest.fixture
def as_(cast, sign_in):
    """`as_("name")`: a client of its own for a person of the cast."""
    return lambda name: sign_in(Client(), cast.people[name])


# --- The list ----------------------------------------------------------------------------------------------------


def references(response) -> list[str]:
    return re.findall(r'class="queue__title"><a [^>]*>([^<]+)</a>', response.content.decode())


def rows_of(client, tab: str) -> list[str]:
    return references(client.get(INBOX, {"show": tab}))


def counts_of(response) -> list[int]:
    return [int(number) for number in re.findall(r'class="tabs__count">(\d+)<', response.content.decode())]


def move_due(hand_over, **ago) -> None:
    HandOver.objects.filter(pk=hand_over.pk).update(due_at=timezone.now() - datetime.timedelta(**ago))


def another(cast, **changes) -> HandOver:
    return offer(in_triage(cast.officer, cast.coordinator, **changes), cast.coordinator, cast.beacon)


def test_the_oldest_due_comes_first_and_immediate_danger_on_top(cast, worker):
    later, older = another(cast), another(cast)
    urgent = another(cast, priority="immediate")
    move_due(older, days=3)
    move_due(later, days=1)
    expected = [hand_over.referral.reference for hand_over in (urgent, older, later)]
    response = worker.get(INBOX)
    assert references(response) == expected
    assert "Overdue by 3" in text_of(response)
    assert "Immediate danger" in text_of(response)


def test_the_tabs_hold_what_needs_us_what_is_in_progress_and_all(cast, worker):
    new, overdue, running, asked, gone = (another(cast) for _ in range(5))
    for hand_over in (overdue, running):
        accept(hand_over, cast.beacon_worker)
    move_due(overdue, days=1)
    opened = workflow.open_hand_over(hand_over_id=asked.pk, by=cast.beacon_worker)
    workflow.ask_coordinator(hand_over_id=asked.pk, question="Where?", by=cast.beacon_worker, version=opened.version)
    decline(gone, cast.beacon_worker)
    assert counts_of(worker.get(INBOX)) == [2, 3, 5]
    assert set(rows_of(worker, "needs-us")) == {new.referral.reference, overdue.referral.reference}
    assert set(rows_of(worker, "in-progress")) == {one.referral.reference for one in (overdue, running, asked)}
    assert rows_of(worker, "all")[-1] == gone.referral.reference


def test_a_row_says_the_coded_facts_and_who_handed_it_over_and_names_nobody(cast, offered, worker):
    text = text_of(worker.get(INBOX))
    for words in ("Local support", "Adult", "Northtown", "Forced labour", "From Test Coordinator", "Offered"):
        assert words in text
    assert "Open by" in text
    assert not [word for word in CANARIES if word in text]


def test_a_row_of_what_was_declined_says_only_what_it_was_and_when_it_ended(cast, offered, worker):
    decline(offered, cast.beacon_worker)
    text = text_of(worker.get(INBOX, {"show": "all"}))
    assert offered.referral.reference in text
    assert "Ended" in text
    assert not [words for words in ("Adult", "Northtown", "Forced labour", "Test Coordinator") if words in text]


def test_a_tab_that_does_not_exist_shows_what_needs_us(cast, offered, worker):
    assert rows_of(worker, "<script>") == [offered.referral.reference]


@pytest.mark.parametrize("tab", ["needs-us", "in-progress", "all"])
def test_an_empty_tab_says_so_in_plain_words(cast, worker, tab):
    assert re.search("Nothing", text_of(worker.get(INBOX, {"show": tab})))


def test_a_long_inbox_has_pages_and_the_number_of_queries_stays_the_same(cast, worker, django_assert_num_queries):
    another(cast)
    worker.get(INBOX)  # the first request of a session also notes that it lives
    with CaptureQueriesContext(connection) as few:
        worker.get(INBOX, {"show": "all"})
    for _ in range(21):
        another(cast)
    with django_assert_num_queries(len(few)):
        first = worker.get(INBOX, {"show": "all"})
    assert len(references(first)) == 20
    assert len(references(worker.get(INBOX, {"show": "all", "page": 2}))) == 2


# --- Who comes in ------------------------------------------------------------------------------------------------


def test_only_the_asked_organisation_and_coordinators_come_to_a_hand_over(cast, offered, as_):
    answers = {name: as_(name).get(page(offered)).status_code for name in cast.people}
    assert {name for name, status in answers.items() if status == 200} == {"beacon_worker", "beacon_worker2"}
    assert {name for name, status in answers.items() if status == 302} == {"coordinator", "coordinator2"}
    assert set(answers.values()) == {200, 302, 404}


@pytest.mark.parametrize("act", ["", "open", *ACTS])
def test_coordinators_are_sent_to_the_case_whatever_they_press(cast, offered, as_, act):
    case = reverse("admin:referrals_referral_change", args=[offered.referral_id])
    for send in (as_("coordinator").get, as_("coordinator").post):
        if act or send.__name__ == "get":
            assert send(page(offered, act))["Location"] == case
    offered.refresh_from_db()
    assert offered.status == HandOverStatus.OFFERED


def test_coordinators_find_the_queue_and_not_an_inbox(cast, as_):
    assert as_("coordinator").get(INBOX)["Location"] == reverse("admin:referrals_referral_changelist")


def test_a_lead_works_the_inbox_of_their_organisation(cast, offered, sign_in):
    lead = make_person("beaconlead", Role.LEAD, cast.beacon)
    client = sign_in(Client(), lead)
    assert references(client.get(INBOX)) == [offered.referral.reference]
    assert client.get(page(offered)).status_code == 200


@pytest.fixture
def own_nrm(cast):
    """The council is a first responder itself: its officer, who is no responder, is named."""
    taken = in_triage(cast.officer, cast.coordinator, consents=consents(nrm="given"))
    return offer(taken, cast.coordinator, cast.council, Pathway.NRM, responder=cast.officer)


def test_a_named_officer_sees_the_hand_over_and_a_colleague_of_the_same_role_does_not(cast, own_nrm, as_):
    assert references(as_("officer").get(INBOX)) == [own_nrm.referral.reference]
    assert as_("officer").get(page(own_nrm)).status_code == 200
    assert references(as_("colleague").get(INBOX)) == []
    assert as_("colleague").get(page(own_nrm)).status_code == 404
    assert as_("lead").get(page(own_nrm)).status_code == 200


def test_a_named_officer_shows_a_second_factor_first(cast, own_nrm, sign_in):
    client = sign_in(Client(), cast.officer, second_factor=False)
    assert client.get(page(own_nrm))["Location"].startswith(reverse("second_factor"))


def test_responders_have_the_inbox_in_their_menu_and_referrers_do_not(cast, as_):
    menus = {name: b'href="/inbox/"' in as_(name).get(reverse("my_referrals")).content for name in ("officer", "lead")}
    assert menus == {"officer": False, "lead": True}


def test_for_an_excluded_organisation_nothing_is_there(cast, offered, worker):
    missing = worker.get(page(HandOver(pk=offered.referral_id)))
    workflow.exclude(
        referral_id=offered.referral_id, organisation=cast.beacon, reason="A cousin works there", by=cast.coordinator
    )
    assert references(worker.get(INBOX, {"show": "all"})) == []
    assert counts_of(worker.get(INBOX)) == [0, 0, 0]
    for act in ("", "open", *ACTS):
        gone = worker.get(page(offered, act))
        assert gone.status_code == 404
        assert strip_nonce(gone) == strip_nonce(missing)
        assert worker.post(page(offered, act)).status_code in {404, 405}


def strip_nonce(response) -> str:
    return re.sub(r'nonce="[^"]*"|value="[A-Za-z0-9]{64}"', "", response.content.decode())


# --- Opening it --------------------------------------------------------------------------------------------------


def looks(by) -> list[str]:
    return list(AccessRecord.objects.filter(user=by).order_by("at").values_list("action", flat=True))


def test_opening_it_is_recorded_and_stops_the_reminders(cast, offered, worker):
    worker.get(page(offered))
    offered.refresh_from_db()
    assert (offered.status, offered.chase_at) == (HandOverStatus.OPENED, None)
    assert looks(cast.beacon_worker) == ["open_hand_over"]


def test_before_it_accepts_an_organisation_reads_what_is_asked_and_coded_facts(cast, offered, worker):
    text = text_of(worker.get(page(offered)))
    for words in (
        ASKED[Pathway.BEACON][0],
        "Accept or decline",
        "Handed over by Test Coordinator",
        "They agree to local support",
        "Yes, they agree",
        "You see who it is once your organisation has accepted",
        "Car wash",
        "Northtown",
    ):
        assert words in text
    assert not [word for word in CANARIES if word in text]


def test_the_opening_button_pressed_before_accepting_opens_nothing(cast, offered, worker):
    response = worker.post(page(offered, "open"), {"part": "person"})
    assert response.status_code == 200
    assert not [word for word in CANARIES if word in text_of(response)]
    assert "open_identity" not in looks(cast.beacon_worker)


def test_danger_has_a_banner_with_999_and_other_priorities_do_not(cast, offered, worker):
    assert "In danger now? Ring 999" in text_of(worker.get(page(another(cast, priority="immediate"))))
    assert "In danger now?" not in text_of(worker.get(page(offered)))


def test_a_closed_line_says_when_it_opens_and_never_suggests_emergency_cover(cast, offered, worker):
    line = SupportLine.objects.create(
        name="Beacon", phone="01632 960300", purpose="support", organisation=cast.beacon, starts_on="2017-05-01"
    )
    for weekday in range(7):
        line.hours.create(weekday=weekday, opens="00:00", closes="00:01")
    text = text_of(worker.get(page(offered)))
    assert "Closed now. Opens tomorrow at 00:00" in text
    assert "If somebody is in danger now, ring 999" in text
    assert "emergency" not in text.lower()


def test_nothing_identifying_stands_on_the_page_until_one_recorded_click(cast, accepted, worker):
    closed = worker.get(page(accepted))
    assert not [word for word in CANARIES if word in closed.content.decode()]
    opened = worker.post(page(accepted, "open"), {"part": "person"})
    assert CANARY_NAME in text_of(opened)
    assert CANARY_PHONE in text_of(opened)
    assert looks(cast.beacon_worker) == ["open_hand_over", "open_hand_over", "open_identity"]
    again = worker.get(page(accepted))
    assert not [word for word in CANARIES if word in again.content.decode()]


def test_beacon_never_sees_the_account_or_the_place(cast, accepted, worker):
    body = worker.post(page(accepted, "open"), {"part": ["person", "location", "account"]}).content.decode()
    assert CANARY_NAME in body
    assert "keeps her passport" not in body
    assert CANARY_PLACE not in body
    assert "open_location" not in looks(cast.beacon_worker)


def handed_to_police(cast, pathway, **more):
    taken = in_triage(cast.nurse, cast.coordinator, consents=consents(**more))
    made = offer(taken, cast.coordinator, cast.constabulary, pathway)
    return accept(made, cast.police_officer)


def test_for_the_nrm_account_and_place_are_there_and_each_is_recorded(cast, as_):
    nrm = handed_to_police(cast, Pathway.NRM, nrm="given")
    body = html.unescape(as_("police_officer").post(page(nrm, "open"), {"part": "person"}).content.decode())
    assert all(word in body for word in (CANARY_NAME, CANARY_PLACE, CANARY_STORY))
    assert looks(cast.police_officer)[-2:] == ["open_identity", "open_location"]


def test_the_police_do_not_see_the_private_ways_of_contact(cast, as_):
    police = handed_to_police(cast, Pathway.POLICE, police="given")
    body = as_("police_officer").post(page(police, "open"), {"part": "person"}).content.decode()
    assert CANARY_PLACE in body
    assert CANARY_PHONE not in body


def test_for_a_duty_to_notify_nothing_about_the_person_can_be_opened(cast, as_):
    notice = handed_to_police(cast, Pathway.DUTY_TO_NOTIFY, nrm="refused")
    response = as_("police_officer").post(page(notice, "open"), {"part": ["person", "notes"]})
    assert response.status_code == 200
    assert not [word for word in CANARIES if word in response.content.decode()]
    assert "Nothing that says who the person is" in text_of(response)
    assert "Show who it is" not in text_of(response)
    assert "open_identity" not in looks(cast.police_officer)


def test_a_part_that_does_not_open_says_so_and_the_page_stays(cast, accepted, worker, monkeypatch):
    def fail(self):
        raise CannotOpen("no key")

    monkeypatch.setattr("referrals.models.ReferralSecret.take_out", fail)
    response = worker.post(page(accepted, "open"), {"part": "person"})
    assert response.status_code == 200
    assert "cannot be opened" in text_of(response)
    assert "open_identity" not in looks(cast.beacon_worker)


def test_the_buttons_lead_to_the_acts_from_the_opened_page_too(cast, accepted, worker):
    body = worker.post(page(accepted, "open"), {"part": "person"}).content.decode()
    for act in ("report", "ask", "decline"):
        assert f'href="{page(accepted, act)}"' in body
        assert worker.get(page(accepted, act)).status_code == 200


def test_reading_the_address_of_the_opened_page_shows_it_closed(cast, accepted, worker):
    assert worker.get(page(accepted, "open"))["Location"] == page(accepted)


def test_questions_and_answers_open_with_a_click_and_keep_the_rest_open(cast, accepted, worker):
    asked = workflow.ask_coordinator(
        hand_over_id=accepted.pk, question="Which tongue?", by=cast.beacon_worker, version=accepted.version
    )
    workflow.answer_partner(hand_over_id=asked.pk, answer="Ruritanian", by=cast.coordinator)
    assert "Ruritanian" not in worker.get(page(accepted)).content.decode()
    text = text_of(worker.post(page(accepted, "open"), {"part": "notes", "shown": "person"}))
    assert all(words in text for words in ("Which tongue?", "Ruritanian", "Test Coordinator", CANARY_NAME))
    assert {"read_notes", "open_identity"} <= set(looks(cast.beacon_worker))


def test_why_it_was_handed_over_without_consent_is_said_as_a_reason_and_never_in_words(cast, taken, as_):
    why = "The exploiter is on the way to the address"
    override = {"override": OverrideReason.DANGER, "why": why}
    made = offer(taken, cast.coordinator, cast.constabulary, Pathway.POLICE, **override)
    accept(made, cast.police_officer)
    text = text_of(as_("police_officer").post(page(made, "open"), {"part": ["person", "notes"]}))
    assert "without the person’s consent: somebody’s life or safety is at risk now" in text
    assert why not in text


# --- The answer sheet and consent --------------------------------------------------------------------------------


def test_the_answer_sheet_is_for_the_named_first_responder_and_colleagues_read_who_that_is(cast, as_):
    nrm = handed_to_police(cast, Pathway.NRM, nrm="given")
    cast.people["sergeant"] = make_person("sergeant", Role.RESPONDER, cast.constabulary)
    sheet = reverse("nrm_sheet", args=[nrm.referral_id])
    assert sheet in as_("police_officer").get(page(nrm)).content.decode()
    seen = as_("sergeant").get(page(nrm))
    assert sheet not in seen.content.decode()
    assert "Named first responder Test Police_Officer" in text_of(seen)


def test_whoever_accepted_may_record_what_the_person_agrees_to(cast, offered, worker):
    address = reverse("record_consent", args=[offered.referral_id])
    assert address not in worker.get(page(offered)).content.decode()
    accept(offered, cast.beacon_worker)
    assert address in worker.get(page(offered)).content.decode()


# --- Stubs -------------------------------------------------------------------------------------------------------


def is_a_stub(response) -> bool:
    text = text_of(response)
    hidden = ["Adult", "Northtown", "Car wash", "Show who it is", "Consent", "Accept", *CANARIES]
    return "You cannot see it any more" in text and not [words for words in hidden if words in text]


def test_what_was_declined_is_a_stub(cast, accepted, worker):
    decline(accepted, cast.beacon_worker)
    assert is_a_stub(worker.get(page(accepted)))
    assert is_a_stub(worker.post(page(accepted, "open"), {"part": ["person", "notes"]}))


def test_withdrawn_consent_makes_a_stub_that_never_says_why(cast, accepted, worker):
    workflow.record_consents(referral_id=accepted.referral_id, given=consents(beacon="withdrawn"), by=cast.officer)
    response = worker.get(page(accepted))
    assert is_a_stub(response)
    assert "Taken back" in text_of(response)
    assert "stop work on it" in text_of(response)
    assert not re.search("withdrew|changed their mind|safety|agreed", text_of(response))


@pytest.mark.parametrize("reason", list(RevokeReason))
def test_every_reason_of_taking_back_looks_the_same(cast, offered, worker, reason):
    workflow.revoke(hand_over_id=offered.pk, reason=reason, by=cast.coordinator)
    text = text_of(worker.get(page(offered)))
    ended = HandOver.objects.get().ended_at
    assert HandOver.objects.get().get_revoke_reason_display() not in text
    assert f"{timezone.localtime(ended):%H:%M}" in text


def test_after_the_referral_was_closed_or_withdrawn_the_case_is_gone(cast, accepted, worker):
    complete(accepted, cast.beacon_worker)
    assert "Outcome reported on" in text_of(worker.get(page(accepted)))
    close(accepted.referral, cast.coordinator)
    assert is_a_stub(worker.get(page(accepted)))
    other = another(cast)
    workflow.withdraw(
        referral_id=other.referral_id, reason=WithdrawalReason.DUPLICATE, by=cast.coordinator, version=None
    )
    assert is_a_stub(worker.get(page(other)))
    assert "Duplicate" not in text_of(worker.get(page(other)))


@pytest.mark.parametrize("act", list(ACTS))
def test_nothing_can_be_done_with_a_stub(cast, offered, worker, act):
    decline(offered, cast.beacon_worker2)
    assert worker.get(page(offered, act))["Location"] == page(offered)
    form = {"version": 99, "reason": "no_capacity", "question": "Why?", "outcome": "support_given"}
    refused = worker.post(page(offered, act), form)
    assert refused.status_code == 409
    assert "declined it" in text_of(refused)
    assert "Northtown" not in text_of(refused)


# --- Acting ------------------------------------------------------------------------------------------------------


def version(hand_over) -> int:
    return HandOver.objects.get(pk=hand_over.pk).version


def test_a_worker_accepts_and_reports_the_outcome_through_the_pages(cast, offered, worker):
    worker.get(page(offered))
    done = worker.post(page(offered, "accept"), {"version": version(offered)}, follow=True)
    assert "You have accepted it" in done.content.decode()
    text = text_of(worker.get(page(offered)))
    assert "You accepted this on" in text
    form = {"version": version(offered), "outcome": "support_given", "text": "Housed and safe"}
    worker.post(page(offered, "report"), form)
    offered.refresh_from_db()
    assert (offered.status, offered.outcome) == (HandOverStatus.COMPLETED, "support_given")
    assert offered.notes.get().take_out()["text"] == "Housed and safe"


def test_a_worker_declines_with_a_reason_and_comes_back_to_the_inbox(cast, offered, worker):
    form = {"version": version(offered), "reason": "no_capacity", "text": "Full until May"}
    assert worker.post(page(offered, "decline"), form)["Location"] == INBOX
    offered.refresh_from_db()
    assert (offered.status, offered.decline_reason) == (HandOverStatus.DECLINED, "no_capacity")
    assert offered.notes.get().take_out()["text"] == "Full until May"


def test_a_worker_asks_and_may_then_still_decline_but_not_accept(cast, offered, worker):
    worker.get(page(offered))
    worker.post(page(offered, "ask"), {"version": version(offered), "question": "Does she speak English?"})
    text = text_of(worker.get(page(offered)))
    assert "Waiting for the coordinator’s answer" in text
    assert page(offered, "decline") in worker.get(page(offered)).content.decode()
    assert page(offered, "accept") not in worker.get(page(offered)).content.decode()


def test_the_accept_page_says_what_can_be_seen_then_and_who_sends_the_form(cast, own_nrm, offered, worker, as_):
    assert "Not the account of what happened" in text_of(worker.get(page(offered, "accept")))
    assert "the answer sheet is yours to fill in" in text_of(as_("officer").get(page(own_nrm, "accept")))
    assert "Test Officer is the named first responder" in text_of(as_("lead").get(page(own_nrm, "accept")))


@pytest.mark.parametrize(
    ("act", "form", "error"),
    [
        ("decline", {"text": "Kept words"}, "Choose why you cannot take it"),
        ("decline", {"reason": "bored", "text": "Kept words"}, "Choose from the answers"),
        ("decline", {"reason": "other"}, "Say what the other reason is"),
        ("ask", {"question": "  "}, "Write your question"),
        ("ask", {"question": "Kept words" + "x" * 4000}, "must be 4,000 characters or fewer"),
        ("ask", {"question": "Kept words\x00"}, "control character"),
        ("report", {"text": "Kept words"}, "Choose what came of it"),
        ("report", {"outcome": "notified", "text": "Kept words"}, "Choose from the answers"),
    ],
)
def test_bad_input_is_told_at_the_field_and_nothing_typed_is_lost(cast, accepted, worker, act, form, error):
    response = worker.post(page(accepted, act), {"version": accepted.version, **form})
    assert response.status_code == 200
    body = html.unescape(response.content.decode())
    assert body.count(error) >= 2  # in the summary and at the field
    if any("Kept words" in value for value in form.values()):
        assert "Kept words" in body
    accepted.refresh_from_db()
    assert accepted.status == HandOverStatus.ACCEPTED


@pytest.mark.parametrize("sent", ["", "x", "0", "-1", "9" * 30])
def test_a_version_that_is_no_version_is_refused(cast, offered, worker, sent):
    assert worker.post(page(offered, "accept"), {"version": sent}).status_code == 200
    offered.refresh_from_db()
    assert offered.status == HandOverStatus.OFFERED


def test_each_pathway_offers_outcomes_that_fit_it():
    assert set(OUTCOMES) == set(Pathway)
    assert {outcome for fitting in OUTCOMES.values() for outcome in fitting} == set(HandOverOutcome)
    assert HandOverOutcome.NOTIFIED not in OUTCOMES[Pathway.BEACON]


def test_every_pathway_says_what_is_asked():
    assert set(ASKED) == set(Pathway)


def test_every_act_stands_in_the_transition_table():
    moves = {move for status in HandOverStatus for move in possible_hand_over_moves(status)}
    assert {act.move for act in ACTS.values()} <= moves


# --- Two people at once ------------------------------------------------------------------------------------------


def test_the_second_to_accept_is_told_who_has_it_and_since_when(cast, offered, worker):
    stale = version(offered)
    accept(offered, cast.beacon_worker2)
    response = worker.post(page(offered, "accept"), {"version": stale})
    assert response.status_code == 409
    assert "Test Beacon_Worker2 accepted it today at" in text_of(response)
    assert f'href="{page(offered)}"' in response.content.decode()
    assert f'href="{INBOX}"' in response.content.decode()
    assert HandOver.objects.get().accepted_by == cast.beacon_worker2


def test_a_double_click_on_accept_is_no_race(cast, offered, worker):
    form = {"version": version(offered)}
    worker.post(page(offered, "accept"), form)
    assert worker.post(page(offered, "accept"), form)["Location"] == page(offered)


@pytest.mark.parametrize(("act", "field"), [("decline", "text"), ("ask", "question")])
def test_what_was_typed_is_shown_again_when_a_colleague_was_faster(cast, offered, worker, act, field):
    stale = workflow.open_hand_over(hand_over_id=offered.pk, by=cast.beacon_worker).version
    accept(offered, cast.beacon_worker2)
    form = {"version": stale, field: "My careful words", "reason": "no_capacity"}
    late = worker.post(page(offered, act), form)
    assert late.status_code == 409
    assert "Test Beacon_Worker2 accepted it" in text_of(late)
    assert "My careful words" in late.content.decode()
    again = re.search(r'name="version" value="(\d+)"', late.content.decode())[1]
    assert worker.post(page(offered, act), form | {"version": again}).status_code == 302


def test_words_typed_while_it_was_taken_back_can_be_copied_and_nothing_else_is_seen(cast, accepted, worker):
    form = {"version": accepted.version, "question": "My careful words"}
    workflow.revoke(hand_over_id=accepted.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)
    response = worker.post(page(accepted, "ask"), form)
    assert response.status_code == 409
    assert "It was taken back today" in text_of(response)
    assert "My careful words" in response.content.decode()
    assert not [
        words for words in ("Northtown", "Test Coordinator", "Support this person") if words in text_of(response)
    ]


def test_the_same_question_sent_twice_is_asked_once_and_another_one_is_not_lost(cast, accepted, worker):
    form = {"version": accepted.version, "question": "Which tongue?"}
    assert worker.post(page(accepted, "ask"), form).status_code == 302
    assert worker.post(page(accepted, "ask"), form)["Location"] == page(accepted)
    other = worker.post(page(accepted, "ask"), form | {"question": "And where?"})
    assert other.status_code == 409
    assert "And where?" in other.content.decode()
    assert accepted.notes.count() == 1
