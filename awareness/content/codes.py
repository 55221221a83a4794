"""What a text can be, where it stands, for whom it is, and what a page of signs is about. Pure: no model, no request.

The settings are those in which the county's campaigns have asked people to look; the kinds of exploitation are the
seven that the county names (facts, section 3). Codes stay for good: addresses and leaflets are made of them.
"""

from enum import StrEnum

LONGEST_TITLE = 120
LONGEST_SUMMARY = 300
#: About 6,500 words, four times the longest page there should be. Rendering and searching stay quick below it.
LONGEST_BODY = 40_000


class Kind(StrEnum):
    """What a text is."""

    PAGE = "page"
    SIGN = "sign"
    NEWS = "news"
    RESOURCE = "resource"


KIND_LABELS = {
    Kind.PAGE: "Page",
    Kind.SIGN: "Signs",
    Kind.NEWS: "News",
    Kind.RESOURCE: "Resource",
}

#: Parts of the public side that a page can stand in.
SECTIONS = (
    ("help", "Get help"),
    ("about", "What modern slavery is"),
    ("kinds", "Kinds of exploitation"),
    ("signs", "Spot the signs"),
    ("professionals", "For professionals"),
    ("involved", "Get involved"),
    ("site", "About this site"),
)

AUDIENCES = (
    ("everybody", "Everybody"),
    ("public", "The public"),
    ("professionals", "Professionals"),
    ("businesses", "Businesses"),
    ("survivors", "People who may be exploited"),
)

FILE_KINDS = (
    ("web", "Web page"),
    ("pdf", "PDF"),
    ("video", "Video"),
    ("form", "Form"),
    ("poster", "Poster or leaflet"),
)

SETTINGS = (
    ("taxi", "Taxi or private hire"),
    ("hotel", "Hotel"),
    ("nail_bar", "Nail bar"),
    ("car_wash", "Car wash"),
    ("construction", "Construction site"),
    ("farm", "Farm"),
    ("food", "Food business"),
    ("health", "Health care"),
    ("housing", "Housing"),
    ("school", "School"),
    ("bank", "High street bank"),
    ("home", "Private home"),
)

EXPLOITATIONS = (
    ("sexual_exploitation", "Sexual exploitation"),
    ("domestic_servitude", "Domestic servitude"),
    ("labour_exploitation", "Labour exploitation"),
    ("forced_criminality", "Forced criminality"),
    ("child_soldiers", "Child soldiers"),
    ("forced_marriage", "Forced marriage"),
    ("organ_harvesting", "Organ harvesting"),
)

SETTING_CODES = frozenset(code for code, _ in SETTINGS)
EXPLOITATION_CODES = frozenset(code for code, _ in EXPLOITATIONS)
SUBJECT_LABELS = dict(SETTINGS + EXPLOITATIONS)
#: In two groups, as a choice on a form.
SUBJECTS = (("Settings", SETTINGS), ("Kinds of exploitation", EXPLOITATIONS))

#: Of each kind, what a version of it says beside title, summary and body.
OWN_FIELDS = {
    Kind.PAGE: ("section", "position", "audience"),
    Kind.SIGN: ("position", "audience"),
    Kind.NEWS: ("audience",),
    Kind.RESOURCE: ("link", "file_kind", "position", "audience"),
}
