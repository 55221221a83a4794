"""Nobody is found in a table: not by its small counts, not from its totals, not from the next publication.

The attacker (attacker.py) shares no code with the engine. With `--hypothesis-profile=thorough` ten times as many
tables are tried.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referrals.disclosure.cells import ALL, Cells, one_way, together, two_way
from referrals.disclosure.linking import at, over_time, with_others
from referrals.disclosure.protecting import Method, ProtectionFailed, protect
from referrals.disclosure.rounding import CannotRound
from referrals.disclosure.rules import STANDARD, STRICT
from tests.referrals.attacker import Reader, broken_promises

#: 100 where nothing else is asked for (tests/conftest.py).
EXAMPLES = settings.default.max_examples
AGES, SEXES, KINDS = ("child", "adult", "unknown"), ("f", "m"), ("labour", "criminal", "sexual", "other")
ORGANISATIONS = ("own", "police", "council")


def times(factor: float) -> settings:
    return settings(max_examples=round(factor * EXAMPLES), deadline=None, suppress_health_check=list(HealthCheck))


def counts(most: int = 12) -> st.SearchStrategy[int]:
    """Mostly small, as a county's are, with a large one now and then."""
    return st.one_of(st.integers(0, 4), st.integers(0, most), st.integers(50, 200))


@st.composite
def crossed(draw, most_rows: int = 4, most_columns: int = 4) -> Cells:
    rows = [f"r{n}" for n in range(draw(st.integers(2, most_rows)))]
    columns = [f"c{n}" for n in range(draw(st.integers(2, most_columns)))]
    nothing = draw(st.sets(st.tuples(st.sampled_from(rows), st.sampled_from(columns)), max_size=2))
    inner = {(row, column): 0 if (row, column) in nothing else draw(counts()) for row in rows for column in columns}
    return two_way(("district", "age"), rows, columns, inner, nothing)


#: Somebody who was referred: an age group, a sex, a kind of exploitation, by whom.
PEOPLE = st.tuples(*(st.sampled_from(one) for one in (AGES, SEXES, KINDS, ORGANISATIONS)))


def tables_of(people: list, *, names: tuple = ("age", "sex", "kind"), two_facts: bool = False) -> Cells:
    """The lists of a period with their total, and one table of two facts if asked for."""
    dimensions = {"age": AGES, "sex": SEXES, "kind": KINDS}
    lists = [
        one_way(name, {value: sum(one[place] == value for one in people) for value in values})
        for place, (name, values) in enumerate(dimensions.items())
        if name in names
    ]
    if two_facts:
        inner = {(age, sex): sum(one[:2] == (age, sex) for one in people) for age in AGES for sex in SEXES}
        lists.append(two_way(("age", "sex"), AGES, SEXES, inner))
    return together(*lists)


def published(steps: list[Cells], whole: Cells, methods: list[Method | None], rule=STANDARD) -> Reader:
    """Publish one after the other, and attack after each step."""
    known, reader = {}, Reader.of(whole)
    for step, method in zip(steps, methods, strict=True):
        try:
            printed = protect(step, rule, published=known, method=method)
        except CannotRound:
            printed = protect(step, rule, published=known, method=Method.HIDING)
        now = reader.reads(printed, derived=step.derived)
        assert not broken_promises(reader, now, printed)
        reader = now
        known |= {key: one for key, one in printed.known.items() if key not in step.derived}
    return reader


METHODS = st.sampled_from([None, Method.HIDING, Method.HIDING, Method.ROUNDING])


@times(1.5)
@given(crossed(), METHODS)
def test_no_count_of_a_table_can_be_worked_out(cells, method):
    published([cells], cells, [method])


@times(0.3)
@given(crossed(3, 3), METHODS)
def test_the_strict_option_protects_as_much_as_it_says(cells, method):
    published([cells], cells, [method], STRICT)


@times(1)
@given(st.lists(counts(3), min_size=2, max_size=4), st.sampled_from([None, Method.HIDING]))
def test_trying_every_list_of_whole_numbers_finds_nobody(values, method):
    cells = one_way("age", {str(place): min(value, 9) for place, value in enumerate(values)})
    printed = protect(cells, method=method)
    blank = Reader.of(cells)
    assert not broken_promises(blank, blank.reads(printed), printed, everything=14)


@times(0.3)
@given(st.lists(st.integers(0, 6), min_size=4, max_size=4), st.sampled_from([None, Method.HIDING]))
def test_trying_every_table_of_whole_numbers_finds_nobody(values, method):
    inner = dict(zip([(row, column) for row in "ab" for column in "xy"], values, strict=True))
    cells = two_way(("district", "age"), "ab", "xy", inner)
    printed = protect(cells, method=method)
    blank = Reader.of(cells)
    assert not broken_promises(blank, blank.reads(printed), printed, everything=11)


