"""Bring the database in line with a county's folder: all of it, or nothing when a single value is wrong.

What the files do not hold is left alone: a partner ends (a last day), it is never deleted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models, transaction
from django.forms.models import model_to_dict
from django.utils.module_loading import import_string

from partners.county.rows import (
    AgreementRow,
    AreaRow,
    AreaSuccessorRow,
    ClosedDayRow,
    LimitRow,
    OrganisationRow,
    OrganisationSuccessorRow,
    PartnershipRow,
    RowForm,
    StandingRow,
    SupportLineRow,
)
from partners.county.tables import CountyInvalid, Problem, Row, read_settings, read_table, repeated
from partners.models import Partnership

SETTINGS = "partnership.toml"
#: The two ways to write a day: the international one, and a British spreadsheet's.
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y")


class Table(NamedTuple):
    """A file and the forms that take it in, one after the other."""

    file: str
    forms: tuple[type[RowForm], ...]

    @property
    def columns(self) -> list[str]:
        """The columns the file must have."""
        return list(dict.fromkeys(name for form in self.forms for name in form.base_fields))

    def columns_of(self, kind: type[forms.Field]) -> set[str]:
        """The columns whose values are of this kind of form field."""
        return {name for form in self.forms for name, field in form.base_fields.items() if isinstance(field, kind)}


#: In this order: what comes later names what came before.
TABLES = (
    Table("areas.csv", (AreaRow, AreaSuccessorRow)),
    Table("organisations.csv", (OrganisationRow, OrganisationSuccessorRow)),
    Table("standings.csv", (StandingRow,)),
    Table("agreements.csv", (AgreementRow,)),
    Table("support_lines.csv", (SupportLineRow,)),
    Table("closed_days.csv", (ClosedDayRow,)),
    Table("clocks.csv", (LimitRow,)),
)


@dataclass
class Result:
    """What a load did: the new rows, and the changed ones with their changed columns."""

    rows: int = 0
    added: list[str] = field(default_factory=list)
    changed: dict[str, str] = field(default_factory=dict)

    @property
    def same(self) -> int:
        """How many rows were left as they were."""
        return self.rows - len(self.added) - len(self.changed)


@transaction.atomic
def load_county(folder: Path, *, only_new: bool = False, dry_run: bool = False) -> Result:
    """Load the county in `folder`; return what that did.

    With `only_new`, rows that exist stay as staff have edited them. With `dry_run`, everything is checked and nothing
    is kept. Raises CountyInvalid, with every problem of the first file that has one; nothing is changed then.
    """
    partnership = read_settings(folder / SETTINGS, PartnershipRow.base_fields)
    tables = [(table, _read(folder, table)) for table in all_tables()]
    result = Result(rows=1 + sum(len(rows) for _, rows in tables))
    _take_in_settings(partnership, result, only_new)
    for table, rows in tables:
        for form in table.forms:
            _take_in(form, rows, result, only_new)
    _refuse_a_county_that_cannot_work(tables)
    transaction.set_rollback(dry_run)
    return result


def all_tables() -> tuple[Table, ...]:
    """Return every table of a county's folder, in the order in which they are loaded.

    Those of the other apps come last: the setting COUNTY_TABLES names them, because this app imports no other.
    """
    return (*TABLES, *(table for path in settings.COUNTY_TABLES for table in import_string(path)))


def _read(folder: Path, table: Table) -> list[Row]:
    rows, days = read_table(folder / table.file, table.columns), table.columns_of(forms.DateField)
    for row in rows:
        row.values.update({name: _day(text) for name, text in row.values.items() if name in days})
    if problems := repeated(rows, table.forms[0].key):
        raise CountyInvalid(problems)
    # What has ended goes first: only one standing of a kind may be open at a time.
    return sorted(rows, key=lambda row: not row.values.get("ends_on"))


def _take_in_settings(values: dict[str, Any], result: Result, only_new: bool) -> None:
    row, current = Row(SETTINGS, 0, {}), Partnership.current()
    exists = not current._state.adding
    form = PartnershipRow(data=model_to_dict(current) | values, instance=current)
    if problems := _save(form, row, "partnership", exists, result, only_new):
        raise CountyInvalid(problems)


def _take_in(form_class: type[RowForm], rows: list[Row], result: Result, only_new: bool) -> None:
    existing = {_key_of(form_class, instance): instance for instance in _instances(form_class)}
    problems: list[Problem] = []
    for row in rows:
        key = tuple(row.values[column] for column in form_class.key)
        instance = existing.get(key)
        form = form_class(data=_data(row, form_class), instance=instance)
        problems += _save(form, row, " ".join(filter(None, key)), instance is not None, result, only_new)
    if problems:
        raise CountyInvalid(sorted(problems, key=lambda problem: problem.line))


def _save(form: RowForm, row: Row, name: str, exists: bool, result: Result, only_new: bool) -> list[Problem]:
    label = f"{row.file}: {name}"
    keep = only_new and exists and label not in result.added
    if keep or (exists and not form.has_changed()):
        return []
    columns = ", ".join(form.changed_data)
    if not form.is_valid():
        return list(_problems(form, row))
    form.save()
    if not exists:
        result.added.append(label)
    elif label not in result.added:
        result.changed[label] = ", ".join(filter(None, [result.changed.get(label), columns]))
    return []


def _problems(form: RowForm, row: Row) -> Iterator[Problem]:
    for column, errors in form.errors.items():
        for text in errors:
            yield row.problem("" if column == NON_FIELD_ERRORS else column, text)


def _instances(form_class: type[RowForm]) -> models.QuerySet:
    rows, names = form_class._meta.model._default_manager.all(), form_class.relations()
    return (rows.select_related(*names) if names else rows).prefetch_related(*form_class.prefetched)


def _key_of(form_class: type[RowForm], instance: models.Model) -> tuple[str, ...]:
    values = (getattr(instance, name) for name in form_class.key)
    return tuple(str(getattr(value, "slug", value) or "") for value in values)


def _day(text: str) -> str:
    """Return a day in ISO form whichever way it was written; text that is no day comes back as it is."""
    for pattern in DAY_FORMATS:
        try:
            return datetime.strptime(text, pattern).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return text


def _data(row: Row, form_class: type[RowForm]) -> dict[str, Any]:
    several = {n for n, f in form_class.base_fields.items() if isinstance(f, forms.ModelMultipleChoiceField)}
    return {name: text.split() if name in several else text for name, text in row.values.items()}


def _refuse_a_county_that_cannot_work(tables: list[tuple[Table, list[Row]]]) -> None:
    """Raise CountyInvalid when nobody would be told of a referral, or nobody could be rung."""
    rows = {table.file: rows for table, rows in tables}
    hosts = [row for row in rows["organisations.csv"] if row.values["coordinates"].lower() == "yes"]
    problems = []
    if not hosts:
        problems.append(Problem("organisations.csv", 0, "coordinates", "no organisation hosts the coordinators"))
    problems += [
        row.problem("second_contact", "the coordinators need one: it is written to when somebody is in danger")
        for row in hosts
        if not row.values["second_contact"]
    ]
    if not any(row.values["purpose"] == "emergency" for row in rows["support_lines.csv"]):
        problems.append(Problem("support_lines.csv", 0, "purpose", "no line is there for an emergency"))
    if problems:
        raise CountyInvalid(problems)
