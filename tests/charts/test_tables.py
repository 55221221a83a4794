"""The table beside a chart and its CSV: the same text, and nothing that a spreadsheet program calculates."""

import csv
import io

from django.template.loader import render_to_string

from charts.tables import Grid, GridRow, as_csv, harmless

GRID = Grid(
    "Referrals by district",
    "District",
    ("Partnership", "Your organisation"),
    (GridRow("Northtown", ("14", "c")), GridRow("=1+1", ("0", "0"))),
    GridRow("All", ("14", "c")),
)


def test_the_file_holds_what_the_table_says():
    data = as_csv(GRID, [("Source", "Test Partnership"), ("Period", "April to June 2026")])
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[:3] == [["Source", "Test Partnership"], ["Period", "April to June 2026"], []]
    assert rows[3:] == [
        ["District", "Partnership", "Your organisation"],
        ["Northtown", "14", "c"],
        ["'=1+1", "0", "0"],
        ["All", "14", "c"],
    ]


def test_a_formula_is_text():
    assert harmless("=1+1") == "'=1+1"
    assert harmless(" @SUM") == "' @SUM"
    assert harmless("14") == "14"


def test_the_component_says_in_a_word_what_the_sign_means():
    page = render_to_string("components/figures_table.html", {"grid": GRID, "name": "district"})
    assert page.count("(hidden)") == 2
    assert '<th scope="row">Northtown</th><td>14</td>' in page
    assert "<tfoot>" in page
    assert "tabindex" not in page
