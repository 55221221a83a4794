"""The two fields of our own: a date in three parts, and text that is kept as typed."""

import datetime
import unicodedata

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from partners import formfields
from partners.formfields import PlainTextField, SplitDateField

TODAY = datetime.date(2026, 11, 23)
MEGABYTE = 1_000_000


@pytest.fixture
def today(monkeypatch):
    """Freeze the local date at 23 November 2026."""
    monkeypatch.setattr(formfields.timezone, "localdate", lambda: TODAY)


def date_error(field: SplitDateField, *typed) -> tuple[str, str, tuple[str, ...]]:
    """What the field says to three typed parts: message, code, parts at fault."""
    with pytest.raises(forms.ValidationError) as raised:
        field.clean(list(typed))
    [error] = raised.value.error_list
    return error.messages[0], error.code, (error.params or {}).get("parts", ())


def birth_date(**options) -> SplitDateField:
    return SplitDateField(label="Date of birth", **options)


@pytest.mark.parametrize(
    "typed",
    [
        ("27", "3", "1998"),
        ("27", "03", "1998"),
        (" 27 ", "\t3", "1998 "),
        ("27", "March", "1998"),
        ("27", "mar", "1998"),
        ("27", "MAR.", "1998"),
    ],
)
def test_a_date_may_be_typed_in_numbers_or_with_the_month_in_words(typed):
    assert birth_date().clean(typed) == datetime.date(1998, 3, 27)


@pytest.mark.parametrize(("word", "number"), [("sept", 9), ("June", 6), ("jul", 7), ("december", 12), ("may", 5)])
def test_month_names_are_known_by_three_letters_or_more(word, number):
    assert birth_date().clean(["1", word, "2001"]).month == number


def test_a_leap_day_is_a_date_in_leap_years_alone():
    assert birth_date().clean(["29", "2", "2000"]) == datetime.date(2000, 2, 29)
    assert date_error(birth_date(), "29", "2", "1999")[0] == "Date of birth must be a real date"


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        (("31", "6", "1998"), ("day", "month", "year")),
        (("32", "6", "1998"), ("day",)),
        (("0", "6", "1998"), ("day",)),
        (("27", "13", "1998"), ("month",)),
        (("40", "13", "1998"), ("day", "month")),
        (("27", "3", "0000"), ("year",)),
        (("x", "3", "1998"), ("day",)),
        (("27", "Marz", "1998"), ("month",)),
        (("27", "ma", "1998"), ("month",)),
        (("2.7", "3", "1998"), ("day",)),
        (("-1", "3", "1998"), ("day",)),
        (("27", "3", "19980"), ("year",)),
        (("007", "3", "1998"), ("day",)),
        (("٢٧", "3", "1998"), ("day",)),
        (("27", "３", "1998"), ("month",)),
        (("27", "3", "199²"), ("year",)),
        (("2\x007", "3", "1998"), ("day",)),
        (("9" * MEGABYTE, "x" * MEGABYTE, "1998"), ("day", "month")),
    ],
)
def test_a_date_that_does_not_exist_names_the_parts_at_fault(typed, parts):
    assert date_error(birth_date(), *typed) == ("Date of birth must be a real date", "invalid", parts)


def test_a_year_of_two_figures_is_not_guessed():
    message, code, parts = date_error(birth_date(), "27", "3", "98")
    assert (code, parts) == ("invalid", ("year",))
    assert message == "Date of birth must have a year of 4 numbers, like 1987"


@pytest.mark.parametrize(
    ("typed", "message", "parts"),
    [
        (("", "3", "1998"), "Date of birth must include a day", ("day",)),
        (("27", "", "1998"), "Date of birth must include a month", ("month",)),
        (("27", "3", "  "), "Date of birth must include a year", ("year",)),
        (("", "", "1998"), "Date of birth must include a day and month", ("day", "month")),
        (("27", None, None), "Date of birth must include a month and year", ("month", "year")),
    ],
)
def test_a_date_in_part_is_asked_for_what_is_missing(typed, message, parts):
    assert date_error(birth_date(), *typed) == (message, "incomplete", parts)
    assert date_error(birth_date(required=False), *typed)[1] == "incomplete"


