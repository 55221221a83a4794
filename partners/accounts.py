"""What happens to accounts: invite, change a role, end, suspend, restore, reset a second step.

The only writer of memberships besides fixtures. Each function takes `by`, checks that `by` may do it, writes the rows
and an `AccountChange` in one transaction, and posts the message that is owed. A lead acts on their own organisation
and gives the roles of `INVITABLE_BY_LEAD`; coordinators and administrators act on every organisation.

Raises `NotAllowed` when `by` may not do it at all (pages answer 404 before it comes to that), and `Refused`, with a
sentence for the person, when the rules are against it.
"""

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from partners.formfields import lower_first
from partners.holdings import Holding, hand_all_on, to_be_handed_on
from partners.models import AccountAct, AccountChange, Kind, Membership, Organisation, Partnership, User
from partners.outbox import Event, Recipient, post_to
from partners.roles import INVITABLE_BY_LEAD, ROLE_LABELS, Permission, Role
from partners.sessions import end_all_sessions
from partners.standing import keep_in_post


class NotAllowed(PermissionDenied):
    """Raised when somebody acts on an account that is not theirs to look after."""


class Refused(Exception):
    """Raised when a change is against the rules; the text is for the person who tried."""


class MustBeHandedOn(Refused):
    """Raised when a person cannot go yet: `holdings` are what a colleague has to take on first."""

    def __init__(self, holdings: list[Holding]):
        self.holdings = holdings
        left = "; ".join(f"{lower_first(one.what)} ({one.count})" for one in holdings)
        super().__init__(f"To be handed on first: {left}")


def invitable_roles(by: User) -> frozenset[Role]:
    """Return the roles that `by` may give."""
    if by.may(Permission.MANAGE_ACCOUNTS):
        return frozenset(Role)
    return INVITABLE_BY_LEAD if by.may(Permission.INVITE_COLLEAGUES) else frozenset()


def looks_after(by: User, organisation: Organisation) -> bool:
    """Return whether the people of `organisation` are `by`'s to invite and to end."""
    if by.may(Permission.MANAGE_ACCOUNTS):
        return True
    return by.may(Permission.INVITE_COLLEAGUES) and by.organisation == organisation


def is_last_lead(membership: Membership) -> bool:
    """Return whether nobody else leads the organisation of `membership`, so that nobody could invite any more."""
    leads = Membership.objects.in_role(Role.LEAD).filter(organisation=membership.organisation)
    return membership.role == Role.LEAD and not leads.exclude(pk=membership.pk).exists()


@transaction.atomic
def invite(
    *, by: User, organisation: Organisation, email: str, full_name: str, role: Role | str, job_title: str = ""
) -> Membership:
    """Make a membership, and the account where there is none yet, and post the invitation.

    `email` must be at one of the organisation's domains. An account whose membership has ended is used again; one that
    is suspended or has an active membership is refused.
    """
    role = _givable(by, organisation, role)
    email = email.strip().lower()
    if email.rpartition("@")[2] not in organisation.email_domains:
        raise Refused(_wrong_domain(organisation))
    if not organisation.is_in_force(timezone.localdate()):
        raise Refused("The organisation has left the partnership: nobody can be invited to it")
    user = User.objects.select_for_update().filter(email=email).first()
    if user is None:
        user = _new_account(email, full_name, job_title)
    elif not user.is_active:
        raise Refused("This account is suspended. Ask a coordinator")
    elif user.memberships.active().exists():
        raise Refused("There is an account with this address already")
    else:
        user.full_name, user.job_title = full_name, job_title
        user.save(update_fields=["full_name", "job_title"])
    membership = Membership.objects.create(user=user, organisation=organisation, role=role, invited_by=by)
    change = _note(by, user, AccountAct.INVITED, organisation, after=role)
    post_to(Kind.INVITATION, Event(id=change.pk), [Recipient(user=user)])
    return membership


@transaction.atomic
def change_role(*, by: User, membership: Membership, role: Role | str) -> Membership:
    """End a membership and begin another in the same organisation with another role; return the new one.

    Nobody changes their own role. All sessions of the person end, so that the new role begins with a sign-in. Raises
    MustBeHandedOn for what the person could not go on with in the new role.
    """
    membership = _locked(by, membership)
    role = _givable(by, membership.organisation, role)
    _not_oneself(by, membership.user)
    if membership.role not in invitable_roles(by):
        raise Refused("Only a coordinator can change this role")
    if membership.role == role:
        return membership
    _not_the_last_coordinator(membership)
    refuse_what_is_left(by=by, user=membership.user, role=role)
    _end(membership, by)
    new = Membership.objects.create(
        user=membership.user, organisation=membership.organisation, role=role, invited_by=by
    )
    _note(by, new.user, AccountAct.ROLE_CHANGED, new.organisation, before=membership.role, after=role)
    end_all_sessions(new.user)
    return new


@transaction.atomic
def end_membership(*, by: User, membership: Membership, last_lead_known: bool = False) -> None:
    """End a membership and all sessions of the person.

    Ending the last lead of an organisation is refused unless `last_lead_known` says that `by` was told. Raises
    MustBeHandedOn as long as there is something that a colleague has to take on. The membership is locked before that
    is asked, and whoever gives work locks it too: nothing slips through (`partners.standing.keep_in_post`).
    """
    membership = _locked(by, membership)
    if membership.role not in invitable_roles(by):
        raise Refused("Only a coordinator can end this account")
    if is_last_lead(membership) and not last_lead_known:
        raise Refused("Afterwards nobody in the organisation can invite people. Invite another lead first")
    _not_the_last_coordinator(membership)
    refuse_what_is_left(by=by, user=membership.user)
    _end(membership, by)
    _note(by, membership.user, AccountAct.MEMBERSHIP_ENDED, membership.organisation, before=membership.role)
    end_all_sessions(membership.user)


