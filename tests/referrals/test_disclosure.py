"""What a table shows, what it hides, and what is refused. Whether it can be undone: test_disclosure_attacked.py."""

import itertools

import pytest

from referrals.disclosure.cells import ALL, Cells, Sum, one_way, together, two_way
from referrals.disclosure.known import Known
from referrals.disclosure.linking import at, over_time, with_others
from referrals.disclosure.protecting import Method, protect
from referrals.disclosure.puzzle import SolverFailed
from referrals.disclosure.revising import correction
from referrals.disclosure.rounding import CannotRound, rounded
from referrals.disclosure.rules import (
    CrossingRefused,
    Dimension,
    Rule,
    check_crossing,
    percentage,
)

NAMES = ("district", "age")


def table(lines: list[list[int]], structural: tuple = ()) -> Cells:
    rows, columns = [f"r{n}" for n in range(len(lines))], [f"c{n}" for n in range(len(lines[0]))]
    counts = {(row, column): lines[i][j] for i, row in enumerate(rows) for j, column in enumerate(columns)}
    return two_way(NAMES, rows, columns, counts, structural)


def cell(row: int, column: int):
    return ((NAMES[0], f"r{row}"), (NAMES[1], f"c{column}"))


def ages(**counts: int) -> Cells:
    return one_way("age", counts)


# --- What is hidden ----------------------------------------------------------------------------------------------


def test_one_small_count_takes_a_rectangle_with_it():
    protected = protect(table([[2, 30, 40], [30, 40, 50], [60, 70, 80]]))
    hidden = {key for key, count in protected.shown.items() if count is None}
    assert (len(protected.small), len(hidden)) == (1, 4)
    assert not any(key == ALL or (len(key) == 2 and isinstance(key[0], str)) for key in hidden), "a total was hidden"


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_one_to_four_are_hidden(count):
    protected = protect(one_way("age", {"child": count, "adult": 20, "unknown": 9}), method=Method.HIDING)
    assert protected.shown["age", "child"] is None
    assert [protected.shown["age", one] for one in ("adult", "unknown")].count(None) == 1, "the total would tell"


def test_five_is_shown():
    assert protect(one_way("age", {"child": 5, "adult": 20})).shown["age", "child"] == 5


def test_a_zero_is_shown_in_a_list_and_not_where_two_facts_are_crossed():
    assert protect(one_way("age", {"child": 0, "adult": 20})).shown["age", "child"] == 0
    assert protect(table([[0, 30], [20, 30]]), method=Method.HIDING).shown[cell(0, 0)] is None


def test_a_zero_that_cannot_be_otherwise_is_shown():
    structural = (("r0", "c0"),)
    protected = protect(table([[0, 30, 9], [20, 30, 9], [9, 9, 9]], structural))
    assert protected.shown[cell(0, 0)] == 0


def test_zeros_under_a_total_of_zero_say_nothing_new():
    protected = protect(table([[0, 0], [20, 30]]), method=Method.HIDING)
    assert protected.shown == table([[0, 0], [20, 30]]).counts


def test_a_small_total_is_hidden_as_well():
    protected = protect(ages(child=1, adult=2), method=Method.HIDING)
    assert list(protected.shown.values()) == [None, None, None]


def test_three_hidden_counts_say_that_the_total_is_three_at_least_unless_zeros_are_hidden_too():
    """Where zeros are shown, each "c" stands for one or more: three of them would give the lower end of a total."""
    protected = protect(ages(child=1, adult=1, unknown=1, older=0), method=Method.HIDING)
    assert protected.veiled >= {("age", "older")}
    assert set(protected.shown.values()) == {None}


def test_a_table_without_small_counts_is_shown_whole():
    cells = table([[5, 6], [7, 8]])
    protected = protect(cells)
    assert (protected.shown, protected.method) == (cells.counts, Method.HIDING)


def test_a_table_that_hiding_would_empty_is_rounded():
    protected = protect(table([[1, 2, 3], [2, 1, 9], [3, 2, 1]]))
    assert protected.method is Method.ROUNDING
    assert None not in protected.shown.values()


def test_what_is_hidden_says_c_and_never_which_kind_it_is():
    protected = protect(table([[2, 30, 40], [30, 40, 50], [60, 70, 80]]))
    said = {key: protected.says(key) for key in protected.shown}
    assert {said[key] for key in protected.small} == {said[key] for key in protected.beside} == {"c"}


