"""Sentences about published figures: what a chart shows, what was hidden and why. From shown counts only."""

from dataclasses import dataclass

from referrals.published import COUNTED_WORDS, HIDDEN_SIGN, Count, Figures, Table

NO_COLUMN = "–"
#: How the largest of a table is told, by the key of the table; {label}, and {amount} such as "14 of 40 referrals".
LARGEST = {
    "month": "{label} had the most referrals: {amount}",
    "exploitation": "{label} was reported most often: {amount}",
    "age_group": "Age group recorded most often: {label}, {amount}",
    "district": "{label} had the most referrals: {amount}",
    "setting": "Kind of place recorded most often: {label}, {amount}",
    "pathway": "{label} was asked for most often: {amount}",
    "outcome": "Outcome recorded most often: {label}, {amount}",
    "decline_reason": "Reason to decline given most often: {label}, {amount}",
    "gap": "Most often nobody could be found for {label}: {amount}",
    "exploitation_by_age_group": "Recorded most often together: {label}, {amount}",
    "district_by_exploitation": "Recorded most often together: {label}, {amount}",
}
#: What a table is about, for captions and where nothing can be said about the largest.
SUBJECTS = {
    "month": "Referrals by month",
    "exploitation": "Referrals by kind of exploitation",
    "age_group": "Referrals by age group",
    "district": "Referrals by district or borough",
    "setting": "Referrals by kind of place",
    "pathway": "Hand-overs by what was asked for",
    "outcome": "Closed referrals by outcome",
    "decline_reason": "Hand-overs that were declined, by reason",
    "gap": "Requests that no organisation could take",
    "exploitation_by_age_group": "Kind of exploitation and age group",
    "district_by_exploitation": "District and kind of exploitation",
    "timings": "How long the steps took",
}
#: What the rows are.
CORNERS = {
    "month": "Month",
    "exploitation": "Kind of exploitation",
    "age_group": "Age group",
    "district": "District or borough",
    "setting": "Kind of place",
    "pathway": "Asked for",
    "outcome": "Outcome",
    "decline_reason": "Reason",
    "gap": "Asked for",
}
#: The partner's own words ("We have no capacity") read wrongly beside a number of many.
DECLINED_BECAUSE = {
    "no_capacity": "No capacity at the moment",
    "not_our_area": "Outside their area",
    "not_our_remit": "Not what the service is for",
    "threshold": "Below their threshold",
    "cannot_reach": "No safe way to reach the person",
    "unsafe": "Not safe for the person or for staff",
    "other": "Another reason",
}


@dataclass(frozen=True)
class Largest:
    """The largest of the shown counts. `certain`: nothing that is hidden can be larger."""

    labels: tuple[str, ...]
    count: int
    certain: bool


def number(count: Count) -> str:
    """Return a count as it stands in a table."""
    return HIDDEN_SIGN if count is None else f"{count:,}"


def label_of(table: Table, code: str, label: str) -> str:
    """Return the words of a row."""
    return DECLINED_BECAUSE.get(code, label) if table.key == "decline_reason" else label


def largest_of(table: Table) -> Largest | None:
    """Return the largest of the shown counts; None where all are hidden or zero.

    Whether a hidden one could be larger is worked out from the shown counts alone, as any reader can.
    """
    columns = table.columns or (None,)
    places = [(row, column) for row in table.rows for column in columns]
    counts = [count for row in table.cells for count in row]
    shown = [count for count in counts if count is not None]
    if not shown or not max(shown):
        return None
    most = max(shown)
    left = None if table.total is None else table.total - sum(shown)
    certain = len(shown) == len(counts) or (left is not None and left < most and not table.rounded_to)
    labels = tuple(
        label_of(table, row.code, row.label) + (f" and {column.label[0].lower()}{column.label[1:]}" if column else "")
        for (row, column), count in zip(places, counts, strict=True)
        if count == most
    )
    return Largest(labels, most, certain)


def title_of(table: Table) -> str:
    """Return what the table shows, in a sentence; a neutral one where its largest count is not known for certain."""
    subject, counted = SUBJECTS[table.key], COUNTED_WORDS[table.counted]
    if table.total == 0 and not table.hidden:
        return f"{subject}: none in this period"
    found = largest_of(table)
    amount = "" if found is None else _amount(table, found, counted)
    if found is None or len(found.labels) > 2:
        return subject if table.total is None else f"{subject}: {_about(table)}{table.total:,} in all"
    label = " and ".join(found.labels)
    if not found.certain:
        return f"{subject}. Of the numbers shown the largest is {label}: {amount}"
    if len(found.labels) > 1:
        return f"{subject}: {label} are the largest, with {amount}"
    return LARGEST[table.key].format(label=label, amount=amount)


def _amount(table: Table, found: Largest, counted: str) -> str:
    each = " each" if len(found.labels) > 1 else ""
    if table.total is None:
        return f"{_about(table)}{found.count:,} {counted}{each}"
    return f"{_about(table)}{found.count:,}{each} of {_about(table)}{table.total:,} {counted}"


def _about(table: Table) -> str:
    return "about " if table.rounded_to else ""


def note_of(tables: list[Table], hide_below: int) -> str:
    """Return what was hidden in `tables` and why. Which of the hidden counts was the small one is never said."""
    rounded = [table.rounded_to for table in tables if table.rounded_to]
    hidden = any(table.hidden for table in tables)
    said = []
    if rounded:
        said.append(
            f"Every number here is rounded to the nearest {rounded[0]}, so that nobody can be recognised in a small "
            "one. Rounded numbers need not add up."
        )
    if hidden:
        said.append(hidden_because(hide_below, zeros=any(table.zeros_hidden for table in tables)))
    return " ".join(said) or "Nothing is hidden in this table."


def hidden_because(hide_below: int, *, zeros: bool = False) -> str:
    """Return what the sign of a hidden count means; `zeros`: also for some counts that are zero."""
    few = f"numbers from 1 to {hide_below - 1}{', and zeros that would tell of them,' if zeros else ''}"
    return (
        f"“{HIDDEN_SIGN}” stands for a number that is hidden to protect people: {few} are "
        "not shown, and some larger ones are hidden with them so that nothing can be worked out from the totals."
    )


def change_since(now: Count, before: Count, before_label: str) -> str:
    """Return how a total compares with the one before ("3 more than in January to March 2026 (37)"); "" if either is
    hidden."""
    if now is None or before is None:
        return ""
    if now == before:
        return f"as many as in {before_label}"
    return f"{abs(now - before):,} {'more' if now > before else 'fewer'} than in {before_label} ({before:,})"


def percent(part: Count, base: Count, percent_base: int) -> str:
    """Return a share as "83%"; "" where either count is hidden or the base is too small for one."""
    if part is None or base is None or base < max(percent_base, 1):
        return ""
    return f"{round(100 * part / base)}%"


def long(minutes: int | None) -> str:
    """Return a length of time in words that nobody takes for more exact than it is; a hidden one as its sign."""
    if minutes is None:
        return HIDDEN_SIGN
    if minutes < 90:
        return f"{minutes} minute{'' if minutes == 1 else 's'}"
    if minutes < 36 * 60:
        return f"{round(minutes / 60)} hours"
    days = f"{minutes / 1440:.1f}".removesuffix(".0")
    return f"{days} days"


def total_of(figures: Figures | None, key: str) -> Count:
    """Return the total of a table; None where it is hidden or there is no such table."""
    table = figures.table(key) if figures else None
    return table.total if table else None
