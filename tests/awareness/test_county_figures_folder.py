"""A county's folder with something wrong in its figures or campaigns: told with its place, and nothing is loaded."""

from pathlib import Path

import pytest

from awareness.models import Source
from tests.county_folder import append, copy_of_hertfordshire, problems_of, set_cell

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the folder that a test may edit."""
    return copy_of_hertfordshire(tmp_path)


@pytest.mark.parametrize(
    ("file", "key", "column", "value", "said"),
    [
        ("figures.csv", "helpline-reports", "value", "2a", "whole number"),
        ("figures.csv", "helpline-reports", "value", "-2", "greater than or equal to 0"),
        ("figures.csv", "helpline-reports", "value", "9" * 30, "less than or equal to"),
        ("figures.csv", "helpline-reports", "measure", "gossip", "there is no measure “gossip”"),
        ("figures.csv", "helpline-reports", "source", "gossip", "there is no source “gossip”"),
        ("figures.csv", "helpline-reports", "ends_on", "2017-06-30", "The last day cannot be before the first"),
        ("figures.csv", "helpline-reports", "ends_on", "July", "write a day such as 2026-11-23"),
        ("figures.csv", "helpline-reports", "qualifier", "roughly", "“roughly” is not known; use one of exactly,"),
        ("figures.csv", "staff-trained", "ends_on", "", "must be filled in"),
        ("measures.csv", "helpline-reports", "area", "moon", "“moon” is not known; use one of county, national"),
        ("measures.csv", "arrests-kidnap", "part_of", "arrests-holding-in-slavery", "there is no measure"),
        ("measures.csv", "arrests-kidnap", "part_name", "", "A part needs both"),
        ("sources.csv", "local-news-arrests", "published_words", "", "say in words when it was published"),
        ("inconsistencies.csv", "arrests-doubled", "measures", "arrests-yearly", "there is no measure"),
        ("campaigns.csv", "slavery-can-happen-anywhere", "ends_on", "2017-07-01", "The last day cannot be before"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_nothing_is_loaded(folder, file, key, column, value, said):
    set_cell(folder, file, key, column, value)
    problems = problems_of(folder)
    assert said in problems[0]
    assert problems[0].startswith(f"{file}, line ")
    assert not Source.objects.exists()


def test_the_same_figure_twice_in_a_file_is_refused(folder):
    append(folder / "figures.csv", "helpline-reports,police-press-release-2018,01/07/2017,31/07/2017,,3,exactly,\n")
    assert "is the same as in line" in problems_of(folder)[0]