@times(0.12)
@given(st.lists(st.lists(PEOPLE, max_size=25), min_size=2, max_size=3), st.booleans(), st.data())
def test_a_quarter_after_its_months_gives_nobody_away(people, two_facts, data):
    months = [at(tables_of(some, two_facts=two_facts), f"m{number}") for number, some in enumerate(people)]
    quarter = at(tables_of([one for some in people for one in some], two_facts=two_facts), "q")
    whole = together(*months, quarter, sums=over_time(quarter, *months))
    methods = data.draw(st.lists(METHODS, min_size=len(months) + 1, max_size=len(months) + 1))
    published([*months, whole], whole, methods)


@times(0.1)
@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=4, max_size=4), st.data())
def test_months_quarters_and_their_year_give_nobody_away(values, data):
    months = [
        at(one_way("age", dict(zip(AGES, some, strict=True))), f"m{number}") for number, some in enumerate(values)
    ]
    quarters = [at(_added(months[place : place + 2]), f"q{place}") for place in (0, 2)]
    year = at(_added(quarters), "y")
    steps = [*months]
    for quarter, parts in zip(quarters, (months[:2], months[2:]), strict=True):
        steps.append(together(*parts, quarter, sums=over_time(quarter, *parts)))
    steps.append(together(*steps[-2:], year, sums=over_time(year, *quarters)))
    published(steps, steps[-1], data.draw(st.lists(METHODS, min_size=7, max_size=7)))


def _added(parts: list[Cells]) -> Cells:
    """The table of all of them together, without their places."""
    bare = [{key[-1]: count for key, count in part.counts.items()} for part in parts]
    return one_way("age", {age: sum(one["age", age] for one in bare) for age in AGES})


@times(0.06)
@given(st.lists(PEOPLE, max_size=30), st.lists(PEOPLE, max_size=30), st.data())
def test_an_organisations_own_table_beside_the_partnerships_gives_nobody_away(first, second, data):
    """Two months and their sum, each first for everybody and then for one organisation, which can take itself out."""
    everybody, own, left, steps = [], [], [], []
    for place, people in (("m0", first), ("m1", second), ("q", first + second)):
        ours = [one for one in people if one[3] == "own"]
        everybody.append(at(tables_of(people, names=("age", "kind")), place, "all"))
        own.append(at(tables_of(ours, names=("age", "kind")), place, "own"))
        left.append(with_others(everybody[-1], own[-1], (place, "others")))
        over = [over_time(some[-1], *some[:-1]) for some in (everybody, own)] if place == "q" else [(), ()]
        before = [*everybody[:-1], *own[:-1], *left[:-1]]
        steps.append(together(*before, everybody[-1], sums=over[0]))
        steps.append(together(*before, left[-1], sums=over[0] + over[1]))
    published(steps, steps[-1], data.draw(st.lists(METHODS, min_size=6, max_size=6)))


@times(0.6)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4), st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_a_new_version_shows_nothing_that_an_earlier_one_hid(old, new):
    first = protect(one_way("kind", dict(zip(KINDS, old, strict=True))), method=Method.HIDING)
    keep = frozenset(key for key, count in first.shown.items() if count is None)
    cells = one_way("kind", dict(zip(KINDS, new, strict=True)))
    second = protect(cells, keep_hidden=keep)
    assert all(second.shown[key] is None for key in keep)
    blank = Reader.of(cells)
    assert not broken_promises(blank, blank.reads(second, keep), second)


@times(0.3)
@given(crossed(3, 3))
def test_rounded_tables_add_up_and_are_multiples(cells):
    printed = protect(cells, method=Method.ROUNDING)
    assert all(count % STANDARD.base == 0 for count in printed.shown.values())
    assert all(abs(count - cells.counts[key]) < STANDARD.base for key, count in printed.shown.items())
    for one in cells.sums:
        assert printed.shown[one.total] == sum(printed.shown[part] for part in one.parts)


def test_a_table_that_protects_nothing_is_not_given_out(monkeypatch):
    """The last look is not a formality: with the cells beside it forgotten, the table is refused."""

    def forgetful(puzzle, may, ease):
        return set()

    monkeypatch.setattr("referrals.disclosure.pieces.hide", forgetful)
    with pytest.raises(ProtectionFailed):
        protect(one_way("age", {"child": 2, "adult": 30, "unknown": 9}))
    assert ALL in protect(one_way("age", {"child": 12, "adult": 30})).shown
