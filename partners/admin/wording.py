"""The words of each message: which are in use, the partnership's own in place of the standard ones, a preview of what
leaves, and the way back."""

from contextlib import suppress
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode

from partners.admin.base import RoleTableAdmin
from partners.admin.previewing import PreviewForm, Previews
from partners.models import Channel, Kind, NotificationRule, Partnership, Wording
from partners.roles import Permission
from partners.sms_parts import parts_of
from partners.wording import has_own_text_message, sample_of, standard_words
from partners.wording_rules import IN_SUBJECT, PLACEHOLDERS, check_body

MOST_PARTS = 3
TO = "somebody@example.org"  # in a preview only


@dataclass(frozen=True)
class Line:
    """One message on the overview: what it tells, by which channel, its words now, and where they are changed."""

    kind: str
    channel: str
    words: str
    is_own: bool
    url: str


class WordingForm(PreviewForm):
    """Asks for the words of one message. What it is about is fixed by the way one came here."""

    def clean(self) -> dict:
        """Want a text message without a subject, in a few parts."""
        cleaned = super().clean()
        kind, channel = (cleaned.get(name) or getattr(self.instance, name) for name in ("kind", "channel"))
        body = cleaned.get("body")
        if channel == Channel.SMS and kind and body:
            cleaned["subject"] = ""
            with suppress(ValidationError):  # words that cannot be filled in are refused by the model, at the field
                check_body(body)
                self._check_parts(Wording(kind=kind, channel=channel, body=body))
        return cleaned

    def _check_parts(self, wording: Wording) -> None:
        parts = parts_of(sample_of(wording).body)
        if parts.count > MOST_PARTS:
            self.add_error(
                "body", f"Too long. With an address in it, this is {parts.in_words}. Send {MOST_PARTS} at most."
            )


@admin.register(Wording)
class WordingAdmin(Previews, RoleTableAdmin):
    """The partnership's own words for a message. Removing them brings the standard words back."""

    menu_group, menu_name = "Messages", "Wording"
    menu_text = "The words of every message, your own in place of the standard ones, with a preview of what leaves."
    view_permission = add_permission = change_permission = delete_permission = Permission.MANAGE_PARTNERS
    form = WordingForm
    change_form_template = "admin/partners/wording_form.html"
    delete_confirmation_template = "admin/partners/wording_back.html"
    preview_template = "admin/partners/wording_preview.html"
    save_words = "Use these words"
    fields = ["kind", "channel", "subject", "body"]

    def changelist_view(self, request, extra_context=None):
        """Show every message with the words it leaves with."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        context = self.admin_site.each_context(request) | {"title": self.plural, "lines": lines()}
        return TemplateResponse(request, "admin/partners/wordings.html", context)

    def get_readonly_fields(self, request, obj=None):
        """Return what the words are for: it does not change."""
        return ["kind", "channel"] if obj else []

    def get_changeform_initial_data(self, request):
        """Start from the standard words of the message that the overview named."""
        given = super().get_changeform_initial_data(request)
        kind, channel = given.get("kind"), given.get("channel")
        if kind in Kind.values and channel in Channel.values:
            words = standard_words(kind, channel)
            return {"kind": kind, "channel": channel, "subject": words.subject, "body": words.body}
        return given

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Return the form; a text message has no subject, and what the overview named is no question."""
        form = super().get_form(request, obj, change=change, **kwargs)
        fields = form.base_fields
        if not obj and _named(request):
            fields["kind"].widget = fields["channel"].widget = forms.HiddenInput()
        if (obj.channel if obj else request.GET.get("channel")) == Channel.SMS:
            fields["subject"].widget = forms.HiddenInput()
        fields["body"].widget.attrs |= {"rows": 16}
        return form

    def render_change_form(self, request, context, add=False, *args, **kwargs):
        """Show the form under the name of its message, with what may stand in double brackets."""
        about = kwargs.get("obj") or (Wording(**_named(request)) if _named(request) else None)
        more = {"title": "Words of a message", "subtitle": None, "about": about, "placeholders": PLACEHOLDERS.items()}
        return super().render_change_form(request, context | more | {"in_subject": IN_SUBJECT}, add, *args, **kwargs)

    def preview(self, row, form):
        """Return the message exactly as it would leave."""
        words = sample_of(row)
        parts = parts_of(words.body) if row.channel == Channel.SMS else None
        return {"words": words, "parts": parts, "sender": settings.DEFAULT_FROM_EMAIL, "to": TO}

    def delete_view(self, request, object_id, extra_context=None):
        """Ask before the standard words come back, and show them."""
        own = self.get_object(request, object_id)
        words = sample_of(_standard_as_own(own)) if own else None
        return super().delete_view(request, object_id, {"standard": words, **(extra_context or {})})


def lines() -> list[Line]:
    """Return a line for each message that leaves, by e-mail and, where a rule or words for it exist, as a text."""
    own = {(row.kind, row.channel): row for row in Wording.objects.all()}
    by_text = set(NotificationRule.objects.filter(channel=Channel.SMS).values_list("kind", flat=True))
    found, partnership = [], Partnership.current()
    for kind in Kind:
        texts = kind in by_text or (kind, Channel.SMS) in own or has_own_text_message(kind)
        channels = [Channel.EMAIL, Channel.SMS] if texts else [Channel.EMAIL]
        found += [_line(kind, channel, own.get((kind, channel)), partnership) for channel in channels]
    return found


def _line(kind: Kind, channel: Channel, row: Wording | None, partnership: Partnership) -> Line:
    words = sample_of(row or _standard_as_own(Wording(kind=kind, channel=channel)), partnership)
    url = reverse("admin:partners_wording_change", args=[row.pk]) if row else _address_to_add(kind, channel)
    return Line(kind.label, channel.label, words.subject or words.body, row is not None, url)


def _address_to_add(kind: Kind, channel: Channel) -> str:
    return f"{reverse('admin:partners_wording_add')}?{urlencode({'kind': kind, 'channel': channel})}"


def _standard_as_own(wording: Wording) -> Wording:
    words = standard_words(wording.kind, wording.channel)
    return Wording(kind=wording.kind, channel=wording.channel, subject=words.subject, body=words.body)


def _named(request: HttpRequest) -> dict[str, str]:
    """Return the message that the overview's link names; nothing when there is no such message."""
    kind, channel = request.GET.get("kind"), request.GET.get("channel")
    return {"kind": kind, "channel": channel} if kind in Kind.values and channel in Channel.values else {}
