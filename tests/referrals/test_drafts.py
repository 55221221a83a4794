"""Drafts: sealed, bounded, their owner's alone, and nothing typed is lost between two devices."""

import datetime

import pytest
from django.utils import timezone

from partners.models import AccessRecord, Partnership
from partners.sealing import CannotOpen
from referrals import drafts
from referrals.models import Draft
from tests.conftest import make_draft, submit_one

NOW = datetime.datetime(2026, 11, 23, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture
def draft(cast):
    return drafts.start(by=cast.officer, now=timezone.now())


def save(draft, version=0, step="account", by=None, **given):
    """Save a page as a device does that has seen it at `version`."""
    page = drafts.find(draft_id=draft.pk, by=by or draft.user, locked=True)
    content = drafts.read(page)
    typed = {name: [value] for name, value in given.items()}
    drafts.save_answers(
        draft=page, content=content, step=step, given=given, typed=typed, version=version, by=by or draft.user
    )
    return content


def type_(draft, version=0, step="account", valid=None, **typed):
    """Type on a page, unchecked."""
    page = drafts.find(draft_id=draft.pk, by=draft.user, locked=True)
    content = drafts.read(page)
    raw = {name: [value] for name, value in typed.items()}
    drafts.save_typed(draft=page, content=content, step=step, given=valid, typed=raw, version=version, by=draft.user)
    return content


def stored(draft):
    return drafts.read(Draft.objects.get(pk=draft.pk))


@pytest.mark.django_db
def test_a_draft_lives_for_the_days_of_the_partnership(cast):
    Partnership.objects.update(draft_days=10)
    assert drafts.start(by=cast.officer, now=NOW).expires_at == NOW + datetime.timedelta(days=10)


def test_an_unused_draft_is_given_out_again_with_a_fresh_life(cast):
    first = drafts.start(by=cast.officer, now=NOW)
    again = drafts.start(by=cast.officer, now=NOW + datetime.timedelta(days=3))
    assert again == first
    assert again.expires_at == NOW + datetime.timedelta(days=31)
    save(first, what_was_seen="x")
    assert drafts.start(by=cast.officer, now=NOW) != first


def test_there_is_a_bound_on_unfinished_drafts(cast):
    for _ in range(drafts.MOST_DRAFTS):
        make_draft(cast.officer, version=2)
    with pytest.raises(drafts.TooManyDrafts):
        drafts.start(by=cast.officer, now=timezone.now())
    assert drafts.start(by=cast.nurse, now=timezone.now())


def test_what_is_saved_is_sealed(draft):
    save(draft, what_was_seen="Zebulina was afraid")
    row = Draft.objects.get(pk=draft.pk)
    assert b"Zebulina" not in bytes(row.sealed)
    assert stored(draft).answers["account"] == {"what_was_seen": "Zebulina was afraid"}
    assert (row.version, stored(draft).version("account")) == (2, 1)


def test_somebody_elses_draft_is_not_there(cast, draft):
    with pytest.raises(Draft.DoesNotExist):
        drafts.find(draft_id=draft.pk, by=cast.colleague)
    with pytest.raises(Draft.DoesNotExist):
        drafts.discard(draft_id=draft.pk, by=cast.colleague)
    for write, given in ((drafts.save_answers, {}), (drafts.save_typed, None)):
        with pytest.raises(Draft.DoesNotExist):
            write(
                draft=draft, content=drafts.Content(), step="age", given=given, typed={}, version=0, by=cast.colleague
            )


def test_typed_text_is_kept_beside_the_answers_until_they_are_saved(draft):
    save(draft, what_was_seen="first")
    type_(draft, version=1, what_was_seen="first, and more")
    assert stored(draft).answers["account"] == {"what_was_seen": "first"}
    assert stored(draft).typed["account"] == {"what_was_seen": ["first, and more"]}
    save(draft, version=2, what_was_seen="first, and more")
    assert "account" not in stored(draft).typed


def test_typing_what_is_already_an_answer_leaves_nothing_unfinished(draft):
    save(draft, what_was_seen="first")
    type_(draft, version=1, what_was_seen="fir")
    type_(draft, version=2, valid={"what_was_seen": "first"}, what_was_seen="first")
    assert stored(draft).typed == {}


def test_typing_the_same_again_writes_nothing(draft):
    type_(draft, what_was_seen="x")
    before = Draft.objects.get(pk=draft.pk).version
    type_(draft, version=1, what_was_seen="x")
    assert Draft.objects.get(pk=draft.pk).version == before


def test_the_late_autosave_of_a_page_that_was_just_saved_is_no_conflict(draft):
    """The browser autosaves once more when it leaves the page, and that may arrive after the page itself."""
    save(draft, what_was_seen="x")
    type_(draft, version=0, valid={"what_was_seen": "x"}, what_was_seen="x")
    assert stored(draft).other == {}


def test_a_double_click_is_no_conflict(draft):
    save(draft, what_was_seen="x")
    save(draft, what_was_seen="x")
    assert stored(draft).answers["account"] == {"what_was_seen": "x"}


def test_two_devices_on_one_page_lose_nothing(draft):
    save(draft, what_was_seen="from the desk")
    with pytest.raises(drafts.ChangedElsewhere) as caught:
        save(draft, version=0, what_was_seen="from the phone")
    assert caught.value.content.answers["account"] == {"what_was_seen": "from the desk"}
    assert stored(draft).other["account"] == {"what_was_seen": ["from the phone"]}
    save(draft, version=1, what_was_seen="from the desk and from the phone")
    assert stored(draft).other == {}


def test_an_autosave_never_overwrites_what_another_device_typed(draft):
    type_(draft, what_was_seen="from the desk")
    with pytest.raises(drafts.ChangedElsewhere):
        type_(draft, version=0, what_was_seen="from the phone")
    assert stored(draft).typed["account"] == {"what_was_seen": ["from the desk"]}
    assert stored(draft).other["account"] == {"what_was_seen": ["from the phone"]}


def test_saving_an_old_answer_again_does_not_swallow_newer_typing(draft):
    save(draft, what_was_seen="old")
    type_(draft, version=1, what_was_seen="newer, not saved")
    with pytest.raises(drafts.ChangedElsewhere):
        save(draft, version=0, what_was_seen="old")
    assert stored(draft).typed["account"] == {"what_was_seen": ["newer, not saved"]}


def test_two_devices_on_different_pages_do_not_meet(draft):
    save(draft, step="account", what_was_seen="x")
    save(draft, step="risk", still_in_it="yes")
    assert stored(draft).done == ["account", "risk"]


def test_more_than_a_page_can_hold_is_refused_and_changes_nothing(draft):
    type_(draft, what_was_seen="x")
    for version in (1, 0):
        with pytest.raises(drafts.TooLong):
            type_(draft, version=version, what_was_seen="y" * (drafts.LONGEST_PAGE + 1))
    assert stored(draft).typed["account"] == {"what_was_seen": ["x"]}
    type_(draft, version=1, what_was_seen="z" * drafts.LONGEST_PAGE)


def test_a_discarded_draft_is_gone_for_good(cast, draft):
    drafts.discard(draft_id=draft.pk, by=cast.officer)
    assert not Draft.objects.exists()


def test_a_sent_draft_cannot_be_discarded(cast):
    submit_one(cast.officer)
    sent = Draft.objects.get()
    with pytest.raises(Draft.DoesNotExist):
        drafts.discard(draft_id=sent.pk, by=cast.officer)


def test_a_wiped_draft_holds_nothing(draft):
    save(draft, what_was_seen="Zebulina")
    drafts.wipe(Draft.objects.get(pk=draft.pk))
    assert stored(draft) == drafts.Content()


def test_a_draft_sealed_with_a_lost_key_is_never_taken_for_an_empty_one(draft):
    Draft.objects.filter(pk=draft.pk).update(kid="lost")
    with pytest.raises(CannotOpen):
        stored(draft)


def test_opening_leaves_a_record(cast, draft):
    drafts.record_opening(draft, by=cast.officer)
    record = AccessRecord.objects.get()
    assert (record.action, record.object_id, record.user) == ("open_draft", draft.pk, cast.officer)