def test_the_same_table_is_always_protected_in_the_same_way():
    """Two answers to one question would be compared."""
    cells = table([[2, 30, 4], [30, 0, 50], [60, 3, 80]])
    assert len({frozenset(protect(cells).shown.items()) for _ in range(5)}) == 1


# --- What is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("one", list(Dimension))
def test_every_list_is_allowed(one):
    check_crossing(one)


@pytest.mark.parametrize("other", [one for one in Dimension if one is not Dimension.NATIONALITY])
def test_nationality_is_never_crossed(other):
    with pytest.raises(CrossingRefused):
        check_crossing(Dimension.NATIONALITY, other)


@pytest.mark.parametrize(
    "pair", list(itertools.combinations([Dimension.DISTRICT, Dimension.SETTING, Dimension.ORGANISATION], 2))
)
def test_what_finds_a_house_is_not_crossed(pair):
    with pytest.raises(CrossingRefused):
        check_crossing(*pair)


@pytest.mark.parametrize(
    "asked",
    [
        (),
        (Dimension.MONTH, Dimension.MONTH),
        (Dimension.MONTH, Dimension.PATHWAY, Dimension.AGE_GROUP),
        tuple(Dimension),
    ],
)
def test_a_table_has_one_or_two_different_dimensions(asked):
    with pytest.raises(CrossingRefused):
        check_crossing(*asked)


@pytest.mark.parametrize(
    ("part", "base", "shown"),
    [
        (5, 10, 50),
        (1, 3, None),
        (5, 9, None),
        (None, 20, None),
        (5, None, None),
        (6, 18, 33),
        (0, 12, 0),
        (12, 12, 100),
        (3, 12, None),
        (9, 12, None),
        (13, 12, None),
    ],
)
def test_a_percentage_wants_a_base_and_two_parts_that_could_be_shown(part, base, shown):
    assert percentage(part, base) == shown


@pytest.mark.parametrize("numbers", [{"hide_below": 2}, {"base": 4}, {"percent_base": 4}, {"hide_below": 10}])
def test_a_rule_that_protects_nothing_is_refused(numbers):
    with pytest.raises(ValueError, match="threshold"):
        Rule(**numbers)


def test_what_does_not_add_up_is_refused():
    with pytest.raises(ValueError, match="sum"):
        Cells({"a": 1, "b": 2, ALL: 4}, (Sum(ALL, ("a", "b")),))
    with pytest.raises(ValueError, match="count"):
        Cells({"a": -1})
    with pytest.raises(ValueError, match="in one table and"):
        together(one_way("age", {"child": 5}), one_way("age", {"child": 6}))


def test_tables_that_cannot_be_rounded_together_say_so():
    """Each count next to a multiple has one way to go; three sums can want what no choice gives."""
    pairs = [("a", "b", "x"), ("b", "c", "y"), ("a", "c", "z")]
    counts = {"a": 1, "b": 1, "c": 1, "x": 2, "y": 2, "z": 2, "all": 3, "xyz": 6}
    sums = [Sum(total, (one, other)) for one, other, total in pairs]
    sums += [Sum("all", ("a", "b", "c")), Sum("xyz", ("x", "y", "z"))]
    cells = Cells(counts, tuple(sums))
    try:
        found = rounded(cells, 5)
    except CannotRound:
        return
    assert all(found[one.total] == sum(found[part] for part in one.parts) for one in sums)


# --- What is published in steps -----------------------------------------------------------------------------------


def test_a_quarter_does_not_give_away_what_a_month_hid():
    """April 12, May "c", June 9: a quarter of 24 would say that it was three."""
    months = {"2026-04": 12, "2026-05": 3, "2026-06": 9}
    tables = [at(ages(child=count, adult=40), month) for month, count in months.items()]
    known = {}
    for month in tables:
        known |= protect(month, method=Method.HIDING).known
    quarter = at(ages(child=24, adult=120), "2026-q2")
    linked = together(*tables, quarter, sums=over_time(quarter, *tables))
    protected = protect(linked, published=known, method=Method.HIDING)
    assert protected.shown["2026-q2", ("age", "child")] is None
    assert protected.shown["2026-q2", ALL] == 144, "the totals of the months were shown: it is no secret"
    assert set(protected.shown) == set(quarter.counts), "what was published is not decided again"


