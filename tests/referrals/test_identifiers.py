"""The net that looks for the case's own names, dates, numbers and places in a text."""

import itertools
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from referrals.identifiers import INSIDE, Kind, hits, identifiers_in, plain

SECRET = {
    "person": {
        "given_names": "Zebulina Łucja",
        "family_name": "O'Testperson-Müller",
        "known_as": "Quokkaman, Bo",
        "date_of_birth": "1998-03-27",
    },
    "contact": {
        "phone_number": "07700 900123 / +44 1632 960201",
        "email_address": "z.test@mail.example.org",
        "someone_name": "Wilma Ward",
        "someone_phone": "01632 960411",
    },
    "ring_999": {"police_reference": "CAD 20260120-77"},
}
LOCATION = {
    "where_now": {"address": "Rose Cottage, 12 Made Up Street\nNorthtown", "postcode": "ZZ9 9ZZ"},
    "found": {"found_address": "The car wash by the canal", "district": "west-northshire"},
    "contact": {"post_address": "Care of Pretend Hall, 4 Invented Rd, Southtown, ZY1 2AB"},
}


def found(text):
    return hits(text, SECRET, LOCATION)


def kinds(text):
    return [str(hit.kind) for hit in found(text)]


@pytest.mark.parametrize(
    "written",
    [
        "Zebulina", "ZEBULINA", "zebulina", "Zébulina", "Zebulina's", "Zebulina’s", "Zebulinas", "Ze\u00adbulina",
        "Zebu-lina", "_Zebulina_", "(Zebulina)", "zebulina99", "Ｚebulina", "Lucja", "ŁUCJA", "OTestperson",
        "O’Testperson", "Otestpersonmuller", "Testperson Mueller", "Muller", "MÜLLER", "Mu\u0308ller", "Quokka-man",
        "Bo", "BO", "Wilma", "Ward", "ZebulinaLucja", "hello.zebulina.1",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(written):
    assert "name" in kinds(f"He said that {written} works there.")


@pytest.mark.parametrize("text", ["a bold man", "forward, reward", "the bo", "lucid", "a rose", "not known"])
def test_other_words_are_not_taken_for_names(text):
    assert "name" not in kinds(text)


def test_words_that_say_that_there_is_no_name_are_none():
    blob = {"person": {"given_names": "not known", "family_name": "unknown", "known_as": "The Also"}}
    assert hits("the name is not known, also unknown", blob) == []


def test_a_name_in_a_script_without_spaces_is_found_inside_a_line():
    blob = {"person": {"given_names": "小明", "family_name": "王"}}
    assert [hit.words for hit in hits("他叫王小明吗", blob)] == ["王", "小明"]


DATES = [
    "1998-03-27", "27/3/1998", "27/03/98", "27.3.98", "27 - 3 - 98", "27 March 1998", "27th March 1998",
    "27th of March, 1998", "27 Mar 98", "27mar98", "March 27, 1998", "march 27th 1998", "3/27/1998", "19980327",
    "27031998", "270398", "27 MARCH ’98",
]  # fmt: skip


@pytest.mark.parametrize("written", DATES)
def test_a_date_of_birth_is_found_however_it_is_written(written):
    hit = found(f"born on {written}, she says")[0]
    assert (hit.kind, hit.whole, hit.where) == (Kind.DATE_OF_BIRTH, True, "person.date_of_birth")
    assert identifiers_in(f"born on {written}.", SECRET)


@pytest.mark.parametrize("written", ["March 1998", "mar 98", "03/1998", "27 March", "March 27th", "born in 1998"])
def test_a_part_of_a_date_of_birth_is_a_hit_that_refuses_nothing(written):
    assert [(hit.kind, hit.whole) for hit in found(f"She was {written}.")] == [(Kind.DATE_OF_BIRTH, False)]
    assert identifiers_in(f"She was {written}.", SECRET) == []


@pytest.mark.parametrize("written", ["28 April 1998", "27 April 1998", "1998", "March 2026", "127/3/98", "27/3/985"])
def test_another_date_is_none_of_its(written):
    assert "date_of_birth" not in kinds(f"on {written} there")


@pytest.mark.parametrize(
    "written",
    [
        "07700 900123", "07700900123", "0 7 7 0 0 9 0 0 1 2 3", "+44 7700 900123", "+44 (0)7700-900-123",
        "00447700900123", "01632 960201", "(01632) 960 201", "960201", "01632960411", "٠٧٧٠٠٩٠٠١٢٣",
    ],
)  # fmt: skip
def test_a_phone_number_is_found_however_it_is_written(written):
    hit = found(f"ring {written} please")[0]
    assert hit.kind is Kind.PHONE
    assert hit.words.strip("(") == written.strip("(")
    assert hit.where.startswith("contact.")


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("z.test@mail.example.org", "email"),
        ("Z.TEST @ mail.example.org", "email"),
        ("rose cottage", "address"),
        ("12 made up st", "address"),
        ("Made-Up Street", "address"),
        ("Invented Road", "address"),
        ("zz99zz", "address"),
        ("ZY1 2AB", "address"),
        ("the car-wash by the canal", "address"),
        ("Northtown", "place"),
        ("SOUTHTOWN", "place"),
        ("ZZ9", "place"),
        ("West Northshire", "place"),
        ("20260120", "number"),
    ],
)
def test_addresses_places_and_numbers_of_the_case_are_found_in_part(written, kind):
    assert kinds(f"near {written} again") == [kind]


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("other@example.org", "email"),
        ("07700 900999", "phone"),
        ("ZX1 1ZZ", "address"),
        ("AB 12 34 56 C", "number"),
        ("A1234567", "number"),
    ],
)
def test_what_only_looks_like_an_identifier_is_a_hit_by_pattern(written, kind):
    assert [(str(hit.kind), hit.where, hit.whole) for hit in hits(f"see {written} there")] == [(kind, "pattern", False)]
    assert identifiers_in(written) == []


