"""The receipt: the reference, by when somebody reads it, and whom to ring now."""

import dataclasses
import datetime
import itertools
import re

import pytest
from django.test import Client
from django.urls import reverse

from partners.hours import LONDON
from partners.models import OpeningHours, SupportLine
from referrals.models import Referral
from referrals.pathway_words import TASKS as RULES_TASKS
from referrals.pathways import Actor, Facts, recommend
from referrals.statuses import Priority
from referrals.submission import ConsentGiven
from referrals.views.advice import PATHWAYS, TASKS, advice
from referrals.workflow import start_triage
from tests.conftest import CANARY_NAME, CANARY_PHONE, sign_in_as, submit_one


@pytest.fixture
def lines(db):
    def line(slug, purpose, name, **fields):
        return SupportLine.objects.create(slug=slug, purpose=purpose, name=name, phone="01632 960111", **fields)

    line("children", "children", "Children’s services line", always_open=True)
    line("police", "police", "Police line", always_open=True)
    beacon = line("beacon", "victim_care", "Victim care line")
    for day in range(5):
        OpeningHours.objects.create(line=beacon, weekday=day, opens=datetime.time(8), closes=datetime.time(20))


@pytest.fixture
def at(monkeypatch):
    """`at("2026-11-29T12:00")`: the receipt is looked at then (London)."""

    def set_clock(text):
        moment = datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON)
        monkeypatch.setattr("referrals.views.receipt.timezone.now", lambda: moment)

    return set_clock


def receipt(cast, referral, who="officer"):
    client = sign_in_as(Client(), getattr(cast, who), second_factor=False)
    return client.get(reverse("referral_receipt", args=[referral.pk]))


def main_of(page):
    """The page without its footer, which names the public lines on every page."""
    return page.content.decode().split("<main")[1].split("</main>")[0]


def due(referral, text):
    moment = datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON)
    Referral.objects.filter(pk=referral.pk).update(due_at=moment)


def test_it_shows_the_reference_and_by_when_somebody_reads_it(cast, referral, at):
    due(referral, "2026-11-24T17:00")
    at("2026-11-23T15:00")
    page = main_of(receipt(cast, referral))
    assert f'id="reference">{referral.reference}<' in page
    assert "<strong>tomorrow at 17:00</strong>" in page


def test_a_referral_that_was_read_promises_no_other_date_as_the_one_of_reading(cast, referral, at):
    start_triage(referral_id=referral.pk, by=cast.coordinator, version=referral.version)
    due(referral, "2026-11-24T17:00")
    at("2026-11-23T15:00")
    assert "reads it by" not in main_of(receipt(cast, referral))


def test_it_names_no_person(cast, referral):
    page = main_of(receipt(cast, referral))
    assert CANARY_NAME not in page
    assert CANARY_PHONE not in page


def test_once_it_was_read_it_promises_nothing_any_more(cast, referral, at):
    due(referral, "2026-11-24T17:00")
    at("2026-11-25T09:00")
    assert "reads it by" not in main_of(receipt(cast, referral))


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2026-11-23T15:00", "Open now, until 20:00"),
        ("2026-11-23T23:00", "Closed now. Opens tomorrow at 08:00"),
        ("2026-11-29T12:00", "Closed now. Opens tomorrow at 08:00"),
        ("2026-12-24T21:00", "Closed now. Opens Tuesday at 08:00"),
    ],
)
def test_at_night_on_sundays_and_holidays_it_says_when_the_victim_care_centre_opens(
    cast, referral, lines, at, moment, words
):
    at(moment)
    page = main_of(receipt(cast, referral))
    assert words in page.split("Victim care line")[1]


def test_no_line_is_taken_for_an_emergency_service(cast, referral, lines):
    page = main_of(receipt(cast, referral))
    assert 'href="tel:999"' in page
    assert "None of the lines below is an emergency service" in page


def test_for_a_child_or_somebody_who_may_be_one_childrens_services_come_first(cast, lines):
    for group in ("child", "unsure"):
        page = main_of(receipt(cast, submit_one(cast.officer, age_group=group)))
        assert page.index("Children’s services line") < page.index("Police line")
        assert "Victim care line" not in page


def test_for_an_adult_childrens_services_are_not_named(cast, referral, lines):
    assert "Children’s services line" not in main_of(receipt(cast, referral))


