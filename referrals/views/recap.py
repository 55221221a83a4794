"""The two-minute recap: five cards, and a way past them from the first line on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from partners.access import submit_lane
from referrals.recap import last_practised, note_seen
from referrals.views.intake import intake_start


@submit_lane()
@require_http_methods(["GET", "HEAD", "POST"])
def recap(request: HttpRequest) -> HttpResponse:
    """Show the cards; both buttons note that they were shown, and start the form."""
    if request.method == "POST":
        note_seen(request.user, timezone.now())
        return intake_start(request)
    return render(request, "referrals/recap.html", {"newcomer": last_practised(request.user) is None})
