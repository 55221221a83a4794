"""One case on paper, marked OFFICIAL-SENSITIVE: who printed it, when and what for stands on every page.

Where the person is or was found is not on it, nor the notes, nor what is attached: paper is left on trains. Nor is it
said with whom the case must not be shared: a paper is passed on.
"""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone

from partners.hours import LONDON
from partners.models import AccessRecord, Area, Partnership, User
from partners.roles import Permission
from referrals.codes import (
    AGE_GROUPS,
    CONSENT_KINDS,
    CONSENT_STATES,
    EXPLOITATION_SHORT,
    INDICATORS,
    INTERPRETERS,
    SETTINGS,
    label_of,
)
from referrals.disclose import open_identity, record_view
from referrals.export import MARKING
from referrals.forms.summary import summary_rows
from referrals.models import Consent, HandOver, Referral, ReferralEvent
from referrals.pathways import PATHWAY_LABELS
from referrals.statuses import Move
from referrals.typesetting import typeset
from referrals.workflow.recommend import states_of

Line = dict[str, Any]
#: Moves that would tell whoever finds the paper that somebody must not know.
NOT_ON_PAPER = (Move.EXCLUDE, Move.LIFT_EXCLUSION)
#: What the facts on the first page say already.
_STEPS_IN_FACTS = ("setting", "exploitation", "signs")


@transaction.atomic
def case_pdf(referral: Referral, *, by: User, purpose: str, tell: Callable[[list[ReferralEvent]], list[Line]]) -> bytes:
    """Return the PDF of a case that `by`, a coordinator, may see, and record it with its `purpose`.

    `purpose` was checked (`export.checked_purpose`). `tell` puts events into words, `[{"title", "at", "text"}]`.
    Nothing is recorded when it fails. Raises PermissionError, `partners.sealing.CannotOpen`, `CannotTypeset`.
    """
    if not by.may(Permission.TRIAGE):
        raise PermissionError("not a coordinator")
    secret = open_identity(referral, by=by, purpose=purpose)
    record_view(referral, by=by, action=AccessRecord.Action.EXPORT_CASE, purpose=purpose)
    return typeset("case.typ", case_content(referral, secret, by=by, purpose=purpose, tell=tell))


def case_content(
    referral: Referral,
    secret: dict[str, dict],
    *,
    by: User,
    purpose: str,
    tell: Callable[[list[ReferralEvent]], list[Line]],
) -> dict[str, Any]:
    """Return what `templates/typst/case.typ` sets: texts only."""
    now = timezone.now()
    events = [event for event in referral.events.select_related("by") if _may_be_told(event)]
    told = sorted(tell(events), key=lambda line: line["at"])
    return {
        "marking": MARKING,
        "service": Partnership.current().name,
        "reference": referral.reference,
        "printed": f"Printed by {by.full_name} on {_when(now)}",
        "purpose": purpose,
        "parts": [
            {"title": "Facts", "rows": _facts(referral)},
            *_answers(secret),
            {"title": "What the person agrees to", "rows": _consents(referral)},
            {"title": "Organisations that were asked to help", "rows": _hand_overs(referral, by)},
            {
                "title": "What happened",
                "rows": [_row(_when(line["at"]), [line["title"], line["text"]]) for line in told],
            },
        ],
    }


def _may_be_told(event: ReferralEvent) -> bool:
    return event.move not in NOT_ON_PAPER and "silent" not in event.facts


def _row(label: str, said: str | Iterable[str]) -> dict[str, str]:
    words = [said] if isinstance(said, str) else [str(part) for part in said if part]
    return {"label": label, "answer": "\n".join(words)}


def _when(moment: datetime.datetime) -> str:
    return f"{moment.astimezone(LONDON):%-d %B %Y, %H:%M}"


def _facts(referral: Referral) -> list[dict[str, str]]:
    return [
        _row("Status", referral.get_status_display()),
        _row("Priority", referral.get_priority_display()),
        _row("Came in", _when(referral.submitted_at)),
        _row("Referring organisation", referral.organisation.name),
        _row("District or borough", referral.district.name if referral.district else "Not known"),
        _row("Age", label_of(referral.age_group, AGE_GROUPS)),
        _row("Setting", label_of(referral.setting, SETTINGS)),
        _row("Kinds of exploitation", [EXPLOITATION_SHORT[code] for code in referral.exploitation] or "Not known"),
        _row("Signs", [INDICATORS[code] for code in referral.indicators] or "None recorded"),
        _row("Recommended pathways", [PATHWAY_LABELS[code] for code in referral.pathways] or "None"),
        *([_row("Outcome", referral.get_outcome_display())] if referral.outcome else []),
    ]


def _answers(secret: dict[str, dict]) -> list[dict[str, Any]]:
    """What was answered, by the parts of the form, and what a log says that no page of the form asks for."""
    shown = {step: given for step, given in secret.items() if not _is_in_facts(step)}
    parts = summary_rows(shown, districts=dict(Area.objects.values_list("code", "name")))
    known = {row.step.key for part in parts for row in part.rows}
    rest = [(name, value) for step, given in shown.items() if step not in known for name, value in given.items()]
    found = [{"title": part.title, "rows": [_row(row.label, row.value) for row in part.rows]} for part in parts]
    other = [_row(name.replace("_", " ").capitalize(), str(value)) for name, value in rest]
    return [*found, *([{"title": "Other answers", "rows": other}] if other else [])]


def _is_in_facts(step: str) -> bool:
    return step in _STEPS_IN_FACTS or step.startswith("signs_")


def _consents(referral: Referral) -> list[dict[str, str]]:
    newest = states_of(Consent.objects.filter(referral=referral))
    return [_row(label_of(kind, CONSENT_KINDS), _consent(row)) for kind, row in sorted(newest.items())]


def _consent(row: Consent) -> list[str]:
    how = [
        f"Explained on {row.explained_on:%-d %B %Y}" if row.explained_on else "",
        f"Language: {row.language}" if row.language else "",
        label_of(row.interpreter, INTERPRETERS) if row.interpreter else "",
    ]
    return [label_of(row.state, CONSENT_STATES), ". ".join(filter(None, how))]


def _hand_overs(referral: Referral, by: User) -> list[dict[str, str]]:
    rows = HandOver.objects.visible_to(by).filter(referral=referral).select_related("organisation")
    return [_row(row.organisation.name, _hand_over(row)) for row in rows]


def _hand_over(row: HandOver) -> list[str]:
    days = [("Asked on", row.offered_at), ("Accepted on", row.accepted_at), ("Ended on", row.ended_at)]
    said = [f"{words} {_when(moment)}" for words, moment in days if moment]
    return [f"{row.get_pathway_display()}: {row.get_status_display()}", *said, row.get_outcome_display()]
