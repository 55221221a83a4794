"""The texts of the public pages: written, previewed, published now or later, checked again, withdrawn, brought back."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from awareness.admin.content_form import (
    CALL_OFF,
    PUBLISH,
    SCHEDULE,
    WITHDRAW,
    ContentForm,
    subjects_left,
)
from awareness.admin.content_history import history_of
from awareness.admin.content_words import EXAMPLES, differences, publication_of, state_in_words
from awareness.content.codes import KIND_LABELS, Kind
from awareness.content.editing import NotPossible, SomebodySaved, call_off, publish, restore, withdraw, write
from awareness.models import Content, ContentVersion, State
from partners.admin.base import RoleTableAdmin
from partners.admin.previewing import Previews
from partners.roles import Permission

DUE = "due"


class StateFilter(admin.SimpleListFilter):
    """Where a text is now."""

    title, parameter_name = "state", "state"

    def lookups(self, request, model_admin):
        """Return the states, and changes that wait."""
        return [*State.choices, ("waiting", "With changes that are not public")]

    def queryset(self, request, queryset):
        """Return the texts in the chosen state."""
        if self.value() == "waiting":
            return queryset.filter(state=State.PUBLISHED, unpublished=True)
        return queryset.filter(state=self.value()) if self.value() in State.values else queryset


class ReviewFilter(admin.SimpleListFilter):
    """Whether somebody has to look whether it still holds."""

    title, parameter_name = "check", "check"

    def lookups(self, request, model_admin):
        """Return the one choice."""
        return [(DUE, "Due to be checked")]

    def queryset(self, request, queryset):
        """Return the texts whose day has come."""
        return queryset.to_check(timezone.localdate()) if self.value() == DUE else queryset


@admin.register(Content)
class ContentAdmin(Previews, RoleTableAdmin):
    """Pages, signs, news and resources. None is deleted: what the public was told stays known."""

    menu_group, menu_name = "Public pages", "Texts"
    menu_text = "Pages, signs, news and resources: write, preview, publish now or later, check again, bring back."
    view_permission = add_permission = change_permission = Permission.MANAGE_PARTNERS
    when_empty = "No text has been written yet."
    form = ContentForm
    change_form_template = "admin/awareness/content/form.html"
    change_list_template = "admin/awareness/content/list.html"
    preview_template = "admin/awareness/content/article.html"
    save_words = "Save as a draft"
    list_display = ["title", "kind", "state", "review", "saved"]
    list_filter = ["kind", StateFilter, ReviewFilter]
    list_select_related = ["latest"]
    search_fields = ["slug", "latest__title", "latest__summary", "latest__plain"]
    search_help_text = "Words of the newest version"
    sortable_by = ()
    ordering = ["kind", F("latest__section").asc(nulls_last=True), "latest__position", "latest__title"]
    labels = {"slug": "Name in web addresses", "subject": "What the signs are about"}

    def get_urls(self):
        """Return the addresses, with those of a version."""
        one = "<path:object_id>/version/<int:number>/"
        return [
            path(one, self.admin_site.admin_view(self.version_view), name="awareness_content_version"),
            path(
                f"{one}restore/",
                self.admin_site.admin_view(require_POST(self.restore_view)),
                name="awareness_content_restore",
            ),
            *super().get_urls(),
        ]

    def get_queryset(self, request):
        """Return the texts with where they are now."""
        return super().get_queryset(request).select_related("latest").with_state(timezone.now())

    def changelist_view(self, request, extra_context=None):
        """Show the list, with one button for each kind of text."""
        add = reverse("admin:awareness_content_add")
        kinds = [(f"{add}?kind={kind}", label.lower()) for kind, label in KIND_LABELS.items()]
        return super().changelist_view(request, {"kinds": kinds, **(extra_context or {})})

    def get_form(self, request, obj=None, change=False, **kwargs):
        """Return the form for the kind of text that it is, or is to be."""
        kind = obj.kind if obj else _kind_asked_for(request)
        form = super().get_form(request, obj, change=change, **{**kwargs, "fields": None})
        form = type("KindForm", (form,), {"kind": kind})
        if kind == Kind.SIGN:
            form.base_fields["subject"].choices = subjects_left(obj.subject if obj else "")
        if obj and obj.editions.exclude(ends_at=F("starts_at")).exists():
            for name in ("slug", "subject"):
                form.base_fields[name].disabled = True
        return form

    def get_fieldsets(self, request, obj=None):
        """Return the words first, then where and for whom, then who looks after it, then when it is shown."""
        kind = Kind(obj.kind if obj else _kind_asked_for(request))
        fields = ContentForm(instance=Content(kind=kind)).fields
        names = [name for name in ("subject", "section", "link", "file_kind", "position", "audience") if name in fields]
        return [
            (None, {"fields": ["title", "summary", "body"]}),
            ("Where and for whom", {"fields": [*names, *(["slug"] if "slug" in fields else [])]}),
            ("Checked again", {"fields": ["review_by", "owner"]}),
            ("This version", {"fields": ["note", "publish_at", "seen"]}),
        ]

    def get_prepopulated_fields(self, request, obj=None):
        """Return nothing: the name in web addresses is a choice."""
        return {}

    def render_change_form(self, request, context, add=False, *args, **kwargs):
        """Show the form with what the public sees now, the help on Markdown, and what somebody else saved meanwhile."""
        form, row = context["adminform"].form, kwargs.get("obj")
        kind = KIND_LABELS[Kind(form.instance.kind)]
        more: dict[str, Any] = {
            "examples": EXAMPLES,
            "kind": kind,
            "title": f"{kind}: new" if add else kind,
            "subtitle": None,
        }
        if row:
            more["publication"] = publication_of(row, timezone.now())
        if form.conflict:
            typed = form.words_of(form.cleaned_data)
            more |= {
                "conflict": form.conflict,
                "conflicting": differences(form.conflict, ContentVersion(**vars(typed))),
            }
        return super().render_change_form(request, context | more, add, *args, **kwargs)

    def preview(self, row, form) -> dict[str, Any]:
        """Return the text as the public would read it."""
        return {"text": form.version() if form.is_bound else row.latest}

    def save_model(self, request, obj, form, change):
        """Save what stays the same, add a version where the words differ, then do what the button says."""
        super().save_model(request, obj, form, change)
        cleaned, by = form.cleaned_data, request.user
        words, seen = form.words_of(cleaned), cleaned.get("seen") or 0
        version = write(by=by, content=obj, seen=seen, words=words, note=cleaned.get("note", ""))
        act = {"by": by, "content": obj, "seen": version.number}
        form.done = "Saved as a draft. The public does not see it yet."
        try:
            if PUBLISH in form.data:
                publish(**act)
                form.done = "Published. The public sees it now."
            elif SCHEDULE in form.data:
                publish(**act, at=cleaned["publish_at"])
                form.done = f"Scheduled for {timezone.localtime(cleaned['publish_at']):%-d %B %Y, %H:%M}."
            elif WITHDRAW in form.data:
                withdraw(**act)
                form.done = "Withdrawn. The public does not see it any more; every version is kept."
            elif CALL_OFF in form.data:
                call_off(**act)
                form.done = "Called off. What the public sees stays as it is."
        except NotPossible as refusal:
            form.done = f"Saved. {refusal}"
        request.done = form.done

    def response_add(self, request, obj, post_url_continue=None):
        """Go on with the text that was written."""
        return self.response_change(request, obj)

    def response_change(self, request, obj):
        """Say what was done, and stay with the text."""
        messages.success(request, request.done)
        return HttpResponseRedirect(reverse("admin:awareness_content_change", args=[obj.pk]))

    def history_view(self, request, object_id, extra_context=None):
        """Show every version with what it changed, and when the public saw it."""
        row = self._own(request, object_id)
        context = self.admin_site.each_context(request) | history_of(row, request.GET.get("page", ""))
        return TemplateResponse(request, "admin/awareness/content/history.html", context)

    def version_view(self, request: HttpRequest, object_id: str, number: int):
        """Show one version as the public would read it, on the public page itself."""
        row = self._own(request, object_id)
        version = row.versions.select_related("content", "by").filter(number=number).first()
        if version is None:
            raise Http404
        shown = row.editions.shown_at(timezone.now()).filter(version=version).exists()
        context = {"text": version, "row": row, "is_public": shown}
        return TemplateResponse(request, "awareness/content/preview.html", context)

    def restore_view(self, request: HttpRequest, object_id: str, number: int):
        """Bring an old version back as the newest one, a draft."""
        row = self._own(request, object_id)
        try:
            seen = int(request.POST.get("seen", ""))
            version = restore(by=request.user, content=row, seen=seen, number=number)
        except ContentVersion.DoesNotExist:
            raise Http404 from None
        except (NotPossible, SomebodySaved, ValueError) as refusal:
            words = str(refusal) if isinstance(refusal, NotPossible | SomebodySaved) else "Try again from the history."
            messages.error(request, words)
            return HttpResponseRedirect(reverse("admin:awareness_content_history", args=[row.pk]))
        messages.success(
            request, f"Version {number} is back as version {version.number}, a draft. Publish it when it is right."
        )
        return HttpResponseRedirect(reverse("admin:awareness_content_change", args=[row.pk]))

    def _own(self, request: HttpRequest, object_id: str) -> Content:
        """Return the text; 404 for whoever may not see it, and for none."""
        row = self.get_object(request, object_id) if self.has_view_permission(request) else None
        if row is None:
            raise Http404
        return row

    @admin.display(description="title")
    def title(self, row) -> str:
        """What it is called in its newest version."""
        return row.latest.title if row.latest else row.slug

    @admin.display(description="state")
    def state(self, row) -> str:
        """Where it is, in words."""
        return state_in_words(row)

    @admin.display(description="check by")
    def review(self, row) -> str:
        """By when somebody checks it."""
        overdue = row.review_by <= timezone.localdate()
        return f"{row.review_by:%-d %B %Y}{' (due)' if overdue else ''}"

    @admin.display(description="last saved")
    def saved(self, row) -> str:
        """When its newest version was saved."""
        return f"{timezone.localtime(row.latest.at):%-d %B %Y, %H:%M}" if row.latest else ""


def _kind_asked_for(request: HttpRequest) -> str:
    kind = request.GET.get("kind", "")
    return kind if kind in list(Kind) else Kind.PAGE
