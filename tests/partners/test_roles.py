"""The table of roles: deny by default, and the few things that must always be true of it."""

import pytest

from partners.roles import ADMIN_ROLES, INVITABLE_BY_LEAD, ROLE_LABELS, Permission, Role, may, permissions_of

READS_CASES = {Permission.TRIAGE}


@pytest.mark.parametrize("nobody", [None, "", "superuser", "admin"])
def test_a_word_that_is_no_role_may_nothing(nobody):
    assert permissions_of(nobody) == frozenset()
    assert not any(may(nobody, permission) for permission in Permission)


def test_every_role_has_a_label_and_a_row():
    assert set(ROLE_LABELS) == set(Role)
    assert all(permissions_of(role) for role in Role)


def test_every_permission_is_given_to_somebody():
    assert frozenset().union(*(permissions_of(role) for role in Role)) == frozenset(Permission)


def test_only_coordinators_read_cases():
    assert [role for role in Role if READS_CASES & permissions_of(role)] == [Role.COORDINATOR]


def test_hand_overs_are_worked_by_responders_and_their_leads():
    assert {r for r in Role if may(r, Permission.WORK_HANDOVERS)} == {Role.RESPONDER, Role.LEAD}


def test_operations_are_run_by_responders_their_leads_and_coordinators():
    assert {r for r in Role if may(r, Permission.RUN_OPERATION)} == {Role.RESPONDER, Role.LEAD, Role.COORDINATOR}


def test_the_administrator_and_the_auditor_read_no_case_and_write_none():
    for role in (Role.SYSADMIN, Role.AUDITOR, Role.VIEWER):
        assert not may(role, Permission.TRIAGE)
        assert not may(role, Permission.WRITE_REFERRAL)


def test_whoever_looks_after_accounts_does_not_read_the_access_log_of_it():
    """The auditor watches the administrators, so no role is both."""
    assert not [r for r in Role if may(r, Permission.MANAGE_ACCOUNTS) and may(r, Permission.SEE_ACCESS_LOG)]


def test_a_lead_gives_no_role_that_works_in_the_admin_or_audits():
    assert not INVITABLE_BY_LEAD & (ADMIN_ROLES | {Role.AUDITOR})


def test_a_role_may_be_given_as_its_word():
    assert may("referrer", Permission.WRITE_REFERRAL)
