"""“Has the person changed their mind?”: who may record it, what it does, and that nothing typed or recorded leaks."""

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.models import Kind, Message
from referrals.forms.consent_change import BOTH, KINDS, NOTHING_SAID
from referrals.handover_states import HandOverStatus
from referrals.models import Consent, HandOver, Note, Referral
from referrals.pathways import Pathway
from referrals.statuses import Move, WithdrawalReason
from referrals.workflow import Offer, accept, hand_over, start_triage, withdraw
from tests.conftest import CANARY_NAME, make_draft, sign_in_as


def address(referral):
    return reverse("record_consent", args=[referral.pk])


def said(**changes):
    """What a browser posts when the person takes back what they said about local support."""
    today = timezone.localdate()
    standard = {
        "beacon": "withdrawn",
        "said_on_day": str(today.day),
        "said_on_month": str(today.month),
        "said_on_year": str(today.year),
        "explained_by": "me",
        "language": "Romanian",
        "interpreter": "professional",
        "privacy_notice_given": "yes",
    }
    return {name: value for name, value in (standard | changes).items() if value is not None}


def newest(referral):
    rows = Consent.objects.filter(referral=referral).order_by("recorded_at")
    return {row.kind: row for row in rows}


@pytest.fixture
def officer(cast, client):
    return sign_in_as(client, cast.officer, second_factor=False)


@pytest.fixture
def handed(cast, referral):
    """The officer's referral, offered to the victim service by consent."""
    start_triage(referral_id=referral.pk, by=cast.coordinator, version=1)
    offer = Offer(organisation=cast.beacon, pathway=Pathway.BEACON)
    return hand_over(referral_id=referral.pk, offers=[offer], by=cast.coordinator, version=2)[0]


@pytest.fixture
def accepted(cast, handed):
    return accept(hand_over_id=handed.pk, by=cast.beacon_worker, version=handed.version)


# --- What it does -------------------------------------------------------------------------------------------------


def test_what_they_said_is_recorded_kind_by_kind_with_how_it_was_explained(officer, cast, referral):
    posted = said(
        nrm="given", police="refused", msvcc="wants_time", decisions="given", safe=["text"], not_safe=["phone"]
    )
    response = officer.post(address(referral), posted)
    assert response["Location"] == reverse("referral_status", args=[referral.pk])
    rows = newest(referral)
    states = {kind: row.state for kind, row in rows.items()}
    assert states == {
        "nrm": "given",
        "beacon": "withdrawn",
        "msvcc": "wants_time",
        "police": "refused",
        "decisions": "given",
        "contact_text": "given",
        "contact_phone": "refused",  # it was never given: there is nothing to withdraw
    }
    row = rows["nrm"]
    assert (row.explained_on, row.explained_by, row.language) == (timezone.localdate(), "me", "Romanian")
    assert (row.interpreter, row.privacy_notice_given, row.recorded_by) == ("professional", "yes", cast.officer)


def test_what_was_not_spoken_about_stays_as_it_was(officer, referral):
    before = Consent.objects.filter(referral=referral, kind="nrm").count()
    officer.post(address(referral), said())
    assert Consent.objects.filter(referral=referral, kind="nrm").count() == before


def test_a_withdrawal_takes_the_referral_from_the_organisation_at_once_and_tells_the_coordinator(
    officer, cast, accepted
):
    referral = accepted.referral
    assert Referral.objects.visible_to(cast.beacon_worker).filter(pk=referral.pk).exists()
    page = officer.post(address(referral), said(), follow=True).content.decode()
    assert HandOver.objects.get().status == HandOverStatus.REVOKED
    assert not Referral.objects.visible_to(cast.beacon_worker).filter(pk=referral.pk).exists()
    assert Message.objects.filter(kind=Kind.CONSENT_CHANGED, user=cast.coordinator).exists()
    assert "has lost sight of it" in page
    assert "Beacon does not have it any more" in page


def test_names_and_a_language_no_list_has_are_sealed_and_not_lost(officer, referral):
    officer.post(address(referral), said(names="Ina Terpreter", language="Ruritanian, of the hills"))
    assert newest(referral)["beacon"].language == "Other"
    note = Note.objects.get(kind=Note.Kind.CONSENT).take_out()["text"]
    assert "Ina Terpreter" in note
    assert "Ruritanian, of the hills" in note


def test_a_double_click_is_one_record_and_another_answer_from_an_old_page_is_a_second(officer, referral):
    posted = said(version=str(referral.version))
    for _ in range(2):
        assert officer.post(address(referral), posted).status_code == 302
    assert referral.events.filter(move=Move.RECORD_CONSENT).count() == 1
    officer.post(address(referral), posted | {"beacon": "given"})
    assert newest(referral)["beacon"].state == "given"


def test_it_counts_whatever_else_happened_since_the_page_was_opened(officer, cast, handed):
    officer.post(address(handed.referral), said(version="1"))
    assert HandOver.objects.get().status == HandOverStatus.REVOKED


