"""One draft is one referral, however often and from how many places it is sent (security, 3.5: R9)."""

import threading
from dataclasses import replace

import pytest
from django.db import connection

from partners.models import Message
from referrals.models import Draft, Referral, ReferralEvent
from referrals.workflow import SentDifferently, submit
from tests.conftest import a_submission, make_draft
from tests.faults.stage import finished_drafts, session_of

CLICKS = 40


def all_at_once(action, times: int) -> list:
    """What `action(n)` returns or raises, from so many threads that start together."""
    results, gate = [], threading.Barrier(times)

    def click(n: int) -> None:
        try:
            gate.wait(20)
            results.append(action(n))
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=(n,)) for n in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_forty_clicks_give_one_referral_one_answer_and_one_message_each(cast):
    draft = make_draft(cast.officer)
    results = all_at_once(lambda _: submit(by=cast.officer, draft_id=draft.pk, submission=a_submission()), CLICKS)
    referral = Referral.objects.get()
    assert results == [referral] * CLICKS
    assert ReferralEvent.objects.count() == 1
    told = Message.objects.values_list("user__email", flat=True)
    assert sorted(told) == sorted([cast.coordinator.email, cast.coordinator2.email, cast.officer.email])


@pytest.mark.django_db(transaction=True)
def test_of_two_versions_sent_together_one_is_kept_and_the_other_is_told(cast):
    draft = make_draft(cast.officer)
    versions = [a_submission(), replace(a_submission(), setting="farm")]
    results = all_at_once(lambda n: submit(by=cast.officer, draft_id=draft.pk, submission=versions[n % 2]), CLICKS // 2)
    referral = Referral.objects.get()
    refused = [result for result in results if isinstance(result, SentDifferently)]
    assert len(refused) == CLICKS // 4
    assert {error.referral for error in refused} == {referral}
    assert [result for result in results if not isinstance(result, SentDifferently)] == [referral] * (CLICKS // 4)


@pytest.mark.django_db(transaction=True)
def test_forty_drafts_at_once_give_forty_referrals_with_references_of_their_own(cast):
    drafts = [make_draft(cast.officer) for _ in range(CLICKS)]
    results = all_at_once(lambda n: submit(by=cast.officer, draft_id=drafts[n].pk, submission=a_submission()), CLICKS)
    assert len({referral.reference for referral in results}) == CLICKS
    assert Message.objects.count() == 3 * CLICKS


@pytest.mark.faults
def test_twenty_clicks_in_the_browser_lead_to_one_receipt(stage, cast):
    stage.start_web()
    (draft,) = finished_drafts(cast.officer, 1)
    session = session_of(cast.officer)
    answers = all_at_once(lambda _: stage.send(draft, session), 20)
    assert {answer.status for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    assert Referral.objects.count() == 1
    assert Message.objects.count() == 3
    assert Draft.objects.get().referral == Referral.objects.get()
