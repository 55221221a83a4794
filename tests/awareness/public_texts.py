"""The texts of `data/content` on the public pages of a test, and the paths of all those pages."""

from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

from awareness.content.files import load_texts
from awareness.models import ContentVersion
from awareness.urls import urlpatterns

FOLDER = Path(__file__).parents[2] / "data" / "content"


@pytest.fixture
def texts(db) -> None:
    """The texts as the demonstration has them."""
    load_texts(FOLDER)


def public_paths() -> list[str]:
    """Every page that a stranger can open: the addresses of the app that need nothing, and one for each text."""
    fixed = {f"/{route}" for pattern in urlpatterns if "<" not in (route := str(pattern.pattern))}
    texts = {row.get_absolute_url() for row in ContentVersion.objects.published(timezone.now())}
    return sorted(fixed | texts | {reverse("search") + "?q=hotel", reverse("search") + "?q=zzzz"})
