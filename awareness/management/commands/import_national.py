"""`manage.py import_national FOLDER|FILE...`: keep the Home Office's national tables as published figures."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from awareness.national.load import SHOWN_CHANGES, NobodySaid, import_national
from awareness.national.reading import TableInvalid
from partners.models import User
from partners.roles import Permission


class Command(BaseCommand):
    """Check the tables and keep them, all or nothing (docs/figures.md)."""

    help = "Keep the national NRM and duty-to-notify tables (CSV) as published figures. All of them, or nothing."

    def add_arguments(self, parser):
        """Take the files, and who brings them."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER|FILE")
        parser.add_argument("--by", default="", metavar="EMAIL", help="Who brings them, when figures here change.")

    def handle(self, *, paths, by, verbosity, **options):
        """Import, and say what changed; with problems, list them all and fail."""
        try:
            result = import_national(paths, by=_person(by) if by else None)
        except TableInvalid as invalid:
            raise CommandError(f"Nothing was loaded. To correct:\n{invalid}") from None
        except NobodySaid as refused:
            first = "\n".join(refused.changes[:SHOWN_CHANGES])
            raise CommandError(f"Nothing was loaded. {refused}:\n{first}\nSay who brings them: --by EMAIL") from None
        if verbosity:
            changed = [f"changed  {text}" for text in result.changed]
            added = f"Added {result.added}, changed {len(result.changed)}, left {result.same} as they were."
            self.stdout.write("\n".join([*changed, added]))


def _person(email: str) -> User:
    person = User.objects.filter(email__iexact=email, is_active=True).first()
    if person is None or not person.may(Permission.MANAGE_PARTNERS):
        raise CommandError("Nobody with this address keeps the settings.")
    return person
