"""Who may do what: the roles of the partnership and the permission table between them.

Pure: no ORM, no request. The table is the one place where a permission is given; the Django admin, the pages and
the tests all read it (`docs/adr/0003-roles-are-one-table.md`).
"""

from enum import StrEnum


class Role(StrEnum):
    """What a person is in their organisation. One membership carries one role."""

    REFERRER = "referrer"
    LEAD = "lead"
    COORDINATOR = "coordinator"
    RESPONDER = "responder"
    VIEWER = "viewer"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"


ROLE_LABELS = {
    Role.REFERRER: "Frontline professional",
    Role.LEAD: "Organisation lead",
    Role.COORDINATOR: "Partnership coordinator",
    Role.RESPONDER: "Responder",
    Role.VIEWER: "Partner viewer",
    Role.AUDITOR: "Auditor",
    Role.SYSADMIN: "System administrator",
}

ROLE_CHOICES = [(role.value, label) for role, label in ROLE_LABELS.items()]


class Permission(StrEnum):
    """One thing a person may do. Named after the act, never after the page."""

    WRITE_REFERRAL = "write_referral"  # draft, submit, receipt, status of one's own
    SEE_ORGANISATION_REFERRALS = "see_organisation_referrals"  # status bands of the organisation's referrals
    TRIAGE = "triage"  # the whole queue, case content, every workflow button
    SEND_MESSAGES_AGAIN = "send_messages_again"  # the message queue and its buttons
    SEE_MESSAGE_QUEUE = "see_message_queue"
    INVITE_COLLEAGUES = "invite_colleagues"  # own organisation only
    MANAGE_ACCOUNTS = "manage_accounts"
    MANAGE_PARTNERS = "manage_partners"  # organisations, contacts, wording, rules
    SEE_SETTINGS_CHANGES = "see_settings_changes"  # who changed an organisation, a clock, a wording, and how it was
    SEE_ACCESS_LOG = "see_access_log"
    SEE_DASHBOARD = "see_dashboard"
    WORK_HANDOVERS = "work_handovers"  # what one's organisation is asked to take, and only that
    READ_BOARD = "read_board"  # posts of the message board that are addressed to one's organisation
    RUN_OPERATION = "run_operation"  # several people met together: log them, their arrival and departure


P = Permission
_TABLE: dict[Role, frozenset[Permission]] = {
    Role.REFERRER: frozenset({P.WRITE_REFERRAL, P.READ_BOARD}),
    Role.LEAD: frozenset(
        {
            P.WRITE_REFERRAL,
            P.READ_BOARD,
            P.SEE_ORGANISATION_REFERRALS,
            P.INVITE_COLLEAGUES,
            P.SEE_DASHBOARD,
            P.WORK_HANDOVERS,
            P.RUN_OPERATION,
        },
    ),
    Role.COORDINATOR: frozenset(
        {
            P.WRITE_REFERRAL,
            P.READ_BOARD,
            P.RUN_OPERATION,
            P.TRIAGE,
            P.SEND_MESSAGES_AGAIN,
            P.SEE_MESSAGE_QUEUE,
            P.MANAGE_ACCOUNTS,
            P.MANAGE_PARTNERS,
            P.SEE_SETTINGS_CHANGES,
            P.SEE_DASHBOARD,
        },
    ),
    Role.RESPONDER: frozenset({P.WRITE_REFERRAL, P.READ_BOARD, P.WORK_HANDOVERS, P.RUN_OPERATION}),
    Role.VIEWER: frozenset({P.SEE_DASHBOARD, P.READ_BOARD}),
    Role.AUDITOR: frozenset({P.SEE_ACCESS_LOG, P.SEE_SETTINGS_CHANGES, P.SEE_MESSAGE_QUEUE}),
    Role.SYSADMIN: frozenset(
        {P.MANAGE_ACCOUNTS, P.MANAGE_PARTNERS, P.SEE_SETTINGS_CHANGES, P.SEND_MESSAGES_AGAIN, P.SEE_MESSAGE_QUEUE},
    ),
}

#: Acts for which an e-mailed code is enough (the submit lane). Everything else wants a passkey or a TOTP code,
#: because ASVS 6.3.5 and NIST 800-63B do not accept e-mail as an authenticator.
#: The message board holds no case content (ADR 0018).
SUBMIT_LANE: frozenset[Permission] = frozenset({P.WRITE_REFERRAL, P.READ_BOARD})

#: Roles whose work is done in the Django admin.
ADMIN_ROLES: frozenset[Role] = frozenset({Role.COORDINATOR, Role.SYSADMIN})

#: Roles that a lead may give to a colleague. A lead never makes a coordinator.
INVITABLE_BY_LEAD: frozenset[Role] = frozenset({Role.REFERRER, Role.LEAD, Role.RESPONDER, Role.VIEWER})


def permissions_of(role: Role | str | None) -> frozenset[Permission]:
    """Return what `role` may do; nothing for `None` or a word that is no role (deny by default)."""
    try:
        return _TABLE[Role(role)] if role else frozenset()
    except ValueError:
        return frozenset()


def may(role: Role | str | None, permission: Permission) -> bool:
    """Return whether `role` has `permission`."""
    return permission in permissions_of(role)


def needs_second_factor(role: Role | str | None) -> bool:
    """Return whether `role` can do anything beyond the submit lane, so that it must enrol a passkey or TOTP."""
    return bool(permissions_of(role) - SUBMIT_LANE)
