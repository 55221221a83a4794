"""The one view, and an empty one that shows what server and client cost without any of it."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bench.limit.forms import FORMS
from bench.limit.models import Entry


@login_required
def form(request: HttpRequest, step: str = "") -> HttpResponse:
    """Show the form; store what was sent and show it again."""
    sent = FORMS[step](request.POST or None)
    if sent.is_valid():
        Entry.objects.create(user=request.user, answers=sent.cleaned_data)
        return redirect(request.path)
    return render(request, "form.html", {"form": sent})


def empty(request: HttpRequest) -> HttpResponse:
    """Answer with nothing."""
    return HttpResponse()
