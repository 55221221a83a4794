"""Forms that are looked at before they are saved: the first button shows what others will see, the second saves it."""

from typing import Any

from django import forms
from django.db.models import Model

PREVIEW = "_preview"


class PreviewForm(forms.ModelForm):
    """A form whose "Preview" button checks everything and saves nothing."""

    previewed = False

    def is_valid(self) -> bool:
        """Return whether this may be saved now: what is only to be previewed may not."""
        valid = super().is_valid()
        self.previewed = valid and PREVIEW in self.data
        return valid and not self.previewed


class Previews:
    """An admin page with a preview. Subclasses give `preview_template` and say what is in it."""

    form = PreviewForm
    preview_template = ""
    save_words = "Save"

    def preview(self, row: Model, form: forms.ModelForm) -> dict[str, Any]:
        """Return what `preview_template` reads, for a row that may not be saved yet."""
        raise NotImplementedError

    def render_change_form(self, request, context, add=False, *args, **kwargs):
        """Show the form with the preview: of what was typed, or of what is saved."""
        form = context["adminform"].form
        shown = form.previewed if form.is_bound else not add
        more = {"can_preview": True, "previewed": form.previewed, "save_words": self.save_words}
        if shown and not context["errors"]:
            more |= {"preview_template": self.preview_template, "preview": self.preview(form.instance, form)}
        return super().render_change_form(request, context | more, add, *args, **kwargs)
