"""`manage.py reseal`: after a new key became the current one, seal everything under it (docs/keys.md)."""

from collections import Counter

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from partners.sealed_data import Outcome, Store, stores
from partners.sealing import KeyRing, key_ring


class Command(BaseCommand):
    """Open with the old key, seal with the current one, in batches. Run it again after an interruption."""

    help = "Seal everything under the current key; with --check only try whether everything opens."

    def add_arguments(self, parser):
        """Take the size of a batch, and whether to check only."""
        parser.add_argument("--batch", type=int, default=500, help="rows a transaction (default 500)")
        parser.add_argument("--check", action="store_true", help="open every row, change nothing")

    def handle(self, *, batch, check, verbosity, **options):
        """Go through every place with sealed data; fail when anything is left under an older key or does not open."""
        if batch < 1:
            raise CommandError("A batch has at least one row.")
        try:
            ring = key_ring()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        outcomes = [self._go_through(store, batch, check, ring, verbosity) for store in stores()]
        if not all(outcome.is_good for outcome in outcomes):
            lost = sum((outcome.lost for outcome in outcomes), Counter())
            in_use = sum(outcome.in_use for outcome in outcomes)
            raise CommandError(" ".join(filter(None, [_lost_words(lost, ring), _in_use_words(in_use)])))

    def _go_through(self, store: Store, batch: int, check: bool, ring: KeyRing, verbosity: int) -> Outcome:
        def progress(done: int) -> None:
            if verbosity > 1:
                self.stdout.write(f"{store.name}: {done} so far")

        outcome = store.open_all() if check else store.reseal(batch, progress)
        if verbosity:
            did = "open" if check else f"sealed anew under {ring.current}"
            self.stdout.write(f"{store.name}: {outcome.done} {did}, {outcome.lost.total()} cannot be opened")
        return outcome


def _lost_words(lost: Counter[str], ring: KeyRing) -> str:
    """Say how many rows do not open under which key, and whether the ring has that key."""
    if not lost:
        return ""
    kinds = [
        f"{number} under key {kid} ({'wrong key or changed bytes' if kid in ring.data else 'not in the ring'})"
        for kid, number in sorted(lost.items())
    ]
    return f"Cannot be opened and left as they are: {', '.join(kinds)}."


def _in_use_words(number: int) -> str:
    return f"{number} rows were in use and are still under an older key: run this again." if number else ""
