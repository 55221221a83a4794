"""`python -m bench [WHAT...]`: measure on a scratch database and broker, on loopback, in bounded time."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench.stage import ROOT, environment, other_database, prepare
from config.embedded import services
from config.runtime.account import temporary_directory

#: What can be measured, in the order of a whole run, and the module's own words for it.
MEASUREMENTS = {
    "submit": "requests a second of the submit flow, against the limit app",
    "queries": "queries per intake step, of the admin's list and of a referral's page, at 10 and at 10,000 referrals",
    "queue": "milliseconds of the pages of the queue at 1,000, 10,000 and 100,000 referrals, as ratios",
    "dashboard": "milliseconds of the dashboard at 1,000, 10,000 and 100,000 referrals, as ratios",
    "publishing": "seconds and memory to publish a quarter of a table of 100,000 referrals",
    "commit_to_mail": "milliseconds from the commit of a referral to the mail server's 250",
    "sealing": "microseconds to seal and to open a case",
    "disclosure": "processor seconds to protect a year of publications, and what is hidden beside small counts",
    "public": "weight, queries and milliseconds of the public pages; ten times the visitors against the usual number",
    "size": "memory of the processes, against the limit app; weight of a page of the intake",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the measurements named, or all; each in a process of its own on fresh data. Returns an exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=main.__doc__)
    told = "; ".join(f"{name}: {words}" for name, words in MEASUREMENTS.items())
    parser.add_argument("what", nargs="*", help=told, metavar="WHAT")
    parser.add_argument("--million", action="store_true", help="queue, dashboard, publishing: 1,000,000 too (minutes)")
    asked = parser.parse_args(arguments)
    names = asked.what or list(MEASUREMENTS)
    if unknown := set(names) - set(MEASUREMENTS):
        parser.error(f"{', '.join(sorted(unknown))}: not among {', '.join(MEASUREMENTS)}")
    today = datetime.now(UTC).strftime("%-d %B %Y")
    print(f"{today}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}", flush=True)
    more = {"BENCH_MILLION": "1"} if asked.million else {}
    return max(measure(name, more) for name in names)


def measure(name: str, more: dict[str, str]) -> int:
    """Run one measurement on a database that exists for it alone, with `more` in its environment. Returns its exit
    code.

    The servers are durable: a commit waits for the disk, as it would in earnest.
    """
    with ExitStack() as stack:
        place = stack.enter_context(tempfile.TemporaryDirectory())
        urls = stack.enter_context(services(stack.enter_context(temporary_directory())))
        database = stack.enter_context(other_database(urls["DATABASE_URL"]))
        ours = environment(urls | {"DATABASE_URL": database}, Path(place)) | {"BENCH_SCRATCH": place} | more
        prepare(ours, Path(place) / "accounts")
        return subprocess.run([sys.executable, "-m", "bench.inside", name], cwd=ROOT, env=ours, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
