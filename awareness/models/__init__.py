"""Models of the awareness app, by subject. Import them from here."""

from awareness.models.campaigns import Campaign
from awareness.models.figures import Area, Figure, Inconsistency, Measure, Source

__all__ = ["Area", "Campaign", "Figure", "Inconsistency", "Measure", "Source"]
