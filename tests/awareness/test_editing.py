"""Texts through their life: written, scheduled, shown, changed, withdrawn, brought back. Nothing is ever lost."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from awareness.content.editing import NotPossible, SomebodySaved, Words, call_off, publish, restore, withdraw, write
from awareness.models import Content, ContentVersion, Edition, State
from partners.models import ConfigurationChange
from partners.models.audit import AppendOnlyError
from tests.awareness.texts import show_text, write_text

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def shown(now: datetime.datetime | None = None) -> list[str]:
    return [version.title for version in ContentVersion.objects.published(now or timezone.now()).in_order()]


def state(content: Content, now: datetime.datetime | None = None) -> tuple[str, bool]:
    row = Content.objects.with_state(now or timezone.now()).get(pk=content.pk)
    return row.state, row.unpublished


def again(content: Content, seen: int, by, **changes) -> ContentVersion:
    """Another version with some words changed."""
    words = Words.of(content.versions.get(number=seen))
    return write(by=by, content=content, seen=seen, words=Words(**words.__dict__ | changes))


def test_a_draft_is_never_public(cast):
    version = write_text(by=cast.coordinator)
    assert shown() == shown(timezone.now() + 1000 * HOUR) == []
    assert state(version.content) == (State.DRAFT, True)


def test_what_is_published_is_public_at_once_and_costs_one_query(cast):
    version = write_text(by=cast.coordinator, body="## Hello\n\nText")
    publish(by=cast.coordinator, content=version.content, seen=1)
    with CaptureQueriesContext(connection) as asked:
        row = ContentVersion.objects.published(timezone.now()).pages().with_slug("a-page")
        assert row.rendered.startswith('<h2 id="hello"')
        assert row.content.slug == "a-page"
        assert row.shown_from <= timezone.now()
    assert len(asked.captured_queries) == 1
    assert state(version.content) == (State.PUBLISHED, False)


def test_a_change_of_a_public_text_stays_a_draft_until_it_is_published(cast):
    content = show_text(title="Old").content
    again(content, 1, cast.coordinator, title="New")
    assert shown() == ["Old"]
    assert state(content) == (State.PUBLISHED, True)
    publish(by=cast.coordinator, content=content, seen=2)
    assert shown() == ["New"]
    assert state(content) == (State.PUBLISHED, False)


def test_a_scheduled_change_takes_over_on_time_without_anybody_doing_anything(cast):
    content = show_text(title="Old").content
    later = timezone.now() + HOUR
    again(content, 1, cast.coordinator, title="New")
    publish(by=cast.coordinator, content=content, seen=2, at=later)
    moment = datetime.timedelta(microseconds=1)
    assert [shown(), shown(later - moment), shown(later), shown(later + HOUR)] == [["Old"], ["Old"], ["New"], ["New"]]
    assert state(content) == (State.PUBLISHED, False)


def test_a_first_publication_can_be_scheduled_and_called_off(cast):
    content = write_text(by=cast.coordinator).content
    later = timezone.now() + HOUR
    publish(by=cast.coordinator, content=content, seen=1, at=later)
    assert state(content) == (State.SCHEDULED, False)
    assert (shown(), shown(later)) == ([], ["A page"])
    call_off(by=cast.coordinator, content=content, seen=1)
    assert shown(later) == []
    assert state(content) == state(content, later + HOUR) == (State.DRAFT, True)
    with pytest.raises(NotPossible, match="Nothing is scheduled"):
        call_off(by=cast.coordinator, content=content, seen=1)


def test_what_is_published_last_is_what_holds(cast):
    content, later = show_text(title="One").content, timezone.now() + HOUR
    again(content, 1, cast.coordinator, title="Two")
    publish(by=cast.coordinator, content=content, seen=2, at=later)
    again(content, 2, cast.coordinator, title="Three")
    publish(by=cast.coordinator, content=content, seen=3)
    assert (shown(), shown(later + HOUR)) == (["Three"], ["Three"])


def test_calling_off_a_change_leaves_what_the_public_sees(cast):
    content, later = show_text(title="One").content, timezone.now() + HOUR
    again(content, 1, cast.coordinator, title="Two")
    publish(by=cast.coordinator, content=content, seen=2, at=later)
    call_off(by=cast.coordinator, content=content, seen=2)
    assert (shown(), shown(later + HOUR)) == (["One"], ["One"])
    assert state(content) == (State.PUBLISHED, True)


def test_withdrawing_takes_it_away_now_and_for_later(cast):
    content, later = show_text(title="One").content, timezone.now() + HOUR
    again(content, 1, cast.coordinator, title="Two")
    publish(by=cast.coordinator, content=content, seen=2, at=later)
    withdraw(by=cast.coordinator, content=content, seen=2)
    assert (shown(), shown(later + HOUR)) == ([], [])
    assert state(content) == (State.WITHDRAWN, True)
    with pytest.raises(NotPossible, match="does not see"):
        withdraw(by=cast.coordinator, content=content, seen=2)
    publish(by=cast.coordinator, content=content, seen=2)
    assert shown() == ["Two"]


def test_an_old_version_comes_back_as_a_new_one(cast):
    content = show_text(title="One", body="First **words**").content
    again(content, 1, cast.coordinator, title="Two", body="Other words")
    version = restore(by=cast.coordinator, content=content, seen=2, number=1)
    assert (version.number, version.title, version.act, version.restored_from.number) == (3, "One", "restored", 1)
    assert version.html == '<p class="govuk-body">First <strong>words</strong></p>\n'
    assert [row.title for row in content.versions.all()] == ["One", "Two", "One"]
    with pytest.raises(NotPossible):
        restore(by=cast.coordinator, content=content, seen=3, number=3)
    with pytest.raises(ContentVersion.DoesNotExist):
        restore(by=cast.coordinator, content=content, seen=3, number=99)


def test_whoever_saves_second_is_shown_what_the_first_one_saved(cast):
    content = write_text(by=cast.coordinator).content
    again(content, 1, cast.coordinator, title="Hers")
    for act in (
        lambda: again(content, 1, cast.coordinator2, title="His"),
        lambda: publish(by=cast.coordinator2, content=content, seen=1),
        lambda: withdraw(by=cast.coordinator2, content=content, seen=1),
        lambda: restore(by=cast.coordinator2, content=content, seen=1, number=1),
    ):
        with pytest.raises(SomebodySaved) as raised:
            act()
        assert raised.value.latest.title == "Hers"
    assert content.versions.count() == 2


def test_saving_the_same_words_again_adds_no_version(cast):
    version = write_text(by=cast.coordinator)
    assert again(version.content, 1, cast.coordinator2) == version


def test_nobody_publishes_into_the_past(cast):
    content = write_text(by=cast.coordinator).content
    with pytest.raises(NotPossible, match="past"):
        publish(by=cast.coordinator, content=content, seen=1, at=timezone.now() - HOUR)


def test_a_version_is_never_changed_or_deleted(cast):
    version = write_text(by=cast.coordinator)
    for act in (version.save, version.delete, ContentVersion.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            act()
    for sql in ("UPDATE awareness_contentversion SET title = 'x'", "DELETE FROM awareness_contentversion"):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_what_was_published_and_withdrawn_by_whom_is_in_the_history_of_the_settings(cast):
    content = write_text(by=cast.coordinator).content
    publish(by=cast.coordinator, content=content, seen=1)
    withdraw(by=cast.sysadmin, content=content, seen=1)
    changes = ConfigurationChange.objects.filter(kind="content", object_id=str(content.pk)).order_by("at")
    assert [(change.by, change.changes) for change in changes] == [
        (cast.coordinator, [["The public sees", "Nothing", "A page (version 1)"]]),
        (cast.sysadmin, [["The public sees", "A page (version 1)", "Nothing"]]),
    ]


def test_what_an_older_renderer_stored_is_rendered_again(cast, monkeypatch):
    version = show_text(body="Some **words**")
    monkeypatch.setattr("awareness.models.versions.RENDERER", 99)
    assert "<strong>words</strong>" in version.rendered
    version.html = "old"
    assert "<strong>words</strong>" in version.rendered


def test_when_the_public_side_changed_last(cast):
    now = timezone.now()
    assert Edition.objects.last_change(now) is None
    content = show_text(at=now - HOUR).content
    show_text(slug="later", at=now + HOUR)
    assert Edition.objects.last_change(now) == now - HOUR
    assert Edition.objects.last_change(now + 2 * HOUR) == now + HOUR
    withdraw(by=cast.coordinator, content=content, seen=1)
    assert Edition.objects.last_change(timezone.now()) > now


def test_sets_of_texts(cast):
    for slug, position in [("b", 20), ("a", 30), ("c", 10)]:
        show_text(slug=slug, position=position, audience="businesses" if slug == "a" else "everybody")
    show_text("sign", "taxi", subject="taxi")
    show_text("sign", "forced-marriage", subject="forced_marriage")
    show_text("news", "news")
    show_text("resource", "poster")
    now = timezone.now()

    def slugs(rows) -> list[str]:
        return [row.content.slug for row in rows]

    published = ContentVersion.objects.published(now)
    assert slugs(published.in_section("about").in_order()) == ["c", "b", "a"]
    assert slugs(published.pages().for_audience("professionals").in_order()) == ["c", "b"]
    assert slugs(published.settings()) == ["taxi"]
    assert slugs(published.kinds_of_exploitation()) == ["forced-marriage"]
    assert published.settings()[0].subject_label == "Taxi or private hire"
    assert slugs(published.newest().news()) + slugs(published.resources()) == ["news", "poster"]


def test_texts_to_check():
    write_text(slug="old", review_by=datetime.date(2026, 1, 1))
    write_text(slug="new", review_by=datetime.date(2027, 1, 1))
    assert [row.slug for row in Content.objects.to_check(datetime.date(2026, 1, 1))] == ["old"]
