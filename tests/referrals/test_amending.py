"""Amending: what is sealed anew, what is kept of before, what follows in the open, and who is told how often."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from partners.formfields import in_words
from partners.models import Kind, Message, State
from partners.sealed_data import SealedTable
from partners.sealing import KeyRing, key_ring
from referrals import workflow
from referrals.forms.amendment import NOT_HERE, answers_of, form_of, pages_of
from referrals.forms.consent import KINDS
from referrals.forms.nrm_words import amended_in_words, to_do
from referrals.forms.steps import BY_KEY, STEPS
from referrals.matching import find_people
from referrals.models import Amendment, Consent, HandOver, Referral, ReferralEvent
from referrals.pathways import Pathway
from referrals.person_keys import person_of
from referrals.sheet_case import find_nrm, open_case
from referrals.statuses import Move, MoveNotAllowed, NextActor, Priority, Status
from referrals.submission import ConsentGiven
from referrals.tasks import write_missing_messages
from referrals.views.amended_words import amended_since
from tests.conftest import CANARY_NAME, submit_one
from tests.referrals.amended import WHY, amend, answers_now, sent
from tests.referrals.filled import ADULT, CHILD
from tests.referrals.handing import handed, in_the_nrm, taken


def kept_of(referral) -> dict:
    """What the newest amendment keeps."""
    return Amendment.objects.filter(event__referral=referral).latest("event__at").take_out()


def told(kind=Kind.REFERRAL_AMENDED):
    return Message.objects.filter(kind=kind)


@pytest.fixture
def full(cast) -> Referral:
    """An adult's referral with every answer."""
    return sent(cast.officer)


#: One other answer of every page, and what it was before.
OTHERWISE = [
    ("danger", {"immediate_danger": "not_known"}),
    ("age", {"rough_age": "about thirty"}),
    ("person", {"given_names": "Yolanda"}),
    ("exploited_as_child", {"exploited_as_child": "yes"}),
    ("found", {"found_address": "Behind the station"}),
    ("setting", {"setting": "nail_bar"}),
    ("signs_control", {"indicators": ["G03"]}),
    ("signs_work", {"indicators": ["G27"]}),
    ("account", {"what_was_said": "“He holds my papers.”"}),
    ("exploitation", {"exploitation_other": "Told to carry things"}),
    ("risk", {"still_in_it": "yes"}),
    ("consent", {"capacity": "yes"}),
    ("contact", {"phone_number": "07700 900456"}),
    ("where_now", {"address": "Flat 2, Elsewhere"}),
    ("communication", {"language": "Grand Fenwickian"}),
    ("dependants", {"dependants_details": "Two children"}),
]
OF_A_CHILD = [
    ("children_services", {"council_contact": "The duty team"}),
    ("signs_child", {"indicators": ["CH05"]}),
    ("childs_wishes", {"wishes": "To see her brother"}),
]


def test_every_page_is_tried_here_or_left_out_on_purpose():
    tried = {key for key, _ in OTHERWISE + OF_A_CHILD} | {"signs", "ring_999"}
    themes = {step.key for step in STEPS if step.key.startswith("signs_")}
    assert {step.key for step in STEPS} - tried - themes == NOT_HERE


@pytest.mark.parametrize(("step", "changes"), OTHERWISE + OF_A_CHILD)
def test_each_page_can_be_amended_and_keeps_what_it_said_before(cast, step, changes):
    referral = sent(cast.officer, CHILD if (step, changes) in OF_A_CHILD else ADULT)
    before = answers_now(referral)
    amend(referral, cast.coordinator, step, **changes)
    now = answers_now(referral)
    [(name, value)] = changes.items()
    assert now[step][name] == value
    assert {key: given for key, given in now.items() if key != step} == {k: v for k, v in before.items() if k != step}
    kept = kept_of(referral)
    blob = "location" if name in BY_KEY[step].form.place else "secret"
    old = {step: {name: before[step][name]}} if name in before[step] else {}
    assert kept[blob] == {"old": old, "new": {step: {name: value}}}
    assert kept["why"] == WHY


