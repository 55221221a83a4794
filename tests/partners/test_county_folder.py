"""A county's folder is loaded whole or not at all, and what is wrong in it is named with its place."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from partners.county.load import load_county
from partners.models import Area, Organisation, Partnership
from tests.county_folder import append, copy_of_hertfordshire, problems_of, set_cell

TEAM = "hertfordshire-modern-slavery-partnership-team"


@pytest.fixture
def folder(tmp_path) -> Path:
    """A copy of the folder that a test may spoil."""
    return copy_of_hertfordshire(tmp_path)


# --- What is wrong is named, and nothing is loaded -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "key", "column", "value", "said"),
    [
        ("areas.csv", "watford", "kind", "town", "“town” is not known; use one of county, district"),
        ("areas.csv", "watford", "starts_on", "2017-02-30", "write a day such as 2026-11-23"),
        ("areas.csv", "watford", "ends_on", "2016-01-01", "The last day cannot be before the first."),
        ("areas.csv", "watford", "successor", "camelot", "there is no area “camelot”"),
        ("organisations.csv", "nspcc", "areas", "watford camelot", "there is no area “camelot”"),
        ("organisations.csv", "nspcc", "name", "", "must be filled in"),
        ("organisations.csv", "nspcc", "name", "Barnardo's", "Organisation with this Name already exists."),
        ("organisations.csv", "nspcc", "role_mailbox", "no address", "Enter a valid email address."),
        ("organisations.csv", "nspcc", "email_domains", "ok.example.org @bad", "“@bad” is not a domain"),
        ("organisations.csv", "nspcc", "urgent_phone", "1632960123", "a phone number starts with 0 or +"),
        ("organisations.csv", "nspcc", "coordinates", "perhaps", "write yes or no"),
        ("organisations.csv", "salvation-army", "role_mailbox", "", "needs a shared mailbox"),
        ("organisations.csv", "nspcc", "successor", "nspcc", "lead back to where they began"),
        ("standings.csv", "nspcc", "organisation", "nobody", "there is no organisation “nobody”"),
        ("standings.csv", "nspcc", "kind", "duty", "“duty” is not known"),
        ("agreements.csv", "nspcc", "review_on", "2020-01-01", "The review date must be after the signature."),
        ("support_lines.csv", "beacon", "hours", "Mon-Fri 8-20", "is not like “Mon-Fri 08:00-20:00”"),
        ("support_lines.csv", "beacon", "hours", "Fri-Mon 08:00-20:00", "runs backwards"),
        ("support_lines.csv", "beacon", "hours", "Mon 20:00-08:00", "closes before it opens"),
        ("support_lines.csv", "beacon", "hours", "Mon 08:00-24:00", "a time that does not exist"),
        ("support_lines.csv", "beacon", "hours", "Mon 08:00-12:00; Mon-Tue 11:00-13:00", "on Mon overlap"),
        ("clocks.csv", "rg_decision", "key", "tea_break", "“tea_break” is not known; use one of rg_decision,"),
        ("clocks.csv", "rg_decision", "amount", "0", "greater than or equal to 1"),
        ("clocks.csv", "rg_decision", "unit", "people", "This is not counted in that"),
        ("clocks.csv", "rg_decision", "starts_on", "2026-01-01", "another row holds"),
        ("organisations.csv", "nspcc", "opens_reception_centre", "perhaps", "write yes or no"),
        ("support_lines.csv", "beacon", "phone", "3000115555", "a phone number starts with 0 or +"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(db, folder, file, key, column, value, said):
    set_cell(folder, file, key, column, value)
    problem, *others = problems_of(folder)
    assert not others
    assert re.match(rf"{file}, line \d+", problem)
    assert said in problem
    assert not Area.objects.exists()


def test_every_problem_of_a_file_is_told_at_once(db, folder):
    set_cell(folder, "organisations.csv", "nspcc", "kind", "charities")
    set_cell(folder, "organisations.csv", "barnardos", "sector", "third")
    assert len(problems_of(folder)) == 2


def test_the_line_is_the_one_a_spreadsheet_shows(db, folder):
    set_cell(folder, "areas.csv", "hertfordshire", "kind", "shire")
    assert problems_of(folder)[0].startswith("areas.csv, line 2, kind: ")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "areas.csv").unlink(), "areas.csv: the file is missing"),
        (lambda f: (f / "areas.csv").write_text(""), "areas.csv, line 1, code: this column is missing"),
        (lambda f: (f / "areas.csv").write_bytes(b"code\xff"), "areas.csv: the file is not UTF-8"),
        (
            lambda f: (f / "areas.csv").write_text((f / "areas.csv").read_text().replace("remark", "remarks", 1)),
            "areas.csv, line 1, remarks: there is no such column",
        ),
        (
            lambda f: append(f / "areas.csv", "luton,Luton\n"),
            "areas.csv, line 13: has 2 values where the first line names 9 columns",
        ),
        (
            lambda f: append(f / "areas.csv", "watford,W,district,2017-05-01,,,,,\n"),
            "areas.csv, line 13, code: is the same as in line 11",
        ),
        (lambda f: (f / "areas.csv").write_text('code,"name'), "areas.csv, line 1: not a table"),
        (lambda f: (f / "partnership.toml").write_text("name = "), "partnership.toml: cannot be read"),
        (lambda f: (f / "partnership.toml").write_text('nmae = "x"'), "toml, nmae: there is no such setting"),
        (lambda f: (f / "partnership.toml").write_text("draft_days = 0"), "partnership.toml, draft_days: "),
        (lambda f: (f / "partnership.toml").write_text('brand_colour = "teal"'), "partnership.toml, brand_colour: "),
        (
            lambda f: set_cell(f, "organisations.csv", TEAM, "coordinates", "no"),
            "organisations.csv, coordinates: no organisation hosts the coordinators",
        ),
        (
            lambda f: set_cell(f, "organisations.csv", TEAM, "second_contact", ""),
            "second_contact: the coordinators need one",
        ),
        (
            lambda f: set_cell(f, "support_lines.csv", "emergency", "purpose", "police"),
            "support_lines.csv, purpose: no line is there for an emergency",
        ),
    ],
)
def test_a_folder_that_cannot_work_is_refused(db, folder, spoil, said):
    spoil(folder)
    assert any(said in problem for problem in problems_of(folder))
    assert not Organisation.objects.exists()
    assert not Partnership.objects.exists()


# --- The command -----------------------------------------------------------------------------------------------------


def test_the_command_says_what_it_did(db, folder):
    out = StringIO()
    call_command("load_county", folder, stdout=out)
    assert re.fullmatch(r"Added \d+, changed 0, left \d+ as they were\.\n", out.getvalue())


def test_a_dry_run_changes_nothing(db, folder):
    out = StringIO()
    call_command("load_county", folder, "--dry-run", stdout=out)
    assert out.getvalue().startswith("Would add ")
    assert not Organisation.objects.exists()


def test_the_command_lists_what_to_correct(db, folder):
    set_cell(folder, "areas.csv", "watford", "kind", "town")
    with pytest.raises(CommandError, match=r"Nothing was loaded\. To correct:\nareas\.csv, line \d+, kind: "):
        call_command("load_county", folder)


def test_the_command_needs_a_folder(tmp_path):
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("load_county", tmp_path / "nowhere")


def test_only_new_gives_a_new_row_its_successor(db, folder):
    load_county(folder, only_new=True)
    assert Organisation.objects.get(slug="gangmasters-and-labour-abuse-authority").successor is not None
