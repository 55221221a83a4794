"""Pages about reaching the person safely, where they are, what they need, and whom to ask about this referral."""

from typing import Any

from django import forms

from partners.formlayout import FormHelper, page_helper
from referrals.codes import CHANNELS, NOT_KNOWN, YES_NO_NOT_KNOWN
from referrals.forms.base import StepForm
from referrals.forms.fields import any_of, email, line, one_of, phone, text

NO_CONTACT = "none"

WHERE_NOW = [
    ("found_place", "Still in the place where I met them"),
    ("home", "At home"),
    ("family_or_friends", "With family or friends"),
    ("temporary", "In a hostel, shelter or other temporary housing"),
    ("health", "In hospital"),
    ("custody", "In police custody or prison"),
    ("street", "On the street"),
    ("other", "Somewhere else"),
    (NOT_KNOWN, "Not known"),
]

INTERPRETER_GENDERS = [
    ("any", "It does not matter to them"),
    ("woman", "They want a woman"),
    ("man", "They want a man"),
    (NOT_KNOWN, "Not known"),
]


class ContactForm(StepForm):
    """Safe ways to reach them, each with what is needed to use it safely (facts, 7.3)."""

    heading = "How can we reach them safely?"
    intro = ("If someone else may see or hear the message, that way is not safe.",)
    channels = any_of(
        "Which ways are safe?",
        [*CHANNELS, (NO_CONTACT, "None that I know of")],
        help_text="Choose all that are safe.",
    )
    phone_number = phone("Phone number")
    phone_voicemail = one_of("Is it safe to leave a voice message?", YES_NO_NOT_KNOWN)
    text_number = phone("Number for text messages")
    email_address = email("E-mail address")
    post_address = text("Address for letters", longest=500, rows=3, help_text="Never the place of the exploitation.")
    someone_name = line("Name of the person they trust")
    someone_relationship = line("Who is that to them?", help_text="For example, a sister, or a key worker.")
    someone_phone = phone("Phone number of that person")
    someone_email = email("E-mail address of that person")
    safe_times = line("When is it safe?", help_text="For example, weekdays after 6pm.")
    safe_words = line(
        "What should we say first?",
        longest=300,
        help_text="For example, a code word, or a harmless reason for the call.",
    )
    reveals = {
        "phone_number": ("channels", "phone"),
        "phone_voicemail": ("channels", "phone"),
        "text_number": ("channels", "text"),
        "email_address": ("channels", "email"),
        "post_address": ("channels", "post"),
        "someone_name": ("channels", "someone"),
        "someone_relationship": ("channels", "someone"),
        "someone_phone": ("channels", "someone"),
        "someone_email": ("channels", "someone"),
    }
    exclusive = {"channels": NO_CONTACT}
    place = frozenset({"post_address"})
    options = {
        "phone_number": {"width": "20"},
        "phone_voicemail": {"size": "s", "inline": True},
        "text_number": {"width": "20"},
        "someone_phone": {"width": "20"},
    }


class WhereNowForm(StepForm):
    """Where they are now, and tonight. All of it is sealed with the location."""

    heading = "Where are they now?"
    whereabouts = one_of("What kind of place are they in?", WHERE_NOW)
    address = text(
        "Address, or words that help to find them",
        longest=500,
        rows=3,
        help_text="Only people who need it to help will see it.",
    )
    postcode = line("Postcode, if you know it", longest=20)
    safe_tonight = one_of("Do they have somewhere safe to sleep tonight?", YES_NO_NOT_KNOWN)
    place = frozenset({"whereabouts", "address", "postcode", "safe_tonight"})
    options = {"postcode": {"width": "10"}, "safe_tonight": {"size": "s"}}


class CommunicationForm(StepForm):
    """Language, and anything else that helps them to understand and be understood."""

    heading = "What helps them to talk with us?"
    interpreter_needed = one_of("Do they need an interpreter?", YES_NO_NOT_KNOWN)
    language = line("Which language, and dialect if you know it?")
    interpreter_gender = one_of("Does it matter who interprets?", INTERPRETER_GENDERS)
    other_needs = text(
        "Anything else that helps",
        help_text="For example, sign language, large print, short meetings, or help with reading.",
    )
    reveals = {
        "language": ("interpreter_needed", "yes"),
        "interpreter_gender": ("interpreter_needed", "yes"),
    }
    options = {"interpreter_gender": {"size": "s"}}


class DependantsForm(StepForm):
    """Children and others who depend on them: each child at risk is a matter for children's services too."""

    has_dependants = one_of("Do they have children, or others who depend on them?", YES_NO_NOT_KNOWN)
    dependants_details = text(
        "Tell us about them",
        longest=2_000,
        help_text="How many, how old, where they are, and if you think that they are safe.",
    )
    reveals = {"dependants_details": ("has_dependants", "yes")}


class ReferrerForm(StepForm):
    """Whom the coordinators ring, and who stands in when that person is away (facts, 1.2)."""

    heading = "How can we reach you?"
    referrer_phone = phone("Your work phone number", autocomplete="work tel")
    referrer_job_title = line("Your job title", attrs={"autocomplete": "organization-title"})
    standin_name = line("Name of a colleague who can answer for you", help_text="For days when you are away.")
    standin_phone = phone("Their phone number")
    standin_email = email("Their e-mail address")
    options = {"referrer_phone": {"width": "20"}, "standin_phone": {"width": "20"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.by is not None:
            self.fields["referrer_phone"].initial = self.by.phone
            self.fields["referrer_job_title"].initial = self.by.job_title


class DeclarationForm(forms.Form):
    """The last page. It is not part of the draft: it is agreed to in the moment of sending."""

    button = "Send the referral"

    agreed = forms.BooleanField(
        label="To the best of my knowledge, what I have written is true",
        error_messages={"required": "Tick the box to say that what you have written is true"},
    )

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page."""
        helper = page_helper("agreed", submit=self.button)
        helper.form_tag = False
        return helper


class TypedInForm(DeclarationForm):
    """The same for a coordinator, who declares that the sheet of paper says so."""

    button = "Enter the referral"
    agreed = forms.BooleanField(
        label="I have typed in what the sheet says",
        error_messages={"required": "Tick the box to say that you have typed in what the sheet says"},
    )