def test_the_event_says_who_and_which_questions_and_no_answer(cast, full):
    amend(full, cast.coordinator, "person", given_names="Yolanda", known_as="")
    event = ReferralEvent.objects.get(referral=full, move=Move.AMEND)
    assert event.by == cast.coordinator
    assert event.facts == {"questions": ["person.given_names", "person.known_as"], "version": 2}
    assert (event.from_status, event.to_status) == (Status.SUBMITTED, Status.SUBMITTED)


def test_what_is_kept_in_the_open_follows(cast, full):
    amend(full, cast.coordinator, "exploitation", kinds=["forced-to-work"], exploitation_other=None)
    amend(full, cast.coordinator, "found", district="outside")
    amend(full, cast.coordinator, "setting", setting="nail_bar")
    amend(full, cast.coordinator, "signs_work", indicators=["G26", "G27"])
    row = Referral.objects.get(pk=full.pk)
    assert (row.exploitation, row.district, row.setting) == (["forced-to-work"], None, "nail_bar")
    assert row.indicators == ["G03", "G05", "G26", "G27"]
    assert row.version == 5


def test_answers_of_a_branch_that_was_left_fall_away_and_are_kept_as_old(cast, full):
    amend(full, cast.coordinator, "age", age_group="unsure")
    now, kept = answers_now(full), kept_of(full)["secret"]
    assert "exploited_as_child" not in now
    assert kept["old"]["exploited_as_child"] == {"exploited_as_child": "no"}
    assert "exploited_as_child" not in kept["new"]
    assert Referral.objects.get(pk=full.pk).age_group == "unsure"


def test_a_group_of_signs_that_was_not_meant_takes_its_signs_along(cast, full):
    amend(full, cast.coordinator, "signs", themes=["control"])
    assert "signs_work" not in answers_now(full)
    assert Referral.objects.get(pk=full.pk).indicators == ["G03", "G05"]
    assert kept_of(full)["secret"]["old"]["signs_work"] == {"indicators": ["G26"]}


def test_the_place_of_a_way_of_contact_that_is_not_safe_falls_away_from_the_location(cast, full):
    amend(full, cast.coordinator, "contact", channels=["phone"])
    assert "contact" not in Referral.objects.get(pk=full.pk).location.take_out()
    assert kept_of(full)["location"]["old"] == {"contact": {"post_address": "Care of the day centre"}}


def test_consent_records_stay_as_they_are_and_are_not_asked(cast, full):
    rows = list(Consent.objects.filter(referral=full).order_by("pk").values())
    amend(full, cast.coordinator, "consent", capacity="yes")
    assert list(Consent.objects.filter(referral=full).order_by("pk").values()) == rows
    assert answers_now(full)["consent"]["beacon"] == "given"
    asked = {name for step in STEPS if step.key not in NOT_HERE for name in form_of(step).base_fields}
    assert not asked & set(KINDS)


def test_who_referred_and_when_stays(cast, full):
    before = Referral.objects.values("referrer", "organisation", "submitted_at", "content_hash", "submit_key").get()
    amend(full, cast.coordinator, "person", given_names="Yolanda")
    assert Referral.objects.values(*before).get() == before


@pytest.mark.parametrize("why", ["", "  "])
def test_it_needs_a_reason(cast, full, why):
    with pytest.raises(workflow.Refused):
        amend(full, cast.coordinator, "person", given_names="Yolanda", why=why)
    assert not Amendment.objects.exists()


def test_when_nothing_changed_nothing_is_written(cast, full):
    before = (Referral.objects.get().version, ReferralEvent.objects.count(), Message.objects.count())
    for step in pages_of(answers_now(full)):
        with pytest.raises(workflow.NothingChanged):
            amend(full, cast.coordinator, step.key)
    assert (Referral.objects.get().version, ReferralEvent.objects.count(), Message.objects.count()) == before