@pytest.mark.parametrize("nothing", [None, [], ["", "", ""], [None, None, None], [" ", "\t", ""]])
def test_an_empty_date_is_asked_for_only_where_it_is_required(nothing):
    assert birth_date(required=False).clean(nothing) is None
    with pytest.raises(forms.ValidationError) as raised:
        birth_date().clean(nothing)
    assert raised.value.messages == ["Enter date of birth"]


def test_a_form_may_word_the_empty_answer_itself():
    field = birth_date(error_messages={"required": "Enter their date of birth, or choose “not known”"})
    with pytest.raises(forms.ValidationError, match="or choose “not known”"):
        field.clean(["", "", ""])


def test_a_date_ahead_is_refused_where_it_cannot_be_and_today_is_not_ahead(today):
    field = birth_date(future=False)
    assert field.clean(["23", "11", "2026"]) == TODAY
    message, code, parts = date_error(field, "24", "11", "2026")
    assert (message, code) == ("Date of birth must be today or in the past", "future")
    assert parts == ("day", "month", "year")
    assert birth_date().clean(["24", "11", "2026"]) == datetime.date(2026, 11, 24)


def test_bounds_may_be_dates_or_worked_out_when_the_form_is_sent():
    start = datetime.date(2026, 1, 1)
    field = SplitDateField(label="Date of the visit", earliest=lambda: start, latest=datetime.date(2026, 12, 31))
    assert field.clean(["1", "1", "2026"]) == start
    assert date_error(field, "31", "12", "2025")[:2] == (
        "Date of the visit must be on or after 1 January 2026",
        "too_early",
    )
    assert date_error(field, "1", "1", "2027")[:2] == (
        "Date of the visit must be on or before 31 December 2026",
        "too_late",
    )
    assert date_error(birth_date(), "31", "12", "1899")[1] == "too_early"


def test_what_was_typed_is_shown_again_after_an_error():
    class Form(forms.Form):
        born = birth_date()

    form = Form({"born_day": "31", "born_month": "Febuary", "born_year": "<98>"})
    assert not form.is_valid()
    html = str(form["born"])
    assert 'value="31"' in html
    assert 'value="Febuary"' in html
    assert 'value="&lt;98&gt;"' in html


def test_a_stored_date_fills_the_three_parts_and_counts_as_unchanged():
    class Form(forms.Form):
        born = birth_date(required=False)

    stored = {"born": datetime.date(1998, 3, 27)}
    html = str(Form(initial=stored)["born"])
    assert 'name="born_day" value="27"' in html
    assert 'name="born_year" value="1998"' in html
    same = {"born_day": "27", "born_month": "march", "born_year": "1998"}
    assert not Form(same, initial=stored).has_changed()
    assert Form(same | {"born_day": "28"}, initial=stored).has_changed()
    assert Form({}, initial=stored).has_changed()
    assert Form(same | {"born_day": "x"}, initial=stored).has_changed()
    assert not Form({}).has_changed()


def test_a_date_already_read_is_checked_like_a_typed_one(today):
    assert birth_date().clean(datetime.date(1998, 3, 27)) == datetime.date(1998, 3, 27)
    assert date_error(birth_date(future=False), *["1", "1", "2030"])[1] == "future"


def test_the_browser_offers_a_birthday_only_where_it_is_the_persons_own():
    class Form(forms.Form):
        theirs = birth_date()
        own = birth_date(autocomplete="bday")

    assert 'autocomplete="off"' in str(Form()["theirs"])
    assert "bday" not in str(Form()["theirs"])
    assert 'autocomplete="bday-month"' in str(Form()["own"])


def test_without_a_subject_messages_use_the_label_and_quote_it_when_it_is_a_question():
    field = SplitDateField(label="When were they found?")
    assert date_error(field, "", "1", "2020")[0] == "Your answer to “When were they found?” must include a day"
    named = SplitDateField(label="When were they found?", subject="The day they were found")
    assert date_error(named, "", "1", "2020")[0] == "The day they were found must include a day"


def outcome(field: forms.Field, typed) -> tuple[object, str]:
    """What a field makes of input nobody chose: its value, or None and its message."""
    try:
        return field.clean(typed), ""
    except forms.ValidationError as error:
        return None, error.messages[0]


@given(st.lists(st.text(max_size=12), min_size=3, max_size=3))
def test_whatever_is_typed_a_date_or_a_message_comes_back(typed):
    value, message = outcome(birth_date(required=False), typed)
    assert isinstance(value, datetime.date) or message.startswith("Date of birth ") or not "".join(typed).strip()