def _not_the_last_coordinator(membership: Membership) -> None:
    """Refuse to take the last coordinator away: nobody would triage. Two who go at once are asked one after another."""
    if membership.role != Role.COORDINATOR:
        return
    Partnership.objects.select_for_update(no_key=True).filter(pk=1).first()
    here = Organisation.objects.in_force(timezone.localdate())
    if (
        not Membership.objects.in_role(Role.COORDINATOR)
        .exclude(pk=membership.pk)
        .filter(organisation__in=here)
        .exists()
    ):
        raise Refused("This is the last coordinator: nobody could triage any more. Invite another one first")


@transaction.atomic
def hand_on(*, by: User, user: User, to: User) -> int:
    """Give `to` what `user` has to hand on, as far as `to` may have it and `by` may give it; return how many pieces.

    The rest stays and is handed to somebody else (`partners.holdings.to_be_handed_on`). Raises Refused when `to` is
    `user`, NotAllowed.
    """
    keep_in_post(user, to)
    if not by.may(Permission.MANAGE_ACCOUNTS) and not (user.organisation and looks_after(by, user.organisation)):
        raise NotAllowed
    if user.pk == to.pk:
        raise Refused("Choose somebody else")
    return hand_all_on(by=by, user=user, to=to)


def refuse_what_is_left(*, by: User, user: User, role: Role | None = None) -> None:
    """Raise MustBeHandedOn when `user` has something in hand that somebody has to go on with, and could not in `role`
    (None: not here any more)."""
    if left := to_be_handed_on(user, role, reader=by):
        raise MustBeHandedOn(left)


@transaction.atomic
def suspend(*, by: User, user: User) -> None:
    """Suspend an account. Its sessions stay, and can do nothing but read why and save what is being typed.

    Never refused because of what the person has in hand: access is cut without delay. What they coordinate needs every
    coordinator from then on, until it is handed on.
    """
    user = _managed(by, user)
    _not_oneself(by, user)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        _note(by, user, AccountAct.SUSPENDED, user.organisation)


@transaction.atomic
def restore(*, by: User, user: User) -> None:
    """Let a suspended account in again, with a new sign-in."""
    user = _managed(by, user)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        _note(by, user, AccountAct.RESTORED, user.organisation)
        end_all_sessions(user)


@transaction.atomic
def reset_second_step(*, by: User, user: User) -> None:
    """Remove every second step of somebody who lost theirs, end their sessions, and tell them.

    Whoever does it has rung the person first: afterwards their mailbox is enough to set up a new one (ASVS 6.4.4).
    Nobody resets their own.
    """
    user = _managed(by, user)
    _not_oneself(by, user)
    Authenticator.objects.filter(user=user).delete()
    end_all_sessions(user)
    change = _note(by, user, AccountAct.SECOND_STEP_RESET, user.organisation)
    post_to(Kind.SECOND_STEP_CHANGED, Event(id=change.pk), [Recipient(user=user)])


@transaction.atomic
def note_second_step(*, by: User, act: AccountAct) -> None:
    """Note that `by` has set up or removed a second step of their own, and tell them: it may have been another."""
    change = _note(by, by, act, by.organisation)
    post_to(Kind.SECOND_STEP_CHANGED, Event(id=change.pk), [Recipient(user=by)])


def _new_account(email: str, full_name: str, job_title: str) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email, full_name=full_name, job_title=job_title)
    except IntegrityError:  # a second click, or a colleague in the same moment
        raise Refused("There is an account with this address already") from None


def _givable(by: User, organisation: Organisation, role: Role | str) -> Role:
    role = Role(role)
    if not looks_after(by, organisation):
        raise NotAllowed
    if role not in invitable_roles(by):
        raise Refused(f"Only a coordinator can make somebody a {ROLE_LABELS[role].lower()}")
    if role == Role.COORDINATOR and not organisation.coordinates:
        raise Refused("Coordinators belong to the organisation that hosts them")
    return role


def _locked(by: User, membership: Membership) -> Membership:
    found = Membership.objects.select_for_update(of=("self",)).select_related("user", "organisation")
    membership = found.get(pk=membership.pk)
    if not looks_after(by, membership.organisation):
        raise NotAllowed
    if membership.ended_at is not None:
        raise Refused("This membership has ended already")
    return membership


def _managed(by: User, user: User) -> User:
    if not by.may(Permission.MANAGE_ACCOUNTS):
        raise NotAllowed
    return User.objects.select_for_update().get(pk=user.pk)


def _not_oneself(by: User, user: User) -> None:
    if by.pk == user.pk:
        raise Refused("Nobody can change this for themselves. Ask a colleague")


def _end(membership: Membership, by: User) -> None:
    membership.ended_at, membership.ended_by = timezone.now(), by
    membership.save(update_fields=["ended_at", "ended_by"])


def _note(
    by: User, user: User, act: AccountAct, organisation: Organisation | None, *, before: str = "", after: str = ""
) -> AccountChange:
    return AccountChange.objects.create(
        by=by, user=user, act=act, organisation=organisation, role_before=before, role_after=after
    )


def _wrong_domain(organisation: Organisation) -> str:
    if not organisation.email_domains:
        return "No e-mail domain is noted for the organisation. Ask a coordinator to add it"
    return f"The address must end with {' or '.join('@' + domain for domain in organisation.email_domains)}"