def test_what_an_organisation_reads_of_itself_does_not_give_away_the_others():
    everybody = at(ages(child=12, adult=60), "2026-q2", "all")
    own = at(ages(child=10, adult=30), "2026-q2", "own")
    known = protect(everybody).known
    linked = with_others(everybody, own, ("2026-q2", "others"))
    protected = protect(linked, published=known, method=Method.HIDING)
    assert protected.shown["2026-q2", "own", ("age", "child")] is None, "twelve without ten are two"
    assert ("2026-q2", "others", ("age", "child")) not in protected.shown
    assert protected.small == frozenset(), "ten is no small count: it is hidden for the sake of the others"


def test_hiding_everything_new_is_always_an_answer(monkeypatch):
    """When the solver fails, nothing new is shown, and that is safe: it is what was known before."""

    def fails(*_):
        raise SolverFailed("time is up")

    monkeypatch.setattr("referrals.disclosure.puzzle.solve", fails)
    months = [at(ages(child=count, adult=40), f"m{count}") for count in (12, 3)]
    quarter = at(ages(child=15, adult=80), "q")
    known = {key: Known(count, count) for key, count in months[0].counts.items()}
    known |= {key: Known(1, None) for key in months[1].counts}
    linked = together(*months, quarter, sums=over_time(quarter, *months))
    protected = protect(linked, published=known)
    assert protected.method is Method.WITHHOLDING
    assert set(protected.shown.values()) == {None}


def test_a_zero_below_a_total_that_is_published_is_hidden_where_it_must_be():
    """A total of five and three "c" of one at least leaves each at most three: the zeros are hidden, and it is safe."""
    places = one_way("setting", {"home": 3, "farm": 1, "street": 1, "hotel": 0, "car wash": 0})
    protected = protect(places, published={ALL: Known(5, 5)}, method=Method.HIDING)
    assert set(protected.shown.values()) == {None}
    assert protected.veiled == protected.shown.keys()


def test_what_an_earlier_version_hid_stays_hidden_even_as_a_zero():
    hid = protect(ages(child=3, adult=20, unknown=9), method=Method.HIDING)
    keep = [key for key, count in hid.shown.items() if count is None]
    protected = protect(ages(child=0, adult=24, unknown=9), keep_hidden=keep)
    assert all(protected.shown[key] is None for key in keep)


def test_the_difference_of_two_versions_says_nothing_of_somebody_who_was_added():
    old = ages(child=8, adult=24, unknown=9)
    first = protect(old)
    new = ages(child=9, adult=24, unknown=19)
    change = correction(first.known, new.counts)
    second = protect(
        new,
        published=change.published,
        keep_hidden=change.keep_hidden,
        again=change.unchanged,
        method=Method.HIDING,
    )
    assert second.shown == {("age", "child"): None, ("age", "adult"): 24, ("age", "unknown"): None, ALL: 52}, (
        "one child more is hidden, ten unknown more are not small but hidden beside it, and the total tells neither"
    )


def test_what_was_rounded_is_rounded_again_in_a_new_version():
    first = protect(ages(child=3, adult=2, unknown=9), method=Method.ROUNDING)
    new = ages(child=3, adult=9, unknown=9)
    change = correction(first.known, new.counts)
    second = protect(
        new,
        published=change.published,
        keep_hidden=change.keep_hidden,
        again=change.unchanged,
        method=Method.ROUNDING,
    )
    assert set(second.shown) == set(new.counts)
    assert not change.keep_hidden


def test_what_was_published_and_is_not_true_is_refused():
    with pytest.raises(ValueError, match="published"):
        protect(ages(child=7, adult=9), published={ALL: Known(15, 15)})


def test_a_margin_that_is_printed_again_is_rounded_with_its_table():
    lists = together(one_way(NAMES[0], {"r0": 6, "r1": 12}), one_way(NAMES[1], {"c0": 9, "c1": 9}))
    known = protect(lists).known
    cells = table([[3, 3], [6, 6]])
    protected = protect(cells, published=known, again=known, method=Method.ROUNDING)
    assert set(protected.shown) == set(cells.counts)
    assert all(protected.shown[one.total] == sum(protected.shown[part] for part in one.parts) for one in cells.sums)