def test_the_person_is_found_by_the_new_name_and_no_longer_by_the_old(cast, full):
    amend(full, cast.coordinator, "person", given_names="Yolanda", family_name="Otherperson", known_as="")
    found = {
        name: [one.referral.pk for one in find_people(cast.coordinator, name=name, purpose="A partner rang us")]
        for name in ("Yolanda Otherperson", f"{CANARY_NAME} Testperson")
    }
    assert found == {"Yolanda Otherperson": [full.pk], f"{CANARY_NAME} Testperson": []}
    assert person_of(Referral.objects.get().secret.take_out())


def test_a_referral_that_was_sent_with_other_questions_loses_nothing(cast):
    secret = {"old_page": {"old_question": "An old answer"}, "person": {"given_names": CANARY_NAME, "gone": "kept"}}
    referral = submit_one(cast.officer, secret=secret, priority="urgent")
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    row = Referral.objects.get(pk=referral.pk)
    assert row.secret.take_out()["old_page"] == {"old_question": "An old answer"}
    assert row.secret.take_out()["person"] == {"given_names": "Yolanda", "gone": "kept"}
    assert (row.priority, row.age_group, row.setting) == ("urgent", "adult", "car_wash")
    assert row.indicators == ["G01", "G26"]
    assert row.location.take_out()["where_now"] == referral.location.take_out()["where_now"]


def test_the_rules_are_asked_again(cast, full):
    amend(full, cast.coordinator, "age", age_group="unsure", date_of_birth_day="", **NO_BIRTHDAY)
    row = Referral.objects.get(pk=full.pk)
    assert Pathway.CHILDRENS_SERVICES in row.pathways
    assert row.recommendations.count() == 2
    assert row.priority == Priority.URGENT


NO_BIRTHDAY = {"date_of_birth_month": "", "date_of_birth_year": ""}


def test_age_and_date_of_birth_are_put_right_together(cast, full):
    year = timezone.localdate().year - 16
    born = {"date_of_birth_day": 1, "date_of_birth_month": 2, "date_of_birth_year": year}
    amend(full, cast.coordinator, "age", age_group="child", **born)
    row = Referral.objects.get(pk=full.pk)
    assert (row.age_group, row.turns_18_month) == ("child", datetime.date(year + 18, 2, 1))
    assert kept_of(full)["secret"]["old"]["person"] == {"date_of_birth": "1999-03-27"}


def test_immediate_danger_rings_as_for_a_new_referral(cast, full):
    before = told(Kind.REFERRAL_IMMEDIATE).count()
    due = Referral.objects.get().due_at
    amend(full, cast.coordinator, "danger", immediate_danger="yes")
    row = Referral.objects.get()
    assert row.priority == Priority.IMMEDIATE
    assert row.due_at < due
    rung = told(Kind.REFERRAL_IMMEDIATE)
    rang = submit_one(cast.officer, priority="immediate")
    assert before == 0
    assert {(m.user_id, m.organisation_id, m.contact) for m in rung.filter(referral_id=full.pk)} == {
        (m.user_id, m.organisation_id, m.contact) for m in rung.filter(referral_id=rang.pk)
    }
    amend(full, cast.coordinator, "ring_999", police_told="yes")
    assert told(Kind.REFERRAL_IMMEDIATE).filter(referral_id=full.pk).count() == rung.filter(referral_id=full.pk).count()
    assert write_missing_messages(timezone.now()) == 0


def test_a_lower_priority_puts_no_promise_off_and_rings_nobody(cast):
    referral = sent(cast.officer, danger={"immediate_danger": "yes"})
    due, rung = referral.due_at, told(Kind.REFERRAL_IMMEDIATE).count()
    amend(referral, cast.coordinator, "danger", immediate_danger="no")
    row = Referral.objects.get()
    assert (row.priority, row.due_at) == (Priority.STANDARD, due)
    assert told(Kind.REFERRAL_IMMEDIATE).count() == rung


