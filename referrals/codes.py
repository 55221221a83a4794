"""The coded answers: stable keys that are stored, and the words people see.

Pure. The indicator codes follow the facts, sections 3.1 and 3.9 (Home Office first responder toolkit, 2026); the ten
kinds of exploitation are the boxes of the Home Office form (facts, 2.8). The words are the project's own. No list
gives a score: indicators are prompts, and one alone proves nothing.
"""

from dataclasses import dataclass

NOT_KNOWN = "not_known"

YES_NO_NOT_KNOWN = [("yes", "Yes"), ("no", "No"), (NOT_KNOWN, "Not known")]

AGE_GROUPS = [("adult", "18 or over"), ("child", "Under 18"), ("unsure", "Not sure")]

SETTINGS = [
    ("home", "Private home"),
    ("farm", "Farm or food processing"),
    ("construction", "Building site"),
    ("car_wash", "Car wash"),
    ("nail_bar", "Nail bar or beauty salon"),
    ("restaurant", "Restaurant, takeaway or kitchen"),
    ("hotel", "Hotel or holiday let"),
    ("factory", "Factory or warehouse"),
    ("cleaning", "Cleaning or laundry"),
    ("care", "Care home or home care"),
    ("brothel", "Place where sex is sold"),
    ("cannabis", "Cannabis farm or drug house"),
    ("street", "Street or public transport"),
    ("health", "Hospital, clinic or GP"),
    ("school", "School or college"),
    ("hostel", "Hostel, shelter or temporary housing"),
    ("custody", "Police custody or prison"),
    ("online", "Online"),
    ("other", "Somewhere else"),
    (NOT_KNOWN, "Not known"),
]

EXPLOITATION = [
    ("forced-to-work", "Made to work for little or no pay"),
    ("wages-taken", "Wages or bank account taken by someone else"),
    ("forced-to-commit-fraud", "Made to commit fraud, such as benefit claims"),
    ("prostitution", "Made to sell sex"),
    ("child-exploitation", "Sexual exploitation of a child"),
    ("taken-somewhere", "Taken somewhere, held and sexually assaulted"),
    ("forced-to-commit-crime", "Made to commit crime: drugs, county lines, begging, theft"),
    ("organs-removed", "An organ removed, or planned to be"),
    ("unpaid-household-work", "Unpaid or badly paid work in a household"),
    ("other", "Something else, such as forced marriage"),
]
EXPLOITATION_CODES = [code for code, _ in EXPLOITATION]

#: The same in a word or two, for lists that professionals read all day.
EXPLOITATION_SHORT = {
    "forced-to-work": "Forced labour",
    "wages-taken": "Wages taken",
    "forced-to-commit-fraud": "Forced fraud",
    "prostitution": "Sexual exploitation",
    "child-exploitation": "Child sexual exploitation",
    "taken-somewhere": "Held and assaulted",
    "forced-to-commit-crime": "Criminal exploitation",
    "organs-removed": "Organ removal",
    "unpaid-household-work": "Domestic servitude",
    "other": "Other exploitation",
}

#: What the intake asks about. The other kinds follow later, or from the safe ways of contact.
INTAKE_CONSENTS = [
    ("nrm", "National Referral Mechanism (NRM)"),
    ("beacon", "Local support from the county's victim care centre"),
    ("msvcc", "National support for adult victims (MSVCC)"),
    ("police", "Working with the police"),
]
CONSENT_STATES = [
    ("not_asked", "Not asked yet"),
    ("given", "Yes, they agree"),
    ("refused", "No, they do not agree"),
    ("wants_time", "They want time to decide"),
    ("withdrawn", "They agreed, then changed their mind"),
]

INTERPRETERS = [
    ("none_needed", "No interpreter was needed"),
    ("professional", "A professional interpreter"),
    ("other_person", "Somebody else interpreted"),
    (NOT_KNOWN, "Not known"),
]

#: Languages that are stored in the open as such. Any other is kept as typed in the sealed part, and "Other" here: a
#: box for free text must not become a place where a name lies in the open.
_LANGUAGES = """
    Akan Albanian Amharic Arabic Armenian Bengali Bulgarian Burmese Cantonese Chinese Croatian Czech Danish Dari Dutch
    English Estonian Farsi Filipino Finnish French Georgian German Greek Gujarati Hausa Hebrew Hindi Hungarian Igbo
    Indonesian Italian Japanese Khmer Korean Kurdish Latvian Lingala Lithuanian Malay Malayalam Mandarin Mongolian
    Nepali Norwegian Oromo Pashto Persian Polish Portuguese Punjabi Romani Romanian Russian Serbian Shona Sinhala
    Slovak Slovenian Somali Spanish Swahili Swedish Sylheti Tagalog Tamil Telugu Thai Tibetan Tigrinya Turkish Twi
    Ukrainian Urdu Uzbek Vietnamese Welsh Wolof Yoruba Zulu
"""
LANGUAGES = frozenset(_LANGUAGES.split())
OTHER_LANGUAGE = "Other"

#: Who explained it to the person: what they are, not who (names of staff are in the records of the case).
EXPLAINERS = [
    ("me", "I did"),
    ("colleague", "A colleague in my organisation"),
    ("other_professional", "A professional of another organisation"),
    (NOT_KNOWN, "Not known"),
]

#: What people who are met together need at once (facts, 4.6).
NEEDS = [
    ("medical", "Medical help"),
    ("medicine", "Medicine they take"),
    ("food", "Food and drink"),
    ("clothes", "Clothes or a wash"),
    ("phone", "A phone call or charger"),
    ("apart", "To be kept apart from somebody here"),
    ("child", "Care for a child with them"),
]

