"""Every page of settings keeps its history in one place: who changed what, when, and how it was before."""

from typing import ClassVar

from django.db.models import Model

from partners.configuration import changes_of, picture_of, record_change

SHOWN_CHANGES = 100


class RecordsChanges:
    """Adds a row to the history whenever its form saves or removes something, in the same transaction."""

    records_changes: ClassVar[bool] = True
    parts: ClassVar[tuple[str, ...]] = ()  # related rows that are edited on the same form
    labels: ClassVar[dict[str, str]] = {}

    def picture(self, row: Model) -> dict[str, str]:
        """Return `row` in words, as the database has it now."""
        return picture_of(type(row)._default_manager.get(pk=row.pk), self.labels, self.parts)

    def save_model(self, request, obj, form, change):
        """Save, and keep how it was."""
        form.before = self.picture(obj) if change and self.records_changes else {}
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        """Save what belongs to it, and add the difference to the history."""
        super().save_related(request, form, formsets, change)
        if self.records_changes:
            record_change(by=request.user, row=form.instance, before=form.before, after=self.picture(form.instance))

    def delete_model(self, request, obj):
        """Remove it; the history keeps what it was."""
        if self.records_changes:
            record_change(by=request.user, row=obj, before=self.picture(obj), after={})
        super().delete_model(request, obj)

    def history_view(self, request, object_id, extra_context=None):
        """Show what was changed, with the values before and after."""
        row = self.get_object(request, object_id) if self.records_changes else None
        changes = changes_of(row)[:SHOWN_CHANGES] if row is not None else None
        return super().history_view(request, object_id, {"changes": changes, **(extra_context or {})})
