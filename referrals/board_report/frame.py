"""The frame of the report. Pure.

The four Ps are those of the county's strategy (facts, 4.8 and 5.4): Pursue, Prevent, Protect, Prepare. What a
coordinator says in each follows the county's own "4Ps report": progress, problems, priorities, points for action.
"""

from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_TEXT = 1_500  # characters: half a page
SUMMARY = "summary"


@dataclass(frozen=True)
class Prompt:
    """One thing a coordinator says of each P."""

    key: str
    title: str
    hint: str


PROMPTS = (
    Prompt("progress", "Progress", "What was done and what came of it since the last report."),
    Prompt("problems", "Problems", "What stood in the way."),
    Prompt("priorities", "Priorities", "What matters most in the next quarter."),
    Prompt("action", "Points for action", "Who should do what, by when. Name organisations, never a person in a case."),
)


@dataclass(frozen=True)
class P:
    """One of the four: its aim, which published tables it holds, which outside figures, and what else."""

    key: str
    title: str
    aim: str
    published: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def prompt_keys(self) -> tuple[str, ...]:
        """The keys of what is said of the whole P."""
        return tuple(f"{self.key}.{prompt.key}" for prompt in PROMPTS)

    def comment_key(self, block: str) -> str:
        """The key of what is said about one set of figures."""
        return f"{self.key}.on.{block}"


#: `outside` are measures of the county's folder (data/README.md) by their slugs; one that a county has not is left out.
THE_PS = (
    P(
        "pursue",
        "Pursue",
        "Find, disrupt and prosecute those who exploit people.",
        published=("police",),
        outside=("offences-recorded", "arrests-financial-year", "arrests-calendar-year", "police-nrm-referrals"),
    ),
    P(
        "prevent",
        "Prevent",
        "Keep people from being exploited, and from exploiting others, by making the signs known.",
        outside=("staff-trained", "partner-reports-to-police", "helpline-reports"),
        others=("campaigns",),
    ),
    P(
        "protect",
        "Protect",
        "Find potential victims, and help them safely and soon.",
        published=(
            "month",
            "exploitation",
            "age_group",
            "district",
            "pathway",
            "timings",
            "outcome",
            "decline_reason",
            "gap",
        ),
    ),
    P(
        "prepare",
        "Prepare",
        "Have the organisations, the agreements and the first responders in place before they are needed.",
        outside=("member-organisations",),
        others=("readiness",),
    ),
)

#: What is said of figures on the page where they are written about.
BLOCK_TITLES = {
    "police": "Asked of the police",
    "month": "Referrals by month",
    "exploitation": "Kinds of exploitation",
    "age_group": "Age groups",
    "district": "Districts and boroughs",
    "pathway": "What organisations were asked for",
    "timings": "How long it took",
    "outcome": "Outcomes",
    "decline_reason": "Why hand-overs were declined",
    "gap": "Gaps: nobody could take it",
    "campaigns": "Campaigns in the quarter",
    "readiness": "Organisations, first responders and agreements",
}


def the_p(key: str) -> P | None:
    """Return the P called `key`; None when there is none."""
    return next((one for one in THE_PS if one.key == key), None)


def keys_of(one: P) -> Iterator[str]:
    """Every key of a text in one P."""
    yield from one.prompt_keys()
    for block in (*one.published, *one.others, *one.outside):
        yield one.comment_key(block)


KNOWN_KEYS = frozenset({SUMMARY, *(key for one in THE_PS for key in keys_of(one))})
