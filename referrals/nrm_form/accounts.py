"""Texts for the long answers, made of what the case holds, and what a first responder should have beside a question."""

import datetime

from referrals.codes import CONSENT_KINDS, INTERPRETERS, NOT_KNOWN, SETTINGS, THEMES, label_of
from referrals.nrm_form.case import Case


def seen(case: Case) -> str:
    """Return what the referrer saw, and what a child wants, for the professional view."""
    parts = (
        ("Seen by the person who referred them", case.said("account", "what_was_seen")),
        ("What the child wants, or is afraid of", case.said("childs_wishes", "wishes")),
    )
    return "\n\n".join(f"{title}:\n{words}" for title, words in parts if words)


def said(case: Case) -> str:
    """Return what the person said, for how they were treated."""
    words = case.said("account", "what_was_said")
    return f"Said by them, as the person who referred them wrote it down:\n{words}" if words else ""


def indicators(case: Case) -> str:
    """Return the indicators in words, group by group, with the kind of place they were met in."""
    lines = []
    for theme in THEMES:
        signs = [label for code, label in theme.indicators if code in case.indicators]
        lines += [f"{theme.title}:", *(f"- {sign}" for sign in signs)] if signs else []
    if lines and (where := _setting(case)):
        lines.append(f"Where they were met: {where}")
    return "\n".join(lines)


def conversation(case: Case) -> str:
    """Return when and in what kind of place they were met, and how consent was explained."""
    met, where = _day(case.said("found", "found_on")), _setting(case)
    lines = [f"They were met on {met}." if met else "", f"Kind of place: {where}." if where else ""]
    explained, language = (case.said("consent_details", name) for name in ("explained_on", "explained_language"))
    if explained or language:
        words = f"on {_day(explained)}" if explained else ""
        how = f"in {language}" if language else ""
        lines.append(f"Their choices were explained to them {' '.join(filter(None, [words, how]))}.")
    interpreter = case.said("consent_details", "interpreter")
    if interpreter and interpreter != NOT_KNOWN:
        lines.append(f"{label_of(interpreter, INTERPRETERS)}.")
    return "\n".join(filter(None, lines))


def notes(case: Case) -> dict[str, str]:
    """Return what the case says near a question without answering it, by key. Nothing that identifies for a notice."""
    met = _named("They were met in", case.district)
    if case.notify:
        found = {"current-pv-location-uk-city": met, **_undecided(case)}
    else:
        found = {
            "current-pv-location-uk-city": _named("Where they are now", case.said("where_now", "address")) or met,
            "where-exploitation-happened-other-uk-other-location": _named(
                "They were met at", case.said("found", "found_address")
            ),
            "pv-dob": _named("About", case.said("age", "rough_age")),
            "does-pv-have-children-yes-amount": _named("On the case", case.said("dependants", "dependants_details")),
            "pv-phone-number": _named("Safe times", case.said("contact", "safe_times")),
            "pv-phone-number-yes": _named("Say first", case.said("contact", "safe_words")),
            **_undecided(case),
        }
    return {key: note for key, note in found.items() if note}


def _undecided(case: Case) -> dict[str, str]:
    """What an adult has not decided yet, or what no longer fits the branch, must be recorded on the case first."""
    kinds = {"pv-want-to-submit-nrm": "nrm", "does-pv-need-support": "msvcc", "authorities-cooperation": "police"}
    open_states = (None, "not_asked", "wants_time")
    return {
        key: f"Not decided on the case yet: {label_of(kind, CONSENT_KINDS)}"
        for key, kind in kinds.items()
        if case.consents.get(kind) in open_states
    }


def _named(title: str, words: str) -> str:
    return f"{title}: {words}" if words else ""


def _setting(case: Case) -> str:
    code = case.said("setting", "setting")
    return label_of(code, SETTINGS).lower() if code and code != NOT_KNOWN else ""


def _day(iso: str) -> str:
    try:
        day = datetime.date.fromisoformat(iso)
    except ValueError:
        return ""
    return f"{day.day} {day:%B} {day.year}"
