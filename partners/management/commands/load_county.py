"""`manage.py load_county data/hertfordshire`: bring the database in line with a county's folder (data/README.md)."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from partners.county.load import load_county
from partners.county.tables import CountyInvalid


class Command(BaseCommand):
    """Check a county's folder and load it, all or nothing."""

    help = "Load or update what makes a county, from its partners to its published figures, from a folder."

    def add_arguments(self, parser):
        """Take the folder and how careful to be."""
        parser.add_argument("folder", type=Path, help="such as data/hertfordshire")
        parser.add_argument("--only-new", action="store_true", help="add what is missing, leave what exists alone")
        parser.add_argument("--dry-run", action="store_true", help="check and report, change nothing")

    def handle(self, *, folder, only_new, dry_run, verbosity, **options):
        """Load, and say what changed; with problems, list them all and fail."""
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        try:
            result = load_county(folder, only_new=only_new, dry_run=dry_run)
        except CountyInvalid as invalid:
            raise CommandError(f"Nothing was loaded. To correct:\n{invalid}") from None
        lines = [f"changed  {name}: {columns}" for name, columns in result.changed.items()]
        if verbosity > 1:
            lines = [f"new      {name}" for name in result.added] + lines
        did = "Would add" if dry_run else "Added"
        lines.append(f"{did} {len(result.added)}, changed {len(result.changed)}, left {result.same} as they were.")
        if verbosity:
            self.stdout.write("\n".join(lines))