def test_hits_come_in_order_do_not_overlap_and_quote_the_text():
    text = "Zebulina (zebulina@x.example.org), 12 Made Up Street, Northtown ZZ9 9ZZ, born 27/3/98"
    every = found(text)
    assert [str(hit.kind) for hit in every] == ["name", "name", "address", "place", "address", "date_of_birth"]
    assert all(one.end <= other.start for one, other in itertools.pairwise(every))
    assert all(text[hit.start : hit.end] == hit.words for hit in every)


def test_a_hit_shows_no_words_when_it_is_printed():
    assert "Zebulina" not in repr(found("Zebulina"))


def test_what_is_refused_is_whole_and_named_in_plain_words():
    text = "Does Zebulina's sister in Northtown ring 07700 900123 in March 1998?"
    assert identifiers_in(text, SECRET, LOCATION) == ["zebulina", "07700 900123"]
    assert identifiers_in("Which shift does the person work?", SECRET, LOCATION) == []


LETTERS = st.characters(categories=["Lu", "Ll", "Lo"], max_codepoint=0x2FFF)
NAMES = st.text(LETTERS, min_size=3, max_size=12)
TEXTS = st.text(max_size=60)


def covered(text, name, at):
    """Whether every letter of `name`, put into `text` at `at`, lies in a hit."""
    blob = {"person": {"family_name": name}}
    inside = {i for hit in hits(text, blob) for i in range(hit.start, hit.end)}
    return all(i in inside for i in range(at, at + len(name)) if plain(text[i]))


@given(NAMES, TEXTS, TEXTS)
def test_any_name_is_found_between_any_words(name, before, after):
    assume(len(plain(name)) >= 3 and " " not in plain(name) and plain(name) not in ("the", "and", "aka", "not"))
    assume(plain(name) not in ("also", "known", "unknown", "none"))
    assert covered(f"{before} {name} {after}", name, len(before) + 1)


@given(NAMES.filter(lambda name: len(plain(name)) >= INSIDE), TEXTS, TEXTS)
def test_a_long_name_is_found_anywhere_at_all(name, before, after):
    assume(" " not in plain(name) and plain(name) not in ("known", "unknown"))
    assert covered(f"{before}{name}{after}", name, len(before))


@given(TEXTS, TEXTS)
def test_no_text_and_no_answer_breaks_the_net(text, answer):
    blob = {
        "s": dict.fromkeys(["given_names", "phone_number", "address", "email_address", "pv-dob", "district"], answer)
    }
    for hit in hits(text, blob):
        assert text[hit.start : hit.end] == hit.words


@pytest.mark.parametrize("text", ["-" * 15_000, "z-" * 7_500, "0" * 15_000, "0 " * 7_500, "a" * 15_000, "a@" * 7_500])
def test_the_longest_and_oddest_answer_is_read_in_time(text):
    began = time.process_time()
    found(text)
    assert time.process_time() - began < 2
