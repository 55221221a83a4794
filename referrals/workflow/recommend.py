"""Asking the pathway rules about a referral, and keeping what they said. They recommend; a coordinator decides."""

from collections.abc import Iterable, Mapping

from django.utils import timezone

from partners.limits import Limits, current_limits
from partners.models import Organisation, Standing
from referrals.models import Consent, Recommendation, Referral
from referrals.pathways import Facts, as_stored, from_stored, recommend
from referrals.submission import Submission

NOT_ASKED = "not_asked"


def newest_consents(referral: Referral) -> dict[str, str]:
    """Return the state that holds of each kind of consent that was recorded."""
    return {kind: row.state for kind, row in states_of(Consent.objects.filter(referral=referral)).items()}


def assess(referral: Referral, submission: Submission, organisation: Organisation) -> Recommendation:
    """Ask the rules about a referral that has just been submitted, and keep the answer with the rules' version."""
    limits = current_limits()
    standings = set(organisation.standings.in_force(timezone.localdate()).values_list("kind", flat=True))
    return _keep(
        referral,
        Facts(
            age_group=submission.age_group,
            **_consent_facts({given.kind: given.state for given in submission.consents}),
            may_lack_capacity=submission.may_lack_capacity,
            immediate_danger=referral.priority == "immediate",
            first_responder=Standing.Kind.FIRST_RESPONDER in standings,
            section_52=Standing.Kind.SECTION_52 in standings,
            reception_centre=_reaches_threshold(referral, submission.people_met, limits),
            exploited_as_child=submission.exploited_as_child,
            turns_18_soon=_turns_18_soon(referral, limits),
            conflict=bool(submission.exclude),
        ),
    )


def assess_again(referral: Referral, amended: Mapping[str, object] | None = None) -> Recommendation | None:
    """Ask the rules again after a consent, an exclusion, the operation or an answer changed.

    `amended` are facts that are known otherwise now. Returns the new recommendation, or None when it says what the last
    one said. The other facts stay as they were.
    """
    last = referral.recommendations.first()
    if last is None:
        return None
    limits = current_limits()
    changed = {
        **_consent_facts(newest_consents(referral)),
        "conflict": referral.exclusions.in_force().exists(),
        "turns_18_soon": _turns_18_soon(referral, limits),
        "reception_centre": last.facts.get("reception_centre", False) or _reaches_threshold(referral, 1, limits),
        **(amended or {}),
    }
    facts = Facts(**{**last.facts, **changed})
    if recommend(facts) == from_stored(last.result):
        return None
    return _keep(referral, facts)


def facts_that_differ(referral: Referral, before: Submission, after: Submission) -> dict[str, object]:
    """Return the facts of the rules that the answers of a referral say otherwise than before."""
    limits = current_limits()

    def facts(read: Submission) -> dict[str, object]:
        return {
            "age_group": read.age_group,
            "may_lack_capacity": read.may_lack_capacity,
            "exploited_as_child": read.exploited_as_child,
            "immediate_danger": read.priority == "immediate",
            "reception_centre": _reaches_threshold(referral, read.people_met, limits),
        }

    said = facts(before)
    return {name: fact for name, fact in facts(after).items() if fact != said[name]}


def _consent_facts(states: dict[str, str]) -> dict[str, str]:
    return {f"consent_{kind}": states.get(kind, NOT_ASKED) for kind in ("nrm", "beacon", "police")}


def _reaches_threshold(referral: Referral, people_met: int, limits: Limits) -> bool:
    if referral.operation and referral.operation.reception_opened_at:
        return True
    together = referral.operation.people.counted().count() if referral.operation else 0
    return max(people_met, together) >= limits.amount("reception_centre")


def _turns_18_soon(referral: Referral, limits: Limits) -> bool:
    month = referral.turns_18_month
    return month is not None and month <= limits.due_on("turns_18_notice", timezone.localdate())


def _keep(referral: Referral, facts: Facts) -> Recommendation:
    result = recommend(facts)
    referral.pathways = [found.pathway.value for found in result.pathways]
    referral.rules_version = result.version
    referral.save(update_fields=["pathways", "rules_version"])
    return Recommendation.objects.create(
        referral=referral, rules_version=result.version, facts=vars(facts).copy(), result=as_stored(result)
    )


def states_of(rows: Iterable[Consent]) -> dict[str, Consent]:
    """Return the newest record of each kind among `rows`, whatever their order."""
    return {row.kind: row for row in sorted(rows, key=lambda row: (row.recorded_at, str(row.id)))}
