"""What two referrals about one person have in common, however their names were written down."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.person_keys import (
    IMPLIED,
    REASONS,
    KeyKind,
    Person,
    person_of,
    phone_tails,
    romanised,
    values_of,
)

BORN = datetime.date(1998, 3, 27)


def person(given="", family="", known_as="", born=None, **other):
    return Person(names=((given, family, known_as),), born=frozenset({born} if born else ()), **other)


def shared(one, other):
    """The kinds of what two people have in common, strongest first, without what is implied."""
    kinds = {kind for kind, _ in values_of(one) & values_of(other)}
    weaker = {kind for strong in kinds for kind in IMPLIED.get(strong, ())}
    return [kind for kind in REASONS if kind in kinds - weaker]


def test_every_kind_has_its_reason():
    assert set(REASONS) == set(KeyKind)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Zebulina", "Testperson"), ("ZEBULINA", "testperson")),
        (("Zebulina", "Testperson"), ("Testperson", "Zebulina")),
        (("Zebulina Quill", "Testperson"), ("Zebulina", "Testperson")),
        (("Zebulina Quill", "Testperson"), ("Testperson", "Quill")),
        (("Zebulina", "Testperson"), ("Zebulina Testperson", "")),
        (("Zebulina", "Testperson"), ("", "Testperson, Zebulina")),
        (("Mrs Zebulina", "Testperson"), ("Zebulina", "Testperson (not known)")),
        (("Łucja", "Źdźbło"), ("Lucja", "Zdzblo")),
        (("Nguyễn Thị", "Hòa"), ("Hoa", "Nguyen")),
        (("Ольга", "Тестова"), ("Olga", "Testova")),
        (("王", "伟"), ("Wei", "Wang")),
        (("王伟", ""), ("Wang", "Wei")),
        (("김철수", ""), ("Cheol", "Gim")),
        (("Síle", "O’Téstigh"), ("Sile", "OTestigh")),
        (("Mary-Zeb", "Testperson"), ("Mary", "Testperson")),
        (("Zebulina", "van der Test"), ("Zebulina", "Test")),
    ],
)
def test_a_name_is_the_same_in_another_order_case_or_alphabet(one, other):
    assert shared(person(*one), person(*other)) == [KeyKind.NAME]
    assert shared(person(*one, born=BORN), person(*other, born=BORN)) == [KeyKind.NAME_BORN]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Muhammad", "Testani"), ("Mohammed", "Testanny")),
        (("محمد", "Testani"), ("Mohamed", "Testani")),
        (("Catherine", "Quill"), ("Kathryn", "Quill")),
        (("Oleksandr", "Testenko"), ("Oleksander", "Testenko")),
        (("Zofia", "Kovaltest"), ("Sofia", "Kowaltest")),
        (("Yelena", "Shevtest"), ("Elena", "Szewtest")),
        (("Jusuf", "Testoglu"), ("Yusuf", "Testoğlu")),
        (("Fatimah", "Testi"), ("Testi", "Fatima")),
    ],
)
def test_a_name_that_is_spelt_by_ear_sounds_alike(one, other):
    assert shared(person(*one), person(*other)) == [KeyKind.SOUND]
    assert KeyKind.SOUND_BORN in shared(person(*one, born=BORN), person(*other, born=BORN))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Maria", "Testescu"), ("Maria", "Quillova")),
        (("Maria", ""), ("Maria", "")),
        (("Mohammed", ""), ("Mohammed", "Testani")),
        (("", "", "Maria"), ("", "", "Maria")),
        (("Maria", "not known"), ("Maria", "unknown")),
        (("Mr", "Unknown"), ("Mr", "Unknown")),
        (("Ali bin", "Testani"), ("Omar bin", "Quillani")),
        (("Mohammed al", "Testani"), ("Mohammed al", "Quillani")),
        (("Nguyen Thi", "Hoa"), ("Nguyen Thi", "Binh")),
        (("Li", "Na"), ("Lou", "Noy")),
        (("", ""), ("", "")),
    ],
)
def test_a_common_first_name_makes_nobody_the_same_person(one, other):
    assert shared(person(*one), person(*other)) == []


def test_one_name_and_the_date_of_birth_are_a_hint():
    assert shared(person("Maria", born=BORN), person("Maria", "Quillova", born=BORN)) == [KeyKind.ONE_NAME_BORN]
    assert shared(person(known_as="Mimi", born=BORN), person("Mimi", "Test", born=BORN)) == [KeyKind.ONE_NAME_BORN]
    assert shared(person("Maria", born=BORN), person("Maria", born=BORN.replace(day=28))) == []


def test_the_first_of_january_is_what_papers_say_when_nobody_knows():
    new_year = datetime.date(1990, 1, 1)
    assert shared(person("Maria", born=new_year), person("Maria", "Quillova", born=new_year)) == []
    both = person("Maria", "Testescu", born=new_year)
    assert shared(both, both) == [KeyKind.NAME_BORN]


def test_a_date_of_birth_alone_and_a_missing_one_give_nothing_away():
    assert values_of(person(born=BORN)) == frozenset()
    known, missing = person("Maria", "Testescu", born=BORN), person("Maria", "Testescu")
    assert shared(known, missing) == [KeyKind.NAME]


def test_a_nickname_goes_with_the_family_name():
    one, other = person("Zebulina", "Testperson", "Mimi, Lulu"), person("Lulu", "Testperson")
    assert shared(one, other) == [KeyKind.NAME]
    assert shared(one, person("Mimi", "Lulu")) == [], "two nicknames are no name"


@pytest.mark.parametrize(
    "written",
    [
        "07700 900123",
        "07700900123",
        "+44 7700 900123",
        "+44 (0)7700 900-123",
        "0044 7700 900 123",
        "mobile: 07700.900.123 (her sister’s)",
        "01632 960001 / 07700 900123",
        "01632 960001 or 07700 900123",
        "01632960001 07700900123",
        "٠٧٧٠٠ ٩٠٠١٢٣",
    ],
)
def test_a_phone_number_is_known_by_its_last_nine_digits(written):
    assert "700900123" in phone_tails(written)


@pytest.mark.parametrize("written", ["", "none", "999", "101", "000000000", "0000 111 0000", "123456789", "1" * 40])
def test_what_is_nobodys_number_is_no_key(written):
    assert phone_tails(written) == []


def test_numbers_and_addresses_meet_however_they_are_written():
    one = person(emails=(" Zeb@Example.org ",), references=("NRM 2026-004217",))
    assert shared(one, person(emails=("zeb@example.org",))) == [KeyKind.EMAIL]
    assert shared(one, person(references=("Home Office NRM2026004217, and more",))) == [KeyKind.REFERENCE]
    assert shared(person(references=("None yet",)), person(references=("None yet",))) == []


def test_a_case_is_read_with_what_the_first_responder_added():
    secret = {
        "person": {"given_names": "Zebulina", "family_name": "Testperson", "date_of_birth": "1998-03-27"},
        "contact": {"channels": ["phone"], "phone_number": "07700 900123", "someone_name": "Somebody Else"},
        "referrer": {"referrer_phone": "01632 960999"},
    }
    nrm = {
        "given": {"pv-name-first-name": "Sebulina", "pv-name-last-name": "Testperson", "pv-dob": "1998-03-28"},
        "home_office_reference": "NRM 2026-004217",
    }
    case = person_of(secret, nrm)
    assert shared(case, person("Zebulina", "Testperson")) == [KeyKind.NAME]
    assert shared(case, person("Sebulina", "Testperson", born=datetime.date(1998, 3, 28))) == [KeyKind.NAME_BORN]
    assert shared(case, person(references=("2026004217",))) == [KeyKind.REFERENCE]
    assert shared(case, person("Somebody", "Else", phones=("01632 960999",))) == [], "these are other people’s"


@pytest.mark.parametrize("secret", [{}, {"person": {"given_names": None, "date_of_birth": "soon"}}, {"person": {}}])
def test_a_case_that_says_little_has_no_keys(secret):
    assert values_of(person_of(secret)) == frozenset()


names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(names, names, names, st.none() | st.dates(datetime.date(1930, 1, 2), datetime.date(2026, 1, 1)))
def test_swapped_names_change_nothing_and_a_nickname_only_adds(given_names, family, known_as, born):
    one = values_of(person(given_names, family, born=born))
    assert one == values_of(person(family, given_names, born=born))
    assert values_of(person(given_names, family, known_as, born)) >= one


@given(names, names, names)
def test_whatever_people_type_gives_a_bounded_number_of_plain_values(given_names, family, known_as):
    values = values_of(person(given_names, family, known_as, BORN, phones=(given_names,), references=(family,)))
    assert len(values) <= 300
    assert all(value.isascii() and value.strip() for _, value in values)


@given(names)
def test_one_word_alone_is_no_name(name):
    word = next(iter(romanised(name)), "")
    assert values_of(person(word)) == values_of(person(known_as=word)) == frozenset()
