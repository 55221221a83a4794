"""The form of a text: the words of its next version, and what stays the same through all of them."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from awareness.content.addresses import text_at
from awareness.content.checking import LAST_POSITION, SHOWN_FAULTS, leads_nowhere, problems_of, tidy
from awareness.content.codes import (
    AUDIENCES,
    EXPLOITATION_CODES,
    FILE_KINDS,
    LONGEST_SUMMARY,
    LONGEST_TITLE,
    OWN_FIELDS,
    SECTIONS,
    SETTING_CODES,
    Kind,
)
from awareness.content.editing import Words
from awareness.content.markdown import render
from awareness.models import Content, ContentVersion
from partners.admin.base import DayAndTime
from partners.admin.previewing import PREVIEW, PreviewForm
from partners.plain_text import check_one_line

SAVE, PUBLISH, SCHEDULE, WITHDRAW, CALL_OFF = "_save", "_publish", "_schedule", "_withdraw", "_call_off"
WORDS = ("title", "summary", "body", *dict.fromkeys(name for names in OWN_FIELDS.values() for name in names))
#: No limit in the browser: what is too long comes back with a reason, and whole.
WITHOUT_LIMIT = {"maxlength": None}


class ContentForm(PreviewForm):
    """Asks for the next version of a text. `kind` is what the text is; `seen` the version that the person had before
    them."""

    kind: ClassVar[str] = Kind.PAGE

    title = forms.CharField(help_text=f"The heading of the page. At most {LONGEST_TITLE} characters.")
    summary = forms.CharField(
        widget=forms.Textarea({"rows": 2}),
        help_text=f"One or two sentences. Lists and the search show them. At most {LONGEST_SUMMARY} characters.",
    )
    body = forms.CharField(label="Text", required=False, strip=False, widget=forms.Textarea({"rows": 24}))
    section = forms.ChoiceField(label="Where it stands", choices=[("", "Choose"), *SECTIONS], required=False)
    position = forms.IntegerField(
        min_value=0, max_value=LAST_POSITION, initial=100, help_text="Order in menus and lists: small numbers first."
    )
    audience = forms.ChoiceField(label="Whom it is for", choices=AUDIENCES, initial="everybody")
    link = forms.CharField(label="Address of the resource", required=False, help_text="https://… or, on this site, /…")
    file_kind = forms.ChoiceField(label="What it is", choices=[("", "Choose"), *FILE_KINDS], required=False)
    note = forms.CharField(
        label="What you changed", required=False, max_length=200, help_text="For your colleagues, in the history.",
        validators=[check_one_line],
    )  # fmt: skip
    publish_at = forms.SplitDateTimeField(label="Show it from", required=False, widget=DayAndTime())
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=0)

    class Meta:
        model = Content
        fields = ["slug", "subject", "owner", "review_by"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.instance.kind = self.instance.kind or self.kind
        self.conflict: ContentVersion | None = None
        latest = self.instance.latest
        if latest:
            self.initial = {**vars(Words.of(latest)), "seen": latest.number, **self.initial}
        for name in set(WORDS) - {"title", "summary", "body", *self.instance.own_fields}:
            del self.fields[name]
        if self.instance.kind == Kind.SIGN:
            self.fields.pop("slug", None)
            if "subject" in self.fields:
                self.fields["subject"].required = True
        else:
            self.fields.pop("subject", None)

    def clean(self) -> dict[str, Any]:
        """Check the words, the links to our own pages, the moment, and that nobody saved meanwhile."""
        cleaned = super().clean()
        for name in ("title", "summary", "body", "link"):
            if isinstance(cleaned.get(name), str):
                cleaned[name] = tidy(cleaned[name])
        if self.instance.kind == Kind.SIGN and not self.instance.pk:
            self.instance.slug = cleaned.get("subject", "").replace("_", "-")
        self._check_address(cleaned)
        for name, sentences in problems_of(self.instance.kind, vars(self.words_of(cleaned))).items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, sentences[:SHOWN_FAULTS])
        if "body" not in self.errors:
            self._check_own_links(str(cleaned.get("body", "")), str(cleaned.get("link", "")))
        self._check_moment(cleaned)
        self._check_seen(cleaned)
        return cleaned

    def words_of(self, cleaned: dict[str, Any]) -> Words:
        """Return what the version would say."""
        return Words(
            **{"title": "", "summary": ""} | {name: cleaned[name] for name in WORDS if cleaned.get(name) is not None}
        )

    def version(self) -> ContentVersion:
        """Return the version that was typed, rendered and not saved."""
        version = ContentVersion(content=self.instance, number=0, **vars(self.words_of(self.cleaned_data)))
        version.make_html()
        version.shown_from = timezone.now()
        return version

    def _check_address(self, cleaned: dict[str, Any]) -> None:
        slug = cleaned.get("slug", self.instance.slug)
        others = Content.objects.filter(kind=self.instance.kind, slug=slug).exclude(pk=self.instance.pk)
        if "slug" in self.fields and slug and others.exists():
            self.add_error("slug", "Another text has this name in web addresses.")

    def _check_own_links(self, body: str, link: str) -> None:
        """Refuse links to pages of ours that do not exist; a text that is not public yet may be linked to."""
        found = [(f"Line {one.line}: ", one.url, "body") for one in render(body).links]
        for place, url, name in [*found, ("", link, "link")][: 10 * SHOWN_FAULTS]:
            text = text_at(url) if url.startswith("/") else None
            why = leads_nowhere(url)
            if text and not why and not Content.objects.filter(kind=text[0], slug=text[1]).exists():
                why = f"There is no text at “{url[:60]}”."
            if why and name in self.fields:
                self.add_error(name, f"{place}{why}")

    def _check_moment(self, cleaned: dict[str, Any]) -> None:
        if SCHEDULE not in self.data or "publish_at" in self.errors:
            return
        at = cleaned.get("publish_at")
        if not at:
            self.add_error("publish_at", "Say from which day and time on it is shown.")
        elif at <= timezone.now():
            self.add_error("publish_at", "This moment is past. Choose a later one, or publish now.")

    def _check_seen(self, cleaned: dict[str, Any]) -> None:
        """Refuse when somebody saved meanwhile, and show theirs; the row is held until this request is over."""
        if not self.instance.pk or PREVIEW in self.data:
            return
        row = Content.objects.select_for_update(of=["self"]).select_related("latest__by").get(pk=self.instance.pk)
        if row.latest and row.latest.number != cleaned.get("seen"):
            self.conflict = row.latest
            self.data = self.data.copy()
            self.data["seen"] = str(row.latest.number)
            raise ValidationError(
                "Somebody saved this text after you opened it. Nothing of yours is saved yet, and nothing of theirs is "
                "lost: it is shown below. Take over what you need, then save yours again."
            )


def subjects_left(own: str) -> list[tuple[str, Any]]:
    """Return the choices of what signs can be about: those without a text yet, and `own`."""
    taken = set(Content.objects.exclude(subject="").exclude(subject=own).values_list("subject", flat=True))
    groups = Content._meta.get_field("subject").choices
    left = [(name, [(code, label) for code, label in codes if code not in taken]) for name, codes in groups]
    assert {code for _, codes in left for code, _ in codes} <= SETTING_CODES | EXPLOITATION_CODES
    return [("", "Choose"), *((name, codes) for name, codes in left if codes)]
