"""`manage.py import_log FILE --by EMAIL`: carry a partnership's spreadsheet log over; without `--commit` a dry run."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from partners.models import User
from referrals.spreadsheet import MOST_BYTES, NotReady, Report, Unclear, Unreadable, carry_over, check
from referrals.workflow import NotAllowed


class Command(BaseCommand):
    """See the module."""

    help = "Carry referrals over from a CSV or XLSX log. Says what it understood; changes nothing without --commit."

    def add_arguments(self, parser):
        """The file, who brings it, and how the log calls organisations."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="E-mail address of the coordinator who brings the file.")
        parser.add_argument("--commit", action="store_true", help="Carry it over. All of it, or nothing.")
        parser.add_argument(
            "--alias", action="append", default=[], metavar="NAME=SLUG", help="What the log calls an organisation."
        )

    def handle(self, *args, file, by, commit, alias, **options):
        """Read, check, and with --commit enter."""
        aliases = dict(pair.partition("=")[::2] for pair in alias)
        try:
            content = _content(file)
            if not commit:
                self._say(check(content, aliases=aliases))
                self.stdout.write("Nothing was changed. Add --commit to carry it over.")
                return
            batch, report = carry_over(content, name=file.name, by=_coordinator(by), aliases=aliases)
        except (Unreadable, Unclear) as error:
            raise CommandError(str(error)) from None
        except NotAllowed:
            raise CommandError("Only a coordinator can carry a log over.") from None
        except NotReady as error:
            self._say(error.report)
            raise CommandError("Nothing was changed: put the errors right first.") from None
        self._say(report, rows=False)
        self.stdout.write(f"{batch.carried_over if batch else 0} referrals were carried over.")

    def _say(self, report: Report, *, rows: bool = True) -> None:
        for line in report.lines(rows=rows):
            self.stdout.write(line)


def _content(path: Path) -> bytes:
    """Read no more than would be refused anyway."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"The file cannot be opened: {error.strerror}") from None


def _coordinator(email: str) -> User:
    try:
        return User.objects.get(email__iexact=email)
    except User.DoesNotExist:
        raise CommandError("There is no account with this address.") from None
