"""What is stored of a publication comes back as it was, and says itself what it hides."""

import dataclasses
import json

import pytest

from referrals.published import Category, Counted, Figures, Scope, Table, Timing, from_json

ONE_WAY = Table(
    key="age_group",
    counted=Counted.REFERRAL,
    dimensions=("age_group",),
    rows=(Category("adult", "18 or over"), Category("child", "Under 18")),
    columns=(),
    cells=((12,), (None,)),
    row_totals=(),
    column_totals=(),
    total=None,
    rounded_to=0,
    width=3,
)
TWO_WAY = dataclasses.replace(
    ONE_WAY,
    key="age_group_by_month",
    dimensions=("age_group", "month"),
    columns=(Category("2026-04", "April 2026"),),
    row_totals=(12, 8),
    column_totals=(20,),
    total=20,
)
FIGURES = Figures(
    period="2026-q2",
    scope=Scope.PARTNERSHIP,
    hide_below=5,
    percent_base=10,
    tables=(ONE_WAY, TWO_WAY),
    timings=(Timing("triage", "one working day", 20, 15, 5, 312),),
)


def test_figures_come_back_from_json_as_they_were():
    assert from_json(json.loads(json.dumps(FIGURES.as_json()))) == FIGURES


def test_figures_of_another_format_are_refused():
    with pytest.raises(ValueError, match="format 99"):
        from_json(FIGURES.as_json() | {"format": 99})


def test_a_table_says_how_much_of_it_is_hidden():
    assert (ONE_WAY.hidden, TWO_WAY.hidden) == (2, 1)


def test_a_table_of_one_dimension_is_read_by_its_codes():
    assert ONE_WAY.one_way() == {"adult": 12, "child": None}
    with pytest.raises(ValueError, match="two dimensions"):
        TWO_WAY.one_way()


def test_tables_and_timings_are_found_by_their_keys():
    assert FIGURES.table("age_group") is ONE_WAY
    assert FIGURES.table("district") is None
    assert FIGURES.timing("triage").late == 5
    assert FIGURES.timing("accept") is None
