"""Models of the awareness app, by subject. Import them from here."""

from awareness.models.campaigns import Campaign
from awareness.models.content import Content, Edition, State
from awareness.models.figures import Area, Figure, Inconsistency, Measure, Source
from awareness.models.links import Link, Trouble
from awareness.models.versions import ContentVersion

__all__ = [
    "Area",
    "Campaign",
    "Content",
    "ContentVersion",
    "Edition",
    "Figure",
    "Inconsistency",
    "Link",
    "Measure",
    "Source",
    "State",
    "Trouble",
]
