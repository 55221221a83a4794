"""What those who follow a referral read of hand-overs: who has it now, what happened, nothing they must not know."""

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners.formfields import in_words
from partners.hours import LONDON
from partners.models import OpeningHours, SupportLine
from referrals.handover_states import SEEN_STATES, DeclineReason, HandOverOutcome, RevokeReason
from referrals.models import HandOver, NrmCase, Referral
from referrals.nrm_stages import STAGE_BANDS, NrmStage
from referrals.pathways import Pathway
from referrals.statuses import Move
from referrals.submission import ConsentGiven
from referrals.views.progress import HAPPENED, STANDS, holders
from referrals.workflow import (
    Offer,
    accept,
    ask_coordinator,
    chase,
    complete,
    decline,
    exclude,
    hand_over,
    open_hand_over,
    record_stage,
    revoke,
    start_triage,
)
from tests.conftest import sign_in_as, submit_one

MOST_QUERIES = 11  # of the status page, the savepoint around a request in a test left out
MINE, OURS = reverse("my_referrals"), reverse("organisation_referrals")

#: What a referrer is never told: who works on it, chasing, clocks, whom it is kept from, who else was met there.
NOT_TOLD = {
    Move.ASSIGN,
    Move.ESCALATE,
    Move.HAND_OVER_OPENED,
    Move.HAND_OVER_NAMED,
    Move.HAND_OVER_AMENDED,
    Move.HAND_OVER_CHASED,
    Move.HAND_OVER_RUNG,
    Move.NRM_CLOCK,
    Move.EXCLUDE,
    Move.LIFT_EXCLUSION,
    Move.JOIN_OPERATION,
    Move.LINK,
    Move.UNLINK,
    Move.DETACH,
    Move.DECIDE,
    Move.NOTE,
}


@pytest.fixture
def officer(cast, client):
    return sign_in_as(client, cast.officer, second_factor=False)


@pytest.fixture
def lead(cast):
    return sign_in_as(Client(), cast.lead)


@pytest.fixture
def agreed(cast):
    """A referral of an adult who agrees to everything, in triage."""
    consents = [ConsentGiven(kind=kind, state="given") for kind in ("nrm", "beacon", "police")]
    made = submit_one(cast.officer, consents=consents)
    return start_triage(referral_id=made.pk, by=cast.coordinator, version=1)


def offered(referral, cast, *offers):
    version = Referral.objects.get(pk=referral.pk).version
    asked = [Offer(*offer) for offer in offers]
    return hand_over(referral_id=referral.pk, offers=asked, by=cast.coordinator, version=version)


def to_both(cast):
    return (cast.beacon, Pathway.BEACON), (cast.constabulary, Pathway.POLICE)


def page_of(client, referral):
    response = client.get(reverse("referral_status", args=[referral.pk]))
    assert response.status_code == 200
    return response.content.decode().split("<main")[1].split("</main>")[0]


def holders_on(page):
    """What the list of organisations says, without its markup."""
    part = page.split("Who has it now</h2>")[1].split("<h2")[0] if "Who has it now" in page else ""
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


def titles_on(page):
    return re.findall(r'class="timeline__title">([^<]*)<', page)


def test_every_move_is_told_or_left_out_on_purpose():
    assert set(Move) - set(HAPPENED) == NOT_TOLD
    assert set(STANDS) == SEEN_STATES


def test_the_organisations_that_have_it_stand_there_with_their_state_and_since_when(officer, lead, cast, agreed):
    today = in_words(timezone.localdate())
    beacon, police = offered(agreed, cast, *to_both(cast))
    for reader in (officer, lead):
        assert f"Beacon Asked on {today} Asked, no answer yet" in holders_on(page_of(reader, agreed))
    accept(hand_over_id=police.pk, by=cast.police_officer, version=police.version)
    beacon = open_hand_over(hand_over_id=beacon.pk, by=cast.beacon_worker)
    ask_coordinator(hand_over_id=beacon.pk, question="When?", by=cast.beacon_worker, version=beacon.version)
    shown = holders_on(page_of(officer, agreed))
    assert f"Constabulary Accepted on {today} Accepted" in shown
    assert f"Beacon Asked on {today} Wants to know more" in shown


def test_a_finished_part_is_told_without_its_outcome(officer, cast, agreed):
    beacon, police = offered(agreed, cast, *to_both(cast))
    police = accept(hand_over_id=police.pk, by=cast.police_officer, version=police.version)
    outcome = HandOverOutcome.DECLINED_BY_PERSON
    complete(hand_over_id=police.pk, outcome=outcome, by=cast.police_officer, version=police.version)
    page = page_of(officer, agreed)
    assert "Constabulary Finished on" in holders_on(page)
    assert "Constabulary has finished its part" in titles_on(page)
    assert "did not want" not in page
    revoke(hand_over_id=beacon.pk, reason=RevokeReason.NOT_NEEDED, by=cast.coordinator)
    page = page_of(officer, agreed)
    assert "Who has worked on it" in page, "nobody has it now"
    assert "Who has it now" not in page


def test_an_organisation_that_is_closed_says_when_it_opens(cast, agreed):
    line = SupportLine.objects.create(
        slug="beacon", name="Beacon", purpose="victim_care", phone="01632 960111", organisation=cast.beacon
    )
    OpeningHours.objects.create(line=line, weekday=0, opens="08:00", closes="20:00")
    offered(agreed, cast, *to_both(cast))
    sunday = datetime.datetime(2026, 11, 29, 12, tzinfo=LONDON)
    rows = holders(list(agreed.hand_overs.all()), sunday)
    closed = {row["name"]: row["closed"] for row in rows}
    assert closed == {"Beacon": "Closed now. Opens tomorrow at 08:00", "Constabulary": ""}
    monday = holders(list(agreed.hand_overs.all()), sunday + datetime.timedelta(days=1))
    assert {row["closed"] for row in monday} == {""}


