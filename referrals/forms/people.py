"""Pages about danger, and about who the person is."""

import datetime
from typing import Any

from django.utils import timezone

from referrals.codes import AGE_GROUPS, NOT_KNOWN, YES_NO_NOT_KNOWN
from referrals.forms.base import Answers, StepForm
from referrals.forms.fields import day, email, line, one_of, phone

ADULT_AGE = 18

GENDERS = [("female", "Female"), ("male", "Male"), ("other", "Another way"), (NOT_KNOWN, "Not known")]

TOLD_POLICE = [
    ("yes", "Yes, the police know"),
    ("no", "Not yet"),
    (NOT_KNOWN, "Not known"),
]


def is_adult(answers: Answers) -> bool:
    """Return whether the referrer said that the person is 18 or over."""
    return answers.get("age", {}).get("age_group") == "adult"


def is_minor(answers: Answers) -> bool:
    """Return whether the person is under 18 or may be: until it is known, they are treated as a child (facts, 1.5)."""
    return answers.get("age", {}).get("age_group") in ("child", "unsure")


def in_danger(answers: Answers) -> bool:
    """Return whether somebody is in immediate danger."""
    return answers.get("danger", {}).get("immediate_danger") == "yes"


class DangerForm(StepForm):
    """The first page: is anybody in danger now?"""

    immediate_danger = one_of(
        "Is anyone in immediate danger right now?",
        YES_NO_NOT_KNOWN,
        required="Say whether anyone is in immediate danger",
        help_text="For example, someone is being hurt, is locked in, or is about to be taken away.",
    )


class Ring999Form(StepForm):
    """The stop page: ring 999, then go on."""

    heading = "Stop. Ring 999 now"
    button = "Continue with the referral"
    intro = ("Come back to this page when it is safe. What you have answered so far is saved.",)
    rules = (
        "Keep yourself safe. Do not step between people.",
        "Do not tell anyone who may be harming them that you have rung.",
        "This form does not call the police. Sending it does not bring help to the door.",
    )
    paper_intro = (*rules, "Come back to this sheet when it is safe.")
    police_told = one_of("Do the police know?", TOLD_POLICE)
    police_reference = line(
        "Police incident number, if you have one",
        longest=60,
        help_text="The police give you this when you ring. You can leave it empty.",
    )
    reveals = {"police_reference": ("police_told", "yes")}


class AgeForm(StepForm):
    """Adult, child or not sure: it decides which questions follow."""

    heading = "How old are they?"
    age_group = one_of("Are they 18 or over?", AGE_GROUPS, required="Say whether they are 18 or over")
    rough_age = line(
        "About how old, if you can say",
        longest=40,
        help_text="For example, 16, or early twenties.",
    )
    options = {
        "age_group": {"hints": {"unsure": "We treat someone who may be under 18 as a child until we know."}},
        "rough_age": {"width": "20"},
    }


class PersonForm(StepForm):
    """Who they are, as far as it is known."""

    heading = "Who are they?"
    intro = ("Give what you know already and leave the rest empty. There is no need to ask them again.",)
    given_names = line("First names")
    family_name = line("Family name")
    known_as = line("Other names they use", help_text="A nickname, a short form, or a name other people call them.")
    date_of_birth = day("Date of birth", help_text="For example, 27 3 1998. Leave it empty if you do not know it.")
    gender = one_of("How do they describe their gender?", GENDERS)
    nationality = line("Nationality", help_text="If they have more than one, give them all.")
    options = {"date_of_birth": {"size": "s"}, "gender": {"size": "s"}, "nationality": {"width": "20"}}

    def clean(self) -> dict[str, Any]:
        """Refuse a date of birth that contradicts the age that was given: a child has other rights than an adult."""
        cleaned = super().clean()
        born = cleaned.get("date_of_birth")
        if born and (contradiction := contradicts_age(self.answers, born, timezone.localdate())):
            self.add_error("date_of_birth", contradiction)
        return cleaned


TOO_YOUNG = "This date of birth makes them under 18, but you said they are 18 or over. Change one of the two"
TOO_OLD = "This date of birth makes them 18 or over, but you said they are under 18. Change one of the two"


def contradicts_age(answers: Answers, born: datetime.date, today: datetime.date) -> str:
    """Return why the date of birth `born` cannot be true beside the age group that was chosen, or "".

    Where the age is in doubt, no date of birth is: somebody else may have given it.
    """
    of_age = eighteenth_birthday(born) <= today
    if is_adult(answers) and not of_age:
        return TOO_YOUNG
    return TOO_OLD if of_age and answers.get("age", {}).get("age_group") == "child" else ""


def eighteenth_birthday(born: datetime.date) -> datetime.date:
    """Return the 18th birthday of somebody born on `born`; born on 29 February, it is 1 March in a common year."""
    try:
        return born.replace(year=born.year + ADULT_AGE)
    except ValueError:
        return datetime.date(born.year + ADULT_AGE, 3, 1)


class ChildrenServicesForm(StepForm):
    """A child's way starts with children's services; the Home Office form asks whom you spoke to (facts, 1.5)."""

    heading = "Children’s services"
    paper_intro = (
        "For anyone who is, or may be, under 18, children’s services must be told first. If nobody has told them yet, "
        "ring them today.",
    )
    intro = (f"{paper_intro[0]} You can finish this form after that.",)
    contacted = one_of("Has anyone told children’s services about them?", YES_NO_NOT_KNOWN)
    council_name = line("Which council?")
    council_contact = line("Who did they speak to?", help_text="A name, a team or a job title.")
    council_phone = phone("Phone number of that person or team")
    council_email = email("E-mail address of that person or team")
    contacted_on = day("When was that?")
    reveals = dict.fromkeys(
        ["council_name", "council_contact", "council_phone", "council_email", "contacted_on"], ("contacted", "yes")
    )
    options = {"council_phone": {"width": "20"}, "contacted_on": {"size": "s"}}


class ExploitedAsChildForm(StepForm):
    """For adults only: were they a child when it happened? (facts, 1.5)"""

    exploited_as_child = one_of(
        "Were they under 18 at any time while they were exploited?",
        YES_NO_NOT_KNOWN,
        help_text="It changes how the Home Office looks at what happened then. Do not ask them if you do not know.",
    )
