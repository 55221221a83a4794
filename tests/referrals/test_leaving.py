"""Nobody leaves with something in hand: memberships that end, roles that change, accounts that are suspended."""

import pytest
from django.test import Client
from django.utils import timezone

from partners import accounts
from partners.accounts import MustBeHandedOn, NotAllowed
from partners.holdings import holdings_of
from partners.models import AccessRecord, Kind, Membership, Message, User
from partners.roles import Role
from referrals import workflow
from referrals.models import Exclusion, HandOver, NrmCase, Referral
from referrals.pathways import Pathway
from referrals.statuses import Move
from tests.conftest import make_organisation, make_person, submit_one
from tests.referrals.handing import handed, in_the_nrm, taken

pytestmark = pytest.mark.django_db

ACCOUNTS = "/admin/partners/user/"


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def end_page(user: User) -> str:
    return f"/admin/partners/membership/{user.membership.pk}/do/end/"


def role_page(user: User) -> str:
    return f"/admin/partners/membership/{user.membership.pk}/do/role/"


def leads_page(user: User, act: str = "end") -> str:
    return f"/organisation/people/{user.membership.pk}/{act}/"


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def second(cast, sign_in) -> Client:
    """The second coordinator's browser."""
    return sign_in(Client(), cast.coordinator2)


@pytest.fixture
def named(cast) -> HandOver:
    """A hand-over to the victim care centre that its first worker has accepted."""
    made = handed(cast, taken(cast), cast.beacon)
    return workflow.accept(hand_over_id=made.pk, by=cast.beacon_worker, version=1)


@pytest.fixture
def beacon_lead(cast) -> User:
    """The lead of the victim care centre."""
    return make_person("beaconlead", Role.LEAD, cast.beacon)


def kept_from(cast, referral, organisation) -> None:
    made = Exclusion(referral=referral, organisation=organisation, added_by=cast.coordinator)
    made.put({"reason": "Somebody there is close"})
    made.save()


class TestTheRule:
    """accounts.end_membership(), change_role(), suspend()"""

    def test_a_coordinator_does_not_go_while_they_coordinate_something(self, cast):
        taken(cast)
        with pytest.raises(MustBeHandedOn, match=r"open referrals they coordinate \(1\)"):
            accounts.end_membership(by=cast.coordinator2, membership=cast.coordinator.membership)
        assert fresh(cast.coordinator).role == Role.COORDINATOR

    @pytest.mark.parametrize("role", [Role.REFERRER, Role.VIEWER, Role.SYSADMIN])
    def test_nor_do_they_become_something_else(self, cast, role):
        taken(cast)
        with pytest.raises(MustBeHandedOn):
            accounts.change_role(by=cast.coordinator2, membership=cast.coordinator.membership, role=role)
        assert fresh(cast.coordinator).role == Role.COORDINATOR

    def test_who_has_a_hand_over_does_not_go(self, cast, named):
        with pytest.raises(MustBeHandedOn, match="hand-overs that name them"):
            accounts.end_membership(by=cast.coordinator, membership=cast.beacon_worker.membership)

    def test_nor_does_who_was_named_and_has_not_answered_yet(self, cast):
        handed(cast, taken(cast), cast.beacon, responder=cast.beacon_worker)
        with pytest.raises(MustBeHandedOn):
            accounts.end_membership(by=cast.coordinator, membership=cast.beacon_worker.membership)

    def test_a_first_responder_does_not_go(self, cast):
        in_the_nrm(cast, taken(cast))
        with pytest.raises(MustBeHandedOn):
            accounts.end_membership(by=cast.coordinator, membership=cast.police_officer.membership)

    def test_a_role_in_which_they_can_go_on_is_given_at_once(self, cast, named):
        accounts.change_role(by=cast.coordinator, membership=cast.beacon_worker.membership, role=Role.LEAD)
        with pytest.raises(MustBeHandedOn):
            accounts.change_role(by=cast.coordinator, membership=fresh(cast.beacon_worker).membership, role=Role.VIEWER)

    def test_what_a_person_must_not_know_of_themselves_holds_them_too(self, cast):
        """It must not be forgotten because somebody may not see it."""
        referral = taken(cast)
        kept_from(cast, referral, cast.partnership_team)
        with pytest.raises(MustBeHandedOn):
            accounts.end_membership(by=cast.sysadmin, membership=cast.coordinator.membership)

    def test_what_has_ended_holds_nobody(self, cast, named):
        workflow.complete(hand_over_id=named.pk, outcome="support_given", by=cast.beacon_worker, version=named.version)
        accounts.end_membership(by=cast.coordinator, membership=cast.beacon_worker.membership)
        version = Referral.objects.get().version
        workflow.close(
            referral_id=named.referral_id, outcome="supported_locally", band="help_in_place", by=cast.coordinator,
            version=version,
        )  # fmt: skip
        accounts.end_membership(by=cast.coordinator2, membership=cast.coordinator.membership)

    def test_drafts_and_what_they_logged_hold_nobody(self, cast):
        submit_one(cast.officer)
        accounts.end_membership(by=cast.lead, membership=cast.officer.membership)
        assert fresh(cast.officer).role is None

    def test_a_suspension_waits_for_nothing_and_ending_it_afterwards_does(self, cast, named):
        accounts.suspend(by=cast.coordinator2, user=cast.coordinator)
        accounts.suspend(by=cast.coordinator2, user=cast.beacon_worker)
        for user in (cast.coordinator, cast.beacon_worker):
            assert fresh(user).role is None
            with pytest.raises(MustBeHandedOn):
                accounts.end_membership(by=cast.coordinator2, membership=user.membership)

    def test_a_decision_that_is_awaited_holds_nobody_and_is_listed(self, cast):
        in_the_nrm(cast, taken(cast))
        case, row = NrmCase.objects.get(), HandOver.objects.get()
        NrmCase.objects.update(next_clock="rg_decision", next_on=timezone.localdate())
        workflow.complete(hand_over_id=row.pk, outcome="nrm_sent", by=cast.police_officer, version=row.version)
        assert case.first_responder == cast.police_officer
        words = [holding.what for holding in holdings_of(cast.police_officer)]
        assert words == ["Decisions of the NRM that they wait for, with nothing left to do"]
        accounts.end_membership(by=cast.coordinator, membership=cast.police_officer.membership)