def test_who_declined_or_lost_it_has_it_no_more_and_no_reason_is_told(officer, cast, agreed):
    beacon, police = offered(agreed, cast, *to_both(cast))
    reason, text = DeclineReason.UNSAFE, "Not a place for them"
    decline(hand_over_id=beacon.pk, reason=reason, by=cast.beacon_worker, version=beacon.version, text=text)
    revoke(hand_over_id=police.pk, reason=RevokeReason.NO_ANSWER, by=cast.coordinator)
    page = page_of(officer, agreed)
    assert holders_on(page) == ""
    expected = {
        "Passed to Beacon",
        "Beacon could not take it",
        "Constabulary does not have it any more",
        "Given back to the coordinators",
    }
    assert expected <= set(titles_on(page))
    for word in ("Not a place", "safe for the person", "did not answer"):
        assert word not in page


def test_chasing_and_looks_are_not_told(officer, cast, agreed):
    beacon = offered(agreed, cast, (cast.beacon, Pathway.BEACON))[0]
    before = titles_on(page_of(officer, agreed))
    for _ in range(2):
        HandOver.objects.update(chase_at=timezone.now() - datetime.timedelta(hours=1))
        chase(hand_over_id=beacon.pk, now=timezone.now())
    open_hand_over(hand_over_id=beacon.pk, by=cast.beacon_worker)
    assert titles_on(page_of(officer, agreed)) == before


def test_nobody_reads_that_it_is_kept_from_an_organisation(officer, lead, cast, agreed):
    offered(agreed, cast, *to_both(cast))
    exclude(referral_id=agreed.pk, organisation=cast.beacon, reason="A relative works there", by=cast.coordinator)
    for reader in (officer, lead):
        page = page_of(reader, agreed)
        assert "Beacon" not in holders_on(page)
        assert "Constabulary" in holders_on(page)
        assert titles_on(page)[0] == "Beacon does not have it any more", "as when it was taken back for any reason"
        for word in ("exclu", "relative", "kept from", "do not share", "must not hear"):
            assert word not in page.lower()


def test_the_lead_of_an_organisation_it_is_kept_from_sees_nothing_and_the_referrer_their_own(officer, lead, cast):
    kept = submit_one(cast.officer, exclude=["council"], exclude_reason="The lead is his cousin")
    assert kept.reference not in lead.get(OURS).content.decode()
    assert lead.get(reverse("referral_status", args=[kept.pk])).status_code == 404
    assert kept.reference in officer.get(MINE).content.decode()
    assert "Received" in page_of(officer, kept)


def test_news_of_the_nrm_comes_in_bands_and_never_which_way_it_went(officer, cast, agreed):
    nrm = offered(agreed, cast, (cast.constabulary, Pathway.NRM, cast.police_officer))[0]
    accept(hand_over_id=nrm.pk, by=cast.police_officer, version=nrm.version)
    for stage, reference in ((NrmStage.SUBMITTED, "NRM-1"), (NrmStage.RG_NEGATIVE, "")):
        record_stage(
            referral_id=agreed.pk,
            stage=stage,
            on=timezone.localdate(),
            by=cast.police_officer,
            version=NrmCase.objects.get().version,
            home_office_reference=reference,
        )
    page = page_of(officer, agreed)
    assert titles_on(page)[:2] == [STAGE_BANDS[NrmStage.RG_NEGATIVE], STAGE_BANDS[NrmStage.SUBMITTED]]
    assert "egative" not in page
    assert "NRM-1" not in page


def test_the_referrer_who_is_the_first_responder_finds_the_way_to_the_answers(officer, lead, cast, agreed):
    sheet = reverse("nrm_sheet", args=[agreed.pk])
    assert sheet not in page_of(officer, agreed)
    offered(agreed, cast, (cast.council, Pathway.NRM, cast.officer))
    page = page_of(officer, agreed)
    assert f'href="{sheet}"' in page
    assert f'href="{reverse("inbox")}"' in page
    assert sheet not in page_of(lead, agreed)


def test_what_the_referrer_can_do_is_on_the_page_and_the_lead_is_offered_none_of_it(officer, lead, agreed):
    ways = [reverse(name, args=[agreed.pk]) for name in ("record_consent", "referral_receipt")]
    for way in [*ways, reverse("can_we_refer")]:
        assert f'href="{way}"' in page_of(officer, agreed)
        assert f'href="{way}"' not in page_of(lead, agreed)


def test_the_status_page_takes_the_same_queries_for_one_organisation_and_for_three(officer, cast, agreed):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            page_of(officer, agreed)
        return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

    line = SupportLine.objects.create(
        slug="beacon", name="Beacon", purpose="victim_care", phone="01632 960111", organisation=cast.beacon
    )
    OpeningHours.objects.create(line=line, weekday=0, opens="08:00", closes="20:00")
    offered(agreed, cast, (cast.beacon, Pathway.BEACON))
    page_of(officer, agreed)
    one = queries()
    offered(agreed, cast, (cast.constabulary, Pathway.POLICE), (cast.council, Pathway.ADULT_SAFEGUARDING))
    assert queries() == one
    assert one <= MOST_QUERIES
