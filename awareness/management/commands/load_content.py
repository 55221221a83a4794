"""`manage.py load_content data/content`: bring the public texts in line with the project's files (data/README.md)."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from awareness.content.files import load_texts
from partners.county.tables import CountyInvalid


class Command(BaseCommand):
    """Check a folder of texts and load it, all or nothing."""

    help = "Load the pages, signs, news and resources of a folder and publish them."

    def add_arguments(self, parser):
        """Take the folder and how careful to be."""
        parser.add_argument("folder", type=Path, help="such as data/content")
        parser.add_argument("--only-new", action="store_true", help="add what is missing, leave what exists alone")
        parser.add_argument("--dry-run", action="store_true", help="check and report, change nothing")

    def handle(self, *, folder, only_new, dry_run, verbosity, **options):
        """Load, and say what changed; with problems, list them all and fail."""
        if not folder.is_dir():
            raise CommandError(f"{folder} is not a folder.")
        try:
            result = load_texts(folder, only_new=only_new, dry_run=dry_run)
        except CountyInvalid as invalid:
            raise CommandError(f"Nothing was loaded. To correct:\n{invalid}") from None
        lines = [f"look at  {problem}" for problem in result.doubtful]
        lines += [f"changed  {name}" for name in result.changed]
        did = "Would add" if dry_run else "Added"
        lines.append(
            f"{did} {len(result.added)} texts, changed {len(result.changed)}, left {result.same} as they were."
        )
        if verbosity:
            self.stdout.write("\n".join(lines))
