"""Everything in the database that is sealed: which keys it needs, whether it opens, and sealing it under a new key.

`partners` cannot import the apps above it, so the tables are found by their mark: a model with `is_sealed = True` has
the columns `kid` and `sealed`, and the methods `put` and `take_out`. The secrets of people's second steps are sealed
inside a table of allauth's and come as a store of their own.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connection, models, transaction

from partners.sealing import CannotOpen, key_ring
from partners.second_factor import open_secret, reseal_secrets, sealed_secrets


@dataclass
class Outcome:
    """What became of a store: how many rows were sealed anew, or opened; how many did not open, by key id; how many
    were in use by somebody else and are still under an older key."""

    done: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    in_use: int = 0

    @property
    def is_good(self) -> bool:
        """Whether nothing is left to do or to worry about."""
        return not self.lost and not self.in_use


class Store(Protocol):
    """A place with sealed data."""

    name: str

    def keys(self) -> Counter[str]:
        """Return how many blobs each key id has sealed."""

    def opens(self, kid: str) -> bool:
        """Return whether a blob sealed under `kid` opens: the canary of that key."""

    def open_all(self) -> Outcome:
        """Open every blob, change nothing."""

    def reseal(self, batch: int, progress: Callable[[int], None]) -> Outcome:
        """Seal everything under the current key, `batch` rows a transaction, telling `progress` after each."""


class SealedTable:
    """A model whose rows are sealed."""

    def __init__(self, model: type[models.Model]):
        self.model, self.name = model, model._meta.db_table

    @property
    def _rows(self) -> models.QuerySet:
        return self.model._base_manager.order_by("pk")

    def keys(self) -> Counter[str]:
        """See `Store`."""
        counted = self.model._base_manager.values_list("kid").annotate(models.Count("pk"))
        return Counter(dict(counted.order_by()))

    def opens(self, kid: str) -> bool:
        """See `Store`."""
        row = self._rows.filter(kid=kid).first()
        return row is None or _opens(row.take_out)

    def open_all(self) -> Outcome:
        """See `Store`."""
        outcome = Outcome()
        for row in self._rows.iterator(chunk_size=500):
            if _opens(row.take_out):
                outcome.done += 1
            else:
                outcome.lost[row.kid] += 1
        return outcome

    def reseal(self, batch: int, progress: Callable[[int], None]) -> Outcome:
        """See `Store`. A row that somebody is writing at this moment is left for the next run."""
        outcome, last, current = Outcome(), None, key_ring().current
        while True:
            last, done, lost = self._reseal_batch(current, last, batch)
            outcome.done += done
            outcome.lost += lost
            if last is None:
                break
            progress(outcome.done)
        left = self._rows.exclude(kid=current).count()
        outcome.in_use = max(left - outcome.lost.total(), 0)
        return outcome

    @transaction.atomic
    def _reseal_batch(self, current: str, last: object, batch: int) -> tuple[object, int, Counter[str]]:
        rows = self._rows.exclude(kid=current).select_for_update(skip_locked=True)
        if last is not None:
            rows = rows.filter(pk__gt=last)
        opened, lost, pk = [], Counter[str](), None
        for row in rows[:batch]:
            pk = row.pk
            try:
                row.put(row.take_out())
            except CannotOpen:
                lost[row.kid] += 1
            else:
                opened.append(row)
        self.model._base_manager.bulk_update(opened, ["kid", "sealed"])
        return pk, len(opened), lost


class SecondSteps:
    """The secrets of authenticator apps and recovery codes."""

    name = Authenticator._meta.db_table

    def keys(self) -> Counter[str]:
        """See `Store`."""
        return Counter(row.data[name].rpartition(".")[0] for row, name in sealed_secrets())

    def opens(self, kid: str) -> bool:
        """See `Store`."""
        under = ((row, name) for row, name in sealed_secrets() if row.data[name].rpartition(".")[0] == kid)
        first = next(under, None)
        return first is None or _opens(lambda: open_secret(first[0].user, first[0].data[first[1]]))

    def open_all(self) -> Outcome:
        """See `Store`."""
        outcome = Outcome()
        for row, name in sealed_secrets():
            text = row.data[name]
            if _opens(lambda row=row, text=text: open_secret(row.user, text)):
                outcome.done += 1
            else:
                outcome.lost[text.rpartition(".")[0]] += 1
        return outcome

    def reseal(self, batch: int, progress: Callable[[int], None]) -> Outcome:
        """See `Store`. They are few: each is a transaction of its own."""
        current = key_ring().current
        done = reseal_secrets(current)
        progress(done)
        left = self.keys()
        left.pop(current, None)
        return Outcome(done, left)


def _opens(open_it: Callable[[], object]) -> bool:
    try:
        open_it()
    except CannotOpen:
        return False
    return True


def stores() -> Iterator[Store]:
    """Return every place with sealed data whose table exists (before the first migration there is none)."""
    existing = set(connection.introspection.table_names())
    everything: list[Store] = [SealedTable(model) for model in apps.get_models() if getattr(model, "is_sealed", False)]
    yield from (store for store in [*everything, SecondSteps()] if store.name in existing)
