"""Referrals on their way, for the tests of the coordinators' pages."""

import datetime

from django.utils import timezone

from referrals import workflow
from referrals.models import HandOver, Referral
from referrals.pathways import Pathway
from referrals.submission import ConsentGiven
from tests.conftest import submit_one

AGREES = [ConsentGiven(kind=kind, state="given") for kind in ("nrm", "beacon", "police")]


def taken(cast, **changes) -> Referral:
    """A referral of the officer that the coordinator has taken; the person agrees to everything."""
    referral = submit_one(cast.officer, **({"consents": AGREES} | changes))
    return workflow.start_triage(referral_id=referral.pk, by=cast.coordinator, version=1)


def handed(cast, referral, organisation, pathway=Pathway.BEACON, **more) -> HandOver:
    """A hand-over that the coordinator has just made."""
    version = Referral.objects.get(pk=referral.pk).version
    offers = [workflow.Offer(organisation, pathway, **more)]
    return workflow.hand_over(referral_id=referral.pk, offers=offers, by=cast.coordinator, version=version)[0]


def with_a_question(cast, hand_over: HandOver, by, text="Which language?") -> HandOver:
    """The organisation has opened it and asks the coordinator."""
    opened = workflow.open_hand_over(hand_over_id=hand_over.pk, by=by)
    return workflow.ask_coordinator(hand_over_id=opened.pk, question=text, by=by, version=opened.version)


def silent(hand_over: HandOver) -> HandOver:
    """The organisation was reminded as often as it is: somebody has to ring."""
    now = timezone.now()
    for _ in range(3):
        HandOver.objects.filter(pk=hand_over.pk).update(chase_at=now)
        assert workflow.chase(hand_over_id=hand_over.pk, now=now + datetime.timedelta(minutes=1))
    return HandOver.objects.get(pk=hand_over.pk)


def in_the_nrm(cast, referral):
    """The constabulary's officer has accepted the NRM referral; returns its NRM side."""
    row = handed(cast, referral, cast.constabulary, Pathway.NRM)
    workflow.accept(hand_over_id=row.pk, by=cast.police_officer, version=1)
    return Referral.objects.get(pk=referral.pk).nrm