class TestHandingOn:
    """accounts.hand_on()"""

    def test_each_referral_has_its_event_and_the_colleague_is_told(self, cast):
        referrals = [taken(cast), taken(cast)]
        assert accounts.hand_on(by=cast.coordinator2, user=cast.coordinator, to=cast.coordinator2) == 2
        for referral in referrals:
            referral.refresh_from_db()
            event = referral.events.get(move=Move.ASSIGN)
            assert (referral.owner, event.by, event.facts["to"]) == (
                cast.coordinator2, cast.coordinator2, cast.coordinator2.pk,
            )  # fmt: skip
        accounts.end_membership(by=cast.coordinator2, membership=cast.coordinator.membership)

    def test_a_third_who_is_given_them_is_told(self, cast):
        third = make_person("third", Role.COORDINATOR, cast.partnership_team)
        taken(cast)
        accounts.hand_on(by=cast.coordinator2, user=cast.coordinator, to=third)
        assert Message.objects.get(kind=Kind.REFERRAL_ASSIGNED).user == third

    def test_what_the_colleague_must_not_know_of_stays(self, cast):
        elsewhere = make_person("elsewhere", Role.COORDINATOR, make_organisation("elsewhere"))
        hidden, given = taken(cast), taken(cast)
        kept_from(cast, hidden, elsewhere.organisation)
        assert accounts.hand_on(by=cast.coordinator2, user=cast.coordinator, to=elsewhere) == 1
        assert Referral.objects.get(pk=given.pk).owner == elsewhere
        assert Referral.objects.get(pk=hidden.pk).owner == cast.coordinator
        with pytest.raises(MustBeHandedOn, match=r"coordinate \(1\)"):
            accounts.end_membership(by=cast.coordinator2, membership=cast.coordinator.membership)

    def test_an_answer_sheet_goes_with_its_hand_over(self, cast):
        in_the_nrm(cast, taken(cast))
        other = make_person("sergeant", Role.RESPONDER, cast.constabulary)
        assert accounts.hand_on(by=cast.coordinator, user=cast.police_officer, to=other) == 1
        assert NrmCase.objects.get().first_responder == HandOver.objects.get().responder == other

    def test_a_hand_over_goes_to_nobody_outside_the_organisation(self, cast, named):
        assert accounts.hand_on(by=cast.coordinator, user=cast.beacon_worker, to=cast.police_officer) == 0
        assert HandOver.objects.get().responder == cast.beacon_worker

    def test_somebody_who_has_left_takes_nothing_on(self, cast):
        taken(cast)
        accounts.end_membership(by=cast.sysadmin, membership=cast.coordinator2.membership)
        assert accounts.hand_on(by=cast.coordinator, user=cast.coordinator, to=cast.coordinator2) == 0
        assert Referral.objects.get().owner == cast.coordinator

    def test_an_administrator_gives_no_case_to_anybody(self, cast):
        taken(cast)
        assert accounts.hand_on(by=cast.sysadmin, user=cast.coordinator, to=cast.coordinator2) == 0

    def test_a_lead_hands_on_in_their_own_organisation_alone(self, cast, named, beacon_lead):
        with pytest.raises(NotAllowed):
            accounts.hand_on(by=cast.lead, user=cast.beacon_worker, to=cast.beacon_worker2)
        assert accounts.hand_on(by=beacon_lead, user=cast.beacon_worker, to=cast.beacon_worker2) == 1
        assert HandOver.objects.get().responder == cast.beacon_worker2