def test_in_danger_it_says_that_the_form_does_not_call_the_police(cast, lines):
    page = main_of(receipt(cast, submit_one(cast.officer, priority=Priority.IMMEDIATE)))
    assert "this form does not call the police" in page
    assert "They were told at once" in page


# --- What is recommended ----------------------------------------------------------------------------------------------


def consent(**states):
    return {"consents": [ConsentGiven(kind=kind, state=state) for kind, state in states.items()]}


def advice_on(page):
    part = main_of(page).split("What is recommended</h2>")[1].split("</ul>")[0]
    return re.findall(r"<li>(.*?)</li>", part)


@pytest.mark.parametrize(
    ("who", "changes", "first"),
    [
        ("officer", {"age_group": "child"}, "Children’s services must be told by you today"),
        ("nurse", {"age_group": "unsure"}, "Children’s services must be told by you today"),
        ("officer", consent(nrm="given"), "Your organisation is a first responder and can send it"),
        ("nurse", consent(nrm="given"), "Your organisation is not a first responder"),
        ("officer", consent(nrm="refused"), "Your organisation is under that duty"),
        ("nurse", consent(nrm="refused"), "The coordinator names an organisation that does it"),
        ("officer", consent(nrm="given") | {"may_lack_capacity": True}, "adult safeguarding"),
        ("officer", consent(beacon="given"), "The coordinator asks the victim care centre"),
    ],
)
def test_it_says_in_plain_sentences_what_the_rules_recommend(cast, who, changes, first):
    told = advice_on(receipt(cast, submit_one(getattr(cast, who), **changes), who))
    assert first in told[0]
    assert 1 <= len(told) <= 3


def test_childrens_services_are_asked_for_once_on_the_page(cast):
    page = main_of(receipt(cast, submit_one(cast.officer, age_group="child")))
    assert "Children’s services must be told" in page
    assert "ring them today" not in page


def every_result():
    """The facts of every meaningful combination, with nobody to keep it from."""
    answers = ("given", "refused", "withdrawn", "wants_time", "not_asked")
    yes_no = (False, True)
    for age, nrm, beacon, police in itertools.product(("adult", "child", "unsure"), answers, answers, answers):
        for capacity, danger, responder, duty in itertools.product(yes_no, repeat=4):
            yield Facts(
                age_group=age,
                consent_nrm=nrm,
                consent_beacon=beacon,
                consent_police=police,
                may_lack_capacity=capacity,
                immediate_danger=danger,
                first_responder=responder,
                section_52=duty,
                reception_centre=True,
                exploited_as_child=True,
                turns_18_soon=True,
                conflict=False,
            )


def test_nothing_on_it_tells_that_it_is_kept_from_somebody():
    """Word for word the same with and without an organisation that must not know, for every combination of facts."""
    for facts in every_result():
        kept = recommend(dataclasses.replace(facts, conflict=True))
        assert any(task.code == "keep_from_excluded" for task in kept.tasks)
        assert advice(kept) == advice(recommend(facts))
        assert len(advice(kept)) <= 3


def test_every_pathway_the_rules_give_to_somebody_has_a_sentence():
    said = {
        (one.pathway, one.actor is Actor.REFERRER_ORGANISATION)
        for facts in every_result()
        for one in recommend(facts).pathways
        if one.actor is not Actor.EVERYONE
    }
    assert said == set(PATHWAYS)
    assert set(TASKS) <= set(RULES_TASKS) - {"keep_from_excluded"}


def test_a_receipt_with_an_exclusion_reads_as_one_without(cast):
    plain = advice_on(receipt(cast, submit_one(cast.officer)))
    page = receipt(cast, submit_one(cast.officer, exclude=["beacon"], exclude_reason="A relative works there"))
    assert advice_on(page) == plain
    assert "relative" not in page.content.decode()


def test_it_can_be_looked_at_again(cast, referral):
    assert receipt(cast, referral).status_code == 200
    assert receipt(cast, referral).status_code == 200


@pytest.mark.parametrize("who", ["colleague", "lead", "coordinator", "nurse", "viewer", "auditor", "sysadmin"])
def test_it_is_there_for_the_person_who_sent_it_only(cast, referral, who):
    assert receipt(cast, referral, who).status_code == 404


def test_few_queries(cast, referral, lines, client, django_assert_max_num_queries):
    sign_in_as(client, cast.officer, second_factor=False)
    address = reverse("referral_receipt", args=[referral.pk])
    client.get(address)
    with django_assert_max_num_queries(12):  # ten, and the savepoint around a request in a test
        client.get(address)
