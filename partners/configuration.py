"""What staff changed in the settings: who, when, and how it was before. Whoever saves a setting calls `record_change`.

Django's own admin history keeps a sentence ("Changed Amount"), never the values; it cannot say how long a clock was.
"""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from partners.models import ConfigurationAct, ConfigurationChange, User


def picture_of(row: models.Model, labels: Mapping[str, str], parts: Sequence[str] = ()) -> dict[str, str]:
    """Return the fields of `row` as they stand, in words by their labels; `parts` are the names of its related rows.

    `labels` are plainer words for fields, by field name. A person is an account's number: no name gets in here.
    """
    picture = {
        _label(field, labels): _words(_display(row, field)) for field in row._meta.concrete_fields if _is_set(field)
    }
    for field in row._meta.many_to_many:
        picture[_label(field, labels)] = _words([str(other) for other in getattr(row, field.name).all()])
    for part in parts:
        rows = getattr(row, part).all()
        own = rows.model._meta
        picture[str(own.verbose_name_plural).capitalize()] = "\n".join(_part(other, row) for other in rows)
    return picture


def record_change(
    *, by: User, row: models.Model, before: Mapping[str, str], after: Mapping[str, str]
) -> ConfigurationChange | None:
    """Add to the history what became different between two pictures of `row`, in the caller's transaction.

    An empty `before` says that the row was added, an empty `after` that it is removed. Nothing is added when nothing
    is different.
    """
    what = [*before, *(label for label in after if label not in before)]
    pairs = [[label, before.get(label, ""), after.get(label, "")] for label in what]
    changes = [pair for pair in pairs if pair[1] != pair[2]]
    if not changes:
        return None
    act = (
        ConfigurationAct.CHANGED if before and after else ConfigurationAct.ADDED if after else ConfigurationAct.REMOVED
    )
    named = {"kind": row._meta.model_name, "object_id": str(row.pk), "name": str(row)[:200]}
    return ConfigurationChange.objects.create(by=by, act=act, changes=changes, **named)


def changes_of(row: models.Model) -> models.QuerySet[ConfigurationChange]:
    """Return what was changed in `row`, the newest first, with who did it."""
    found = ConfigurationChange.objects.filter(kind=row._meta.model_name, object_id=str(row.pk))
    return found.select_related("by")


def kind_in_words(kind: str) -> str:
    """Return what a setting of this `kind` is called; the kind itself when no such thing exists any more."""
    name = next((str(model._meta.verbose_name) for model in apps.get_models() if model._meta.model_name == kind), kind)
    return name[:1].upper() + name[1:]


def _is_set(field: models.Field) -> bool:
    return field.editable and not field.primary_key


def _label(field: models.Field, labels: Mapping[str, str]) -> str:
    name = str(field.verbose_name)
    return labels.get(field.name) or name[:1].upper() + name[1:]


def _part(other: models.Model, row: models.Model) -> str:
    own = [field for field in other._meta.concrete_fields if _is_set(field)]
    values = [(field, _words(_display(other, field))) for field in own if field.related_model is not type(row)]
    values.sort(key=lambda value: not value[0].choices)  # what kind it is comes first, and says so itself
    return ", ".join(value if field.choices else f"{field.verbose_name} {value}" for field, value in values if value)


def _display(row: models.Model, field: models.Field) -> Any:
    if field.is_relation:
        return getattr(row, field.name)
    return getattr(row, f"get_{field.name}_display")() if field.choices else getattr(row, field.name)


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, datetime.datetime):
        return f"{timezone.localtime(value):%-d %B %Y, %H:%M}"
    if isinstance(value, datetime.date):
        return f"{value:%-d %B %Y}"
    return f"{value:%H:%M}" if isinstance(value, datetime.time) else str(value)
