"""The banners of this moment. They travel with the partnership's row, which every page reads for its title anyway: no
page asks the database once more because of them. Behind the sign-in nothing is kept that could show a banner too long;
a stranger's page is (awareness/pages/delivery.py), for ten seconds here and a minute in the browser."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models.functions import JSONObject

from partners.models import Banner, Partnership

Tone, Place = Banner.Tone, Banner.Place
LABELS = {Tone.INFORMATION: "Information", Tone.WARNING: "Warning"}
TONES = {Tone.INFORMATION: "info", Tone.WARNING: "warn"}  # as in `components/status_tag.html`


@dataclass(frozen=True)
class Notice:
    """A banner as a page shows it."""

    text: str
    label: str
    tone: str
    place: str


def notice_of(banner: Banner) -> Notice:
    """Return how `banner`, saved or not, reads on a page."""
    return _notice(text=banner.text, tone=banner.tone, place=banner.place)


def partnership_with_banners() -> tuple[Partnership, list[Notice]]:
    """Return the partnership's row (the defaults when there is none) and the banners of this moment. One query."""
    shown = Banner.objects.shown_now().values(json=JSONObject(text="text", tone="tone", place="place"))
    partnership = Partnership.objects.filter(pk=1).annotate(banners=ArraySubquery(shown)).first()
    if partnership is None:
        return Partnership(pk=1), []
    return partnership, [_notice(**banner) for banner in partnership.banners]


def notices_for(notices: list[Notice], *, public_page: bool) -> list[Notice]:
    """Return those of `notices` that belong on a page that anybody can open, or on one behind the sign-in."""
    place = Place.PUBLIC if public_page else Place.SIGNED_IN
    return [notice for notice in notices if notice.place in {place, Place.BOTH}]


def _notice(text: str, tone: str, place: str) -> Notice:
    return Notice(text, LABELS[Tone(tone)], TONES[Tone(tone)], place)
