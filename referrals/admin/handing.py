"""Handing a referral over: what for, then to whom. The rules recommend and the coordinator decides."""

from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from partners.formfields import PlainTextField, lower_first
from partners.limits import current_limits
from partners.models import Organisation, User
from partners.templatetags.govuk import govuk_field
from referrals import workflow
from referrals.admin import acting
from referrals.admin.acting import Act
from referrals.admin.candidates import candidates
from referrals.admin.forms import ActForm, PersonField
from referrals.admin.recommended import section
from referrals.codes import CONSENT_KINDS, CONSENT_STATES, label_of
from referrals.handover_states import OVERRIDE_LABELS, OverrideReason
from referrals.models import Referral
from referrals.pathways import BEST_INTERESTS, PATHWAY_LABELS, Pathway
from referrals.statuses import Move, choices


def on_offer(referral: Referral) -> list[Pathway]:
    """Return what a referral can be handed over for: a Duty to Notify is never made about a child."""
    return [one for one in Pathway if one is not Pathway.DUTY_TO_NOTIFY or referral.age_group == "adult"]


class PathwayForm(ActForm):
    """What the hand-over is for: the recommended pathways with their reasons, then the others."""

    pathway = forms.ChoiceField(
        label="What do you hand it over for?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose what you hand it over for",
            "invalid_choice": "Choose what you hand it over for from the list",
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["version"]  # nothing is done on this page
        self.states = workflow.newest_consents(self.referral)
        hand_overs = list(self.referral.hand_overs.select_related("organisation"))
        advice = list(self.referral.recommendations.all())
        found = section(self.referral, advice, hand_overs, current_limits(), timezone.now())
        advised = {one["pathway"]: one for one in (found["pathways"] if found else [])}
        self.hints = {one.value: self._hint(one, advised.get(one)) for one in on_offer(self.referral)}
        groups = (("Recommended", [p for p in advised if p.value in self.hints]),)
        groups += (("Not recommended on what is known", [p for p in on_offer(self.referral) if p not in advised]),)
        self.fields["pathway"].choices = [
            (title, [(one.value, PATHWAY_LABELS[one]) for one in ways]) for title, ways in groups if ways
        ]

    def _hint(self, pathway: Pathway, advised: dict | None) -> str:
        words = [reason.text for reason in advised["reasons"]] if advised else []
        if advised and advised["by"]:
            words.append(f"Due {advised['by']}.")
        if missing := workflow.missing_consent(self.referral, pathway, self.states):
            words.append(what_is_missing(missing, self.states))
        return " ".join(words)


def what_is_missing(kind: str, states: dict[str, str]) -> str:
    """Say which consent a hand-over needs, and what `states` hold of it instead."""
    if kind == BEST_INTERESTS:
        return "It needs a best-interests decision: the person may lack capacity."
    state = label_of(states.get(kind, "not_asked"), CONSENT_STATES)
    return f"It needs consent to “{label_of(kind, CONSENT_KINDS)}”. Recorded: {lower_first(state)}."


class OrganisationsField(forms.ModelMultipleChoiceField):
    """Organisations to ask. Any organisation passes here: the workflow says what is wrong with one, once for all.

    So the words are the same whether it takes no referrals, or must not know of this one.
    """

    def label_from_instance(self, obj: Organisation) -> str:
        """Return the name."""
        return obj.name


class HandOverForm(ActForm):
    """Whom to ask on one pathway; when the consent it needs is missing, why it goes all the same."""

    fields_by_refusal = {"organisation": "organisations"}
    blamed, named_in, called = "organisations", "why", "reason"
    organisations = OrganisationsField(
        label="Whom do you ask?",
        queryset=Organisation.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one organisation",
            "invalid_choice": "Choose organisations from the list",
            "invalid_pk_value": "Choose organisations from the list",
            "invalid_list": "Choose organisations from the list",
        },
    )
    override = forms.ChoiceField(
        label="Why do you hand it over without consent?",
        widget=forms.RadioSelect,
        required=False,
        error_messages={"invalid_choice": "Choose a reason from the list"},
    )
    why = PlainTextField(
        label="Say why, in your own words",
        subject="The reason",
        help_text="Sealed with the case, and part of its history. Do not name the person.",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args, pathway: Pathway, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.pathway, self.label = pathway, PATHWAY_LABELS[pathway]
        states = workflow.newest_consents(self.referral)
        self.missing = workflow.missing_consent(self.referral, pathway, states)
        self.missing_words = what_is_missing(self.missing, states) if self.missing else ""
        self.candidates = candidates(self.referral, pathway)
        self._offer_organisations()
        self._offer_reasons()

    def _offer_organisations(self) -> None:
        usual = [(one.organisation.pk, one.organisation.name) for one in self.candidates if one.usual]
        rest = [(one.organisation.pk, one.organisation.name) for one in self.candidates if not one.usual]
        groups = [("Usual for this", usual), ("Others", rest)] if usual and rest else []
        self.fields["organisations"].choices = groups or usual or rest
        for one in self.candidates:
            if one.people:
                self.fields[f"responder_{one.organisation.pk}"] = PersonField(
                    label="Somebody there by name (optional)",
                    queryset=User.objects.filter(pk__in=[user.pk for user in one.people]),
                    required=False,
                    empty_label="Whoever takes it on",
                    error_messages={"invalid_choice": "Choose a person from the list"},
                )

    def _offer_reasons(self) -> None:
        without = any(one.organisation.kind == Organisation.Kind.IMMIGRATION for one in self.candidates)
        if not self.missing and not without:
            del self.fields["override"], self.fields["why"]
            return
        only = {BEST_INTERESTS: (OverrideReason.BEST_INTERESTS,)}.get(self.missing, tuple(OverrideReason))
        self.fields["override"].choices = choices({one: OVERRIDE_LABELS[one] for one in only})

    @property
    def hints(self) -> dict[str, str]:
        """What there is to know of each organisation."""
        return {str(one.organisation.pk): one.hint for one in self.candidates}

    @property
    def revealed(self) -> dict[str, str]:
        """The people that can be named, under each organisation."""
        named = [one.organisation.pk for one in self.candidates if one.people]
        return {str(pk): govuk_field(self[f"responder_{pk}"], size="s") for pk in named}

    def clean(self) -> dict[str, Any]:
        """Add `offers`, one an organisation."""
        cleaned = super().clean()
        cleaned["offers"] = [self._offer(to, cleaned) for to in cleaned.get("organisations") or ()]
        return cleaned

    def _offer(self, to: Organisation, cleaned: dict[str, Any]) -> workflow.Offer:
        # A reason that nobody needs is left out: a hand-over with consent is recalled when the consent is withdrawn.
        needed = self.missing or to.kind == Organisation.Kind.IMMIGRATION
        reason = cleaned.get("override") if needed else ""
        return workflow.Offer(
            to,
            self.pathway,
            responder=cleaned.get(f"responder_{to.pk}"),
            override=OverrideReason(reason) if reason else None,
            why=cleaned.get("why", "") if reason else "",
        )


def hand_over(request: HttpRequest, what: Act, referral: Referral) -> HttpResponse:
    """Ask what for; once the address says it, ask whom."""
    asked = request.GET.get("pathway")
    if asked in on_offer(referral):
        form = partial(HandOverForm, pathway=Pathway(asked))
        step = acting.attempt if request.method == "POST" else acting.ask
        return step(request, replace(what, form=form), referral, referral)
    form = PathwayForm(request.GET if asked is not None else None, referral=referral)
    first = replace(what, page="hand_over_for.html")
    return acting.page(request, first, referral, referral, form)


def _hand_over(referral_id: UUID, by: User, data: dict[str, Any]) -> object:
    return workflow.hand_over(referral_id=referral_id, offers=data["offers"], by=by, version=data["version"])


HAND_OVER = Act(
    Move.HAND_OVER,
    "Hand over",
    "Each organisation that you choose is told at once, and sees coded facts until it accepts. The referrer hears that "
    "the referral was passed on.",
    "You have handed it over. The organisations and the referrer are told.",
    _hand_over,
    style="primary",
    page="hand_over.html",
    view=hand_over,
)
