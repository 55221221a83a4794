"""The tables of a county's folder that are on figures and campaigns (data/README.md); `partners/county` loads them."""

from django import forms

from awareness.models import Campaign, Figure, Inconsistency, Measure, Source
from partners.county.load import Table
from partners.county.rows import RowForm, field_for, known


class SourceRow(RowForm):
    """sources.csv."""

    class Meta:
        model = Source
        fields = [
            "slug", "short_name", "title", "publisher", "published_on", "published_words", "url", "licence", "caveat",
        ]  # fmt: skip
        formfield_callback = field_for


class MeasureRow(RowForm):
    """measures.csv. What a part belongs to stands in an earlier line."""

    part_of = forms.ModelChoiceField(**known(Measure, "slug", required=False))

    class Meta:
        model = Measure
        fields = [
            "slug", "name", "unit", "counts", "counted_by", "area", "part_of", "part_name", "caveat", "position",
        ]  # fmt: skip
        formfield_callback = field_for


class FigureRow(RowForm):
    """figures.csv."""

    key = ("measure", "source", "starts_on", "ends_on")
    measure = forms.ModelChoiceField(**known(Measure, "slug"))
    source = forms.ModelChoiceField(**known(Source, "slug"))

    class Meta:
        model = Figure
        fields = ["measure", "source", "starts_on", "ends_on", "period_words", "value", "qualifier", "caveat"]
        formfield_callback = field_for


class InconsistencyRow(RowForm):
    """inconsistencies.csv."""

    prefetched = ("measures",)
    measures = forms.ModelMultipleChoiceField(**known(Measure, "slug"))

    class Meta:
        model = Inconsistency
        fields = ["slug", "measures", "text"]
        formfield_callback = field_for


class CampaignRow(RowForm):
    """campaigns.csv."""

    prefetched = ("measures",)
    measures = forms.ModelMultipleChoiceField(**known(Measure, "slug", required=False))

    class Meta:
        model = Campaign
        fields = ["slug", "title", "theme", "audience", "starts_on", "ends_on", "dates_note", "summary", "measures"]
        formfield_callback = field_for


TABLES = (
    Table("sources.csv", (SourceRow,)),
    Table("measures.csv", (MeasureRow,)),
    Table("figures.csv", (FigureRow,)),
    Table("inconsistencies.csv", (InconsistencyRow,)),
    Table("campaigns.csv", (CampaignRow,)),
)
