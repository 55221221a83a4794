"""The people of an organisation, for its lead: who is here, invite, change a role, end."""

from django.contrib import messages
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from partners import accounts
from partners.access import requires
from partners.forms import ROLE_HINTS, EndMembershipForm, InviteForm, RoleForm
from partners.handing_on import hand_on_and, offer_colleagues
from partners.holdings import holdings_of
from partners.models import Membership
from partners.roles import INVITABLE_BY_LEAD, Permission

for_leads = requires(Permission.INVITE_COLLEAGUES)


def _members(request: HttpRequest):
    """The choke point of these pages: active memberships of the lead's own organisation."""
    own = Membership.objects.active().filter(organisation=request.user.organisation)
    return own.select_related("user", "organisation", "invited_by")


def _member(request: HttpRequest, membership_id: int) -> Membership:
    return get_object_or_404(_members(request), pk=membership_id)


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


@for_leads
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """List the people of the lead's organisation."""
    members = _members(request).order_by(Lower("user__full_name"), "user__email")
    return render(request, "partners/people.html", {"members": members, "organisation": request.user.organisation})


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite a colleague."""
    form = InviteForm(_posted(request))
    organisation = request.user.organisation
    if form.is_valid():
        try:
            accounts.invite(by=request.user, organisation=organisation, **form.cleaned_data)
        except accounts.Refused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, "The invitation is on its way. The person signs in with a code sent by e-mail.")
            return redirect("people")
    context = {"form": form, "organisation": organisation, "role_hints": ROLE_HINTS}
    return render(request, "partners/invite.html", context)


@for_leads
@require_safe
def person(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Show one person of the organisation and what can be done."""
    member = _member(request, membership_id)
    context = {"member": member, "manageable": member.role in INVITABLE_BY_LEAD, "oneself": member.user == request.user}
    return render(request, "partners/person.html", context)


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def change_role(request: HttpRequest, membership_id: int) -> HttpResponse:
    """Give a person another role."""
    member = _member(request, membership_id)
    form = RoleForm(_posted(request), initial={"role": member.role})
    holdings = offer_colleagues(form, member.user, request.user)
    if form.is_valid():
        asked = {"by": request.user, "membership": member, "role": form.cleaned_data["role"]}
        more = {"form": form, "request": request, "user": member.user, "blamed": "role"}
        if hand_on_and(lambda: accounts.change_role(**asked), **more):
            messages.success(request, "The role is changed. The person has to sign in again.")
            return redirect("people")
        holdings = holdings_of(member.user)
    context = {"form": form, "member": member, "role_hints": ROLE_HINTS, "holdings": holdings}
    return render(request, "partners/change_role.html", context)


@for_leads
@require_http_methods(["GET", "HEAD", "POST"])
def end_membership(request: HttpRequest, membership_id: int) -> HttpResponse:
    """End a person's membership, after a page that says what follows."""
    member = _member(request, membership_id)
    last_lead = accounts.is_last_lead(member)
    form = EndMembershipForm(_posted(request), is_last_lead=last_lead)
    holdings = offer_colleagues(form, member.user, request.user)
    if form.is_valid():
        asked = {"by": request.user, "membership": member, "last_lead_known": last_lead}
        if hand_on_and(lambda: accounts.end_membership(**asked), form=form, request=request, user=member.user):
            messages.success(request, "The account has ended. The person is signed out everywhere.")
            return redirect("people" if member.user != request.user else "home")
        holdings = holdings_of(member.user)
    context = {
        "form": form,
        "member": member,
        "holdings": holdings,
        "oneself": member.user == request.user,
        "last_lead": last_lead,
    }
    return render(request, "partners/end_membership.html", context)
