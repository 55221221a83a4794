"""Handing over from the case page: what is recommended, who can be asked, and what follows when nobody answers."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.queries import CONTROL
from partners.limits import Limits
from partners.models import AccessRecord, Area, Organisation, Standing, SupportLine
from referrals import workflow
from referrals.admin.recommended import due_by
from referrals.handover_states import DeclineReason, HandOverOutcome, OverrideReason
from referrals.models import HandOver, Note, Recommendation, Referral
from referrals.pathways import Pathway
from referrals.submission import ConsentGiven
from tests.conftest import CANARY_NAME, make_organisation, make_person, submit_one
from tests.referrals.handing import handed, in_the_nrm, silent, taken, with_a_question
from tests.referrals.test_admin_case import address, press, text_of
from tests.referrals.test_admin_queue import QUEUE, fill


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def to_whom(referral, pathway="beacon"):
    return f"{address(referral, 'hand-over')}?pathway={pathway}"


def part(hand_over, act):
    return f"{address(hand_over.referral, act)}{hand_over.pk}/"


def hand(client, referral, *organisations, pathway="beacon", **more):
    referral.refresh_from_db()
    data = {"version": referral.version, "organisations": [str(one.pk) for one in organisations], **more}
    return client.post(to_whom(referral, pathway), data)


def on_offer(client, referral, pathway="beacon"):
    form = client.get(to_whom(referral, pathway)).context["form"]
    return [one.organisation for one in form.candidates]


# ---- What is recommended ------------------------------------------------------------------------------------------


def test_the_page_says_what_is_recommended_why_by_whom_and_by_when(cast, coordinator):
    referral = taken(cast)
    page = text_of(coordinator.get(address(referral)))
    for words in [
        "National Referral Mechanism (NRM)",
        "They agree to the NRM after it was explained to them.",
        "Home Office First Responder Toolkit",
        "The referrer’s own organisation is a first responder and can send it.",
        "Choose an organisation",
        f"Rules {referral.rules_version}",
        "The facts have not changed since",
    ]:
        assert words in page, words


def test_a_task_is_shown_with_who_acts(cast, coordinator):
    page = text_of(coordinator.get(address(taken(cast, consents=[]))))
    assert "Also to do" in page
    assert "The referrer’s own organisation" in page


def test_asking_the_rules_again_gives_nobody_more_time(cast, coordinator):
    referral = taken(cast)
    came_in = timezone.now() - datetime.timedelta(days=30)
    Referral.objects.filter(pk=referral.pk).update(submitted_at=came_in)
    given = [ConsentGiven(kind="beacon", state="refused")]
    workflow.record_consents(referral_id=referral.pk, given=given, by=cast.coordinator)
    response = coordinator.get(address(referral))
    nrm = next(one for one in response.context["recommended"]["pathways"] if one["pathway"] == "nrm")
    assert nrm["late"]
    assert response.context["recommended"]["changed"] == ["consent to local support: no, they do not agree"]


def test_a_referral_from_before_there_were_rules_has_no_recommendation(cast, coordinator):
    fill(cast, 1)
    page = text_of(coordinator.get(address(Referral.objects.get())))
    assert "Recommended" not in page
    assert not Recommendation.objects.exists()


def test_a_clock_that_nobody_set_gives_no_date():
    now = timezone.now()
    assert due_by(Limits({}), "rg_decision", now, now) == {"by": "", "late": False}


# ---- What for, and whom -------------------------------------------------------------------------------------------


def test_the_first_page_asks_what_for_and_recommends(cast, coordinator):
    page = text_of(coordinator.get(address(taken(cast, consents=[]), "hand-over")))
    assert page.index("Recommended") < page.index("Adult safeguarding") < page.index("Not recommended on what is known")
    assert "It needs consent to “National Referral Mechanism (NRM)”. Recorded: not asked yet." in page


@pytest.mark.parametrize("pathway", ["", "nonsense", "duty_to_notify"])
def test_what_cannot_be_handed_over_for_is_asked_again(cast, coordinator, pathway):
    response = coordinator.get(to_whom(taken(cast, age_group="child"), pathway))
    assert response.status_code == 200
    assert "Choose what you hand it over for" in text_of(response)


def test_a_duty_to_notify_is_not_on_offer_for_a_child(cast, coordinator):
    page = text_of(coordinator.get(address(taken(cast, age_group="unsure"), "hand-over")))
    assert "Duty to notify" not in page


def test_only_first_responders_can_be_asked_for_the_nrm_the_referrers_own_first(cast, coordinator):
    assert on_offer(coordinator, taken(cast), "nrm") == [cast.council, cast.constabulary]
    page = text_of(coordinator.get(to_whom(taken(cast), "nrm")))
    assert "The referrer’s own organisation" in page


def test_the_referrers_own_organisation_is_not_on_offer_for_anything_else(cast, coordinator):
    assert cast.council not in on_offer(coordinator, taken(cast), "police")


def test_the_usual_organisation_stands_first_and_says_when_it_opens(cast, coordinator):
    make_organisation("aid", receives_referrals=True)
    SupportLine.objects.create(
        slug="line",
        name="Line",
        purpose="victim_care",
        organisation=cast.beacon,
        phone="01632 960124",
        always_open=True,
    )
    referral = taken(cast)
    assert on_offer(coordinator, referral)[0] == cast.beacon
    page = text_of(coordinator.get(to_whom(referral)))
    assert page.index("Usual for this") < page.index("Beacon") < page.index("Others")
    assert "Open all day, every day" in page


def test_an_organisation_of_another_district_says_so_and_is_not_usual(cast, coordinator):
    cast.beacon.areas.add(Area.objects.create(code="southtown", name="Southtown"))
    form = coordinator.get(to_whom(taken(cast))).context["form"]
    [beacon] = [one for one in form.candidates if one.organisation == cast.beacon]
    assert not beacon.usual
    assert "Not in Northtown" in beacon.hint


def test_who_must_not_know_who_has_it_already_and_who_has_closed_are_not_on_offer(cast, coordinator):
    referral = taken(cast)
    closed = make_organisation("closed", receives_referrals=True, ends_on=datetime.date(2020, 1, 1))
    workflow.exclude(referral_id=referral.pk, organisation=cast.constabulary, reason="A relative", by=cast.coordinator)
    handed(cast, referral, cast.beacon)
    assert not {closed, cast.constabulary, cast.beacon} & set(on_offer(coordinator, referral))


def test_several_organisations_are_asked_at_once_one_of_them_by_name(cast, coordinator):
    referral, other = taken(cast), make_organisation("aid", receives_referrals=True)
    more = {f"responder_{cast.beacon.pk}": str(cast.beacon_worker.pk)}
    response = hand(coordinator, referral, cast.beacon, other, **more)
    assert response.headers["Location"] == address(referral)
    rows = {row.organisation: row for row in HandOver.objects.filter(referral=referral)}
    assert rows[cast.beacon].responder == cast.beacon_worker
    assert rows[other].responder is None
    page = text_of(coordinator.get(address(referral)))
    for words in ["Beacon", "Aid", "Offered", "Test Beacon_Worker", "Nobody there has opened it yet.", "and 1 more"]:
        assert words in page, words


def test_all_or_none_are_asked_and_nothing_typed_is_lost(cast, coordinator):
    referral = taken(cast)
    closed = make_organisation("closed", receives_referrals=True, ends_on=datetime.date(2020, 1, 1))
    more = {f"responder_{cast.beacon.pk}": str(cast.beacon_worker.pk)}
    response = hand(coordinator, referral, cast.beacon, closed, **more)
    assert "Closed has closed. Choose another organisation" in text_of(response)
    assert response.context["form"]["organisations"].value() == [str(cast.beacon.pk), str(closed.pk)]
    assert response.context["form"][f"responder_{cast.beacon.pk}"].value() == str(cast.beacon_worker.pk)
    assert not HandOver.objects.exists()


def test_an_excluded_organisation_posted_by_hand_is_refused_in_the_words_for_any_other(cast, coordinator):
    referral = taken(cast)
    workflow.exclude(referral_id=referral.pk, organisation=cast.beacon, reason="A relative", by=cast.coordinator)
    excluded = text_of(hand(coordinator, referral, cast.beacon))
    never_asked = text_of(hand(coordinator, referral, cast.hospital))
    assert "Beacon cannot be handed this referral" in excluded
    assert "Hospital cannot be handed this referral" in never_asked
    assert not HandOver.objects.exists()


@pytest.mark.parametrize("organisations", [[], ["²"], ["999999"], ["-1"], ["' or 1=1"]])
def test_a_forged_organisation_is_said_and_never_a_crash(cast, coordinator, organisations):
    referral = taken(cast)
    response = coordinator.post(to_whom(referral), {"version": referral.version, "organisations": organisations})
    assert response.status_code == 200
    assert response.context["form"].errors["organisations"]


def test_a_person_of_another_organisation_cannot_be_named(cast, coordinator):
    more = {f"responder_{cast.beacon.pk}": str(cast.police_officer.pk)}
    assert "Choose a person from the list" in text_of(hand(coordinator, taken(cast), cast.beacon, **more))


def test_the_second_coordinator_is_told_what_changed_and_keeps_the_choice(cast, coordinator):
    referral = taken(cast)
    workflow.assign(referral_id=referral.pk, to=cast.coordinator2, by=cast.coordinator2, version=referral.version)
    data = {"version": referral.version, "organisations": [str(cast.beacon.pk)]}
    response = coordinator.post(to_whom(referral), data)
    assert response.status_code == 409
    assert "This referral changed while you had it open" in text_of(response)
    assert response.context["form"]["organisations"].value() == [str(cast.beacon.pk)]


def test_before_it_is_taken_it_cannot_be_handed_over(cast, coordinator, referral):
    assert "Take the referral first" in text_of(coordinator.get(address(referral, "hand-over")))
    assert hand(coordinator, referral, cast.beacon).status_code == 409


# ---- Without consent ----------------------------------------------------------------------------------------------


def test_without_consent_the_form_says_what_is_missing_and_offers_an_override(cast, coordinator):
    referral = taken(cast, consents=[ConsentGiven(kind="beacon", state="refused")])
    page = text_of(coordinator.get(to_whom(referral)))
    assert "The consent for this is missing" in page
    assert "Recorded: no, they do not agree." in page
    refused = hand(coordinator, referral, cast.beacon)
    assert "needs the person’s consent" in refused.context["form"].errors["override"][0]


def test_an_override_wants_words_that_name_nobody_and_is_then_kept(cast, coordinator):
    referral = taken(cast, consents=[])
    short = hand(coordinator, referral, cast.beacon, override="danger", why="Danger")
    assert short.context["form"].errors["why"] == ["Say why in at least 15 characters"]
    named = hand(coordinator, referral, cast.beacon, override="danger", why=f"{CANARY_NAME} was followed home")
    assert "must not name the person" in named.context["form"].errors["why"][0]
    assert not HandOver.objects.exists()
    hand(coordinator, referral, cast.beacon, override="danger", why="Somebody waits outside the hospital")
    row = HandOver.objects.get()
    assert row.override_reason == OverrideReason.DANGER
    assert Note.objects.get().take_out() == {"text": "Somebody waits outside the hospital"}
    page = text_of(coordinator.get(address(referral)))
    assert "Without consent: Somebody’s life or safety is at risk now" in page
    assert "waits outside" not in page
    opened = text_of(coordinator.post(address(referral, "open"), {"part": "notes"}))
    assert "Why it was handed over without consent: Beacon" in opened
    assert "waits outside" in opened


def test_a_reason_that_is_not_needed_is_not_kept(cast, coordinator):
    hand(coordinator, taken(cast), cast.beacon, override="danger", why="Somebody waits outside the hospital")
    assert HandOver.objects.get().override_reason == ""


def test_for_the_nrm_of_somebody_who_may_lack_capacity_only_best_interests_count(cast, coordinator):
    form = coordinator.get(to_whom(taken(cast, may_lack_capacity=True), "nrm")).context["form"]
    assert [code for code, _ in form.fields["override"].choices] == ["best_interests"]
    assert "best-interests decision" in form.missing_words


def test_immigration_enforcement_is_asked_only_where_the_law_requires_it(cast, coordinator):
    border = make_organisation("border", kind=Organisation.Kind.IMMIGRATION, receives_referrals=True)
    referral = taken(cast)
    assert "Only where the law requires it" in text_of(coordinator.get(to_whom(referral, "police")))
    refused = hand(coordinator, referral, border, pathway="police")
    assert "unless the law requires it" in refused.context["form"].errors["override"][0]


# ---- On the way ---------------------------------------------------------------------------------------------------


def test_a_partners_question_comes_first_is_read_and_answered_on_one_page(cast, coordinator):
    row = with_a_question(cast, handed(cast, taken(cast), cast.beacon), cast.beacon_worker)
    page = text_of(coordinator.get(address(row.referral)))
    assert "Beacon has a question" in page
    assert "Answer Beacon" in page
    asked = text_of(coordinator.get(part(row, "answer")))
    assert "Which language?" in asked
    assert AccessRecord.objects.filter(object_id=row.referral_id, action="read_notes").exists()
    named = coordinator.post(part(row, "answer"), {"version": row.version, "answer": f"It is {CANARY_NAME}"})
    assert "Your answer must not name the person" in text_of(named)
    assert named.context["form"]["answer"].value() == f"It is {CANARY_NAME}"
    done = coordinator.post(part(row, "answer"), {"version": row.version, "answer": "Ruritanian"})
    assert done.headers["Location"] == address(row.referral)
    page = text_of(coordinator.get(address(row.referral)))
    assert "Whose move Beacon" in page
    assert "It is with the organisations" in page


def test_a_question_whose_key_is_lost_says_so(cast, coordinator):
    row = with_a_question(cast, handed(cast, taken(cast), cast.beacon), cast.beacon_worker)
    Note.objects.update(kid="lost")
    assert "The question cannot be opened" in text_of(coordinator.get(part(row, "answer")))


def test_taking_back_says_why_and_is_done_once(cast, coordinator):
    row = handed(cast, taken(cast), cast.beacon)
    assert "Choose why you take it back" in text_of(coordinator.post(part(row, "revoke"), {"version": row.version}))
    coordinator.post(part(row, "revoke"), {"version": row.version, "reason": "no_answer"})
    row.refresh_from_db()
    assert (row.status, row.revoke_reason) == ("revoked", "no_answer")
    assert "The organisation did not answer" in text_of(coordinator.get(address(row.referral)))
    again = coordinator.post(part(row, "revoke"), {"version": row.version, "reason": "no_answer"})
    assert again.status_code == 409
    assert "This can no longer be done" in text_of(again)


def test_taking_back_what_was_accepted_meanwhile_says_so_first(cast, coordinator):
    row = handed(cast, taken(cast), cast.beacon)
    workflow.accept(hand_over_id=row.pk, by=cast.beacon_worker, version=row.version)
    response = coordinator.post(part(row, "revoke"), {"version": row.version, "reason": "not_needed"})
    assert response.status_code == 409
    assert "Beacon: accepted now." in text_of(response)
    assert response.context["form"]["reason"].value() == "not_needed"
    again = {"version": response.context["form"]["version"].value(), "reason": "not_needed"}
    assert coordinator.post(part(row, "revoke"), again).status_code == 302


@pytest.mark.parametrize("act", ["revoke", "answer", "ring", "name"])
def test_a_hand_over_of_another_referral_is_not_there(cast, coordinator, act):
    mine, other = taken(cast), handed(cast, taken(cast), cast.beacon)
    assert coordinator.get(f"{address(mine, act)}{other.pk}/").status_code == 404
    assert coordinator.get(address(mine, act)).status_code == 404


def test_an_act_on_the_referral_takes_no_part(cast, coordinator):
    row = handed(cast, taken(cast), cast.beacon)
    assert coordinator.get(part(row, "close")).status_code == 404


def test_who_does_not_answer_is_to_be_rung_with_the_numbers_and_never_a_line_for_emergencies(cast, coordinator):
    Organisation.objects.filter(pk=cast.beacon.pk).update(urgent_phone="01632 960125")
    for slug, purpose, phone in [("care", "victim_care", "01632 960124"), ("blue", "emergency", "01632 960999")]:
        line = {"name": slug.title(), "purpose": purpose, "phone": phone, "organisation": cast.beacon}
        SupportLine.objects.create(slug=slug, public=False, **line)
    row = silent(handed(cast, taken(cast), cast.beacon))
    page = text_of(coordinator.get(address(row.referral)))
    assert "Ring Beacon" in page
    assert page.index("01632 960125") < page.index("01632 960124")
    assert "01632 960999" not in page
    assert "Choose whether you reached somebody" in text_of(coordinator.post(part(row, "ring"), {"version": 1}))
    coordinator.post(part(row, "ring"), {"version": 1, "reached": "no"})
    assert "Rung 1 time, nobody reached." in text_of(coordinator.get(address(row.referral)))
    coordinator.post(part(row, "ring"), {"version": 1, "reached": "yes"})
    page = text_of(coordinator.get(address(row.referral)))
    assert "Ring Beacon" not in page
    assert "Somebody was reached" in page


def test_an_organisation_without_a_number_says_so(cast, coordinator):
    row = silent(handed(cast, taken(cast), cast.beacon))
    assert "No number of this organisation is known here" in text_of(coordinator.get(address(row.referral)))


def test_how_far_the_reminders_went_and_when_it_opens_stand_with_the_hand_over(cast, coordinator):
    line = SupportLine.objects.create(
        slug="line", name="Line", purpose="victim_care", organisation=cast.beacon, phone="01632 960124"
    )
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    line.hours.create(weekday=tomorrow.weekday(), opens=datetime.time(8), closes=datetime.time(20))
    row = handed(cast, taken(cast), cast.beacon)
    HandOver.objects.filter(pk=row.pk).update(chase_at=timezone.now())
    workflow.chase(hand_over_id=row.pk, now=timezone.now() + datetime.timedelta(minutes=1))
    page = text_of(coordinator.get(address(row.referral)))
    assert "Nobody there has opened it. Its second contact was written to." in page
    assert "Closed now. Opens" in page


def test_another_person_is_named(cast, coordinator):
    row = handed(cast, taken(cast), cast.beacon)
    refused = coordinator.post(part(row, "name"), {"version": 1, "responder": cast.police_officer.pk})
    assert "Choose a person from the list" in text_of(refused)
    coordinator.post(part(row, "name"), {"version": 1, "responder": cast.beacon_worker2.pk})
    row.refresh_from_db()
    assert row.responder == cast.beacon_worker2
    assert "You named Test Beacon_Worker2 at Beacon" in text_of(coordinator.get(address(row.referral)))


def test_a_decline_that_leaves_nobody_comes_first(cast, coordinator):
    row = handed(cast, taken(cast), cast.beacon)
    workflow.decline(hand_over_id=row.pk, reason=DeclineReason.NO_CAPACITY, by=cast.beacon_worker, version=1)
    page = text_of(coordinator.get(address(row.referral)))
    assert "Beacon declined We have no capacity at the moment. Nobody has this referral now" in page


def test_a_report_that_leaves_nobody_at_work_comes_first(cast, coordinator):
    row = handed(cast, taken(cast), cast.beacon)
    row = workflow.accept(hand_over_id=row.pk, by=cast.beacon_worker, version=1)
    outcome = HandOverOutcome.SUPPORT_GIVEN
    workflow.complete(hand_over_id=row.pk, outcome=outcome, by=cast.beacon_worker, version=row.version)
    page = text_of(coordinator.get(address(row.referral)))
    assert "Beacon has reported back" in page
    assert "Done by Beacon" in page


def test_closing_while_an_organisation_works_on_it_is_refused_at_its_field(cast, coordinator):
    row = handed(cast, taken(cast), cast.beacon)
    response = press(coordinator, row.referral, "close", outcome="no_contact", band="passed_on")
    assert "Still open with Beacon" in response.context["form"].errors["outcome"][0]
    assert response.context["form"]["band"].value() == "passed_on"


def test_waiting_for_the_partners_is_on_offer_when_it_is_the_coordinators_move_again(cast, coordinator):
    row = handed(cast, taken(cast), cast.beacon)

    def buttons():
        return [slug for slug, _ in coordinator.get(address(row.referral)).context["acts"]]

    assert "wait" not in buttons()
    given = [ConsentGiven(kind="msvcc", state="given")]
    workflow.record_consents(referral_id=row.referral_id, given=given, by=cast.officer)
    assert "wait" in buttons()
    assert "What the person agrees to has changed" in text_of(coordinator.get(address(row.referral)))
    press(coordinator, row.referral, "wait")
    assert Referral.objects.get(pk=row.referral_id).next_actor == "partner"


def test_waiting_for_nobody_is_refused(cast, coordinator):
    response = press(coordinator, taken(cast), "wait")
    assert "No organisation has this referral at the moment" in text_of(response)


# ---- The queue, and what it costs -----------------------------------------------------------------------------------


def test_the_queue_shows_the_pathways_and_which_organisation_has_the_move(cast, coordinator):
    referral = taken(cast)
    handed(cast, referral, cast.beacon)
    handed(cast, referral, cast.constabulary, Pathway.POLICE)
    page = text_of(coordinator.get(QUEUE))
    assert "Local support" in page
    assert "Beacon and 1 more" in page or "Constabulary and 1 more" in page


def much_has_happened(cast) -> Referral:
    """A case with four hand-overs, a question, an NRM case, consents, an exclusion and messages."""
    referral = taken(cast)
    in_the_nrm(cast, referral)
    with_a_question(cast, handed(cast, referral, cast.beacon), cast.beacon_worker)
    for number in range(2):
        row = handed(cast, referral, make_organisation(f"aid{number}", receives_referrals=True))
        SupportLine.objects.create(
            slug=f"line{number}", name="Line", purpose="other", organisation=row.organisation, phone="01632 960000"
        ).hours.create(weekday=0, opens=datetime.time(8), closes=datetime.time(9))
    silent(row)
    given = [ConsentGiven(kind=kind, state="given") for kind in ("msvcc", "decisions", "contact_phone")]
    workflow.record_consents(referral_id=referral.pk, given=given, by=cast.coordinator2)
    workflow.exclude(referral_id=referral.pk, organisation=cast.hospital, reason="A relative", by=cast.coordinator2)
    return referral


@pytest.mark.parametrize("count", [10, 100_000])
def test_the_case_page_costs_under_25_queries_whatever_has_happened(cast, coordinator, count):
    fill(cast, count - 1)
    referral = much_has_happened(cast)
    coordinator.get(address(referral))
    with CaptureQueriesContext(connection) as asked:
        coordinator.get(address(referral))
    # What only opens and closes a transaction asks the database nothing.
    assert len([query for query in asked.captured_queries if not query["sql"].startswith(CONTROL)]) < 25


def test_the_queue_costs_under_15_queries_with_hand_overs(cast, coordinator, django_assert_max_num_queries):
    for _ in range(3):
        referral = taken(cast)
        handed(cast, referral, cast.beacon)
        handed(cast, referral, cast.constabulary, Pathway.POLICE)
    coordinator.get(QUEUE)
    with django_assert_max_num_queries(14):
        coordinator.get(QUEUE)


def test_what_a_standing_says_counts_on_the_day(cast, coordinator):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Standing.objects.filter(organisation=cast.council).update(ends_on=yesterday)
    assert cast.council not in on_offer(coordinator, taken(cast), "nrm")


def test_only_who_works_the_inbox_can_be_named_and_at_home_the_referrer(cast, coordinator):
    make_person("clerk", "referrer", cast.beacon)
    form = coordinator.get(to_whom(taken(cast), "nrm")).context["form"]
    people = {one.organisation: one.people for one in form.candidates}
    assert cast.officer in people[cast.council]
    assert cast.colleague not in people[cast.council]
    beacon = coordinator.get(to_whom(taken(cast))).context["form"].candidates[0]
    assert [user.full_name for user in beacon.people] == ["Test Beacon_Worker", "Test Beacon_Worker2"]


def test_an_unread_referral_offers_no_hand_over(cast, coordinator):
    assert "Choose an organisation" not in text_of(coordinator.get(address(submit_one(cast.officer))))
