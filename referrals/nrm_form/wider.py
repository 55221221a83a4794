"""Others at risk, the police, help for the authorities, and the consent that forks the form (facts, 2.9 and 2.10)."""

from referrals.nrm_form.fields import ADULTS, YES_NO_UNSURE, Step, choice, listed, long, text, when

OTHERS = "any-other-pvs"

STEPS = (
    Step(
        "/any-other-pvs",
        "Others at risk",
        (
            choice(OTHERS, "Are there other potential victims?", YES_NO_UNSURE, hint="Name none of them"),
            long(
                "other-potential-victims-yes-details",
                "What is known: operation, relatives reported at the same time",
                required=False,
                shown=when(OTHERS, "yes"),
                hint="Without names",
            ),
            long(
                "other-potential-victims-not-sure-details",
                "What makes you think there may be others",
                required=False,
                shown=when(OTHERS, "not-sure"),
                hint="Without names",
            ),
        ),
    ),
    Step(
        "/future-exploitation",
        "Danger of further exploitation",
        (choice("future-exploitation-concerns", "Is there reason to fear that they will be exploited again?"),),
    ),
    Step(
        "/concerns-future-exploitation",
        "Why you fear it",
        (long("future-exploitation-reasons", "What the fear rests on"),),
        when=when("future-exploitation-concerns", "yes"),
    ),
    Step(
        "/reported-to-police",
        "Police",
        (
            choice("reported-to-police", "Is there a police reference for a modern slavery crime against them?"),
            listed(
                "reported-to-police-police-forces",
                "Police force",
                shown=when("reported-to-police", "yes"),
            ),
            text(
                "reported-to-police-crime-reference",
                "Crime or incident number",
                shown=when("reported-to-police", "yes"),
            ),
        ),
    ),
    Step(
        "/authorities-cooperation",
        "Working with the authorities",
        (
            choice("authorities-cooperation", "Are they willing to help an investigation or proceedings?"),
            long(
                "authorities-cooperation-details",
                "How they help, or plan to",
                required=False,
                shown=when("authorities-cooperation", "yes"),
            ),
        ),
    ),
    Step(
        "/pv-want-to-submit-nrm",
        "Consent",
        (
            choice(
                "pv-want-to-submit-nrm",
                "It was explained to them; do they agree to an NRM referral?",
                locked=True,
                hint="This follows the consent that is recorded on the case",
            ),
        ),
        branches=ADULTS,  # for a child the form answers it by itself
    ),
)