@pytest.mark.parametrize("name", ["officer", "lead", "viewer", "auditor", "sysadmin", "beacon_worker"])
def test_only_coordinators_amend(cast, full, name):
    with pytest.raises(workflow.NotAllowed):
        amend(full, cast.people[name], "person", given_names="Yolanda")


def test_a_coordinator_whose_organisation_must_not_know_finds_nothing(cast, full):
    from_there = cast.beacon_worker
    from_there.membership.role = "coordinator"
    from_there.membership.save()
    workflow.exclude(referral_id=full.pk, organisation=cast.beacon, reason="Close", by=cast.coordinator)
    with pytest.raises(Referral.DoesNotExist):
        amend(full, type(from_there).objects.get(pk=from_there.pk), "person", given_names="Yolanda")


def test_one_that_has_ended_is_reopened_first(cast, full):
    workflow.start_triage(referral_id=full.pk, by=cast.coordinator, version=1)
    workflow.close(referral_id=full.pk, outcome="no_contact", band="passed_on", by=cast.coordinator, version=2)
    with pytest.raises(MoveNotAllowed):
        amend(full, cast.coordinator, "person", given_names="Yolanda")


def test_the_second_of_two_is_told_and_nothing_is_overwritten(cast, full):
    amend(full, cast.coordinator, "person", given_names="Yolanda", version=1)
    with pytest.raises(workflow.ChangedMeanwhile) as change:
        amend(full, cast.coordinator2, "person", family_name="Otherperson", version=1)
    assert [event.move for event in change.value.since] == [Move.AMEND]
    assert answers_now(full)["person"]["given_names"] == "Yolanda"
    assert Amendment.objects.count() == 1


@pytest.mark.parametrize(
    "statement", ["DELETE FROM {}", "UPDATE {} SET event_id = event_id", "UPDATE {} SET sealed = ''"]
)
def test_an_amendment_cannot_be_changed_or_lost_in_plain_sql(cast, full, statement):
    amend(full, cast.coordinator, "person", given_names="Yolanda")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format("referrals_amendment"))


def test_an_amendment_is_sealed_again_under_a_new_key(cast, full, monkeypatch):
    amend(full, cast.coordinator, "person", given_names="Yolanda")
    ring = key_ring()
    newer = KeyRing(current="newer", data={**ring.data, "newer": bytes(32)}, index=ring.index)
    for module in ("sealing", "sealed_data"):
        monkeypatch.setattr(f"partners.{module}.key_ring", lambda: newer)
    outcome = SealedTable(Amendment).reseal(10, lambda done: None)
    assert (outcome.done, outcome.is_good) == (1, True)
    assert kept_of(full)["secret"]["new"] == {"person": {"given_names": "Yolanda"}}


@pytest.fixture
def with_beacon(cast):
    """A referral that was handed over to the victim care centre, and the hand-over."""
    referral = taken(cast)
    return referral, handed(cast, referral, cast.beacon)


def test_whoever_has_it_is_told_once_until_they_look(cast, with_beacon):
    referral, offered = with_beacon
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    first = told().count()
    assert {(m.organisation or m.user.organisation, m.about) for m in told()} == {(cast.beacon, cast.beacon)}
    amend(referral, cast.coordinator, "setting", setting="nail_bar")
    amend(referral, cast.coordinator2, "person", given_names="Yvonne")
    assert told().count() == first
    workflow.open_hand_over(hand_over_id=offered.pk, by=cast.beacon_worker)
    amend(referral, cast.coordinator, "person", given_names="Zoe")
    assert told().count() == 2 * first
    assert len(set(told().values_list("event_id", flat=True))) == 2
    assert write_missing_messages(timezone.now()) == 0


def test_a_message_that_did_not_arrive_does_not_count_as_told(cast, with_beacon):
    referral, _ = with_beacon
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    first = told().count()
    told().update(state=State.DEAD)
    amend(referral, cast.coordinator, "person", given_names="Zoe")
    assert told().count() == 2 * first


