"""Where it happened, where the person is, who did it and what kind of exploitation it was (facts, 2.7 and 2.8)."""

from referrals.codes import EXPLOITATION
from referrals.nrm_form.fields import Options, Step, choice, long, place, text, tick, when

WHERE: Options = (("uk", "In the UK"), ("overseas", "Overseas"), ("both", "Both"))
SLOTS = range(1, 11)  # towns and countries the form has room for
UK, OVERSEAS, TYPES = (
    "where-exploitation-happened-uk-city",
    "where-exploitation-happened-overseas-country",
    "types-of-exploitation",
)


def _slots(key: str, what: str) -> list:
    """The numbered boxes: the first must be filled in, the others stay off the sheet while they are empty."""
    return [place(f"{key}-{n}", f"{what} {n}", required=n == 1, spare=n > 1) for n in SLOTS]


STEPS = (
    Step(
        "/where-exploitation-happened",
        "Where it happened",
        (choice("where-exploitation-happened", "Where were they exploited?", WHERE),),
    ),
    Step(
        "/where-exploitation-happened-uk",
        "Where in the UK",
        (
            *_slots(UK, "Town"),
            long(
                "where-exploitation-happened-other-uk-other-location",
                "Address, village or landmark",
                required=False,
                hint="For a duty to notify give no address that leads to the person",
            ),
        ),
        when=when("where-exploitation-happened", "uk", "both"),
    ),
    Step(
        "/where-exploitation-happened-overseas",
        "Where overseas",
        (
            *_slots(OVERSEAS, "Country"),
            long("where-exploitation-happened-other-overseas-other-location", "Address or place", required=False),
        ),
        when=when("where-exploitation-happened", "overseas", "both"),
    ),
    Step(
        "/current-pv-location",
        "Where they are now",
        (
            place("current-pv-location-uk-city", "Town where they are staying"),
            place("current-pv-location-uk-region", "County or region where they are staying"),
        ),
    ),
    Step(
        "/who-exploited-pv",
        "The exploiters",
        (
            long(
                "who-exploited-pv",
                "What is known of the exploiters: names, nicknames, languages, marks",
                hint="Cover each situation, if there was more than one",
            ),
        ),
    ),
    Step(
        "/exploiters-location",
        "Where the exploiters are",
        (choice("exploiters-location", "Is anything known about where the exploiters are?"),),
    ),
    Step(
        "/are-exploiters-in-the-uk",
        "Exploiters in the UK",
        (choice("are-exploiters-in-the-uk", "Are they in the UK, as far as is known?"),),
        when=when("exploiters-location", "yes"),
    ),
    Step(
        "/exploiters-current-location-details",
        "What is known of that",
        (long("exploiters-current-location-details", "What is known about where they are"),),
        when=when("exploiters-location", "yes"),
    ),
    Step(
        "/types-of-exploitation",
        "Kinds of exploitation",
        (
            *(tick(f"{TYPES}-{code}", label, required=False) for code, label in EXPLOITATION),
            text("other-exploitation-details", "The other kind, in words", shown=when(f"{TYPES}-other", "yes")),
        ),
        at_least_one=tuple(f"{TYPES}-{code}" for code, _ in EXPLOITATION),
    ),
)