class TestTheAdminsPages:
    """Ending, changing a role, suspending and handing on, as a coordinator."""

    def test_it_lists_what_is_left_with_links_and_does_not_complete(self, cast, second):
        referral = taken(cast)
        page = text(second.get(end_page(cast.coordinator)))
        assert "Open referrals they coordinate: 1" in page
        assert f'href="/admin/referrals/referral/{referral.pk}/change/">{referral.reference}<' in page
        assert AccessRecord.objects.filter(user=cast.coordinator2, action=AccessRecord.Action.LIST).count() == 1
        page = text(second.post(end_page(cast.coordinator)))
        assert "Choose who takes it on" in page
        assert fresh(cast.coordinator).role == Role.COORDINATOR

    def test_one_colleague_takes_all_of_it_in_the_same_step(self, cast, second):
        referral = taken(cast)
        response = second.post(end_page(cast.coordinator), {"to": cast.coordinator2.pk})
        assert response.status_code == 302
        assert Referral.objects.get(pk=referral.pk).owner == cast.coordinator2
        assert fresh(cast.coordinator).role is None

    def test_what_cannot_go_to_the_colleague_is_listed_to_be_handed_to_somebody_else(self, cast, second):
        elsewhere = make_person("elsewhere", Role.COORDINATOR, make_organisation("elsewhere"))
        hidden, given = taken(cast), taken(cast)
        kept_from(cast, hidden, elsewhere.organisation)
        page = text(second.post(end_page(cast.coordinator), {"to": elsewhere.pk}))
        assert "cannot take on the rest" in page
        assert hidden.reference in page
        assert given.reference not in page
        assert Referral.objects.get(pk=given.pk).owner == elsewhere
        assert fresh(cast.coordinator).role == Role.COORDINATOR
        second.post(end_page(cast.coordinator), {"to": cast.coordinator2.pk})
        assert fresh(cast.coordinator).role is None

    @pytest.mark.parametrize("to", ["0", "999999", "x", "officer", "coordinator"])
    def test_nobody_else_takes_it_on(self, cast, second, to):
        taken(cast)
        chosen = cast.people[to].pk if to in cast.people else to
        page = text(second.post(end_page(cast.coordinator), {"to": chosen}))
        assert "Choose a colleague from the list" in page
        assert Referral.objects.get().owner == cast.coordinator

    def test_the_role_changes_in_the_same_step_too(self, cast, second):
        taken(cast)
        page = text(second.post(role_page(cast.coordinator), {"role": "viewer"}))
        assert "Choose who takes it on" in page
        second.post(role_page(cast.coordinator), {"role": "viewer", "to": cast.coordinator2.pk})
        assert fresh(cast.coordinator).role == Role.VIEWER
        assert Referral.objects.get().owner == cast.coordinator2

    def test_hand_overs_of_an_organisation_go_to_a_colleague_there(self, cast, named, second):
        page = text(second.get(end_page(cast.beacon_worker)))
        assert cast.beacon_worker2.full_name in page
        assert f"{named.referral}, {cast.beacon}" in page
        second.post(end_page(cast.beacon_worker), {"to": cast.beacon_worker2.pk})
        assert HandOver.objects.get().responder == cast.beacon_worker2
        assert fresh(cast.beacon_worker).role is None

    def test_a_suspension_says_what_is_left_and_goes_on_to_handing_it_on(self, cast, second):
        referral = taken(cast)
        address = f"{ACCOUNTS}{cast.coordinator.pk}/do/"
        assert referral.reference in text(second.get(f"{address}suspend/"))
        response = second.post(f"{address}suspend/")
        assert response["Location"] == f"{address}hand-on/"
        assert not fresh(cast.coordinator).is_active
        assert "must still be handed on. Choose who takes it on" in text(second.get(f"{address}hand-on/"))
        assert "Hand on what they have" in text(second.get(f"{ACCOUNTS}{cast.coordinator.pk}/change/"))
        second.post(f"{address}hand-on/", {"to": cast.coordinator2.pk})
        assert Referral.objects.get().owner == cast.coordinator2
        assert "Hand on what they have" not in text(second.get(f"{ACCOUNTS}{cast.coordinator.pk}/change/"))

    def test_a_suspension_of_somebody_with_nothing_goes_back_to_the_account(self, cast, second):
        response = second.post(f"{ACCOUNTS}{cast.officer.pk}/do/suspend/")
        assert response["Location"] == f"{ACCOUNTS}{cast.officer.pk}/change/"

    def test_one_hands_on_ones_own_work_and_suspends_oneself_never(self, cast, second, sign_in):
        taken(cast)
        own = sign_in(Client(), cast.coordinator)
        own.post(f"{ACCOUNTS}{cast.coordinator.pk}/do/hand-on/", {"to": cast.coordinator2.pk})
        assert Referral.objects.get().owner == cast.coordinator2
        assert own.get(f"{ACCOUNTS}{cast.coordinator.pk}/do/suspend/").status_code == 404

    def test_an_administrator_sees_counts_no_reference_and_nobody_to_choose(self, cast, sign_in):
        referral = taken(cast)
        client = sign_in(Client(), cast.sysadmin)
        page = text(client.get(end_page(cast.coordinator)))
        assert "Open referrals they coordinate: 1" in page
        assert referral.reference not in page
        assert 'name="to"' not in page
        assert not AccessRecord.objects.filter(user=cast.sysadmin).exists()
        assert "A coordinator has to do this" in text(client.post(end_page(cast.coordinator)))
        assert fresh(cast.coordinator).role == Role.COORDINATOR
        page = text(client.post(f"{ACCOUNTS}{cast.coordinator.pk}/do/suspend/", follow=True))
        assert "must still be handed on. Tell a coordinator" in page
        assert not fresh(cast.coordinator).is_active


