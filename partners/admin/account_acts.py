"""What is done with accounts and memberships in the admin. Each act is one function of `partners/accounts.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from partners import accounts
from partners.access import record_access
from partners.forms import ROLE_HINTS, EndMembershipForm, InviteForm, RoleForm
from partners.handing_on import hand_on_and, offer_colleagues
from partners.holdings import holdings_of, to_be_handed_on
from partners.models import AccessRecord, Membership, Organisation, User
from partners.roles import ROLE_CHOICES, Permission, Role


@dataclass(frozen=True)
class Act:
    """One thing that can be done with an account."""

    label: str  # on the button
    explains: str
    done: str
    run: Callable[..., object]
    warning: bool = False


HAND_ON = "hand-on"
ON_ACCOUNT = {
    "suspend": Act(
        "Suspend this account",
        "From now on the person can do nothing here. The membership stays, so that the account can be let in again. "
        "It does not wait for anything to be handed on: until that is done, every coordinator has their referrals "
        "among those that need them now.",
        "The account is suspended.",
        accounts.suspend,
        warning=True,
    ),
    "restore": Act(
        "Let this account in again",
        "The person can sign in again, with the role they had.",
        "The account is in use again.",
        accounts.restore,
    ),
    "reset": Act(
        "Reset the second step",
        "Ring the person first, on a number you know: afterwards their mailbox alone is enough to set up a new passkey "
        "or authenticator app. They are signed out everywhere, and told.",
        "The second step is reset and the person is told.",
        accounts.reset_second_step,
        warning=True,
    ),
    HAND_ON: Act(
        "Hand on what they have",
        "A colleague has it from now on. The account and the membership stay as they are.",
        "Everything is handed on.",
        accounts.refuse_what_is_left,
    ),
}
CHANGE_ROLE = "The old membership ends and a new one begins. The person has to sign in again."
END = "The person is signed out everywhere and can do nothing here any more. What they did stays on record."
INVITE = "The person gets an e-mail that says how to sign in. The address must be at one of the organisation's domains."
EVERY_ROLE_HINTS = ROLE_HINTS | {
    Role.COORDINATOR: "Sees every referral and works the queue.",
    Role.AUDITOR: "Sees who looked at what, and the message queue; never a case.",
    Role.SYSADMIN: "Looks after accounts, organisations and settings; never sees a case.",
}


class AnyRole(forms.Form):
    """Offers every role: who may give which is checked when it is given."""

    role = forms.ChoiceField(
        label="What will this person do here?",
        choices=ROLE_CHOICES,
        error_messages={"required": "Choose what the person will do here"},
        widget=forms.RadioSelect,
    )


class InviteAnywhereForm(InviteForm):
    """Asks whom to invite, to which organisation and as what."""

    organisation = forms.ModelChoiceField(
        label="Organisation",
        queryset=Organisation.objects.none(),
        empty_label="Choose an organisation",
        error_messages={"required": "Choose an organisation", "invalid_choice": "Choose an organisation from the list"},
    )
    role = AnyRole.base_fields["role"]
    field_order = ["full_name", "email", "job_title", "organisation", "role"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.in_force(timezone.localdate())


class AnyRoleForm(RoleForm):
    """Asks for another role, any of them."""

    role = AnyRole.base_fields["role"]


def possible(user: User, by: User) -> list[tuple[str, Act]]:
    """Return what `by` can do with `user`'s account now, as `(slug, act)`. To oneself one does nothing but hand on."""
    slugs = ([] if user == by else ["suspend", "reset"]) if user.is_active else ["restore"]
    if by.may(Permission.TRIAGE) and to_be_handed_on(user):
        slugs.append(HAND_ON)
    return [(slug, ON_ACCOUNT[slug]) for slug in slugs]


