"""The lead's pages about the people of their organisation."""

import re

import pytest
from django.test import Client

from partners.accounts import suspend
from partners.models import AccountChange, Membership, Message, User
from partners.roles import Role
from tests.conftest import make_draft, make_person, submit_one

pytestmark = pytest.mark.django_db

PEOPLE, INVITE = "/organisation/people/", "/organisation/people/invite/"


def page_of(response) -> str:
    return response.content.decode()


def title_of(response) -> str:
    return re.search(r"<title>(.*?)</title>", page_of(response), re.DOTALL)[1]


@pytest.fixture
def lead(client, cast, sign_in) -> Client:
    """The lead of the council, signed in with both steps."""
    return sign_in(client, cast.lead)


def pages_of(membership: Membership) -> list[str]:
    return [f"{PEOPLE}{membership.pk}/{rest}" for rest in ("", "role/", "end/")]


def test_the_list_holds_the_active_people_of_the_own_organisation(lead, cast):
    suspend(by=cast.coordinator, user=cast.viewer)
    page = page_of(lead.get(PEOPLE))
    for name in ["officer", "colleague", "lead", "viewer"]:
        assert cast.people[name].full_name in page
    for name in ["nurse", "coordinator", "responder", "auditor"]:
        assert cast.people[name].full_name not in page
    assert page.count("Suspended") == 1
    assert "Has not signed in yet" in page


def test_whoever_left_is_not_in_the_list(lead, cast):
    lead.post(f"{PEOPLE}{cast.officer.membership.pk}/end/")
    assert cast.officer.email not in page_of(lead.get(PEOPLE))


@pytest.mark.parametrize("name", ["officer", "nurse", "coordinator", "responder", "viewer", "auditor", "sysadmin"])
def test_the_pages_exist_for_leads_only(client, cast, sign_in, name):
    sign_in(client, cast.people[name])
    for path in [PEOPLE, INVITE, *pages_of(cast.officer.membership)]:
        assert client.get(path).status_code == 404
        assert client.post(path).status_code == 404


def test_another_organisations_people_do_not_exist(lead, cast):
    before = Membership.objects.count()
    for path in [*pages_of(cast.nurse.membership), f"{PEOPLE}999999999/", f"{PEOPLE}99999999999999999999999/"]:
        assert lead.get(path).status_code == 404
        assert lead.post(path, {"role": "lead"}).status_code in (404, 405)
    assert Membership.objects.count() == before
    assert Membership.objects.get(user=cast.nurse).ended_at is None


def test_no_title_or_address_names_a_person(lead, cast):
    for path in [PEOPLE, INVITE, *pages_of(cast.officer.membership)]:
        response = lead.get(path)
        assert response.status_code == 200
        for person in cast.people.values():
            assert person.full_name not in title_of(response)
        assert "officer" not in path


