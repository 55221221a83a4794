"""The pages about the person: for a duty to notify (facts, 2.12), then for an NRM referral (2.11)."""

from referrals.nrm_form.fields import (
    ADULT_NRM,
    EMAIL_POST,
    NOTIFY,
    NRM,
    Condition,
    Field,
    Kind,
    Options,
    Step,
    choice,
    listed,
    long,
    text,
    tick,
    when,
)

GENDERS: Options = (("female", "Female"), ("male", "Male"), ("other", "Neither of these"))
NUMBERS: Options = (("own", "Their own number"), ("alternative", "Another number that is safe"), ("none", "None"))
RECIPIENTS: Options = (("the-person", "The person"), ("someone-else", "Somebody else"))
SAFE = "Tick only when they confirmed that nobody who may harm them can read it"


def _nationality() -> tuple[Field, ...]:
    hint = "As the form lists it, or Unknown"
    return (
        listed("pv-nationality", "Nationality", hint=hint),
        listed("pv-nationality-second", "Second nationality", required=False, hint=hint),
    )


def _name() -> tuple[Field, ...]:
    return (
        text("pv-name-first-name", "First name"),
        text("pv-name-last-name", "Last name"),
        text("pv-name-nickname", "Nickname, or a name used while they were exploited", required=False),
    )


def _address(prefix: str, post: Condition) -> tuple[Field, ...]:
    return (
        text(f"{prefix}-street", "Building and street", shown=post),
        text(f"{prefix}-town", "Town", shown=post),
        text(f"{prefix}-county", "County", required=False, shown=post),
        text(f"{prefix}-postcode", "Postcode", shown=post),
    )


def _contact() -> tuple[Field, ...]:
    key = "pv-contact-details"
    email, post = when(key, "email"), when(key, "post")
    return (
        Field(key, "How the decision can be sent to them", Kind.CHOICES, EMAIL_POST),
        Field(f"{key}-email-input", "E-mail address that only they read", Kind.EMAIL, shown=email),
        tick(f"{key}-email-check", "It is safe to write to that address", shown=email, hint=SAFE),
        *_address(key, post),
        tick(f"{key}-post-check", "It is safe to write to that place", shown=post, hint=SAFE),
    )


def _somebody_else() -> tuple[Field, ...]:
    key = "someone-else"
    return (
        Field(key, "How the decision can be sent to somebody else", Kind.CHOICES, EMAIL_POST),
        text(f"{key}-first-name", "First name", required=False),
        text(f"{key}-last-name", "Last name", required=False),
        Field(f"{key}-email-input", "E-mail address", Kind.EMAIL, shown=when(key, "email")),
        *_address(key, when(key, "post")),
        tick(f"{key}-permission-check", "The person allowed this", hint="Tick only when they said so"),
    )


def _phone() -> tuple[Field, ...]:
    key = "pv-phone-number"
    own, other, none = when(key, "own"), when(key, "alternative"), when(key, "none")
    return (
        choice(key, "Which number can the support provider ring?", NUMBERS),
        Field(f"{key}-yes", "Their own number", Kind.PHONE, shown=own),
        Field(f"{key}-alternative", "The other number", Kind.PHONE, shown=other),
        text("alternative-number-relation-to-pv", "Whose number that is", limit=250, shown=other),
        long("no-contact-details", "Why there is no number", shown=none),
    )


def _yes_and(key: str, question: str, detail: Field) -> tuple[Field, ...]:
    return (choice(key, question), detail)


_COOPERATES = when("authorities-cooperation", "yes")

NOTIFY_STEPS = (
    Step(
        "/refuse-nrm",
        "Why they decline",
        (long("refuse-nrm", "Why they do not agree, in a few words", required=False),),
        NOTIFY,
    ),
    Step("/pv-gender-dtn", "Gender", (choice("pv-gender", "Gender", GENDERS),), NOTIFY),
    Step("/pv-nationality-dtn", "Nationality", _nationality(), NOTIFY),
    Step("/pv-name-dtn", "Name", _name(), NOTIFY, _COOPERATES, identifying=True),
    Step("/pv-contact-details-dtn", "Safe contact", _contact(), NOTIFY, _COOPERATES, identifying=True),
)

_LANGUAGE, _AID, _HO = "pv-interpreter-requirements", "pv-other-help-with-communication", "pv-ho-reference"
_CHILDREN = "does-pv-have-children"

NRM_STEPS = (
    Step(
        "/does-pv-need-support",
        "Support",
        (choice("does-pv-need-support", "Do they want the national support for adult victims (MSVCC)?"),),
        ADULT_NRM,
    ),
    Step("/pv-phone-number", "Phone", _phone(), ADULT_NRM, when("does-pv-need-support", "yes")),
    Step("/pv-name-referral", "Name", _name(), NRM),
    Step("/pv-dob", "Date of birth", (Field("pv-dob", "Date of birth", Kind.DATE, required=False),), NRM),
    Step("/pv-gender-referral", "Gender", (choice("pv-gender", "Gender", GENDERS),), NRM),
    Step(
        "/does-pv-have-children",
        "Children",
        _yes_and(
            _CHILDREN,
            "Do they have children?",
            Field(f"{_CHILDREN}-yes-amount", "How many", Kind.NUMBER, shown=when(_CHILDREN, "yes")),
        ),
        NRM,
    ),
    Step("/pv-nationality-referral", "Nationality", _nationality(), NRM),
    Step(
        "/pv-interpreter-requirements",
        "Interpreter",
        _yes_and(
            _LANGUAGE,
            "Do they need an interpreter?",
            text(f"{_LANGUAGE}-language", "Language", shown=when(_LANGUAGE, "yes")),
        ),
        NRM,
    ),
    Step(
        "/pv-other-help-with-communication",
        "Other help to communicate",
        _yes_and(
            _AID, "Do they need other help to communicate?", text(f"{_AID}-aid", "Which help", shown=when(_AID, "yes"))
        ),
        NRM,
    ),
    Step(
        "/pv-ho-reference",
        "Home Office references",
        _yes_and(
            _HO,
            "Do they have a Home Office reference?",
            text(f"{_HO}-type", "Its kind and number", shown=when(_HO, "yes")),
        ),
        NRM,
    ),
    Step(
        "/who-contact",
        "Who gets the decision",
        (choice("who-contact", "Who gets the decision?", RECIPIENTS),),
        ADULT_NRM,
    ),
    Step("/someone-else", "Somebody else", _somebody_else(), ADULT_NRM, when("who-contact", "someone-else")),
    Step("/pv-contact-details-referral", "Safe contact", _contact(), ADULT_NRM, when("who-contact", "the-person")),
)
