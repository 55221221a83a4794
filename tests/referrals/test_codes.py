"""The coded answers: what may stand in the open, and what may not."""

import pytest

from referrals.codes import language_in_the_open


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Polish", "Polish"),
        ("polish", "Polish"),
        ("English, with pictures", "English"),
        ("Ruritanian", "Other"),
        ("Zebulina speaks Polish", "Other"),
        ("  ", ""),
        ("", ""),
    ],
)
def test_only_a_known_language_is_stored_in_the_open(typed, stored):
    assert language_in_the_open(typed) == stored
