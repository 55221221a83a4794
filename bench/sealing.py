"""What sealing costs: one case sealed, one opened, and the two blobs of a hundred cases opened in a row."""

import time
import uuid
from collections.abc import Callable

from bench.report import spread, table
from bench.sample import LOCATION, SECRET
from partners.sealing import Sealed, seal, unseal

TABLE, PLACE = "referrals_referralsecret", "referrals_referrallocation"
REPEATS, ROUNDS = 200, 7


def run() -> None:
    """Print microseconds a case."""
    case, other = uuid.uuid4(), uuid.uuid4()
    secret, place = seal(TABLE, case, SECRET), seal(PLACE, case, LOCATION)
    story = SECRET | {"account": {"what_was_seen": "word " * 4000}}
    long = seal(TABLE, other, story)
    rows = [
        _line("Seal a case: identity and place", lambda: (seal(TABLE, case, SECRET), seal(PLACE, case, LOCATION))),
        _line("Open a case: identity and place", lambda: (_open(TABLE, case, secret), _open(PLACE, case, place))),
        _line("Seal a case with a story of 20,000 characters", lambda: seal(TABLE, other, story)),
        _line("Open it", lambda: _open(TABLE, other, long)),
        _line("Open the identities of a list of 100", lambda: [_open(TABLE, case, secret) for _ in range(100)], 10),
    ]
    size = f"{len(secret.blob)} + {len(place.blob)} bytes"
    table(f"Sealing (AES-256-GCM; a usual case is {size})", ["what", "µs, median (least–most)"], rows)


def _open(name: str, row: uuid.UUID, sealed: Sealed) -> dict:
    return unseal(name, row, sealed.kid, sealed.blob)


def _line(what: str, act: Callable[[], object], repeats: int = REPEATS) -> tuple[str, str]:
    return what, spread(timed(act, repeats))


def timed(act: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Microseconds of one `act`, the mean of `repeats`, in each of several rounds; the first round warms up."""
    found = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        for _ in range(repeats):
            act()
        found.append((time.perf_counter() - started) / repeats * 1e6)
    return found[1:]
