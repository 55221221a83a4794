"""What the gallery page shows: one form with every kind of question, and one of each component, all invented."""

import datetime
from types import SimpleNamespace

from django import forms
from django.core.paginator import Paginator
from django.template import Context, engines
from django.template.loader import get_template
from django.test import RequestFactory

from partners.formfields import PlainTextField, SplitDateField
from partners.formlayout import Question, Reveal, page_helper

AT = datetime.datetime(2026, 11, 23, 14, 5, tzinfo=datetime.UTC)


class GalleryForm(forms.Form):
    """Every kind of control the pack draws."""

    age = forms.ChoiceField(
        label="How old is the person?",
        help_text="If you are unsure, say so. They are then treated as a child until somebody knows.",
        choices=[("adult", "18 or over"), ("child", "Under 18"), ("unsure", "Not known")],
        widget=forms.RadioSelect,
    )
    years = PlainTextField(
        label="About how old?",
        max_length=2,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    birth_date = SplitDateField(
        label="Date of birth", help_text="For example, 27 3 1998. Leave it empty if you do not know.", future=False
    )
    channels = forms.MultipleChoiceField(
        label="How can the person be contacted safely?",
        help_text="Choose all that are safe.",
        choices=[("phone", "Phone call"), ("text", "Text message"), ("worker", "Through a worker"), ("none", "None")],
        widget=forms.CheckboxSelectMultiple,
    )
    phone = PlainTextField(
        label="Phone number",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    call_times = PlainTextField(label="When is it safe to ring?", max_length=200, required=False, widget=forms.Textarea)
    worker = PlainTextField(label="Name of the worker", subject="Worker's name", max_length=80, required=False)
    seen = forms.MultipleChoiceField(
        label="What have you seen?",
        choices=[
            ("Work", [("A1", "Works very long hours"), ("A2", "Is paid little or nothing")]),
            ("Movement", [("B1", "Somebody else holds their passport"), ("B2", "Is never seen alone")]),
        ],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    account = PlainTextField(
        label="What did the person say?", subject="What the person said", max_length=60, widget=forms.Textarea
    )
    notes = forms.CharField(label="Notes for yourself", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    district = forms.ChoiceField(
        label="District", choices=[("", "Choose a district"), ("n", "Northtown"), ("s", "Southtown")]
    )
    email = forms.EmailField(
        label="Your e-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"})
    )
    password = forms.CharField(label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}))
    hours = forms.IntegerField(label="Hours worked", widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    still_there = forms.ChoiceField(
        label="Is the person still there?",
        choices=[("yes", "Yes"), ("no", "No"), ("unknown", "Not known")],
        widget=forms.RadioSelect,
        required=False,
    )
    letter = forms.FileField(label="A letter or a photograph", required=False)
    declaration = forms.BooleanField(label="I have said what I know and kept out what I was told not to pass on")
    version = forms.IntegerField(widget=forms.HiddenInput, initial=3)

    helper = page_helper(
        Question(
            "age",
            Reveal(Question("years", width=2, suffix="years"), on="child"),
            divider="unsure",
            hints={"unsure": "A guess does harm; “not known” never does."},
        ),
        Question("birth_date", size="m"),
        Question(
            "channels",
            Reveal("phone", "call_times", on="phone"),
            Reveal("worker", on="worker"),
            hints={"text": "Only when nobody else reads their phone."},
            exclusive="none",
        ),
        Question("seen", small=True),
        "account",
        Question("notes", count=False),
        Question("district", width="one-half"),
        Question("email", width="two-thirds"),
        "password",
        Question("hours", width=3, suffix="hours a week"),
        Question("still_there", inline=True),
        "letter",
        "declaration",
        "version",
        submit="Save and continue",
        secondary={"later": "Save and come back later"},
        data_autosave_url="/autosave/",
    )


WRONG = {
    "channels": ["phone"],
    "phone": "0" * 33,
    "birth_date_day": "31",
    "birth_date_month": "13",
    "birth_date_year": "1998",
    "account": "Said “" + "very long " * 8 + "”",
    "seen": ["B1"],
    "email": "nobody",
    "hours": "many",
    "version": "3",
}


def line(name: str, phone: str, note: str = "", purpose: str = "other") -> SimpleNamespace:
    """A support line as the templates see it."""
    return SimpleNamespace(name=name, phone=phone, note=note, purpose=purpose)


LINES = [
    line("Police, not an emergency", "101", "Ask for the modern slavery team.", "police"),
    line("Modern slavery helpline", "01632 960 100", "Day and night, for everybody.", "helpline"),
    line("Beacon victim care", "01632 960 200", "Weekdays, 8am to 6pm.", "victim_care"),
]
PARTNERSHIP = SimpleNamespace(
    name="Northshire Anti-Slavery Partnership",
    service_name="Waymark",
    brand_colour="#1f4e5f",
    mailbox="partnership@example.org",
    draft_days=28,
)
PERSON = SimpleNamespace(
    is_authenticated=True,
    get_short_name="Robin Testperson",
    organisation="Northtown Council",
    email="robin@example.org",
)


def context(form: forms.Form | None = None) -> dict:
    """The context of the gallery page; without a form, one that nobody has filled in."""
    change = [{"label": "Change", "url": "/refer/1/"}]
    return {
        "form": form or GalleryForm(),
        "partnership": PARTNERSHIP,
        "user": PERSON,
        "support_lines": LINES,
        "nav_items": [
            {"label": "Make a referral", "url": "/refer/", "current": False},
            {"label": "My referrals", "url": "/referrals/", "current": True},
            {"label": "Our organisation", "url": "/organisation/", "current": False},
        ],
        "account_items": [{"label": "Your account", "url": "/account/"}],
        "footer_links": [
            {"label": label, "url": f"/{label.lower()}/"} for label in ("Accessibility", "Privacy", "Cookies")
        ],
        "crumbs": [{"label": "Home", "url": "/"}, {"label": "My referrals", "url": "/referrals/"}],
        "answers": [
            {
                "key": "Where they were found",
                "value": "A car wash",
                "actions": change,
            },
            {"key": "Seen", "value": ["Long hours", "No pay"], "actions": change},
            {
                "key": "Said",
                "value": "قال إنه لا يستطيع المغادرة",
                "actions": change,
            },
            {"key": "Date of birth", "value": "", "actions": change},
        ],
        "facts": [{"key": "Referred by", "value": "Northtown Council"}, {"key": "Priority", "value": "Standard"}],
        "events": [
            {"title": "Being triaged", "at": AT, "text": "A coordinator has read the referral."},
            {"title": "Received", "at": AT - datetime.timedelta(minutes=41)},
        ],
        "rows": [
            {
                "title": "WM-7K4Q-9TRX",
                "url": "/referrals/1/",
                "facts": ["Northtown", "Adult", "Forced to work"],
                "status": "Information wanted",
                "tone": "warn",
                "due": "Due today, 17:00",
            },
            {
                "title": "WM-3HJM-C6VP",
                "url": "/referrals/2/",
                "facts": ["Southtown", "Age not known"],
                "status": "Danger now",
                "tone": "stop",
                "due": "40 minutes late",
                "late": True,
                "urgent": True,
            },
            {
                "title": "WM-X8FD-2NWY",
                "url": "/referrals/3/",
                "facts": ["Northtown", "Child"],
                "status": "With partners",
                "tone": "info",
                "due": "Since 12 November",
            },
        ],
        "stats": [
            {"figure": 3, "label": "waiting for triage"},
            {"figure": 1, "label": "past its time"},
            {"figure": 12, "label": "with partners"},
        ],
        "cards": [
            {"title": "Spot the signs", "url": "/signs/", "text": "What to look for, setting by setting."},
            {"title": "Make a referral", "url": "/refer/", "text": "About ten minutes. You can stop and go on later."},
        ],
        "tasks": [
            {"title": "About the person", "url": "/a/", "hint": "Age, language, needs", "status": "Done"},
            {"title": "What was seen", "url": "/b/", "status": "Begun", "tone": "info"},
            {"title": "Check and send", "url": "", "status": "Cannot start yet", "tone": "quiet"},
        ],
        "page_obj": Paginator(range(180), 10).page(7),
    }


def page(form: forms.Form | None = None, template: str = "components/gallery.html", **more) -> str:
    """The whole gallery page, or `template` (a name, or a template's source) with the same context."""
    # A bare context with a request: the site's own processors would ask the database for the partnership.
    bare = Context(context(form) | {"csrf_token": "token"} | more)
    bare.request = RequestFactory().get("/referrals/?sort=due")
    found = engines["django"].from_string(template) if "{%" in template else get_template(template)
    return found.template.render(bare)
