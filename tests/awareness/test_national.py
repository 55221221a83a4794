"""The national tables: every value and total checked, kept as figures once, and what is wrong told with its place."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from awareness.models import Figure, Measure, Source
from awareness.national.load import NobodySaid, files_of, import_national
from awareness.national.reading import MOST_BYTES, TableInvalid, read_national
from partners.county.load import load_county
from partners.models import ConfigurationChange
from tests.awareness.national_tables import (
    CONCLUSIVE,
    FILES,
    NOTIFY,
    REAL,
    REASONABLE,
    REFERRALS,
    cells,
    set_cell,
    write_all,
)
from tests.county_folder import HERTFORDSHIRE

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path) -> Path:
    """Four small tables that a test may spoil."""
    return write_all(tmp_path / "national")


def problems_of(*paths: Path) -> list[str]:
    with pytest.raises(TableInvalid) as caught:
        import_national(paths)
    assert not Figure.objects.exists()
    assert not Measure.objects.exists()
    return [str(problem) for problem in caught.value.problems]


def values(measure: str) -> dict[str, int]:
    return {point.label: point.value for point in Measure.objects.get(slug=measure).series().points}


# --- What is kept ----------------------------------------------------------------------------------------------------


def test_each_cell_of_the_four_tables_becomes_a_figure(folder):
    assert import_national([folder]).added == 4 * 16 + 2 + 4 * 10 + 4 * 10
    assert values("nrm-referrals-child-overseas") == {
        "January to March 2022": 2, "April to June 2022": 3, "July to September 2022": 4, "October to December 2022": 5,
    }  # fmt: skip
    assert values("duty-to-notify") == {"July to September 2022": 7, "October to December 2022": 8}
    assert values("reasonable-grounds-adult-positive")["April to June 2022"] == 20
    assert values("conclusive-grounds")["January to March 2022"] == 33


def test_all_ages_are_added_up_because_the_table_does_not_give_them(folder):
    import_national([folder])
    assert values("nrm-referrals")["January to March 2022"] == 3 * (1 + 2 + 3 + 4)
    assert "added up" in Measure.objects.get(slug="nrm-referrals").caveat


def test_a_years_total_is_checked_and_not_kept_as_a_figure_of_its_own(folder):
    import_national([folder])
    assert {point.kind for point in Measure.objects.get(slug="conclusive-grounds").series().points} == {"quarter"}


def test_the_measures_are_a_tree_by_age_and_then_by_place_or_answer(folder):
    import_national([folder])
    parts = Measure.objects.filter(part_of__slug="nrm-referrals").values_list("slug", flat=True)
    assert list(parts) == ["nrm-referrals-adult", "nrm-referrals-child", "nrm-referrals-unknown-age"]
    of_adults = Measure.objects.filter(part_of__slug="nrm-referrals-adult").values_list("part_name", flat=True)
    assert set(of_adults) == {"In the UK", "Overseas", "In the UK and overseas", "Place not known"}
    assert all(measure.counted_by == "Home Office" for measure in Measure.objects.all())
    for measure in Measure.objects.all():
        measure.full_clean()


def test_the_licence_is_kept_with_the_source(folder):
    import_national([folder])
    assert "Open Government Licence v3.0" in Source.objects.get().licence


def test_importing_again_changes_nothing(folder):
    first = import_national([folder])
    again = import_national([folder / file for file in FILES])
    assert (again.added, again.changed, again.same) == (0, [], first.added)


def test_the_countys_folder_and_the_tables_share_their_source_in_either_order(folder):
    import_national([folder])
    load_county(HERTFORDSHIRE)
    assert import_national([folder]).changed == []
    assert load_county(HERTFORDSHIRE).changed == {}
    assert Source.objects.filter(slug="home-office-nrm-tables").count() == 1


def test_one_table_alone_can_be_brought(folder):
    assert import_national([folder / NOTIFY]).added == 2


# --- A figure that was revised ---------------------------------------------------------------------------------------


def test_a_revised_figure_needs_somebody_who_brings_it_and_keeps_what_was_before(cast, folder):
    import_national([folder])
    set_cell(folder / NOTIFY, 3, "Total", "9")
    set_cell(folder / NOTIFY, 2, "Total", "17")
    with pytest.raises(NobodySaid, match="1 figures that are here would change"):
        import_national([folder])
    assert values("duty-to-notify")["July to September 2022"] == 7
    result = import_national([folder], by=cast.coordinator)
    assert result.changed == ["Duty to notify reports, July to September 2022: 7 → 9"]
    change = ConfigurationChange.objects.get(kind="figure")
    assert (change.by, change.changes) == (cast.coordinator, [["Value", "7", "9"]])


# --- What is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "line", "column", "value", "said"),
    [
        (NOTIFY, 3, "Total", "7a", "notify.csv, line 3, Total: “7a” is not a whole number"),
        (NOTIFY, 3, "Total", "-7", "notify.csv, line 3, Total: “-7” is not a whole number"),
        (NOTIFY, 3, "Total", "7.5", "“7.5” is not a whole number; write it in figures, 0 for none"),
        (NOTIFY, 3, "Total", "", "“” is not a whole number"),
        (NOTIFY, 3, "Total", "٧", "is not a whole number"),
        (NOTIFY, 3, "Total", "9" * 200, "is not a whole number"),
        (NOTIFY, 3, "Quarter", "Q5", "line 3, Quarter: “Q5” is not known; use one of Q1, Q2, Q3, Q4, Total"),
        (NOTIFY, 3, "Quarter", "Q4", "line 4, Year and Quarter: is the same as in line 3"),
        (NOTIFY, 3, "Year", "last", "line 3, Year: “last” is not a year from 2009 on, such as 2023"),
        (NOTIFY, 3, "Year", "1999", "“1999” is not a year"),
        (NOTIFY, 2, "Total", "16", "line 2, Total: 16 stands here, but the quarters of 2022 add up to 15."),
        (REFERRALS, 2, "Age at exploitation", "Elderly", "line 2, Age at exploitation: “Elderly” is not known;"),
        (REFERRALS, 2, "Location of exploitation", "Moon", "“Moon” is not known; use one of UK, Overseas,"),
        (REFERRALS, 6, "NRM referrals", "11", "line 6, NRM referrals: 11 stands here, but its parts add up to 10."),
        (REASONABLE, 3, "Adult (18 or over) - Negative reasonable grounds", "x", "“x” is not a whole number"),
        (CONCLUSIVE, 3, "Total", "34", "line 3, Total: 34 stands here, but its parts add up to 33."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_place_and_nothing_is_loaded(folder, file, line, column, value, said):
    set_cell(folder / file, line, column, value)
    assert any(said in problem for problem in problems_of(folder))


def test_a_mistake_in_a_quarter_is_found_in_the_years_total_and_in_the_sum_of_the_ages(folder):
    set_cell(folder / REASONABLE, 4, "Child (17 or under) - Positive reasonable grounds", "21")
    problems = problems_of(folder)
    assert "line 2, Child (17 or under) - Positive reasonable grounds: 100 stands here" in problems[0]
    assert "line 4, Child (17 or under) - Total: 22 stands here, but its parts add up to 23." in problems[1]


def test_a_line_that_is_missing_is_named(folder):
    path = folder / REFERRALS
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert problems_of(path) == ["referrals.csv: 2022 Q4 has no line for Age not specified or unknown, Total"]


def test_a_missing_and_a_strange_column_are_named(folder):
    path = folder / NOTIFY
    path.write_text(path.read_text().replace("Total", "Sum", 1))
    assert problems_of(path)[0].startswith("notify.csv, line 1: this is none of the four national tables.")
    path = folder / REASONABLE
    path.write_text(path.read_text().replace("Year", "When", 1))
    assert problems_of(path) == [
        "reasonable.csv, line 1, Year: this column is missing",
        "reasonable.csv, line 1, When: there is no such column; the columns are "
        + ", ".join(sorted(["Year", *cells(path)[0][1:]])),
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"Year,Quarter,Total\n", "there is no line below the first"),
        (b"Year,Quarter,Total\n2022,Q3,\xa37\n", "the file is not UTF-8"),
        ("Year,Quarter,Total\n2022,Q3,7\n".encode("utf-16"), "this is none of the four national tables"),
        (b"\x00" * 400, "this is none of the four national tables"),
        (b"Year,Quarter,Total\n2022,Q3,7,8\n", "line 2: has 4 values where the first line names 3 columns"),
        (b'Year,Quarter,Total\n2022,Q3,"7\n', "not a table"),
        (b"Name,Story\nx,y\n", "They begin with: NRM referrals (Year, Quarter, Age at exploitation"),
        (b"Year,Quarter,Total\n" + b" " * MOST_BYTES, "is it the right file?"),
    ],
)
def test_a_file_that_is_none_of_them_is_refused_with_what_to_do(tmp_path, content, said):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    problem = problems_of(path)[0]
    assert problem.startswith("table.csv")
    assert said in problem


def test_all_problems_of_all_files_are_told_at_once(folder):
    set_cell(folder / NOTIFY, 3, "Total", "x")
    set_cell(folder / CONCLUSIVE, 3, "Total", "y")
    assert len(problems_of(folder)) == 2


def test_a_folder_without_tables_a_missing_file_and_a_table_twice_are_named(folder, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert problems_of(empty) == ["empty: there is no .csv file in this folder"]
    assert problems_of(tmp_path / "gone.csv") == ["gone.csv: the file cannot be opened: No such file or directory"]
    again = folder / "zz.csv"
    again.write_bytes((folder / NOTIFY).read_bytes())
    assert problems_of(folder) == ["zz.csv: this is the same table as notify.csv: give one of them"]


def test_a_spreadsheets_mark_and_thousands_are_accepted(folder):
    path = folder / NOTIFY
    path.write_bytes(b'\xef\xbb\xbfYear,Quarter,Total\r\n2022,Q3,"1,007"\r\n,,\r\n')
    import_national([path])
    assert values("duty-to-notify") == {"July to September 2022": 1007}


# --- The command -----------------------------------------------------------------------------------------------------


def run(*arguments) -> str:
    out = StringIO()
    call_command("import_national", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_did_and_what_is_wrong(cast, folder):
    assert run(folder) == "Added 146, changed 0, left 0 as they were.\n"
    assert run(folder) == "Added 0, changed 0, left 146 as they were.\n"
    set_cell(folder / NOTIFY, 3, "Total", "x")
    with pytest.raises(CommandError, match=r"Nothing was loaded\. To correct:\nnotify\.csv, line 3, Total"):
        run(folder)


def test_the_command_asks_who_brings_a_revised_figure(cast, folder):
    run(folder)
    set_cell(folder / NOTIFY, 3, "Total", "9")
    set_cell(folder / NOTIFY, 2, "Total", "17")
    with pytest.raises(CommandError, match="7 → 9\nSay who brings them: --by EMAIL"):
        run(folder)
    with pytest.raises(CommandError, match="Nobody with this address keeps the settings"):
        run(folder, "--by", cast.officer.email)
    assert "changed  Duty to notify reports" in run(folder, "--by", cast.coordinator.email)


# --- The real tables -------------------------------------------------------------------------------------------------


def test_the_real_tables_add_up_and_are_kept(folder):
    """Where they lie beside the checkout, the Home Office's own; else the small ones, so that nothing goes untested."""
    place = REAL if REAL.is_dir() else folder
    tables = [read_national(path) for path in files_of([place])]
    assert len({table.shape.name for table in tables}) == 4
    assert import_national([place]).added == sum(len(table.values) for table in tables)
    if place == REAL:
        yearly = dict.fromkeys((2015, 2017, 2022), 0)
        for point in Measure.objects.get(slug="nrm-referrals").series().points:
            if point.ends.year in yearly:
                yearly[point.ends.year] += point.value
        assert yearly == {2015: 3263, 2017: 5136, 2022: 16921}
        first = Measure.objects.get(slug="duty-to-notify").series().points[0]
        assert (first.label, first.value) == ("October to December 2015", 65)
        assert "1 November 2015" in first.caveat
