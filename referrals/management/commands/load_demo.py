"""`manage.py load_demo`: the reference county, the demo people and a believable set of invented referrals."""

import tomllib
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from partners.county.load import load_county
from partners.demo import DEMO_PEOPLE, DemoPerson
from partners.models import Membership, Organisation, User
from referrals.management.demo_referrals import enter_all

DATA = Path(settings.BASE_DIR) / "data"


class Command(BaseCommand):
    """Load the demonstration; what is there already stays as it is."""

    help = "Load the demonstration's county, people and referrals. Only where DEMO is set."

    def handle(self, *, verbosity, **options):
        """Load what is missing, all or nothing, and say how much that was."""
        if not settings.DEMO:
            raise CommandError("These people are invented and anybody may sign in as one of them: DEMO is not set.")
        with transaction.atomic():
            county = load_county(DATA / "hertfordshire", only_new=True)
            people = {person.key: account(person) for person in DEMO_PEOPLE}
            data = tomllib.loads((DATA / "demo" / "referrals.toml").read_text(encoding="utf-8"))
            entered = enter_all(data, people, timezone.now())
        if verbosity:
            self.stdout.write(f"{len(county.added)} rows of the county and {entered} referrals were new.")


def account(person: DemoPerson) -> User:
    """Return the account of a demo person; made with its membership when it is missing, else left as it is."""
    user, is_new = User.objects.get_or_create(
        email=person.email, defaults={"full_name": person.full_name, "job_title": person.job_title}
    )
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        organisation = Organisation.objects.get(slug=person.organisation)
        Membership.objects.create(user=user, organisation=organisation, role=person.role)
    return user