CHANNELS = [
    ("phone", "Phone call"),
    ("text", "Text message"),
    ("email", "E-mail"),
    ("post", "Letter"),
    ("someone", "Through somebody they trust"),
]

CONSENT_KINDS = [
    *INTAKE_CONSENTS,
    ("decisions", "Who receives the decisions"),
    *((f"contact_{channel}", f"Contact: {label[0].lower()}{label[1:]}") for channel, label in CHANNELS),
]


@dataclass(frozen=True)
class Theme:
    """A group of indicators that is asked on one page."""

    slug: str
    title: str
    hint: str
    indicators: tuple[tuple[str, str], ...]


THEMES = (
    Theme(
        "control",
        "Control and freedom",
        "Somebody else decides what they do, say or where they go",
        (
            ("G01", "Believes they have to work against their will"),
            ("G02", "Cannot leave the place where they live or work"),
            ("G03", "Somebody controls where they go"),
            ("G04", "Feels unable to leave"),
            ("G05", "Lets other people speak for them"),
            ("G06", "Seems to act on somebody's instructions"),
            ("G07", "Cannot speak freely or alone"),
            ("G08", "Depends on one person for everything"),
        ),
    ),
    Theme(
        "fear",
        "Fear and harm",
        "They are afraid, hurt or punished",
        (
            ("G09", "Is frightened or very anxious"),
            ("G10", "They or people they love were threatened or hurt"),
            ("G11", "Has injuries that look like an assault"),
            ("G12", "Has injuries from the work they do"),
            ("G13", "Has injuries from being tied up or held"),
            ("G14", "Is punished to make them obey"),
        ),
    ),
    Theme(
        "papers",
        "Authorities and papers",
        "They avoid officials, or do not hold their own papers",
        (
            ("G15", "Does not trust the police or other authorities"),
            ("G16", "Was threatened with being reported"),
            ("G17", "Is afraid to talk about their immigration status"),
            ("G18", "Somebody else keeps their passport or papers"),
            ("G19", "Has false papers, or none"),
        ),
    ),
    Theme(
        "recruitment",
        "Recruitment and debt",
        "How they came to be there, and what they are told they owe",
        (
            ("G20", "Comes from a place people are known to be taken from"),
            ("G21", "Somebody paid for their travel and they must work it off"),
            ("G22", "Believes they owe money"),
            ("G23", "Came because of a promise that was false"),
        ),
    ),
    Theme(
        "work",
        "Work and pay",
        "Hours, pay and conditions",
        (
            ("G24", "Was forced or tricked into bad working conditions"),
            ("G25", "Cannot question their conditions"),
            ("G26", "Gets little or no pay"),
            ("G27", "Cannot get at their own earnings"),
            ("G28", "Works far too many hours"),
            ("G29", "Has no days off"),
        ),
    ),
    Theme(
        "living",
        "Living conditions",
        "Where they live, and who they are allowed to see",
        (
            ("G30", "Lives in poor or crowded housing"),
            ("G31", "Gets no medical care"),
            ("G32", "Sees few other people"),
            ("G33", "Has little contact with family or the outside"),
            ("G34", "Was found in a place linked to exploitation"),
            ("G35", "Does not know their own home or work address"),
            ("G36", "Knows very little of the local language"),
        ),
    ),
    Theme(
        "child",
        "A child or young person",
        "Signs that matter when somebody is, or may be, under 18",
        (
            ("CH01", "Cannot reach a parent or guardian"),
            ("CH02", "Looks frightened or intimidated"),
            ("CH03", "Behaves in a way that does not fit their age"),
            ("CH04", "Has no friends of their own age"),
            ("CH05", "Does not go to school"),
            ("CH06", "Has no time or place to play"),
            ("CH07", "Lives apart from other children, in poor housing"),
            ("CH08", "Eats apart from the family"),
            ("CH09", "Is given only leftovers"),
            ("CH10", "Does work that is not for children"),
            ("CH11", "Travels alone"),
            ("CH12", "Travels with people who are not family"),
            ("CH13", "Child-size work clothes or sexualised clothes were found"),
            ("CH14", "Toys, beds or children's clothes in a brothel or factory"),
            ("CH15", "An adult says they 'found' the child"),
            ("CH16", "Carries the phone numbers of taxi firms"),
            ("CH17", "May have been adopted illegally"),
            ("CH18", "No proof that a parent agreed to the journey"),
            ("CH19", "No proof that the adult with them knew them before"),
            ("CH20", "The housing arranged for them is not suitable"),
            ("CH21", "Was abused or in care before"),
            ("CH22", "Has had difficulties at school"),
            ("CH23", "Early sexual activity, pregnancy or drug use"),
            ("CH24", "Unrelated or new children at the same address"),
        ),
    ),
)

INDICATORS: dict[str, str] = {code: label for theme in THEMES for code, label in theme.indicators}
INDICATOR_CODES = list(INDICATORS)
CHILD_THEME = "child"


def label_of(code: str, options: list[tuple[str, str]]) -> str:
    """Return the words for `code` in `options`; the code itself when it is not among them."""
    return dict(options).get(code, code)


def language_in_the_open(typed: str) -> str:
    """Return the language that `typed` begins with if it is on the list, "Other" if not, and nothing for nothing."""
    words = typed.replace(",", " ").split()
    name = words[0].capitalize() if words else ""
    return name if name in LANGUAGES or not name else OTHER_LANGUAGE