def test_nobody_is_told_who_does_not_have_it(cast, with_beacon):
    referral, offered = with_beacon
    workflow.revoke(hand_over_id=offered.pk, reason="not_needed", by=cast.coordinator)
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    assert not told().exists()
    assert not ReferralEvent.objects.filter(move=Move.HAND_OVER_AMENDED).exists()


def test_an_organisation_with_two_parts_in_it_is_told_once(cast):
    referral = taken(cast)
    for pathway in (Pathway.NRM, Pathway.POLICE):
        handed(cast, referral, cast.constabulary, pathway)
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    recipients = [(m.user_id, m.organisation_id) for m in told()]
    assert len(recipients) == len(set(recipients)) > 0


def test_each_who_is_named_is_told_and_the_mailbox_once(cast):
    referral = taken(cast)
    handed(cast, referral, cast.constabulary, Pathway.NRM, responder=cast.police_officer)
    other = cast.police_officer.__class__.objects.get(pk=cast.police_officer.pk)
    handed(cast, referral, cast.constabulary, Pathway.POLICE)
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    assert told().filter(organisation=cast.constabulary).count() == 1
    assert told().filter(user=other).count() == 1


def test_an_organisation_that_must_not_know_is_told_nothing(cast, with_beacon):
    referral, _ = with_beacon
    handed(cast, referral, cast.constabulary, Pathway.POLICE)
    workflow.exclude(referral_id=referral.pk, organisation=cast.beacon, reason="Close", by=cast.coordinator)
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    assert {m.organisation or m.user.organisation for m in told()} == {cast.constabulary}


def test_the_named_first_responder_hears_of_it_after_the_form_was_sent(cast):
    referral = taken(cast)
    in_the_nrm(cast, referral)
    row = referral.hand_overs.get()
    workflow.complete(hand_over_id=row.pk, outcome="nrm_submitted", by=cast.police_officer, version=row.version)
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    assert told().filter(user=cast.police_officer).count() == 1
    assert write_missing_messages(timezone.now()) == 0


def test_whose_move_it_is_does_not_change(cast, with_beacon):
    referral, _ = with_beacon
    before = Referral.objects.values("status", "next_actor", "due_at", "owner").get(pk=referral.pk)
    assert before["next_actor"] == NextActor.PARTNER
    amend(referral, cast.coordinator2, "person", given_names="Yolanda")
    assert Referral.objects.values(*before).get(pk=referral.pk) == before


def test_the_answers_of_a_log_that_was_carried_over_are_read_from_its_columns(cast):
    referral = submit_one(cast.officer, secret={}, location={}, age_group="child", indicators=["CH05"])
    row = Referral.objects.select_related("district").get(pk=referral.pk)
    answers = answers_of(row, {}, {})
    assert answers["age"] == {"age_group": "child"}
    assert answers["found"] == {"district": "northtown"}
    assert answers["signs_child"] == {"indicators": ["CH05"]}


def words_on(hand_over) -> list[str]:
    """What the inbox says was amended, day and first words left out."""
    return [line.partition(": ")[2] for line in amended_since(HandOver.objects.get(pk=hand_over.pk))]


def test_the_inbox_says_which_of_the_facts_they_see_were_amended(cast, with_beacon):
    referral, offered = with_beacon
    assert words_on(offered) == []
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    assert words_on(offered) == ["something that you do not see"]
    amend(referral, cast.coordinator, "age", age_group="unsure", rough_age="17")
    amend(referral, cast.coordinator, "account", what_was_said="Nothing")
    assert words_on(offered) == ["age group"]
    workflow.accept(hand_over_id=offered.pk, by=cast.beacon_worker, version=1)
    [line] = words_on(offered)
    assert line == "age group, age and date of birth, who they are"
    amend(referral, cast.coordinator, "where_now", address="Elsewhere")
    assert words_on(offered) == [line]


