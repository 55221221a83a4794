"""What protecting small numbers costs: a year as it is published, step by step, for everybody and 45 organisations."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.report import claim, table
from referrals.disclosure.cells import Cells, Key, one_way, together, two_way
from referrals.disclosure.known import Known
from referrals.disclosure.linking import OTHERS, at, over_time, with_others
from referrals.disclosure.protecting import Method, Protected, protect

#: The realistic load: some 60 concerns a quarter (facts, 5.5), of whom so many name the organisation.
A_MONTH, ORGANISATIONS, SEED = 20, 45, 2026
#: Each list with how often each of its values comes; the first two are crossed with the ages.
LISTS = {
    "exploitation": (9, 6, 4, 2, 1, 1, 3),
    "pathway": (10, 4, 4, 3, 2, 1),
    "age": (12, 6, 1),
    "district": (5, 4, 4, 3, 3, 2, 2, 2, 1, 1, 3),
    "setting": (5, 4, 3, 2, 2, 1, 1, 1),
    "outcome": (8, 5, 4, 2, 1),
}
OWN_LISTS = ("exploitation", "pathway", "age")
CROSSED = (("exploitation", "age"), ("pathway", "age"))
#: Processor seconds for a quarter and for a year, the partnership's and all organisations' tables together.
TARGETS = {"quarter": 2.0, "year": 5.0}

Person = dict[str, int]


@dataclass
class Place:
    """One reader's publications so far: the cells of each period, and what is known of them."""

    where: str
    of: dict[str, Cells] = field(default_factory=dict)
    known: dict[Key, Known] = field(default_factory=dict)


@dataclass
class Tally:
    """What a kind of period cost, and what it hid."""

    cells: int = 0
    small: int = 0
    beside: int = 0
    rounded: int = 0
    withheld: int = 0
    solves: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, one: Protected) -> None:
        """Count one table."""
        self.cells += len(one.shown)
        self.small += len(one.small)
        self.beside += len(one.beside)
        self.rounded += len(one.shown) if one.method is Method.ROUNDING else 0
        self.withheld += len(one.shown) if one.method is Method.WITHHOLDING else 0
        self.solves += one.solves


def run() -> None:
    """Print what a month, a quarter and the year cost, and hold the last two against their targets."""
    chance = random.Random(SEED)
    months = {f"m{number:02}": [_person(chance) for _ in range(A_MONTH)] for number in range(12)}
    parts = {f"q{number}": [f"m{3 * number + month:02}" for month in range(3)] for number in range(4)}
    parts["year"] = [*parts]
    people = dict(months)
    everybody, organisations = Place("all"), [Place(f"o{number}") for number in range(ORGANISATIONS)]
    tallies: dict[tuple[str, str], Tally] = {}
    for period in [*months, *(f"q{number}" for number in range(4)), "year"]:
        people[period] = people.get(period) or [one for part in parts[period] for one in people[part]]
        kind = {"m": "month", "q": "quarter", "y": "year"}[period[0]]
        started = time.process_time()
        tally = tallies.setdefault((kind, "everybody"), Tally())
        _partnership(everybody, period, people[period], parts, tally)
        tally.seconds.append(time.process_time() - started)
        started = time.process_time()
        tally = tallies.setdefault((kind, f"{ORGANISATIONS} organisations"), Tally())
        for number, place in enumerate(organisations):
            own = [one for one in people[period] if one["organisation"] == number]
            _organisation(place, everybody, period, own, parts, tally)
        tally.seconds.append(time.process_time() - started)
    _report(tallies)


def _person(chance: random.Random) -> Person:
    by_organisation = [20, 8, 6, *([1] * (ORGANISATIONS - 3))]
    choices = LISTS | {"organisation": tuple(by_organisation)}
    return {name: chance.choices(range(len(often)), often)[0] for name, often in choices.items()}


def _lists(people: list[Person], names: tuple[str, ...]) -> Cells:
    counted = {name: Counter(one[name] for one in people) for name in names}
    return together(*(one_way(name, {str(v): counted[name][v] for v in range(len(LISTS[name]))}) for name in names))


def _crossed(people: list[Person], names: tuple[str, str]) -> Cells:
    values = [[str(value) for value in range(len(LISTS[name]))] for name in names]
    counts = Counter((str(one[names[0]]), str(one[names[1]])) for one in people)
    return two_way(names, values[0], values[1], counts)


def _linked(of: dict[str, Cells], period: str, parts: dict[str, list[str]]) -> Cells:
    """The period with what it is made of, and what that is made of."""
    made_of = parts.get(period, [])
    below = [_linked(of, part, parts) for part in made_of]
    return together(of[period], *below, sums=over_time(of[period], *(of[part] for part in made_of)))


def _partnership(place: Place, period: str, people: list[Person], parts: dict[str, list[str]], tally: Tally) -> None:
    place.of[period] = at(_lists(people, tuple(LISTS)), period, place.where)
    printed = protect(_linked(place.of, period, parts), published=place.known)
    place.known |= printed.known
    tally.add(printed)
    for pair in () if period.startswith("m") else CROSSED:
        cells = at(_crossed(people, pair), period, place.where)
        place.of[f"{period} {pair}"] = cells
        quarters = [place.of[f"{part} {pair}"] for part in parts[period]] if period == "year" else []
        linked = together(cells, *quarters, sums=over_time(cells, *quarters))
        again = [key for key in cells.counts if key in place.known]
        printed = protect(linked, published=place.known, again=again)
        place.known |= printed.known
        tally.add(printed)


def _organisation(
    place: Place, everybody: Place, period: str, people: list[Person], parts: dict[str, list[str]], tally: Tally
) -> None:
    own = at(_lists(people, OWN_LISTS), period, place.where)
    place.of[period] = with_others(everybody.of[period], own, (period, OTHERS))
    linked = _linked(place.of, period, parts)
    printed = protect(linked, published=everybody.known | place.known)
    place.known |= {key: known for key, known in printed.known.items() if key[1] == place.where}
    tally.add(printed)


def _report(tallies: dict[tuple[str, str], Tally]) -> None:
    heads = ["period", "for", "times", "cells", "small", "hidden beside", "rounded", "withheld", "solver calls"]
    rows = [
        (*name, len(one.seconds), one.cells, one.small, one.beside, one.rounded, one.withheld, one.solves,
         f"{sum(one.seconds) / len(one.seconds):.2f}", f"{max(one.seconds):.2f}")
        for name, one in tallies.items()
    ]  # fmt: skip
    table("A year of publications", [*heads, "seconds each", "at most"], rows)
    for kind, target in TARGETS.items():
        each = [max(one.seconds) for (of, _), one in tallies.items() if of == kind]
        claim(f"processor seconds of a {kind}", f"{sum(each):.2f}", f"at most {target:g}", holds=sum(each) <= target)
