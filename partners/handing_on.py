"""Pages on which somebody leaves or changes their role: a choice of who takes on what they have in hand."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from partners import accounts
from partners.holdings import Holding, holdings_of, may_take_over
from partners.models import User
from partners.roles import Permission


class ColleagueField(forms.ModelChoiceField):
    """A choice of colleagues by name."""

    def label_from_instance(self, obj: User) -> str:
        """Return the name."""
        return obj.get_full_name()


def offer_colleagues(form: forms.Form, user: User, by: User) -> list[Holding]:
    """Add the field `to` to `form` when `user` has something in hand that `by` can give to a colleague.

    Returns all that `user` has in hand, with links where `by` may open them.
    """
    holdings = holdings_of(user, by)
    can_give = [one for one in holdings if _gives(by, one)]
    if can_give:
        colleagues = User.objects.filter(pk__in=may_take_over(user, can_give)).order_by("full_name", "email")
        form.fields["to"] = ColleagueField(
            label="Hand all of it on to",
            help_text="Each gets a new owner in the same step, and its timeline says so. The colleague is told.",
            queryset=colleagues,
            required=False,
            empty_label="Choose a colleague" if colleagues else "There is nobody yet who could take it on",
            error_messages={"invalid_choice": "Choose a colleague from the list"},
        )
    return holdings


def _gives(by: User, holding: Holding) -> bool:
    """Whether `by` can give this to somebody else: coordinators all, a lead the hand-overs of their organisation."""
    if not holding.must_be_handed_on:
        return False
    return by.may(Permission.TRIAGE) or (holding.needs != Permission.TRIAGE and by.may(Permission.WORK_HANDOVERS))


def hand_on_and(
    act: Callable[[], object], *, form: forms.Form, request: HttpRequest, user: User, blamed: str | None = None
) -> bool:
    """Hand on to whoever was chosen in the valid `form`, then do `act`; return whether it was done.

    Otherwise the form says why: at its field `to` what still has to be handed on, at `blamed` anything else. What was
    handed on stays so.
    """
    to = form.cleaned_data.get("to")
    try:
        if to and (count := accounts.hand_on(by=request.user, user=user, to=to)):
            messages.success(request, f"{count} handed on to {to.get_full_name()}.")
        act()
    except accounts.MustBeHandedOn as left:
        form.add_error("to" if "to" in form.fields else None, _what_is_left(form, left, to))
    except accounts.Refused as refusal:
        form.add_error(blamed, str(refusal))
    return form.is_valid()


def _what_is_left(form: forms.Form, left: accounts.MustBeHandedOn, to: User | None) -> str:
    if to is not None:
        return f"{to.get_full_name()} cannot take on the rest. Choose somebody else for it. {left}"
    return f"Choose who takes it on. {left}" if "to" in form.fields else f"A coordinator has to do this. {left}"
