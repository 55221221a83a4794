"""What must not stand on the message board, and what is only asked about: each pattern, and what is none."""

import pytest

from partners.board.screening import ASKED, CONFIRMS, SAYS, Finding, Kind, screen
from partners.models import Partnership, SupportLine

REFUSED = [
    ("Ring 07700 900123 now", Kind.PHONE, "07700 900123"),
    ("Ring 07700-900-123", Kind.PHONE, "07700-900-123"),
    ("Ring +44 (0)1632 960 456.", Kind.PHONE, "+44 (0)1632 960 456"),
    ("Ring 0044 7700 900 123", Kind.PHONE, "0044 7700 900 123"),
    ("Ring (01632) 960456", Kind.PHONE, "(01632) 960456"),
    ("Ring +48 601 234 567", Kind.PHONE, "+48 601 234 567"),
    ("Ring ０７７００ ９００１２３", Kind.PHONE, "07700 900123"),
    ("Ring 0\u200b7700 900123", Kind.PHONE, "07700 900123"),
    ("Ring ٠٧٧٠٠ ٩٠٠١٢٣", Kind.PHONE, "07700 900123"),
    ("Write to jo.bloggs@mail.example.net.", Kind.EMAIL, "jo.bloggs@mail.example.net"),
    ("<jo@mail.example.net>", Kind.EMAIL, "jo@mail.example.net"),
    ("She was born 3 May 2004", Kind.BIRTH, "3 May 2004"),
    ("DOB: 03/05/2004", Kind.BIRTH, "03/05/2004"),
    ("d.o.b. 03.05.04", Kind.BIRTH, "03.05.04"),
    ("date of birth 2004-05-03", Kind.BIRTH, "2004-05-03"),
    ("born on the 3rd of May, 2004", Kind.BIRTH, "3rd of May, 2004"),
    ("birthday May 3, 2004", Kind.BIRTH, "May 3, 2004"),
    ("NI number QQ 12 34 56 C", Kind.NUMBER, "QQ 12 34 56 C"),
    ("Home Office M1234567", Kind.NUMBER, "M1234567"),
    ("passport 123456789", Kind.NUMBER, "123456789"),
    ("NHS 943 476 5919", Kind.NUMBER, "943 476 5919"),
]
WARNED = [
    ("The site at AL1 3JE", Kind.POSTCODE, "AL1 3JE"),
    ("The site at al13je", Kind.POSTCODE, "al13je"),
    ("A white van, AB12 CDE", Kind.VEHICLE, "AB12 CDE"),
    ("A white van, ab12cde", Kind.VEHICLE, "ab12cde"),
    ("Since 3 May 2004", Kind.DATE, "3 May 2004"),
    ("Since 03/05/1999", Kind.DATE, "03/05/1999"),
]
FINE = [
    "Hand car washes in the AL1 area have changed hands since September.",
    "On 20 November 2026 at 10:30 we meet in Hertford, room 12.",
    "On 20.11.2026 10:30 to 12:00",
    "Ring 999, or 101 when nobody is in danger.",
    "5 of 44 organisations have answered; 1,200 leaflets are left.",
    "The M25, the A414 and the A1(M). Section 52 of the Act of 2015.",
    "31 February 2004 is no day",
    "Ages 14 to 17. Rent of £35.50 a week, 120 hours.",
    "",
]


@pytest.mark.parametrize(("text", "kind", "words"), REFUSED + WARNED)
def test_each_pattern_is_found_where_people_write_it(cast, text, kind, words):
    assert screen(text, by=cast.coordinator) == [Finding(kind, words)]
    assert Finding(kind, words).refused is (kind not in ASKED)


@pytest.mark.parametrize("text", FINE)
def test_a_pattern_in_the_county_is_not_mistaken_for_a_case(cast, text):
    assert screen(text, by=cast.coordinator) == []


def test_phone_lines_in_force_and_the_partnerships_own_card_may_stand_there(cast):
    Partnership.objects.update(mailbox="help@partnership.example.org", phone="01632 960 001")
    SupportLine.objects.create(slug="care", name="Care", purpose="victim_care", phone="01632 960 002")
    old = SupportLine.objects.create(slug="old", name="Old", purpose="other", phone="01632 960 003")
    SupportLine.objects.filter(pk=old.pk).update(ends_on="2020-01-01")
    text = "Ring 01632 960001 or +44 1632 960002 or 01632 960003. Write to Help@Partnership.example.org."
    assert [found.words for found in screen(text, by=cast.coordinator)] == ["01632 960003"]


def test_a_number_with_dots_is_no_date_and_hides_no_phone(cast):
    assert [f.kind for f in screen("07.70.09.00.12.34 and 01.12.34.56.78.90", by=cast.coordinator)] == [Kind.PHONE] * 2


def test_the_same_words_are_said_once_and_what_is_refused_first(cast):
    text = "AL1 3JE, AL1 3JE, jo@mail.example.net, 07700 900123"
    assert [found.kind for found in screen(text, by=cast.coordinator)] == [Kind.PHONE, Kind.EMAIL, Kind.POSTCODE]


def test_every_kind_has_its_words():
    assert set(SAYS) == set(Kind)
    assert set(CONFIRMS) == set(ASKED)


def test_ten_thousand_characters_of_anything_are_checked_at_once(cast):
    for text in (
        "0" * 10_000,
        "a@" * 5_000,
        "1 " * 5_000,
        "(" * 10_000,
        "12/12/" * 1_600,
        "AB12 " * 2_000,
        "Ab Cd " * 1_666,
    ):
        screen(text, by=cast.coordinator)
