"""`manage.py load_demo`: the county, the public texts, the demo people and a believable set of invented referrals."""

import datetime
import tomllib
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from awareness.content.files import load_texts
from partners.board.posting import NewPost, publish, withdraw
from partners.board.reading import note_reading
from partners.county.load import load_county
from partners.demo import DEMO_PEOPLE, DEMO_POSTS, DemoPerson, DemoPost
from partners.models import BoardPost, Membership, Organisation, User
from referrals.management.demo_referrals import enter_all

#: Who meets the recap before the referral form; the others have seen it.
WITH_RECAP = ("lead",)
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
            texts = load_texts(DATA / "content", only_new=True)
            people = {person.key: account(person) for person in DEMO_PEOPLE}
            data = tomllib.loads((DATA / "demo" / "referrals.toml").read_text(encoding="utf-8"))
            entered = enter_all(data, people, timezone.now())
            for shown in DEMO_POSTS:
                put_on_board(shown, people)
        if verbosity:
            new = f"{len(county.added)} rows of the county, {len(texts.added)} texts and {entered} referrals were new."
            self.stdout.write(new)


def account(person: DemoPerson) -> User:
    """Return the account of a demo person; made with its membership when it is missing, else left as it is."""
    user, is_new = User.objects.get_or_create(
        email=person.email, defaults={"full_name": person.full_name, "job_title": person.job_title}
    )
    if is_new:
        user.set_unusable_password()
        user.recap_seen_at = None if person.key in WITH_RECAP else timezone.now()
        user.save(update_fields=["password", "recap_seen_at"])
        organisation = Organisation.objects.get(slug=person.organisation)
        Membership.objects.create(user=user, organisation=organisation, role=person.role)
    return user


def put_on_board(shown: DemoPost, people: dict[str, User]) -> None:
    """Write a demo post with its readers; leave one that is there as it is."""
    if BoardPost.objects.filter(pk=shown.id).exists():
        return
    chosen = Organisation.objects.filter(slug__in=shown.organisations).values_list("pk", flat=True)
    new = NewPost(
        id=shown.id,
        title=shown.title,
        text=shown.text,
        urgent=shown.urgent,
        organisations=frozenset(chosen) if shown.organisations else None,
    )
    at = timezone.now() - datetime.timedelta(days=shown.days_ago) if shown.days_ago else None
    post = publish(by=people[shown.by], new=new, at=at)
    for key in shown.read_by:
        note_reading(post, people[key])
    if shown.withdrawn:
        withdraw(by=people[shown.by], post_id=post.pk, reason=shown.withdrawn)
