"""The form's first pages: who reports, how old the person is, where they come from (facts, 2.2 to 2.4)."""

from referrals.nrm_form.fields import (
    ADULTS,
    CHILD_NRM,
    NOT_KNOWN_HINT,
    YES_NO_UNSURE,
    Field,
    Kind,
    Options,
    Step,
    choice,
    listed,
    long,
    text,
)

NATIONS: Options = (
    ("england", "England"),
    ("wales", "Wales"),
    ("scotland", "Scotland"),
    ("northern-ireland", "Northern Ireland"),
)
COUNCIL = "local-authority-contacted-about-child-local-authority"

STEPS = (
    Step(
        "/reference",
        "Your reference",
        (
            text(
                "reference", "Your own reference", locked=True, hint="Our case reference. Never a name: it is e-mailed"
            ),
        ),
    ),
    Step("/organisation", "Your organisation", (listed("user-organisation", "Your organisation"),)),
    Step("/fr-location", "Where you report from", (choice("fr-location", "Nation you report from", NATIONS),)),
    Step(
        "/pv-under-age",
        "Age",
        (
            choice(
                "pv-under-age",
                "Are they under 18?",
                YES_NO_UNSURE,
                locked=True,
                hint="Yes and not sure make it an NRM referral. To change it, change the age on the case",
            ),
        ),
    ),
    Step(
        "/local-authority-contacted-about-child",
        "Children’s services",
        (
            listed(f"{COUNCIL}-name", "Council that was told about the child"),
            Field(f"{COUNCIL}-phone", "Phone number of the council", Kind.PHONE),
            Field(f"{COUNCIL}-email", "E-mail address of the council", Kind.EMAIL),
            text(f"{COUNCIL}-first-name", "First name of the contact there", required=False),
            text(f"{COUNCIL}-last-name", "Last name of the contact there", required=False),
        ),
        branches=CHILD_NRM,
    ),
    Step(
        "/pv-under-age-at-time-of-exploitation",
        "Exploited as a child",
        (
            choice(
                "pv-under-age-at-time-of-exploitation",
                "Were they under 18 at any time while they were exploited?",
                YES_NO_UNSURE,
            ),
        ),
        branches=ADULTS,
    ),
    Step(
        "/what-is-their-background",
        "Background",
        (
            text("birthplace", "Country and town or village of birth", hint=NOT_KNOWN_HINT),
            long("family", "Parents, brothers and sisters", hint=NOT_KNOWN_HINT),
            long("education", "Schools, and from when to when", hint=NOT_KNOWN_HINT),
            long("employment-history", "Work before the exploitation", hint=NOT_KNOWN_HINT),
        ),
    ),
)
