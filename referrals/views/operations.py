"""Operations: the list, setting one up, its board, changing it and closing it.

Each look at a board is an access record: it shows the sealed name and place to those who run the operation.
"""

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from partners.access import requires
from partners.formfields import in_words
from partners.roles import Permission
from referrals.disclose import open_operation
from referrals.forms.happened import district_names
from referrals.forms.operation import PlanForm
from referrals.forms.summary import summary_rows
from referrals.models import Operation
from referrals.views.operation_rows import board_rows, list_row, reception_notice, state_of, stats, wanted
from referrals.workflow import (
    NotAllowed,
    OperationChanged,
    Refused,
    change_operation,
    close_operation,
    create_operation,
)

PAGE_SIZE = 20
CHANGED = (
    "A colleague changed this operation after you opened the page. What you typed is below, and what they saved is "
    "under it. Save again to keep yours"
)

runs_operations = requires(Permission.RUN_OPERATION)


def of_operation(request: HttpRequest, operation_id: UUID) -> Operation:
    """Return an operation that the person may run. Raises Http404 otherwise."""
    rows = Operation.objects.run_by(request.user).select_related("organisation")
    return get_object_or_404(rows, pk=operation_id)


def unreadable(request: HttpRequest, operation: Operation) -> HttpResponse:
    """Say that the sealed part does not open."""
    return render(request, "referrals/operation_unreadable.html", {"operation": operation}, status=503)


def number_in(request: HttpRequest, name: str) -> int:
    """Return a small number of a hidden field, 0 for anything else."""
    said = request.POST.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else 0


def key_in(request: HttpRequest) -> UUID:
    """Return the key that makes one of two clicks, a new one when none came."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()


def refuse(form: Form, refused: Refused) -> None:
    """Show why something was refused, at its field if the form has it."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.text)


@runs_operations
@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """List the operations the person may see, open ones first, the newest day on top."""
    rows = Operation.objects.visible_to(request.user).with_people(request.user).select_related("organisation")
    page = Paginator(rows.open_first(), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "rows": [list_row(row, request.user) for row in page]}
    return render(request, "referrals/operations.html", context)


@runs_operations
@require_http_methods(["GET", "HEAD", "POST"])
def operation_new(request: HttpRequest) -> HttpResponse:
    """Set up an operation of one's own organisation."""
    posted = request.method == "POST"
    form = PlanForm(request.POST if posted else None, initial={"held_on": timezone.localdate()})
    if posted and form.is_valid():
        try:
            operation = create_operation(key=key_in(request), plan=form.plan(), by=request.user)
        except NotAllowed:
            raise Http404 from None
        messages.success(request, f"Operation {operation.reference} is set up.")
        return redirect("operation", operation.pk)
    return render(request, "referrals/operation_form.html", {"form": form, "key": key_in(request)})


@runs_operations
@require_http_methods(["GET", "HEAD", "POST"])
def operation_change(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Change the day, the expected number, or the sealed name, site and officer."""
    operation = of_operation(request, operation_id)
    if request.method != "POST":
        if operation.closed_at is not None:
            return redirect("operation", operation.pk)
        sealed = open_operation(operation, by=request.user)
        if sealed is None:
            return unreadable(request, operation)
        return _show_change(request, operation, PlanForm(initial=_kept(operation, sealed)))
    form = PlanForm(request.POST)
    if form.is_valid():
        version = number_in(request, "version")
        try:
            change_operation(operation_id=operation.pk, plan=form.plan(), by=request.user, version=version)
        except Refused as refused:
            refuse(form, refused)
        except OperationChanged as changed:
            form.add_error(None, CHANGED)
            return _show_change(request, changed.operation, form, other=_as_saved(request, changed.operation))
        else:
            messages.success(request, "The operation was changed.")
            return redirect("operation", operation.pk)
    return _show_change(request, operation, form, version=number_in(request, "version"))


def _show_change(
    request: HttpRequest, operation: Operation, form: PlanForm, *, other: list | None = None, version: int | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "operation": operation,
        "version": operation.version if version is None else version,
        "other": other or [],
    }
    return render(request, "referrals/operation_form.html", context, status=409 if other else 200)


def _kept(operation: Operation, sealed: dict) -> dict:
    shown = {name: sealed.get(name, "") for name in ("name", "site", "officer")}
    return {"held_on": operation.held_on, "expected": operation.expected, **shown}


def _as_saved(request: HttpRequest, operation: Operation) -> list[tuple[str, str]]:
    sealed = open_operation(operation, by=request.user) or {}
    kept = _kept(operation, sealed) | {"held_on": in_words(operation.held_on)}
    return [(str(field.label), str(kept[name] or "")) for name, field in PlanForm.base_fields.items() if kept[name]]


@runs_operations
@require_safe
def operation_board(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Who is here, who has left, what they need and how far each referral is; by number, never by name."""
    visible = Operation.objects.visible_to(request.user).with_people(request.user).select_related("organisation")
    operation = get_object_or_404(visible, pk=operation_id)
    sealed = open_operation(operation, by=request.user)
    runs = sealed is None or bool(sealed)
    rows = board_rows(operation, request.user, runs=runs)
    status, tone = state_of(operation)
    context = {
        "operation": operation,
        "status": status,
        "tone": tone,
        "rows": rows,
        "stats": stats(operation, rows, operation.logged),
        "wanted": wanted(rows),
        "notice": reception_notice(operation, operation.logged),
        "runs": runs,
        "unreadable": sealed is None,
        "about": _about(sealed or {}),
        "shared": _shared(sealed or {}),
        "is_open": operation.closed_at is None,
        "planned": operation.held_on > timezone.localdate(),
        "may_close": not any(row["place"] == "here" for row in rows),
    }
    return render(request, "referrals/operation.html", context)


def _about(sealed: dict) -> list[dict]:
    labels = {"name": "Name of the operation", "site": "Where", "officer": "Who leads it"}
    return [{"key": label, "value": sealed[name]} for name, label in labels.items() if sealed.get(name)]


def _shared(sealed: dict) -> list[dict]:
    secret, location = sealed.get("secret", {}), sealed.get("location", {})
    answers = {step: {**secret.get(step, {}), **location.get(step, {})} for step in {*secret, *location}}
    parts = summary_rows(answers, districts=district_names()) if answers else []
    return [{"key": row.label, "value": row.value} for part in parts for row in part.rows]


@runs_operations
@require_http_methods(["GET", "HEAD", "POST"])
def operation_close(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Ask once more, then close the operation."""
    operation = of_operation(request, operation_id)
    errors = []
    if operation.closed_at is not None:
        return redirect("operation", operation.pk)
    if request.method == "POST":
        try:
            close_operation(operation_id=operation.pk, by=request.user)
        except Refused as refused:
            errors = [{"text": refused.text, "href": ""}]
        else:
            messages.success(request, "The operation is closed.")
            return redirect("operation", operation.pk)
    context = {"operation": operation, "errors": errors}
    return render(request, "referrals/operation_close.html", context, status=409 if errors else 200)