def test_the_page_of_the_hand_over_says_so_without_a_value(cast, with_beacon, client, sign_in):
    referral, offered = with_beacon
    amend(referral, cast.coordinator, "setting", setting="nail_bar", why=f"{CANARY_NAME} said so")
    amend(referral, cast.coordinator, "person", given_names="Yolanda")
    page = sign_in(client, cast.beacon_worker).get(f"/inbox/{offered.pk}/").content.decode()
    assert f"Amended on {in_words(timezone.localdate())}: kind of place" in page
    assert not [word for word in ("Yolanda", CANARY_NAME) if word in page]


def test_the_answer_sheet_takes_what_was_amended_and_marks_what_was_answered_there(cast):
    referral = taken(cast)
    case = in_the_nrm(cast, referral)
    answered = {"pv-name-first-name": "Zeb", "pv-name-nickname": "Quokka"}
    workflow.save_answers(referral_id=referral.pk, by=cast.police_officer, version=case.version, given=answered)
    amend(referral, cast.coordinator, "person", given_names="Yolanda", family_name="Otherperson")
    opened = open_case(find_nrm(referral.pk, by=cast.police_officer), by=cast.police_officer)
    items = {item.field.key: item for item in opened.sheet.items}
    assert items["pv-name-last-name"].value == "Otherperson"
    assert items["pv-name-first-name"].value == "Zeb"
    assert set(opened.amended) == {"pv-name-first-name"}
    assert "It says now: Yolanda" in amended_in_words(items["pv-name-first-name"].field, opened)
    assert [words for _, words in to_do(opened)["amended"]] == [items["pv-name-first-name"].field.label]
    with pytest.raises(workflow.SheetChanged):  # a page that was open before the amendment
        workflow.save_answers(referral_id=referral.pk, by=cast.police_officer, version=case.version + 1, given=answered)
    seen = {"pv-name-first-name": "Yolanda"}
    workflow.save_answers(referral_id=referral.pk, by=cast.police_officer, version=opened.nrm.version, given=seen)
    assert open_case(find_nrm(referral.pk, by=cast.police_officer), by=cast.police_officer).amended == {}


def test_another_age_leads_another_way_through_the_form(cast):
    referral = taken(cast)
    in_the_nrm(cast, referral)
    amend(referral, cast.coordinator, "age", age_group="child")
    assert Referral.objects.get(pk=referral.pk).nrm.branch == "child_nrm"
    amend(referral, cast.coordinator, "age", age_group="adult")
    assert Referral.objects.get(pk=referral.pk).nrm.branch == "adult_nrm"


def test_a_hand_over_that_would_now_need_a_consent_is_taken_back(cast):
    """A child needs to agree to no NRM referral; the same person found to be an adult has refused it."""
    referral = sent(cast.officer, CHILD)
    workflow.record_consents(
        referral_id=referral.pk, given=[ConsentGiven(kind="nrm", state="refused")], by=cast.officer
    )
    referral.refresh_from_db()
    referral = workflow.start_triage(referral_id=referral.pk, by=cast.coordinator, version=referral.version)
    row = handed(cast, referral, cast.constabulary, Pathway.NRM)
    born = {"date_of_birth_day": "1", "date_of_birth_month": "5", "date_of_birth_year": "1999"}
    amend(referral, cast.coordinator, "age", age_group="adult", rough_age="27", **born)
    row.refresh_from_db()
    assert (row.status, row.revoke_reason) == ("revoked", "consent_needed")
    assert not Referral.objects.visible_to(cast.police_officer).filter(pk=referral.pk).exists()
    assert Referral.objects.get(pk=referral.pk).next_actor == NextActor.COORDINATOR


def test_who_is_kept_out_is_not_said_to_have_been_told(cast):
    referral = taken(cast)
    in_the_nrm(cast, referral)
    row = HandOver.objects.get(referral=referral)
    workflow.complete(hand_over_id=row.pk, by=cast.police_officer, version=row.version, outcome="nrm_submitted")
    workflow.exclude(referral_id=referral.pk, organisation=cast.constabulary, reason="A relative", by=cast.coordinator)
    amend(referral, cast.coordinator, "setting", setting="nail_bar")
    assert not ReferralEvent.objects.filter(move=Move.HAND_OVER_AMENDED).exists()
