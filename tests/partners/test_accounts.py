"""What happens to accounts: who may do it, what is refused, and the rows that stay."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from partners import accounts
from partners.accounts import NotAllowed, Refused
from partners.models import AccountAct, AccountChange, AppendOnlyError, Kind, Membership, Message, User
from partners.roles import INVITABLE_BY_LEAD, Role
from tests.conftest import make_person

pytestmark = pytest.mark.django_db

NEW = {"email": "new.person@council.example.org", "full_name": "Nina New"}


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


class TestInviting:
    """invite()"""

    def test_it_makes_an_account_a_membership_a_record_and_a_message(self, cast):
        member = accounts.invite(by=cast.lead, organisation=cast.council, role=Role.REFERRER, **NEW)
        assert (member.user.email, member.user.full_name) == (NEW["email"], NEW["full_name"])
        assert (member.organisation, member.role, member.invited_by) == (cast.council, "referrer", cast.lead)
        assert not member.user.has_usable_password()
        change = AccountChange.objects.get()
        assert (change.by, change.user, change.act, change.role_after) == (
            cast.lead, member.user, AccountAct.INVITED, "referrer",
        )  # fmt: skip
        message = Message.objects.get()
        assert (message.kind, message.user, message.event_id) == (Kind.INVITATION, member.user, change.pk)

    def test_the_address_is_kept_in_small_letters(self, cast):
        more = NEW | {"email": "New.Person@COUNCIL.example.org "}
        assert accounts.invite(by=cast.lead, organisation=cast.council, role="lead", **more).user.email == NEW["email"]

    @pytest.mark.parametrize("role", sorted(set(Role) - INVITABLE_BY_LEAD))
    def test_a_lead_gives_no_role_of_the_partnership(self, cast, role):
        with pytest.raises(Refused, match="Only a coordinator"):
            accounts.invite(by=cast.lead, organisation=cast.council, role=role, **NEW)
        assert not User.objects.filter(email=NEW["email"]).exists()

    @pytest.mark.parametrize("name", ["officer", "nurse", "responder", "viewer", "auditor"])
    def test_people_who_are_no_leads_invite_nobody(self, cast, name):
        with pytest.raises(NotAllowed):
            accounts.invite(by=cast.people[name], organisation=cast.council, role="referrer", **NEW)

    def test_a_lead_invites_to_no_other_organisation(self, cast):
        with pytest.raises(NotAllowed):
            accounts.invite(
                by=cast.lead, organisation=cast.hospital, role="referrer", email="x@hospital.example.org", full_name="X"
            )

    @pytest.mark.parametrize(
        "email",
        [
            "x@elsewhere.example",
            "x@hospital.example.org",
            "x@sub.council.example.org",
            "x@evilcouncil.example.org",
            "x",
        ],
    )
    def test_the_address_must_be_at_a_domain_of_the_organisation(self, cast, email):
        with pytest.raises(Refused, match=r"@council\.example\.org"):
            accounts.invite(by=cast.lead, organisation=cast.council, role="referrer", email=email, full_name="X")

    def test_without_a_domain_nobody_can_be_invited(self, cast):
        cast.council.email_domains = []
        cast.council.save()
        with pytest.raises(Refused, match="No e-mail domain"):
            accounts.invite(by=cast.lead, organisation=cast.council, role="referrer", **NEW)

    def test_an_active_member_is_not_invited_twice(self, cast):
        with pytest.raises(Refused, match="already"):
            accounts.invite(
                by=cast.lead, organisation=cast.council, role="lead", email=cast.officer.email, full_name="X"
            )
        assert fresh(cast.officer).role == Role.REFERRER

    def test_somebody_who_left_may_come_back(self, cast):
        accounts.end_membership(by=cast.lead, membership=cast.officer.membership)
        accounts.invite(
            by=cast.lead, organisation=cast.council, role="responder", email=cast.officer.email, full_name="Olive Again"
        )
        assert (fresh(cast.officer).role, fresh(cast.officer).full_name) == (Role.RESPONDER, "Olive Again")

    def test_a_suspended_account_does_not_come_back_this_way(self, cast):
        accounts.end_membership(by=cast.lead, membership=cast.officer.membership)
        accounts.suspend(by=cast.coordinator, user=cast.officer)
        with pytest.raises(Refused, match="suspended"):
            accounts.invite(
                by=cast.lead, organisation=cast.council, role="referrer", email=cast.officer.email, full_name="X"
            )

    def test_a_closed_organisation_takes_nobody(self, cast):
        cast.council.ends_on = timezone.localdate() - datetime.timedelta(days=1)
        cast.council.save()
        with pytest.raises(Refused, match="left the partnership"):
            accounts.invite(by=cast.coordinator, organisation=cast.council, role="referrer", **NEW)

    @pytest.mark.parametrize("name", ["coordinator", "sysadmin"])
    def test_coordinators_and_administrators_invite_everywhere(self, cast, name):
        accounts.invite(by=cast.people[name], organisation=cast.council, role="lead", **NEW)
        email = "co3@partnership-team.example.org"
        accounts.invite(
            by=cast.people[name], organisation=cast.partnership_team, role="coordinator", email=email, full_name="C"
        )
        assert User.objects.get(email=email).role == Role.COORDINATOR

    def test_a_coordinator_belongs_to_the_host(self, cast):
        with pytest.raises(Refused, match="hosts them"):
            accounts.invite(by=cast.coordinator, organisation=cast.council, role="coordinator", **NEW)

    def test_nothing_is_left_when_it_fails_half_way(self, cast, monkeypatch):
        def broken(*args, **kwargs):
            raise RuntimeError

        monkeypatch.setattr(accounts, "post_to", broken)
        with pytest.raises(RuntimeError):
            accounts.invite(by=cast.lead, organisation=cast.council, role="referrer", **NEW)
        assert not User.objects.filter(email=NEW["email"]).exists()
        assert not AccountChange.objects.exists()


class TestChangingARole:
    """change_role()"""

    def test_it_ends_one_membership_and_begins_another(self, cast):
        old = cast.officer.membership
        new = accounts.change_role(by=cast.lead, membership=old, role=Role.LEAD)
        old.refresh_from_db()
        assert old.ended_by == cast.lead
        assert (new.role, new.organisation, new.ended_at) == ("lead", cast.council, None)
        change = AccountChange.objects.get()
        assert (change.act, change.role_before, change.role_after) == (AccountAct.ROLE_CHANGED, "referrer", "lead")

    def test_all_sessions_end(self, cast, sign_in):
        client = sign_in(Client(), cast.officer)
        accounts.change_role(by=cast.lead, membership=cast.officer.membership, role="viewer")
        assert client.get("/account/security/").status_code == 302

    def test_the_same_role_changes_nothing(self, cast):
        member = cast.officer.membership
        assert accounts.change_role(by=cast.lead, membership=member, role="referrer") == member
        assert not AccountChange.objects.exists()

    def test_nobody_changes_their_own(self, cast):
        with pytest.raises(Refused, match="themselves"):
            accounts.change_role(by=cast.lead, membership=cast.lead.membership, role="referrer")
        with pytest.raises(Refused, match="themselves"):
            accounts.change_role(by=cast.coordinator, membership=cast.coordinator.membership, role="sysadmin")

    def test_a_lead_changes_nobody_elsewhere(self, cast):
        with pytest.raises(NotAllowed):
            accounts.change_role(by=cast.lead, membership=cast.nurse.membership, role="lead")

    def test_a_lead_of_the_host_does_not_touch_coordinators(self, cast):
        boss = make_person("boss", Role.LEAD, cast.partnership_team)
        with pytest.raises(Refused, match="Only a coordinator"):
            accounts.change_role(by=boss, membership=cast.coordinator.membership, role="viewer")
        with pytest.raises(Refused, match="Only a coordinator"):
            accounts.end_membership(by=boss, membership=cast.coordinator.membership)


class TestEnding:
    """end_membership()"""

    def test_it_is_recorded_and_ends_every_session(self, cast, sign_in):
        client = sign_in(Client(), cast.officer)
        accounts.end_membership(by=cast.lead, membership=cast.officer.membership)
        member = Membership.objects.get(user=cast.officer)
        assert member.ended_by == cast.lead
        assert AccountChange.objects.get().act == AccountAct.MEMBERSHIP_ENDED
        assert client.get("/referrals/").status_code == 302

    def test_it_ends_once(self, cast):
        member = cast.officer.membership
        accounts.end_membership(by=cast.lead, membership=member)
        with pytest.raises(Refused, match="already"):
            accounts.end_membership(by=cast.lead, membership=member)

    def test_the_last_lead_goes_only_when_it_is_known(self, cast):
        assert accounts.is_last_lead(cast.lead.membership)
        with pytest.raises(Refused, match="Invite another lead first"):
            accounts.end_membership(by=cast.lead, membership=cast.lead.membership)
        accounts.end_membership(by=cast.lead, membership=cast.lead.membership, last_lead_known=True)
        assert fresh(cast.lead).role is None

    def test_one_of_two_leads_may_go(self, cast):
        second = make_person("lead2", Role.LEAD, cast.council)
        assert not accounts.is_last_lead(cast.lead.membership)
        accounts.end_membership(by=second, membership=cast.lead.membership)

    def test_a_suspended_lead_does_not_count(self, cast):
        second = make_person("lead2", Role.LEAD, cast.council)
        accounts.suspend(by=cast.coordinator, user=second)
        assert accounts.is_last_lead(cast.lead.membership)


class TestSuspending:
    """suspend(), restore(), reset_second_step()"""

    def test_a_suspended_account_may_do_nothing_and_is_restored(self, cast):
        accounts.suspend(by=cast.coordinator, user=cast.officer)
        assert fresh(cast.officer).role is None
        accounts.restore(by=cast.sysadmin, user=cast.officer)
        assert fresh(cast.officer).role == Role.REFERRER
        assert list(AccountChange.objects.order_by("at").values_list("act", flat=True)) == ["suspended", "restored"]

    def test_twice_is_once(self, cast):
        for _ in range(2):
            accounts.suspend(by=cast.coordinator, user=cast.officer)
        assert AccountChange.objects.count() == 1

    @pytest.mark.parametrize("act", [accounts.suspend, accounts.restore, accounts.reset_second_step])
    def test_a_lead_may_do_none_of_it(self, cast, act):
        with pytest.raises(NotAllowed):
            act(by=cast.lead, user=cast.officer)

    @pytest.mark.parametrize("act", [accounts.suspend, accounts.reset_second_step])
    def test_nobody_does_it_to_themselves(self, cast, act):
        with pytest.raises(Refused):
            act(by=cast.coordinator, user=cast.coordinator)


class TestRecord:
    """AccountChange is append-only, in Python and in PostgreSQL."""

    @pytest.fixture
    def change(self, cast) -> AccountChange:
        accounts.suspend(by=cast.coordinator, user=cast.officer)
        return AccountChange.objects.get()

    def test_python_refuses(self, change):
        for attempt in (change.save, change.delete, AccountChange.objects.all().delete):
            with pytest.raises(AppendOnlyError):
                attempt()
        with pytest.raises(AppendOnlyError):
            AccountChange.objects.update(act="restored")

    @pytest.mark.parametrize(
        "statement", ["UPDATE partners_accountchange SET act = 'x'", "DELETE FROM partners_accountchange"]
    )
    def test_postgresql_refuses(self, change, statement):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    def test_it_names_nobody(self, change, cast):
        assert str(change) == "Account suspended"


class TestTheLastCoordinator:
    """end_membership() and change_role()"""

    def test_somebody_is_always_left_to_triage(self, cast):
        accounts.end_membership(by=cast.coordinator, membership=cast.coordinator2.membership)
        for by in (cast.coordinator, cast.sysadmin):
            with pytest.raises(Refused, match="last coordinator"):
                accounts.end_membership(by=by, membership=fresh(cast.coordinator).membership)
        with pytest.raises(Refused, match="last coordinator"):
            accounts.change_role(by=cast.sysadmin, membership=fresh(cast.coordinator).membership, role=Role.VIEWER)
        assert Membership.objects.in_role(Role.COORDINATOR).get().user == cast.coordinator
