"""The people of an operation: what they all share, adding one, and one person's arrivals and departures."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from partners.sealing import CannotOpen
from referrals.disclose import open_operation
from referrals.forms.operation import CircumstancesForm, MovementForm, PersonQuickForm, words_error
from referrals.forms.summary import page_rows
from referrals.models import Operation, Referral
from referrals.views.operation_rows import log_entries, presence
from referrals.views.operations import (
    CHANGED,
    key_in,
    number_in,
    of_operation,
    refuse,
    runs_operations,
    unreadable,
)
from referrals.workflow import (
    NamesThePerson,
    NotAllowed,
    OperationChanged,
    Refused,
    SentDifferently,
    add_person,
    as_recorded,
    log_movement,
    share_circumstances,
)

ANOTHER = (
    "Number {} was added from this page already, with other answers. If this is somebody else, save again. If it is "
    "the same person, leave the page: their referral is kept as it was first sent"
)
CANNOT_OPEN = (
    "The part of this operation that everybody shares cannot be opened at the moment, so nobody was added. "
    "Ring the coordinators; what you typed is below"
)


@runs_operations
@require_http_methods(["GET", "HEAD", "POST"])
def operation_circumstances(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """What all people share, typed once. It goes into the referral of everybody who is added from then on."""
    operation = of_operation(request, operation_id)
    if operation.closed_at is not None and request.method != "POST":
        return redirect("operation", operation.pk)
    if request.method != "POST":
        sealed = open_operation(operation, by=request.user)
        if sealed is None:
            return unreadable(request, operation)
        form = CircumstancesForm()
        form.show(sealed["secret"], sealed["location"])
        return _show_circumstances(request, operation, form, operation.version)
    form = CircumstancesForm(request.POST)
    form.asks_about_words = "not_names" in request.POST
    if form.is_valid() and (saved := _share(request, operation, form)):
        return saved
    return _show_circumstances(request, operation, form, number_in(request, "version"))


def _share(request: HttpRequest, operation: Operation, form: CircumstancesForm) -> HttpResponse | None:
    secret, location = form.shared()
    said = {"version": number_in(request, "version"), "not_names": form.cleaned_data["not_names"]}
    try:
        share_circumstances(operation_id=operation.pk, secret=secret, location=location, by=request.user, **said)
    except NamesThePerson as names:
        form.asks_about_words = True
        form.add_error("what_was_seen", words_error(names.words))
    except Refused as refused:
        refuse(form, refused)
    except OperationChanged as changed:
        form.add_error(None, CHANGED)
        other = _as_saved(request, changed.operation)
        return _show_circumstances(request, changed.operation, form, changed.operation.version, other)
    else:
        messages.success(request, "Saved. It goes into the referral of everybody you add from now on.")
        return redirect("operation", operation.pk)
    return None


def _as_saved(request: HttpRequest, operation: Operation) -> list:
    sealed = open_operation(operation, by=request.user) or {"secret": {}, "location": {}}
    form = CircumstancesForm()
    form.show(sealed["secret"], sealed["location"])
    return page_rows(form, form.initial)


def _show_circumstances(
    request: HttpRequest, operation: Operation, form: CircumstancesForm, version: int, other: list | None = None
) -> HttpResponse:
    logged = operation.people.on_board(request.user).counted().count()
    context = {"form": form, "operation": operation, "version": version, "other": other or [], "logged": logged}
    return render(request, "referrals/operation_circumstances.html", context, status=200 if other is None else 409)


@runs_operations
@require_http_methods(["GET", "HEAD", "POST"])
def operation_add(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Add a person in a minute; then the next, or back to the board."""
    operation = of_operation(request, operation_id)
    if request.method != "POST":
        if operation.closed_at is not None:
            return redirect("operation", operation.pk)
        return _show_add(request, operation, PersonQuickForm(by=request.user), uuid4())
    form, key = PersonQuickForm(request.POST, by=request.user), key_in(request)
    form.asks_about_words = "not_names" in request.POST
    if not form.is_valid():
        return _show_add(request, operation, form, key)
    try:
        referral = _add(request, operation, form, key)
    except NotAllowed:
        raise Http404 from None
    except Refused as refused:
        refuse(form, refused)
    except NamesThePerson as names:
        form.asks_about_words = True
        form.add_error("given_names", f"In the text that everybody shares, {words_error(names.words)}")
    except SentDifferently as sent:
        form.add_error(None, ANOTHER.format(sent.referral.operation_number))
        return _show_add(request, operation, form, uuid4(), status=409)
    except CannotOpen:
        form.add_error(None, CANNOT_OPEN)
        return _show_add(request, operation, form, key, status=503)
    else:
        number, reference = referral.operation_number, referral.reference
        messages.success(request, f"Number {number} is logged. Their reference is {reference}.")
        return redirect("operation" if "done" in request.POST else "operation_add", operation.pk)
    return _show_add(request, operation, form, key)


def _add(request: HttpRequest, operation: Operation, form: PersonQuickForm, key: UUID) -> Referral:
    said = form.cleaned_data
    return add_person(
        operation_id=operation.pk,
        key=key,
        referral_from=form.submission,
        facts=form.facts(),
        by=request.user,
        arrived=said["arrived"],
        not_names=said["not_names"],
    )


def _show_add(
    request: HttpRequest, operation: Operation, form: PersonQuickForm, key: UUID, status: int = 200
) -> HttpResponse:
    logged = operation.people.on_board(request.user).counted().count()
    context = {"form": form, "operation": operation, "key": key, "logged": logged}
    return render(request, "referrals/operation_add.html", context, status=status)


@runs_operations
@require_http_methods(["GET", "HEAD", "POST"])
def operation_person(request: HttpRequest, operation_id: UUID, number: int) -> HttpResponse:
    """One person's arrivals and departures, and a new entry. The board's "Arrived now" is sent here too."""
    operation = get_object_or_404(Operation.objects.visible_to(request.user), pk=operation_id)
    person = get_object_or_404(operation.people.on_board(request.user), operation_number=number)
    entries = as_recorded(operation).get(person.pk, [])
    data = request.POST if request.method == "POST" else None
    likely = {"expected": "arrived", "here": "left"}.get(presence(entries)["place"], "")  # who is gone seldom returns
    form = MovementForm(data, has_entries=bool(entries), initial={"kind": likely})
    if form.is_valid() and (logged := _log(request, operation, number, form)):
        return logged
    context = {
        "form": form,
        "operation": operation,
        "number": number,
        "reference": person.reference,
        "events": log_entries(entries),
        **presence(entries),
    }
    return render(request, "referrals/operation_person.html", context)


def _log(request: HttpRequest, operation: Operation, number: int, form: MovementForm) -> HttpResponse | None:
    said = form.cleaned_data
    try:
        row = log_movement(
            operation_id=operation.pk,
            number=number,
            kind=said["kind"],
            destination=said["destination"],
            at=form.at(),
            corrects=said["corrects"],
            by=request.user,
        )
    except Refused as refused:
        refuse(form, refused)
        return None
    except (Operation.DoesNotExist, Referral.DoesNotExist):
        raise Http404 from None
    messages.success(request, f"Number {number}: {row.get_kind_display().lower()}. It is in the log.")
    return redirect(f"{reverse('operation', args=[operation.pk])}#number-{number}")