class TestInviting:
    """The invitation page."""

    GOOD = {"full_name": "Nina New", "email": "nina.new@council.example.org", "job_title": "", "role": "referrer"}

    def test_an_invitation_is_on_its_way(self, lead, cast):
        assert lead.post(INVITE, self.GOOD)["Location"] == PEOPLE
        user = User.objects.get(email=self.GOOD["email"])
        assert (user.role, user.organisation) == (Role.REFERRER, cast.council)
        assert Message.objects.get().user == user
        assert "The invitation is on its way" in page_of(lead.get(PEOPLE))

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"full_name": ""}, "Enter the full name of the person"),
            ({"full_name": "x" * 1_000_000}, "must be 120 characters or fewer"),
            ({"full_name": "Nina\x00New"}, "invisible control character"),
            ({"email": ""}, "Enter the work e-mail address"),
            ({"email": "nina"}, "in the right form"),
            ({"email": "nina@elsewhere.example"}, "The address must end with @council.example.org"),
            ({"email": "officer@council.example.org"}, "There is an account with this address already"),
            ({"role": ""}, "Choose what the person will do here"),
            ({"role": "coordinator"}, "Select a valid choice"),
            ({"role": "sysadmin"}, "Select a valid choice"),
            ({"role": ["referrer", "coordinator"]}, "Select a valid choice"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_said_and_nothing_typed_is_lost(self, lead, cast, change, words):
        response = lead.post(INVITE, self.GOOD | change)
        page = page_of(response)
        assert response.status_code == 200
        assert "There is a problem" in page
        assert words in page
        assert title_of(response).strip().startswith("Error: ")
        if "email" not in change:
            assert f'value="{self.GOOD["email"]}"' in page
        assert not User.objects.filter(email=self.GOOD["email"]).exists()

    def test_two_clicks_in_the_same_moment_are_one_account(self, lead, cast, monkeypatch):
        """The second looked for the account before the first had written it."""
        lead.post(INVITE, self.GOOD)
        monkeypatch.setattr("partners.accounts.User.objects.select_for_update", User.objects.none)
        response = lead.post(INVITE, self.GOOD)
        assert response.status_code == 200
        assert "There is an account with this address already" in page_of(response)
        assert User.objects.filter(email=self.GOOD["email"]).count() == 1

    def test_an_unusual_name_is_kept_as_typed(self, lead, cast):
        lead.post(INVITE, self.GOOD | {"full_name": "Žofie  ‏نينا‏ O’Néill 👩‍⚕️"})
        assert User.objects.get(email=self.GOOD["email"]).full_name == "Žofie  ‏نينا‏ O’Néill 👩‍⚕️"

    def test_missing_fields_are_asked_for(self, lead, cast):
        assert page_of(lead.post(INVITE)).count("govuk-error-message") == 3


class TestOnePerson:
    """One person's page, and another role."""

    def test_it_shows_who_and_what(self, lead, cast):
        page = page_of(lead.get(f"{PEOPLE}{cast.officer.membership.pk}/"))
        assert cast.officer.email in page
        assert "Frontline professional" in page
        assert "End this account" in page

    def test_oneself_cannot_change_the_role(self, lead, cast):
        page = page_of(lead.get(f"{PEOPLE}{cast.lead.membership.pk}/"))
        assert "role/" not in page
        response = lead.post(f"{PEOPLE}{cast.lead.membership.pk}/role/", {"role": "referrer"})
        assert "Nobody can change this for themselves" in page_of(response)

    def test_the_role_changes(self, lead, cast):
        response = lead.post(f"{PEOPLE}{cast.officer.membership.pk}/role/", {"role": "lead"})
        assert response["Location"] == PEOPLE
        assert User.objects.get(pk=cast.officer.pk).role == Role.LEAD

    @pytest.mark.parametrize("role", ["coordinator", "auditor", "sysadmin", "", "god", "x" * 100_000])
    def test_no_lead_makes_a_coordinator(self, lead, cast, role):
        response = lead.post(f"{PEOPLE}{cast.officer.membership.pk}/role/", {"role": role})
        assert response.status_code == 200
        assert User.objects.get(pk=cast.officer.pk).role == Role.REFERRER
        assert not AccountChange.objects.exists()

    def test_a_coordinator_in_the_leads_organisation_is_out_of_reach(self, client, cast, sign_in):
        sign_in(client, make_person("boss", Role.LEAD, cast.partnership_team))
        member = cast.coordinator.membership
        page = page_of(client.get(f"{PEOPLE}{member.pk}/"))
        assert "Only a coordinator can change or end this account" in page
        client.post(f"{PEOPLE}{member.pk}/end/")
        client.post(f"{PEOPLE}{member.pk}/role/", {"role": "viewer"})
        assert User.objects.get(pk=cast.coordinator.pk).role == Role.COORDINATOR


class TestEnding:
    """The page before an account ends."""

    def test_it_says_what_the_person_still_has_in_hand(self, lead, cast):
        make_draft(cast.officer)
        submit_one(cast.officer)
        submit_one(cast.officer)
        page = page_of(lead.get(f"{PEOPLE}{cast.officer.membership.pk}/end/"))
        rows = re.findall(r"__key\">(.+?)</dt><dd class=\"govuk-summary-list__value\">(\d+)\.", page)
        assert rows == [("Unfinished drafts", "1"), ("Open referrals they logged", "2")]

    def test_nothing_in_hand_is_not_mentioned(self, lead, cast):
        assert "Still in their hands" not in page_of(lead.get(f"{PEOPLE}{cast.colleague.membership.pk}/end/"))

    def test_a_visit_ends_nothing(self, lead, cast):
        lead.get(f"{PEOPLE}{cast.officer.membership.pk}/end/")
        assert User.objects.get(pk=cast.officer.pk).role == Role.REFERRER

    def test_the_button_ends_it_and_the_persons_sessions(self, lead, cast, sign_in):
        elsewhere = sign_in(Client(), cast.officer)
        assert lead.post(f"{PEOPLE}{cast.officer.membership.pk}/end/")["Location"] == PEOPLE
        assert User.objects.get(pk=cast.officer.pk).role is None
        assert elsewhere.get("/referrals/").status_code == 302

    def test_the_last_lead_is_warned_and_must_tick_a_box(self, lead, cast):
        url = f"{PEOPLE}{cast.lead.membership.pk}/end/"
        page = page_of(lead.get(url))
        assert "You are the last lead of your organisation" in page
        response = lead.post(url)
        assert "Tick the box to confirm" in page_of(response)
        assert User.objects.get(pk=cast.lead.pk).role == Role.LEAD
        lead.post(url, {"last_lead": "on"})
        assert User.objects.get(pk=cast.lead.pk).role is None

    def test_a_second_click_finds_nobody(self, lead, cast):
        url = f"{PEOPLE}{cast.officer.membership.pk}/end/"
        lead.post(url)
        assert lead.post(url).status_code == 404