def text_error(field: PlainTextField, typed: str) -> tuple[str, str]:
    with pytest.raises(forms.ValidationError) as raised:
        field.clean(typed)
    [error] = raised.value.error_list
    return error.messages[0], error.code


def account(**options) -> PlainTextField:
    return PlainTextField(label="What was said", widget=forms.Textarea, **options)


@pytest.mark.parametrize(
    "typed",
    [
        "قال إنه لا يستطيع المغادرة",
        "\u202eright to left on purpose\u202c",
        "z\u0301a\u0323l\u0330g\u0335o\u0489",
        "e\u0301 is not é",
        "👩‍👩‍👧 and 🇬🇧",
        "Nguyễn Thị",
        "a\tb",
        "%s %(name)s {{ person }} {% now %}",
    ],
)
def test_text_is_kept_as_it_was_typed(typed):
    assert account().clean(typed) == typed


def test_line_ends_of_every_kind_become_one_before_they_are_counted():
    typed = "a\r\nb\rc\nd\x0be\x0cf\x85g\u2028h\u2029i"
    assert account(max_length=17).clean(typed) == "a\nb\nc\nd\ne\nf\ng\nh\ni"


def test_a_single_line_has_no_line_ends_however_it_was_sent():
    assert PlainTextField(label="Name").clean("  one\r\ntwo ") == "one two"


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x08", "\x1b", "\x7f", "\x80", "\x9f"])
def test_a_control_character_is_refused_with_the_name_of_the_answer_and_the_place(character):
    message, code = text_error(account(), f"ab{character}cd")
    assert code == "control_character"
    assert message.startswith("What was said has an invisible control character (character 3)")


def test_half_a_surrogate_pair_is_refused_because_it_cannot_be_stored():
    assert text_error(account(), "a\ud83d")[1] == "control_character"


def test_a_character_that_arrived_broken_is_not_stored_in_silence():
    message, code = text_error(account(), "caf\ufffd")
    assert code == "unreadable"
    assert "character 4" in message


def test_text_that_is_too_long_is_told_by_how_much_and_not_cut_off():
    field = account(max_length=5000)
    assert field.clean("x" * 5000) == "x" * 5000
    message, code = text_error(field, "x" * MEGABYTE)
    assert code == "max_length"
    assert message == "What was said must be 5,000 characters or fewer. You have 995,000 too many"


def test_a_megabyte_without_a_limit_is_kept():
    assert len(account().clean("x\r\n" * (MEGABYTE // 3))) == 2 * (MEGABYTE // 3) - 1


def test_no_control_carries_a_maxlength_that_would_cut_off_a_pasted_text():
    class Form(forms.Form):
        name = PlainTextField(max_length=5)
        said = account(max_length=5)

    html = str(Form()["name"]) + str(Form()["said"])
    assert "maxlength" not in html
    assert html.count('dir="auto"') == 2


def test_an_empty_text_is_asked_for_by_name_only_where_it_is_required():
    assert account(required=False).clean("  \r\n ") == ""
    assert account(required=False).clean(None) == ""
    with pytest.raises(forms.ValidationError) as raised:
        account().clean(" ")
    assert raised.value.messages == ["Enter what was said"]
    with pytest.raises(forms.ValidationError) as raised:
        PlainTextField(label="NHS number").clean("")
    assert raised.value.messages == ["Enter NHS number"]
    with pytest.raises(forms.ValidationError) as raised:
        PlainTextField(label="x", error_messages={"required": "Say what you saw"}).clean("")
    assert raised.value.messages == ["Say what you saw"]


def test_a_percent_sign_in_a_label_is_no_placeholder():
    assert text_error(PlainTextField(label="100 % (name)s", max_length=1), "ab")[0].startswith("100 % (name)s must be")


def test_other_validators_of_a_text_still_run():
    field = PlainTextField(label="Code", min_length=3)
    assert text_error(field, "ab")[1] == "min_length"


@given(st.text(max_size=60))
def test_whatever_is_typed_storable_text_or_a_message_comes_back(typed):
    cleaned, message = outcome(account(required=False, max_length=50), typed)
    if cleaned is None:
        assert message.startswith("What was said ")
        return
    cleaned.encode()
    assert all(unicodedata.category(c) not in {"Cc", "Cs"} for c in cleaned if c not in "\n\t")
    assert len(cleaned) <= 50