class TestTheLeadsPages:
    """Ending and changing a role, as the lead of an organisation."""

    @pytest.fixture
    def lead(self, beacon_lead, sign_in) -> Client:
        """The lead's browser."""
        return sign_in(Client(), beacon_lead)

    def test_a_lead_sees_counts_and_never_a_reference(self, cast, named, lead):
        page = text(lead.get(leads_page(cast.beacon_worker)))
        assert "Hand-overs that name them" in page
        assert "Hand on first" in page
        assert named.referral.reference not in page
        assert "Choose who takes it on" in text(lead.post(leads_page(cast.beacon_worker)))
        assert fresh(cast.beacon_worker).role == Role.RESPONDER

    def test_a_colleague_there_takes_them_in_the_same_step(self, cast, named, lead):
        page = text(lead.get(leads_page(cast.beacon_worker)))
        assert cast.beacon_worker2.full_name in page
        assert cast.police_officer.full_name not in page
        lead.post(leads_page(cast.beacon_worker), {"to": cast.beacon_worker2.pk})
        assert HandOver.objects.get().responder == cast.beacon_worker2
        assert fresh(cast.beacon_worker).role is None

    @pytest.mark.parametrize("name", ["police_officer", "coordinator", "beacon_worker"])
    def test_nobody_from_outside_and_not_the_person_themselves(self, cast, named, lead, name):
        page = text(lead.post(leads_page(cast.beacon_worker), {"to": cast.people[name].pk}))
        assert "Choose a colleague from the list" in page
        assert HandOver.objects.get().responder == cast.beacon_worker

    def test_another_role_waits_too(self, cast, named, lead):
        page = text(lead.post(leads_page(cast.beacon_worker, "role"), {"role": "viewer"}))
        assert "Choose who takes it on" in page
        lead.post(leads_page(cast.beacon_worker, "role"), {"role": "viewer", "to": cast.beacon_worker2.pk})
        assert fresh(cast.beacon_worker).role == Role.VIEWER

    def test_a_lead_of_somebody_else_finds_nothing(self, cast, named, client, sign_in):
        sign_in(client, cast.lead)
        assert client.post(leads_page(cast.beacon_worker), {"to": cast.beacon_worker2.pk}).status_code == 404


def test_a_membership_that_has_ended_takes_no_work(cast):
    """What an open page remembers of a colleague is asked again behind the lock."""
    referral, remembered = taken(cast), fresh(cast.coordinator2)
    assert remembered.role == Role.COORDINATOR
    Membership.objects.filter(user=remembered).update(ended_at=timezone.now())
    with pytest.raises(workflow.NotAllowed):
        workflow.assign(referral_id=referral.pk, to=remembered, by=cast.coordinator, version=referral.version)
    with pytest.raises(workflow.NotAllowed):
        workflow.start_triage(referral_id=submit_one(cast.officer).pk, by=remembered, version=1)
    chosen = [workflow.Chosen(referral.pk, referral.version)]
    with pytest.raises(workflow.NotAllowed):
        workflow.assign_together(chosen=chosen, to=fresh(remembered), by=cast.coordinator)


def test_nobody_who_has_left_is_named_for_a_hand_over(cast):
    referral, remembered = taken(cast), fresh(cast.beacon_worker)
    assert remembered.role == Role.RESPONDER
    accounts.end_membership(by=cast.coordinator, membership=cast.beacon_worker.membership)
    offers = [workflow.Offer(cast.beacon, Pathway.BEACON, responder=remembered)]
    with pytest.raises(workflow.Refused, match="does not work for"):
        workflow.hand_over(referral_id=referral.pk, offers=offers, by=cast.coordinator, version=referral.version)
