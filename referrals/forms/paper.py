"""Where a sheet of paper comes from: for which organisation, who met the person, when it was filled in and came in.

A coordinator answers it once, before the ordinary pages. What is typed here is about staff, and sealed all the same: a
box for a name must not become a place where somebody else's lies in the open.
"""

import datetime
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django import forms
from django.utils import timezone

from partners.formfields import SplitDateField, in_words
from partners.formlayout import FormHelper, Question, page_helper
from partners.hours import LONDON
from partners.models import Organisation, User
from partners.roles import Permission
from referrals.forms.fields import EmailLine, line
from referrals.submission import FromPaper, Submission

#: Before this day no partnership existed, and the Modern Slavery Act was not in force: a slip of the pen.
EARLIEST = datetime.date(2015, 1, 1)
NOON = datetime.time(12)
CLOCK = ("%H:%M", "%H.%M", "%H", "%I:%M%p", "%I.%M%p", "%I%p")

#: The same questions as the sheet itself asks them, of the person who fills it in.
ON_THE_SHEET = {
    "organisation": "Your organisation",
    "met_by": "Your name",
    "email": "Your work e-mail address",
    "filled_on": "Filled in on",
    "received_on": "Received on",
    "received_at": "At what time",
}
#: Of these, what the coordinators write on it.
THEIRS = ("received_on", "received_at")