def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody to any organisation."""
    _require_manager(request)
    form = InviteAnywhereForm(_posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            accounts.invite(by=request.user, **form.cleaned_data)
        except accounts.Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, "The invitation is on its way.")
            return redirect("admin:partners_user_changelist")
    return _page(request, "Invite a person", INVITE, form, reverse("admin:partners_user_changelist"))


def on_account(request: HttpRequest, user_id: int, act: str) -> HttpResponse:
    """Suspend an account, let it in again, reset its second step, or hand on, after a page that says what follows."""
    _require_manager(request)
    what, user = ON_ACCOUNT.get(act), get_object_or_404(User, pk=user_id)
    if what is None or (user == request.user and act != HAND_ON):
        raise Http404
    back, form, holdings = reverse("admin:partners_user_change", args=[user.pk]), forms.Form(_posted(request)), []
    if act == HAND_ON:
        holdings = offer_colleagues(form, user, request.user)
    elif act == "suspend":
        holdings = holdings_of(user, request.user)
    more = {"form": form, "request": request, "user": user}
    if form.is_valid() and hand_on_and(lambda: what.run(by=request.user, user=user), **more):
        messages.success(request, what.done)
        return redirect(_left_to_do(request, act, user) or back)
    return _page(request, what.label, what.explains, form, back, who=user, warning=what.warning, holdings=holdings)


def _left_to_do(request: HttpRequest, act: str, user: User) -> str:
    """Say after a suspension that what the person had must still be handed on; return where, for who can do it."""
    if act != "suspend" or not to_be_handed_on(user):
        return ""
    can = request.user.may(Permission.TRIAGE)
    more = "Choose who takes it on." if can else "Tell a coordinator."
    messages.warning(request, f"What this person has in hand must still be handed on. {more}")
    return reverse("admin:partners_user_act", args=[user.pk, HAND_ON]) if can else ""


def on_membership(request: HttpRequest, membership_id: int, act: str) -> HttpResponse:
    """Change the role of a membership, or end it."""
    _require_manager(request)
    rows = Membership.objects.active().select_related("user", "organisation")
    membership = get_object_or_404(rows, pk=membership_id)
    if act == "role":
        return _change_role(request, membership)
    if act == "end":
        return _end(request, membership)
    raise Http404


def _change_role(request: HttpRequest, membership: Membership) -> HttpResponse:
    back = reverse("admin:partners_user_change", args=[membership.user_id])
    form = AnyRoleForm(_posted(request), initial={"role": membership.role})
    holdings = offer_colleagues(form, membership.user, request.user)
    if request.method == "POST" and form.is_valid():
        asked = {"by": request.user, "membership": membership, "role": form.cleaned_data["role"]}
        more = {"form": form, "request": request, "user": membership.user, "blamed": "role"}
        if hand_on_and(lambda: accounts.change_role(**asked), **more):
            messages.success(request, "The role is changed. The person has to sign in again.")
            return redirect(back)
        holdings = holdings_of(membership.user, request.user)
    return _page(request, "Change the role", CHANGE_ROLE, form, back, who=membership.user, holdings=holdings)


def _end(request: HttpRequest, membership: Membership) -> HttpResponse:
    back = reverse("admin:partners_user_change", args=[membership.user_id])
    last_lead = accounts.is_last_lead(membership)
    form = EndMembershipForm(_posted(request), is_last_lead=last_lead)
    holdings = offer_colleagues(form, membership.user, request.user)
    if request.method == "POST" and form.is_valid():
        asked = {"by": request.user, "membership": membership, "last_lead_known": last_lead}
        more = {"form": form, "request": request, "user": membership.user}
        if hand_on_and(lambda: accounts.end_membership(**asked), **more):
            messages.success(request, "The membership has ended. The person is signed out everywhere.")
            return redirect("admin:index" if membership.user == request.user else back)
        holdings = holdings_of(membership.user, request.user)
    more = {"who": membership.user, "holdings": holdings, "warning": True}
    return _page(request, "End this membership", END, form, back, **more)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _require_manager(request: HttpRequest) -> None:
    if not request.user.may(Permission.MANAGE_ACCOUNTS):
        raise Http404


def _page(request: HttpRequest, title: str, explains: str, form: forms.Form, back: str, **more: Any) -> HttpResponse:
    if any(holding.rows for holding in more.get("holdings", ())):
        record_access(by=request.user, action=AccessRecord.Action.LIST, object_kind="referral")
    context = {"title": title, "explains": explains, "form": form, "back": back, "role_hints": EVERY_ROLE_HINTS, **more}
    return TemplateResponse(request, "admin/partners/account_act.html", admin.site.each_context(request) | context)
