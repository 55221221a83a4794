"""What the first responder makes of it: indicators, conversations, credibility, other professionals (facts, 2.6)."""

from referrals.nrm_form.fields import Step, choice, long, when

STEPS = (
    Step(
        "/modern-slavery-indicators",
        "Indicators",
        (
            choice("modern-slavery-indicators", "Were there indicators of modern slavery?"),
            long(
                "modern-slavery-indicators-details",
                "Which indicators, and in what context",
                shown=when("modern-slavery-indicators", "yes"),
                hint="Say for each what you saw or were told. Cover each situation, if there was more than one",
            ),
        ),
    ),
    Step(
        "/where-how-interview-carried-out",
        "The conversations",
        (
            long(
                "where-how-interview-carried-out",
                "Where and how you talked with them, who was there, and how they were",
                hint="Breaks, interpreter, health and safety concerns, and their manner belong here too",
            ),
        ),
    ),
    Step(
        "/professional-insight",
        "Your professional view",
        (long("professional-insight", "Why you make this report, in your professional view"),),
    ),
    Step(
        "/evidence-of-dishonesty",
        "Doubts",
        (
            choice("evidence-of-dishonesty", "Is there evidence against what they say?"),
            long(
                "evidence-of-dishonesty-details",
                "The evidence, and whether fear or trauma explains it",
                shown=when("evidence-of-dishonesty", "yes"),
            ),
        ),
    ),
    Step(
        "/are-others-involved",
        "Other professionals",
        (
            choice("are-others-involved", "Are other professionals involved?"),
            long(
                "are-others-involved-details",
                "Who they are, what they did, references and contacts",
                shown=when("are-others-involved", "yes"),
            ),
        ),
    ),
)
