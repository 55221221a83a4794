"""The last pages of an NRM referral: the first responder and the documents (facts, 2.11, N13 to N16)."""

from referrals.nrm_form.fields import NRM, Field, Kind, Step, long, text, tick, when

STEPS = (
    Step(
        "/fr-details",
        "First responder",
        (
            text("fr-details-first-name", "Your first name"),
            text("fr-details-last-name", "Your last name"),
            text("fr-details-role", "Your job title"),
            Field("fr-details-phone", "Your work phone number", Kind.PHONE),
        ),
        NRM,
    ),
    Step(
        "/fr-alternative-contact",
        "Your stand-in",
        (Field("fr-alternative-contact", "E-mail address of a manager, colleague or team", Kind.EMAIL),),
        NRM,
    ),
    Step(
        "/upload-evidence",
        "Documents",
        (
            tick(
                "upload-file",
                "You add documents there",
                required=False,
                hint="Up to 100, each smaller than 25 MB. This system keeps none: add them in the form itself",
            ),
        ),
        NRM,
    ),
    Step(
        "/what-evidence-you-will-submit",
        "About the documents",
        (long("what-evidence-you-will-submit", "What each document is, and its date"),),
        NRM,
        when("upload-file", "yes"),
    ),
)
