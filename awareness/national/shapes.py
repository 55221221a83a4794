"""What the four national tables look like, and which measure each of their cells is. Pure.

Each table is known by its first line. The measures are a tree: all, then by age, then by place of exploitation or by
the decision; what a measure's parts add up to is checked against it.
"""

from dataclasses import dataclass

YEAR, QUARTER, TOTAL = "Year", "Quarter", "Total"
AGE, PLACE, REFERRALS = "Age at exploitation", "Location of exploitation", "NRM referrals"
AGES = {
    "Adult (18 or over)": ("adult", "Adults"),
    "Child (17 or under)": ("child", "Children"),
    "Age not specified or unknown": ("unknown-age", "Age not known"),
}
PLACES = {
    "UK": ("uk", "In the UK"),
    "Overseas": ("overseas", "Overseas"),
    "UK and Overseas": ("both", "In the UK and overseas"),
    "Not specified or unknown": ("unknown-place", "Place not known"),
}


@dataclass(frozen=True)
class Counted:
    """A measure that a table brings. `part_of` and `part_name` are empty for a whole table."""

    slug: str
    name: str
    unit: str
    counts: str
    position: int
    part_of: str = ""
    part_name: str = ""
    caveat: str = ""


@dataclass(frozen=True)
class Shape:
    """A table: its columns, which measure a cell is, and the measures. `cells` goes from the texts that stand beside a
    value (age and place), or from the name of its column, to the slug of the measure."""

    name: str
    columns: tuple[str, ...]
    cells: dict[tuple[str, ...], str]
    measures: tuple[Counted, ...]

    @property
    def is_long(self) -> bool:
        """Whether each value has a line of its own."""
        return AGE in self.columns

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that say what a line is about."""
        return (YEAR, QUARTER, AGE, PLACE) if self.is_long else (YEAR, QUARTER)

    def parts_of(self, slug: str) -> list[str]:
        """Return the slugs of the measures that add up to this one."""
        return [measure.slug for measure in self.measures if measure.part_of == slug]


def _referrals() -> Shape:
    top = Counted(
        "nrm-referrals", "NRM referrals", "people", "People referred to the National Referral Mechanism, all ages", 200,
        caveat="The table gives each age for itself; all ages are added up from it. It counts people who were "
        "referred: fewer than those who were exploited.",
    )  # fmt: skip
    measures, cells = [top], {}
    for nth, (age, (key, words)) in enumerate(AGES.items(), 1):
        slug = f"{top.slug}-{key}"
        about = f"People referred to the National Referral Mechanism; {words.lower()} when they were exploited"
        measures.append(Counted(slug, f"NRM referrals: {words.lower()}", "people", about, 200 + nth, top.slug, words))
        cells[age, TOTAL] = slug
        for place, (place_key, place_words) in PLACES.items():
            part = f"{slug}-{place_key}"
            name = f"NRM referrals: {words.lower()}, {_inside(place_words)}"
            counts = f"{about}; place of exploitation: {_inside(place_words)}"
            measures.append(Counted(part, name, "people", counts, 210 + nth, slug, place_words))
            cells[age, place] = part
    return Shape("NRM referrals", (YEAR, QUARTER, AGE, PLACE, REFERRALS), cells, tuple(measures))


def _decisions(kind: str, position: int) -> Shape:
    slug = kind.replace(" ", "-")
    about = f"Decisions of a competent authority on {kind}"
    caveat = "Decisions are counted in the quarter in which they were made, often long after the referral."
    top = Counted(slug, f"{kind.capitalize()} decisions", "decisions", about, position, caveat=caveat)
    measures, cells = [top], {(TOTAL,): slug}
    for nth, (age, (key, words)) in enumerate(AGES.items(), 1):
        of_age = f"{slug}-{key}"
        name = f"{top.name}: {words.lower()}"
        measures.append(Counted(of_age, name, "decisions", f"{about}: {words.lower()}", position + nth, slug, words))
        cells[f"{age} - {TOTAL}",] = of_age
        for answer in ("Negative", "Positive"):
            part, counts = f"{of_age}-{answer.lower()}", f"{answer} decisions on {kind}: {words.lower()}"
            of_it = (position + 4 + nth, of_age, answer)
            measures.append(Counted(part, f"{name}, {answer.lower()}", "decisions", counts, *of_it))
            cells[f"{age} - {answer} {kind}",] = part
    columns = (YEAR, QUARTER, *(column for (column,) in cells))
    return Shape(top.name, columns, cells, tuple(measures))


def _inside(words: str) -> str:
    return words[0].lower() + words[1:]


_DUTY_TO_NOTIFY = Counted(
    "duty-to-notify", "Duty to notify reports", "reports",
    "Reports of adults who may be victims and did not agree to be referred (duty to notify)", 230,
    caveat="A report names nobody unless the adult agreed to that. One person can be reported more than once.",
)  # fmt: skip
SHAPES = (
    _referrals(),
    Shape("Duty to notify", (YEAR, QUARTER, TOTAL), {(TOTAL,): "duty-to-notify"}, (_DUTY_TO_NOTIFY,)),
    _decisions("reasonable grounds", 240),
    _decisions("conclusive grounds", 260),
)
#: Caveats of single figures: measure, year, quarter.
CAVEATS = {
    ("duty-to-notify", 2015, 4): "The duty began on 1 November 2015: this quarter has two months of it.",
}