@dataclass(frozen=True)
class Sheet:
    """What a draft remembers of the paper it is typed in from.

    `organisation` and `account` are ids; `account` is the referrer's, None without one. Days and the moment it came in
    are ISO strings, as a sealed row keeps them.
    """

    organisation: int
    met_by: str
    filled_on: str
    received_on: str
    received_at: str = ""
    email: str = ""
    account: int | None = None

    def as_kept(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    @property
    def filled(self) -> datetime.date:
        """The day on which it was filled in."""
        return datetime.date.fromisoformat(self.filled_on)

    @property
    def received(self) -> datetime.date:
        """The day on which the partnership had it."""
        return datetime.date.fromisoformat(self.received_on)

    def with_name(self, submission: Submission) -> Submission:
        """Return `submission` with the name of who met the person among what is sealed: no account may say it."""
        return replace(submission, secret=submission.secret | {"paper": {"who_met_the_person": self.met_by}})

    @property
    def in_the_open(self) -> FromPaper:
        """What the workflow keeps in the open."""
        return FromPaper(filled_on=self.filled, account=self.account)

    def came_in(self, now: datetime.datetime) -> datetime.datetime:
        """Return when the partnership had the sheet, for a referral that is entered at the aware datetime `now`.

        Without a time of day it is noon, as with an earlier log; never later than `now`.
        """
        at = datetime.time.fromisoformat(self.received_at) if self.received_at else NOON
        return min(datetime.datetime.combine(self.received, at, LONDON), now)


class ClockField(forms.TimeField):
    """A time of day as people write it: 8:30, 08.30, 8pm."""

    def to_python(self, value: Any) -> datetime.time | None:
        """Read it without blanks, in small letters or capitals."""
        return super().to_python("".join(str(value or "").split()).upper())


class SheetForm(forms.Form):
    """The page before the first: about the sheet, not about the person."""

    organisation = forms.ChoiceField(
        label="Which organisation refers?",
        error_messages={"required": "Choose the organisation that refers", "invalid_choice": "Choose from the list"},
    )
    met_by = line("Who met the person?", help_text="The name of the professional, as it stands on the sheet.")
    email = EmailLine(
        label="Their work e-mail address",
        max_length=254,
        required=False,
        help_text="If they have an account here, they see the referral among theirs and hear what becomes of it. "
        "Leave it empty if the sheet gives none.",
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "email", "spellcheck": "false"}),
    )
    filled_on = SplitDateField(
        label="When was it filled in?",
        subject="The day it was filled in",
        help_text="For example, 27 3 2026.",
        earliest=EARLIEST,
        future=False,
        error_messages={"required": "Enter the day on which the sheet was filled in"},
    )
    received_on = SplitDateField(
        label="When did the coordinators receive it?",
        subject="The day it was received",
        help_text="The clocks count from then.",
        earliest=EARLIEST,
        future=False,
        error_messages={"required": "Enter the day on which the coordinators received the sheet"},
    )
    received_at = ClockField(
        label="At about what time?",
        required=False,
        input_formats=CLOCK,
        help_text="For example, 8:30. Without a time we take noon.",
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"invalid": "Enter a time like 8:30 or 17:15"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["met_by"].required = True
        self.fields["met_by"].error_messages["required"] = "Enter the name of the professional who met the person"
        self.fields["organisation"].choices = [("", "Choose an organisation"), *organisations_on_paper()]

    @property
    def helper(self) -> FormHelper:
        """How crispy draws the page. The form tag is the template's."""
        options: dict[str, dict[str, str]] = {
            "filled_on": {"size": "s"},
            "received_on": {"size": "s"},
            "received_at": {"width": "5"},
        }
        questions = [Question(name, **options.get(name, {})) for name in self.fields]
        helper = page_helper(*questions, submit="Continue")
        helper.form_tag = False
        return helper

    def clean(self) -> dict[str, Any]:
        """Compare what was typed: the days with each other, the account and the day with the organisation."""
        cleaned = super().clean()
        filled, received = cleaned.get("filled_on"), cleaned.get("received_on")
        if filled and received and received < filled:
            self.add_error("received_on", "The day it was received must not lie before the day it was filled in")
        if cleaned.get("organisation"):
            organisation = cleaned["organisation"] = Organisation.objects.get(pk=cleaned["organisation"])
            self._check_organisation(organisation, filled)
            cleaned["account"] = self._account(organisation, cleaned.get("email", ""))
        if received and (at := cleaned.get("received_at")):
            self._check_time(received, at)
        return cleaned

    def _check_organisation(self, organisation: Organisation, filled: datetime.date | None) -> None:
        if filled and not organisation.is_in_force(filled):
            on = in_words(filled)
            self.add_error(
                "organisation", f"{organisation} did not take part on {on}. Choose another, or check the day"
            )

    def _account(self, organisation: Organisation, email: str) -> User | None:
        if not email:
            return None
        user = User.objects.filter(email__iexact=email).first()
        if user is None or user.organisation != organisation or not user.may(Permission.WRITE_REFERRAL):
            self.add_error("email", f"Nobody at {organisation} has an account with this address. Leave it empty")
            return None
        return user

    def _check_time(self, received: datetime.date, at: datetime.time) -> None:
        if datetime.datetime.combine(received, at, LONDON) > timezone.now():
            self.add_error("received_at", "The time it was received must not lie ahead")

    def sheet(self) -> Sheet:
        """Return what a valid form says."""
        said = self.cleaned_data
        return Sheet(
            organisation=said["organisation"].pk,
            met_by=said["met_by"],
            filled_on=said["filled_on"].isoformat(),
            received_on=said["received_on"].isoformat(),
            received_at=f"{said['received_at']:%H:%M}" if said["received_at"] else "",
            email=said["email"],
            account=said["account"].pk if said["account"] else None,
        )


def problems_of(sheet: Sheet) -> list[str]:
    """Return what is wrong with `sheet` by now: the account may have ended since, or moved to another organisation."""
    form = SheetForm(_as_posted(sheet))
    return [str(error) for errors in form.errors.values() for error in errors]


def _as_posted(sheet: Sheet) -> dict[str, Any]:
    days = {"filled_on": sheet.filled, "received_on": sheet.received}
    parts = {
        f"{name}_{part}": str(getattr(day, part)) for name, day in days.items() for part in ("day", "month", "year")
    }
    return sheet.as_kept() | parts


def on_paper(facts: Mapping[str, Any]) -> str:
    """Return what the history of a referral says of the days of its sheet, "" for one that was sent on screen.

    `facts` are those of the event of its submit.
    """
    if "filled_on" not in facts:
        return ""
    entered = timezone.localtime(datetime.datetime.fromisoformat(facts["recorded_at"]))
    filled = in_words(datetime.date.fromisoformat(facts["filled_on"]))
    return f"Filled in on paper on {filled}. Typed in on {in_words(entered.date())} at {entered:%H:%M}"


def initial_of(sheet: Sheet) -> dict[str, Any]:
    """Return initial values that show `sheet` again: the opposite of `SheetForm.sheet`."""
    return asdict(sheet) | {"filled_on": sheet.filled, "received_on": sheet.received}


def organisations_on_paper() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the organisations that a sheet can come from, as grouped choices: those that have closed come last.

    A sheet may have lain in a drawer: whether the organisation took part on the day it was filled in is checked.
    """
    today = timezone.localdate()
    rows = Organisation.objects.filter(starts_on__lte=today)
    groups: dict[str, list[tuple[str, str]]] = {"Taking part": [], "No longer taking part": []}
    for row in rows:
        groups["Taking part" if row.is_in_force(today) else "No longer taking part"].append((str(row.pk), row.name))
    return [(title, choices) for title, choices in groups.items() if choices]
