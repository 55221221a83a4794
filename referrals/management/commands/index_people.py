"""`manage.py index_people`: make the blind keys of every referral anew (docs/keys.md, "A new index key")."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from partners.sealing import CannotOpen, key_ring
from referrals.models import PersonKey, Referral
from referrals.person_index import index_people


class Command(BaseCommand):
    """In batches, while people work; it may be interrupted and run again."""

    help = "Make anew by what a person is found again: for referrals of before, and under a new index key."

    def add_arguments(self, parser):
        """Take the size of a batch, and whether to check only."""
        parser.add_argument("--batch", type=int, default=200, help="referrals a transaction (default 200)")
        parser.add_argument("--check", action="store_true", help="count keys of another index key, change nothing")

    def handle(self, *, batch, check, **options):
        """Go through all referrals; fail when one does not open, or when keys of another index key are left."""
        if batch < 1:
            raise CommandError("A batch has at least one referral.")
        done, lost = (0, 0) if check else self._rebuild(batch)
        current = key_ring().index_kid
        old = PersonKey.objects.exclude(kid=current).count()
        self.stdout.write(
            f"{done} referrals indexed under {current}, {lost} do not open, {old} keys of another index key"
        )
        if lost or old:
            raise CommandError("Not everybody can be found: see docs/keys.md.")

    def _rebuild(self, batch: int) -> tuple[int, int]:
        done = lost = 0
        ids = list(Referral.objects.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(ids), batch):
            some = ids[start : start + batch]
            bad = 0 if _indexed(some) else sum(not _indexed([one]) for one in some)
            done, lost = done + len(some) - bad, lost + bad
        return done, lost


@transaction.atomic
def _indexed(ids: list) -> bool:
    """Index these referrals, locked against whoever changes an identity. False when one of them does not open."""
    list(Referral.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").values_list("pk"))
    try:
        with transaction.atomic():
            index_people(ids)
    except CannotOpen:
        return False
    return True
