"""What it costs to publish a quarter of a table of 100,000 referrals, and of 1,000,000 with `--million`: seconds,
statements, memory of the process. Most of the seconds are the solver's, which sees sums and no referrals.
"""

import os
import resource
import time

from django.db import connection
from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.report import claim, table
from bench.sample import add_referrals, multiply
from partners.models import Organisation
from referrals.models import Publication, Referral
from referrals.periods import Kind, Period, containing
from referrals.publishing.acts import publish
from referrals.publishing.ledger import Ledger

MODELS, SIZES, MILLION = 200, (10_000, 100_000), 1_000_000
#: One hand-over for every third referral, accepted a day later.
HAND_OVERS = """
    INSERT INTO referrals_handover (id, referral_id, organisation_id, pathway, status, version, override_reason, chased,
        decline_reason, outcome, revoke_reason, offered_at, offered_by_id, acknowledged_at, accepted_at, accepted_by_id,
        ended_at)
    SELECT gen_random_uuid(), id, %(organisation)s, 'beacon', 'completed', 3, '', 0, '', 'support_given', '',
        submitted_at + interval '1 day', referrer_id, submitted_at + interval '2 days',
        submitted_at + interval '2 days', referrer_id, submitted_at + interval '9 days'
    FROM referrals_referral WHERE strpos(reference, '-') = 0 AND right(reference, 1) IN ('0', '3', '6')
    ON CONFLICT DO NOTHING
"""
MOST_MEGABYTES = 50


def run() -> None:
    """Print what a quarter costs at each size."""
    add_referrals(MODELS)
    sizes = [*SIZES, MILLION] if os.environ.get("BENCH_MILLION") else list(SIZES)
    rows, grown = [], 0.0
    for size in sizes:
        multiply(size)
        _hand_over()
        quarter = _fullest()
        grown = max(grown, _measure(size, quarter, rows))
    heads = [
        "referrals",
        "of the quarter",
        "counting, s",
        "statements",
        "publishing in all, s",
        "publications",
        "MB more",
    ]
    table("Publishing a quarter with its three months", heads, rows)
    claim(
        "Publishing needs no memory for referrals",
        f"{grown:.0f} MB more",
        f"{MOST_MEGABYTES} MB",
        holds=grown <= MOST_MEGABYTES,
    )


def _measure(size: int, quarter: Period, rows: list) -> float:
    """Count and publish the quarter, add a row to the table, and return by how much the process grew, in MB."""
    before, began = _memory(), time.perf_counter()
    with CaptureQueriesContext(connection) as statements:
        counted = Ledger()
        counted.of(quarter), counted.medians(quarter)
    counting = time.perf_counter() - began
    for period in (*quarter.months(), quarter):
        publish(period)
    whole = time.perf_counter() - began - counting
    more = _memory() - before
    of_quarter = counted.of(quarter)[None].total("setting")
    made = Publication.objects.of(quarter).count()
    rows.append(
        (f"{size:,}", f"{of_quarter:,}", f"{counting:.2f}", len(statements), f"{whole:.1f}", made, f"{more:.0f}")
    )
    _forget()
    return more


def _hand_over() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")  # a third of a million rows at once: the benchmark's own doing
        cursor.execute("TRUNCATE referrals_handover CASCADE")
        cursor.execute(HAND_OVERS, {"organisation": Organisation.objects.filter(receives_referrals=True).first().pk})
        cursor.execute("ANALYZE referrals_handover")


def _fullest() -> Period:
    months = Referral.objects.annotate(month=TruncMonth("submitted_at")).values_list("month").annotate(n=Count("pk"))
    best = max(months.order_by(), key=lambda one: one[1])[0]
    return containing(Kind.QUARTER, timezone.localtime(best).date())


def _forget() -> None:
    """Let the next size be published as if for the first time: a table of a benchmark has no history to keep."""
    tables = "referrals_publication, referrals_periodcounts, referrals_figureact"
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} CASCADE")


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
