"""The page about organisations that must not hear of a referral. Only the coordinators learn what was answered."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from partners.models import Organisation
from referrals.codes import NOT_KNOWN
from referrals.forms.base import StepForm
from referrals.forms.fields import any_of, one_of, text

KEEP_FROM = [("no", "No"), (NOT_KNOWN, "Not known"), ("yes", "Yes")]
NONE_CHOSEN = "Choose the organisation that must not hear of this, or answer “No” or “Not known”"

_Kind = Organisation.Kind
#: The groups of the list, in their order. A kind that is in none of them comes last.
GROUPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("Councils and fire service", frozenset({_Kind.COUNTY_COUNCIL, _Kind.DISTRICT_COUNCIL, _Kind.FIRE})),
    ("Police, borders and justice", frozenset({_Kind.POLICE, _Kind.IMMIGRATION, _Kind.JUSTICE, _Kind.NATIONAL})),
    ("Health", frozenset({_Kind.NHS})),
    ("Support, charities and housing", frozenset({_Kind.VICTIM_SERVICE, _Kind.CHARITY, _Kind.HOUSING, _Kind.FAITH})),
)
REST = "Others"


class DoNotShareForm(StepForm):
    """Organisations to keep it from. They become exclusions, and are in no other part of the referral."""

    keep_from = one_of(
        "Is there an organisation that must not hear of this?",
        KEEP_FROM,
        help_text="For example, because somebody who works there is close to the person who exploits them. It will not "
        "get this referral and cannot see it. Nobody there is told that it was left out.",
    )
    organisations = any_of(
        "Which organisation?",
        [],
        help_text="Choose all that apply. If you choose your own, you still see this referral. Your colleagues and "
        "managers do not.",
    )
    why = text(
        "Why?",
        longest=2_000,
        help_text="Only the coordinators can read this. It helps them to keep the person safe.",
    )
    reveals = {"organisations": ("keep_from", "yes"), "why": ("keep_from", "yes")}
    options = {"organisations": {"small": True, "size": "s"}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organisations"].choices = organisations_to_choose()

    def clean(self) -> dict[str, Any]:
        """Refuse a yes that names nobody: it would keep the referral from no one."""
        cleaned = super().clean()
        named = cleaned.get("organisations") or "organisations" in self.errors
        if cleaned.get("keep_from") == "yes" and not named:
            self.add_error("organisations", NONE_CHOSEN)
        return cleaned


def organisations_to_choose() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the organisations in force today in groups, as choices; those that host the coordinators left out."""
    found = Organisation.objects.in_force(timezone.localdate()).filter(coordinates=False)
    rows = list(found.values_list("kind", "slug", "name"))
    known = frozenset().union(*(kinds for _, kinds in GROUPS))
    groups = [(title, [(slug, name) for kind, slug, name in rows if kind in kinds]) for title, kinds in GROUPS]
    groups.append((REST, [(slug, name) for kind, slug, name in rows if kind not in known]))
    return [(title, choices) for title, choices in groups if choices]


def names_of(slugs: Iterable[str]) -> dict[str, str]:
    """Return the names of organisations by slug, of those that have closed too. Without slugs it asks nothing."""
    wanted = list(slugs)
    return dict(Organisation.objects.filter(slug__in=wanted).values_list("slug", "name")) if wanted else {}