def test_it_can_be_recorded_when_the_referral_is_over(officer, cast, referral):
    withdraw(referral_id=referral.pk, reason=WithdrawalReason.DUPLICATE, by=cast.coordinator, version=1)
    assert officer.post(address(referral), said()).status_code == 302
    assert newest(referral)["beacon"].state == "withdrawn"


# --- Who --------------------------------------------------------------------------------------------------------------


def test_a_code_alone_is_enough_for_ones_own_and_shows_nothing_that_was_recorded(officer, referral):
    page = officer.get(address(referral)).content.decode()
    assert page.count(" checked") == len(KINDS), "each kind as “We did not speak about it”, and nothing else"
    assert CANARY_NAME not in page
    assert "at once" in page


def test_others_need_the_second_step(cast, accepted):
    for who in (cast.coordinator, cast.beacon_worker):
        client = sign_in_as(Client(), who, second_factor=False)
        for answer in (client.get(address(accepted.referral)), client.post(address(accepted.referral), said())):
            assert answer["Location"].startswith(reverse("second_factor"))
    assert HandOver.objects.get().status == HandOverStatus.ACCEPTED


def test_a_coordinator_comes_back_to_the_case_and_who_accepted_to_the_inbox(cast, accepted):
    referral = accepted.referral
    for who, way_on in (
        (cast.coordinator, reverse("admin:referrals_referral_change", args=[referral.pk])),
        (cast.beacon_worker, reverse("inbox")),
    ):
        client = sign_in_as(Client(), who)
        assert client.get(address(referral)).status_code == 200
        assert client.post(address(referral), said(beacon="given"))["Location"] == way_on


def test_before_it_accepts_an_organisation_may_not_record_anything(cast, handed):
    client = sign_in_as(Client(), cast.beacon_worker)
    assert client.get(address(handed.referral)).status_code == 404
    assert client.post(address(handed.referral), said()).status_code == 404


@pytest.mark.parametrize("who", ["colleague", "lead", "nurse", "responder", "viewer", "auditor", "sysadmin"])
def test_for_everybody_else_it_is_not_there(cast, referral, who):
    client = sign_in_as(Client(), getattr(cast, who))
    assert client.get(address(referral)).status_code == 404
    assert client.post(address(referral), said()).status_code == 404
    assert newest(referral)["beacon"].state == "given"


# --- Bad input ----------------------------------------------------------------------------------------------------


def error_page(response, words):
    text = response.content.decode()
    assert response.status_code == 200
    assert "There is a problem" in text
    assert words in text
    return text


def tomorrow():
    day = timezone.localdate() + datetime.timedelta(days=1)
    return {"said_on_day": str(day.day), "said_on_month": str(day.month), "said_on_year": str(day.year)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"beacon": None}, NOTHING_SAID),
        ({"safe": ["phone"], "not_safe": ["phone", "post"]}, BOTH.format("“Phone call”")),
        ({"said_on_day": "31", "said_on_month": "2"}, "must be a real date"),
        ({"said_on_day": None, "said_on_month": None, "said_on_year": None}, "Enter the day on which they said this"),
        (tomorrow(), "must be today or in the past"),
        ({"beacon": "forged"}, "Choose from the answers on this page"),
        ({"safe": ["pigeon"]}, "Choose from the answers on this page"),
        ({"language": "x" * 61}, "60 characters or fewer"),
        ({"names": "a\x00b"}, "invisible control character"),
    ],
    ids=["nothing", "both", "no-date", "no-day", "future", "forged", "channel", "long", "control"],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(officer, referral, changes, words):
    events = referral.events.count()
    posted = said(names="Ina Terpreter", privacy_notice_given="no") | changes
    posted = {name: value for name, value in posted.items() if value is not None}
    page = error_page(officer.post(address(referral), posted), words)
    assert ('value="Ina Terpreter"' in page) is ("names" not in changes)
    notice = re.search(r'<input[^>]*name="privacy_notice_given"[^>]*value="no"[^>]*>', page)[0]
    assert " checked" in notice
    assert referral.events.count() == events


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "٣", "\x00"])
def test_a_forged_version_stops_nobody(officer, referral, version):
    response = officer.post(address(referral), said(version=version))
    assert response.status_code in (200, 302)


def test_what_was_typed_is_given_back_when_the_account_falls(officer, cast, referral):
    cast.officer.is_active = False
    cast.officer.save()
    page = officer.post(address(referral), said(names="Ina Terpreter"))
    assert page.status_code == 403
    assert "Ina Terpreter" in page.content.decode()
    assert officer.get(address(referral)).status_code == 403
    assert newest(referral)["beacon"].state == "given"


def test_few_queries(officer, cast, referral, django_assert_max_num_queries):
    make_draft(cast.officer)
    officer.get(address(referral))
    with django_assert_max_num_queries(12):  # ten, and the savepoint around a request in a test
        officer.get(address(referral))
