"""The NRM on the case page: the stage, its clocks and what kind each is, and recording a stage."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from partners.models import Limit
from referrals import workflow
from referrals.models import NrmCase, Referral
from referrals.nrm_stages import NrmStage
from referrals.pathways import Pathway
from referrals.submission import ConsentGiven
from tests.referrals.handing import handed, in_the_nrm, taken
from tests.referrals.test_admin_case import address, text_of


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def case(cast) -> NrmCase:
    """A case whose NRM referral the constabulary's officer prepares, accepted ten days ago."""
    case = in_the_nrm(cast, taken(cast))
    ago = timezone.localdate() - datetime.timedelta(days=10)
    NrmCase.objects.filter(pk=case.pk).update(began={"preparing": ago.isoformat()})
    return NrmCase.objects.select_related("referral").get(pk=case.pk)


def reached(case: NrmCase, *stages: NrmStage, by) -> NrmCase:
    for stage in stages:
        today, version = timezone.localdate(), NrmCase.objects.get(pk=case.pk).version
        case = workflow.record_stage(referral_id=case.pk, stage=stage, on=today, by=by, version=version)
    return case


def record(client, case, day: datetime.date | None = None, **data):
    on = day or timezone.localdate()
    when = {"on_day": on.day, "on_month": on.month, "on_year": on.year}
    return client.post(address(case.referral, "stage"), {"version": case.version, **when, **data})


def test_before_a_first_responder_has_accepted_there_is_no_panel(cast, coordinator):
    referral = taken(cast)
    assert coordinator.get(address(referral)).context["nrm"] is None
    assert coordinator.get(address(referral, "stage")).status_code == 404


def test_the_panel_says_branch_stage_first_responder_and_clocks(cast, case, coordinator):
    page = text_of(coordinator.get(address(case.referral)))
    for words in ["Being prepared", "NRM referral of an adult", "Test Police_Officer, Constabulary", "No clock runs"]:
        assert words in page, words


@pytest.mark.parametrize(
    ("stages", "label", "kind"),
    [
        ([NrmStage.HOME_OFFICE_DRAFT], "The Home Office deletes the draft", "Deadline"),
        ([NrmStage.HOME_OFFICE_DRAFT], "The Home Office draft will soon be deleted", "Warning"),
        ([NrmStage.SUBMITTED], "Reasonable grounds decision", "Target"),
        ([NrmStage.SUBMITTED, NrmStage.RG_POSITIVE], "The recovery period lasts at least until", "Minimum"),
    ],
)
def test_each_clock_says_what_kind_it_is_and_who_acts(cast, case, coordinator, stages, label, kind):
    reached(case, *stages, by=cast.coordinator)
    clocks = {clock["label"]: clock for clock in coordinator.get(address(case.referral)).context["nrm"]["clocks"]}
    assert clocks[label]["kind"] == kind
    assert clocks[label]["acts"]
    assert clocks[label]["left"].startswith("in ")


def test_a_deadline_that_has_passed_is_marked_and_a_target_is_not_ours(cast, case, coordinator):
    long_ago = timezone.localdate() - datetime.timedelta(days=60)
    began = {"preparing": long_ago.isoformat(), "submitted": long_ago.isoformat()}
    NrmCase.objects.filter(pk=case.pk).update(began=began, stage="submitted")
    clocks = {clock["label"]: clock for clock in coordinator.get(address(case.referral)).context["nrm"]["clocks"]}
    assert not clocks["Reasonable grounds decision"]["late"]
    assert clocks["Ask the Home Office what became of it"]["late"]
    assert clocks["Reasonable grounds decision"]["left"].endswith("days ago")


def test_a_clock_that_is_out_of_force_does_not_break_the_page(cast, case, coordinator):
    reached(case, NrmStage.SUBMITTED, by=cast.coordinator)
    Limit.objects.filter(key="rg_decision").delete()
    response = coordinator.get(address(case.referral))
    assert response.status_code == 200
    assert response.context["nrm"]["clocks"] == []


def test_a_stage_is_recorded_with_its_day_and_the_reference_is_sealed(cast, case, coordinator):
    day = timezone.localdate() - datetime.timedelta(days=3)
    done = record(coordinator, case, day, stage="submitted", home_office_reference="NRM-2026-000123")
    assert done.headers["Location"] == address(case.referral)
    case.refresh_from_db()
    assert case.stage == "submitted"
    assert case.take_out()["home_office_reference"] == "NRM-2026-000123"
    page = text_of(coordinator.get(address(case.referral)))
    assert "Sent, waiting for the reasonable grounds decision" in page
    assert "NRM-2026-000123" not in page


def test_only_stages_that_may_follow_are_on_offer(cast, case, coordinator):
    form = coordinator.get(address(case.referral, "stage")).context["form"]
    assert [code for code, _ in form.fields["stage"].choices] == ["home_office_draft", "submitted", "withdrawn"]


def test_a_duty_to_notify_has_its_own_stages(cast, coordinator):
    referral = taken(cast, consents=[ConsentGiven(kind="nrm", state="refused")])
    row = handed(cast, referral, cast.constabulary, Pathway.DUTY_TO_NOTIFY)
    workflow.accept(hand_over_id=row.pk, by=cast.police_officer, version=1)
    form = coordinator.get(address(referral, "stage")).context["form"]
    assert "notified" in dict(form.fields["stage"].choices)
    assert "submitted" not in dict(form.fields["stage"].choices)


@pytest.mark.parametrize(
    ("days", "stage", "field", "error"),
    [
        (1, "submitted", "on", "The day must be today or in the past"),
        (0, "cg_positive", "stage", "Choose a stage that can follow now"),
        (0, "", "stage", "Choose the stage"),
    ],
)
def test_an_impossible_stage_or_day_is_said_at_its_field(cast, case, coordinator, days, stage, field, error):
    day = timezone.localdate() + datetime.timedelta(days=days)
    response = record(coordinator, case, day, stage=stage, home_office_reference="NRM-1")
    assert error in response.context["form"].errors[field][0]
    assert response.context["form"]["home_office_reference"].value() == "NRM-1"
    assert NrmCase.objects.get(pk=case.pk).stage == "preparing"


def test_a_decision_before_the_submission_is_refused(cast, case, coordinator):
    reached(case, NrmStage.SUBMITTED, by=cast.coordinator)
    case = NrmCase.objects.select_related("referral").get(pk=case.pk)
    day = timezone.localdate() - datetime.timedelta(days=2)
    response = record(coordinator, case, day, stage="rg_positive")
    assert "The date must not be before" in response.context["form"].errors["on"][0]


def test_who_was_slower_is_told_the_stage_and_keeps_what_was_typed(cast, case, coordinator):
    reached(case, NrmStage.SUBMITTED, by=cast.police_officer)
    response = record(coordinator, case, stage="withdrawn", home_office_reference="NRM-1")
    assert response.status_code == 409
    page = text_of(response)
    assert "The NRM stage is now: sent, waiting for the reasonable grounds decision." in page
    assert response.context["form"]["home_office_reference"].value() == "NRM-1"
    assert "rg_positive" in dict(response.context["form"].fields["stage"].choices)


@pytest.mark.parametrize("data", [{"version": ""}, {"on_year": "²"}, {"on_day": "9" * 5000}, {"stage": "\x00"}])
def test_forged_input_is_never_a_crash(cast, case, coordinator, data):
    response = record(coordinator, case, **({"stage": "submitted"} | data))
    assert response.status_code == 200
    assert Referral.objects.get(pk=case.pk).nrm.stage == "preparing"
