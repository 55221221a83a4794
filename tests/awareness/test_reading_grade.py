"""The texts of the public pages can be read at the age of eleven, and the measure knows easy from hard."""

from pathlib import Path

import pytest

from awareness.reading_grade import grade, reading_age, syllables

FOLDER = Path(__file__).parents[2] / "data" / "content"
TEXTS = sorted(path.name for path in FOLDER.glob("*.md"))
OLDEST = 11
HARD = "Notwithstanding considerable organisational complexity, practitioners consistently underestimate exploitation."


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_can_be_read_at_the_age_of_eleven(name):
    _, head, body = (FOLDER / name).read_text().split("+++\n", 2)
    assert head
    assert reading_age(body) <= OLDEST


def test_there_are_texts_to_measure():
    assert len(TEXTS) >= 25


@pytest.mark.parametrize(
    ("word", "count"),
    [("a", 1), ("rule", 1), ("table", 2), ("asked", 1), ("wanted", 2), ("slavery", 3), ("tree", 1), ("don’t", 1)],
)
def test_syllables_are_counted_by_their_vowels(word, count):
    assert syllables(word) == count


def test_short_words_in_short_sentences_are_easy_and_long_ones_are_hard():
    assert grade("You can ring us. We are here to help.") < 2
    assert grade(HARD) > 15


def test_a_line_of_a_list_is_a_sentence_and_an_address_is_not_read():
    listed = "- You see a van\n- You hear a shout\n"
    assert grade(listed) == pytest.approx(grade("You see a van. You hear a shout. "))
    assert grade("Read [the signs](/exploitation-of-organisations/).") == grade("Read the signs.")


def test_what_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="nothing to read"):
        grade("## 1.\n- \n")
