"""How soon a mail server has accepted what a referral owes, counted from its commit, with an idle worker.

The real `workflow.submit`, the real outbox, broker and Celery worker, and a real SMTP server on loopback that says
250 at once.
"""

import time
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from bench.report import claim, median, quantile, spread, table
from bench.sample import LOCATION, SECRET, members
from bench.sites import celery_worker, mail_server
from partners.kick import kick
from partners.models import Message, State, User
from partners.roles import Role
from referrals.models import Draft
from referrals.statuses import Priority
from referrals.submission import ConsentGiven, Submission
from referrals.workflow import submit
from tests.smtp_sink import SmtpSink

REFERRALS, PAUSE_SECONDS, TARGET_MS = 40, 0.25, 300
WARM_UP = 3
A_CASE = Submission(
    priority=Priority.STANDARD,
    age_group="adult",
    setting="car_wash",
    exploitation=["forced-to-work"],
    indicators=["G01", "G26"],
    secret=SECRET,
    location=LOCATION,
    consents=[ConsentGiven(kind="nrm", state="not_asked"), ConsentGiven(kind="beacon", state="given")],
)


def run() -> None:
    """Print milliseconds from commit to the first and to the last mail of a referral."""
    with mail_server() as sink, celery_worker():
        by = members(Role.REFERRER)[0]
        wait_until_idle()
        found = [one(sink, by) for _ in range(WARM_UP + REFERRALS)][WARM_UP:]
    first, last = [times[0] for times in found], [times[-1] for times in found]
    every = [moment for times in found for moment in times]
    rows = [
        (what, spread(values), f"{quantile(values, 0.95):.0f}")
        for what, values in (("First mail", first), ("Last mail", last), ("All mails", every))
    ]
    table(
        f"Commit to mail accepted, {REFERRALS} referrals, {len(every)} mails",
        ["what", "ms, median (least–most)", "95th percentile"],
        rows,
    )
    middle = median(every)
    claim("Commit to mail accepted, median", f"{middle:.0f} ms", f"under {TARGET_MS} ms", holds=middle < TARGET_MS)


def one(sink: SmtpSink, by: User) -> list[float]:
    """Submit one referral of `by`, wait for its mails, and return the milliseconds from commit to each, in order."""
    time.sleep(PAUSE_SECONDS)
    before, commit = len(sink.received), []
    with transaction.atomic():
        # The first of the callbacks, so before the kick: the commit itself is the start.
        transaction.on_commit(lambda: commit.append(time.monotonic()))
        referral = submit(by=by, draft_id=empty_draft(by).pk, submission=A_CASE)
    mails = sink.wait_for(before + Message.objects.filter(referral_id=referral.pk).count())
    return [(mail.at - commit[0]) * 1000 for mail in mails[before:]]


def wait_until_idle(seconds: float = 60) -> None:
    """Wait until the worker has started and sent all that the demo's own referrals owe. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while Message.objects.filter(state__in=[State.PENDING, State.SENDING]).exists():
        if time.monotonic() > deadline:
            raise TimeoutError(f"the outbox is not empty after {seconds} s")
        kick()
        time.sleep(0.5)


def empty_draft(by: User) -> Draft:
    """A draft to be submitted."""
    draft = Draft(user=by, expires_at=timezone.now() + timedelta(days=1))
    draft.put({})
    draft.save()
    return draft
