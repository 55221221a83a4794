"""Recording consent on the case page: what holds, what was said before, and what has to be taken back."""

import pytest
from django.test import Client
from django.utils import timezone

from referrals import workflow
from referrals.handover_states import OverrideReason
from referrals.models import Consent, HandOver, Note, Referral
from referrals.submission import ConsentGiven
from tests.conftest import submit_one
from tests.referrals.handing import handed, taken
from tests.referrals.test_admin_case import address, press, text_of


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def how_explained() -> dict:
    today = timezone.localdate()
    return {
        "explained_on_day": today.day,
        "explained_on_month": today.month,
        "explained_on_year": today.year,
        "explained_by": "other_professional",
        "language": "Polish",
        "interpreter": "professional",
        "privacy_notice_given": "yes",
        "note": "Test Interpreter interpreted",
    }


def test_consent_is_recorded_with_how_it_was_explained(cast, coordinator):
    referral = taken(cast)
    press(coordinator, referral, "consent", msvcc="given", contact_phone="refused", **how_explained())
    row = Consent.objects.get(kind="msvcc")
    assert (row.state, row.language, row.explained_by, row.recorded_by) == (
        "given",
        "Polish",
        "other_professional",
        cast.coordinator,
    )
    page = text_of(coordinator.get(address(referral)))
    for words in [
        "Explained by a professional of another organisation on",
        "Language: Polish. A professional interpreter. Privacy notice given",
        "Contact: phone call No, they do not agree",
        "Every record (",
        "You recorded what the person agrees to",
    ]:
        assert words in page, words
    assert "Test Interpreter" not in page
    assert Note.objects.get().take_out() == {"text": "Test Interpreter interpreted"}


def test_the_history_keeps_what_was_said_before(cast, coordinator):
    referral = taken(cast)
    press(coordinator, referral, "consent", beacon="refused")
    history = coordinator.get(address(referral)).context["consents"]["history"]
    said = [row["state"] for row in history if row["kind"].startswith("Local support")]
    assert said == ["No, they do not agree", "Yes, they agree"]


def test_kinds_that_nobody_asked_about_stand_in_one_line(cast, coordinator):
    page = text_of(coordinator.get(address(taken(cast))))
    assert "Not asked yet: who receives the decisions; contact: phone call;" in page


def test_what_will_be_taken_back_is_said_before_anything_is_saved(cast, coordinator):
    referral = taken(cast)
    row = handed(cast, referral, cast.beacon)
    page = text_of(coordinator.get(address(referral, "consent")))
    assert "It carries the hand-over to Beacon (local support)." in page
    warned = press(coordinator, referral, "consent", beacon="withdrawn", msvcc="given")
    page = text_of(warned)
    assert "1 hand-over will be taken back" in page
    assert "Confirm that it is taken back from Beacon (local support)" in page
    assert warned.context["form"]["msvcc"].value() == "given"
    row.refresh_from_db()
    assert row.is_open
    assert not Consent.objects.filter(state="withdrawn").exists()
    press(coordinator, referral, "consent", beacon="withdrawn", msvcc="given", confirm=str(row.pk))
    row.refresh_from_db()
    assert (row.status, row.revoke_reason) == ("revoked", "consent_withdrawn")
    page = text_of(coordinator.get(address(referral)))
    assert "What the person agrees to has changed" in page
    assert "The person withdrew consent" in page


def test_a_tick_for_less_than_is_taken_back_counts_for_nothing(cast, coordinator):
    referral = taken(cast)
    beacon = handed(cast, referral, cast.beacon)
    handed(cast, referral, cast.constabulary, "police")
    response = press(coordinator, referral, "consent", beacon="refused", police="refused", confirm=str(beacon.pk))
    assert "2 hand-overs will be taken back" in text_of(response)
    assert HandOver.objects.open().count() == 2


def test_what_was_handed_over_without_consent_is_not_taken_back(cast, coordinator):
    referral = taken(cast, consents=[])
    why = {"override": OverrideReason.DANGER, "why": "Somebody waits outside the hospital"}
    row = handed(cast, referral, cast.beacon, **why)
    assert press(coordinator, referral, "consent", beacon="refused").status_code == 302
    row.refresh_from_db()
    assert row.is_open


def test_withdrawing_is_on_offer_only_for_what_was_given(cast, coordinator):
    form = coordinator.get(address(taken(cast), "consent")).context["form"]
    assert "withdrawn" in dict(form.fields["beacon"].choices)
    assert "withdrawn" not in dict(form.fields["msvcc"].choices)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "Choose what they said for at least one of these"),
        ({"nrm": "perhaps"}, "Choose what they said from the list"),
        (
            {"nrm": "refused", "explained_on_day": 1, "explained_on_month": 1, "explained_on_year": 2999},
            "The day must be today or in the past",
        ),
        ({"nrm": "refused", "explained_on_day": 31, "explained_on_month": 6}, "The day must include a year"),
        ({"nrm": "refused", "language": "Klingon"}, "Choose a language from the list"),
        ({"nrm": "refused", "interpreter": "²"}, "Choose from the answers on this page"),
        ({"nrm": "refused", "note": "a\x00b"}, "invisible control character"),
        ({"nrm": "refused", "note": "x" * 1001}, "must be 1,000 characters or fewer"),
    ],
)
def test_bad_input_is_said_at_its_field_and_nothing_typed_is_lost(cast, coordinator, data, error):
    referral = taken(cast)
    before = Consent.objects.count()
    response = press(coordinator, referral, "consent", contact_post="" if not data else "given", **data)
    assert response.status_code == 200
    assert error in text_of(response)
    assert Consent.objects.count() == before
    if data:
        assert response.context["form"]["contact_post"].value() == "given"


def test_a_colleague_who_was_faster_is_named_and_the_answers_stay(cast, coordinator):
    referral = taken(cast)
    given = [ConsentGiven(kind="police", state="refused")]
    workflow.record_consents(referral_id=referral.pk, given=given, by=cast.coordinator2)
    response = coordinator.post(address(referral, "consent"), {"version": referral.version, "nrm": "refused"})
    assert response.status_code == 409
    assert "Test Coordinator2 recorded what the person agrees to" in text_of(response)
    assert response.context["form"]["nrm"].value() == "refused"


def test_consent_can_be_recorded_before_triage_and_after_the_end(cast, coordinator):
    referral = submit_one(cast.officer)
    assert press(coordinator, referral, "consent", nrm="given").status_code == 302
    workflow.withdraw(referral_id=referral.pk, reason="duplicate", by=cast.coordinator, version=None)
    assert press(coordinator, referral, "consent", nrm="refused").status_code == 302
    assert Referral.objects.get(pk=referral.pk).status == "withdrawn"
