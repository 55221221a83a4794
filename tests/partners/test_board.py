"""The message board: who is told, who may read, what must not stand there, and that nothing is rewritten."""

import datetime
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners.board.posting import ContentRefused, NewPost, Refused, publish, withdraw
from partners.board.reading import delivery, note_reading, reach, unread, with_counts
from partners.delivery import drain
from partners.models import (
    AppendOnlyError,
    BoardAudience,
    BoardPost,
    BoardReading,
    BoardWithdrawal,
    Membership,
    Message,
    Organisation,
    State,
    User,
)
from partners.roles import Role
from tests.conftest import make_organisation, make_person

PATTERN = "Hand car washes near stations have changed hands.\n\nStaff sleep on site and are moved every two weeks."


def new_post(**changes) -> NewPost:
    standard = {"id": uuid.uuid4(), "title": "Car washes are changing hands", "text": PATTERN}
    return NewPost(**(standard | changes))


def told(post: BoardPost) -> set[str]:
    """Who has a message about the post: addresses of people, slugs of organisations."""
    rows = Message.objects.filter(event_id=post.pk).select_related("user", "organisation")
    return {row.user.email if row.user else row.organisation.slug for row in rows}


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_a_post_to_all_tells_every_mailbox_and_their_leads_and_responders(cast):
    post = publish(by=cast.coordinator, new=new_post())
    people = {cast.lead, cast.responder, cast.beacon_worker, cast.beacon_worker2, cast.police_officer}
    mailboxes = {"council", "hospital", "partnership-team", "beacon", "constabulary"}
    assert told(post) == mailboxes | {person.email for person in people}
    assert post.to_all
    assert post.audience.count() == 5


def test_an_urgent_post_tells_everybody_who_may_read_it(cast):
    post = publish(by=cast.coordinator, new=new_post(urgent=True))
    assert {cast.officer.email, cast.viewer.email, cast.nurse.email} <= told(post)
    assert not {cast.auditor.email, cast.sysadmin.email} & told(post)


def test_a_post_to_some_tells_nobody_else(cast):
    chosen = frozenset({cast.beacon.pk, cast.hospital.pk})
    post = publish(by=cast.coordinator, new=new_post(organisations=chosen))
    people = {cast.responder.email, cast.beacon_worker.email, cast.beacon_worker2.email}
    assert told(post) == {"hospital", "beacon"} | people
    assert set(post.audience.values_list("organisation", flat=True)) == chosen


def test_a_closed_organisation_and_a_suspended_person_are_not_told(cast):
    Organisation.objects.filter(pk=cast.hospital.pk).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    User.objects.filter(pk=cast.lead.pk).update(is_active=False)
    Membership.objects.filter(user=cast.beacon_worker2).update(ended_at=timezone.now())
    post = publish(by=cast.coordinator, new=new_post())
    assert not {"hospital", cast.responder.email, cast.lead.email, cast.beacon_worker2.email} & told(post)
    assert post.audience.count() == 4


def test_a_post_for_nobody_who_takes_part_is_refused(cast):
    Organisation.objects.filter(pk=cast.hospital.pk).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    with pytest.raises(Refused, match="takes part"):
        publish(by=cast.coordinator, new=new_post(organisations=frozenset({cast.hospital.pk})))
    assert not BoardPost.objects.exists()


def test_the_same_form_sent_twice_is_one_post(cast):
    new = new_post()
    first, second = publish(by=cast.coordinator, new=new), publish(by=cast.coordinator, new=new)
    assert first == second
    assert Message.objects.filter(event_id=new.id, organisation=cast.council).count() == 1


@pytest.mark.parametrize("who", ["officer", "lead", "responder", "viewer", "auditor", "sysadmin"])
def test_only_coordinators_write_and_withdraw(cast, who):
    post = publish(by=cast.coordinator, new=new_post())
    with pytest.raises(PermissionError):
        publish(by=getattr(cast, who), new=new_post())
    with pytest.raises(PermissionError):
        withdraw(by=getattr(cast, who), post_id=post.pk, reason="No longer so")


def test_what_is_carried_over_tells_nobody_and_keeps_its_day(cast):
    at = timezone.now() - datetime.timedelta(days=9)
    post = publish(by=cast.coordinator, new=new_post(), at=at)
    assert post.at == at
    assert not told(post)


def test_a_county_is_told_with_the_same_queries_as_a_few(cast, django_assert_max_num_queries):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            publish(by=cast.coordinator, new=new_post(urgent=True))
        return len(asked)

    queries()  # the first reads the coordinator's membership
    few = queries()
    for number in range(60):
        organisation = make_organisation(f"partner-{number}")
        users = [User(email=f"p{i}@partner-{number}.example.org") for i in range(5)]
        User.objects.bulk_create(users)
        Membership.objects.bulk_create(Membership(user=u, organisation=organisation, role=Role.LEAD) for u in users)
    assert queries() == few
    assert few <= 20
    assert Message.objects.filter(event_id=BoardPost.objects.first().pk).count() >= 360


# --- The mail --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("urgent", [False, True])
@pytest.mark.django_db(transaction=True)
def test_the_mail_holds_a_link_and_nothing_of_the_post(cast, sink, urgent):
    post = publish(by=cast.coordinator, new=new_post(urgent=urgent, organisations=frozenset({cast.beacon.pk})))
    assert drain().failed == 0
    assert len(sink.received) == Message.objects.filter(event_id=post.pk, state=State.SENT).count() == 3
    for received in sink.received:
        mail = received.message
        body = f"{mail['Subject']}\n{mail.get_content()}"
        assert "message board" in mail["Subject"]
        assert "/m/" in body
        assert ("urgent" in body.lower()) is urgent
        assert not [word for word in ("car wash", "changing hands", "station", "Test Coordinator") if word in body]
        assert str(post.pk) not in body


# --- Who may read ----------------------------------------------------------------------------------------------------


def test_only_who_was_addressed_sees_a_post_and_coordinators_see_all(cast):
    publish(by=cast.coordinator, new=new_post(organisations=frozenset({cast.beacon.pk})))
    seen = {name for name, person in cast.people.items() if BoardPost.objects.visible_to(person).exists()}
    assert seen == {"beacon_worker", "beacon_worker2", "coordinator", "coordinator2"}


def test_a_post_to_all_is_there_for_an_organisation_that_joins_later(cast):
    post = publish(by=cast.coordinator, new=new_post())
    newcomer = make_person("nell", Role.REFERRER, make_organisation("newcomer"))
    assert BoardPost.objects.visible_to(newcomer).get() == post
    assert reach(post).unread == sorted(["Council", "Hospital", "Partnership Team", "Beacon", "Constabulary"])


def test_somebody_who_left_or_is_suspended_sees_nothing(cast):
    publish(by=cast.coordinator, new=new_post())
    Membership.objects.filter(user=cast.nurse).update(ended_at=timezone.now())
    User.objects.filter(pk=cast.lead.pk).update(is_active=False)
    for person in (cast.nurse, cast.lead):
        assert not BoardPost.objects.visible_to(User.objects.get(pk=person.pk)).exists()


def test_unread_counts_what_holds_and_was_written_since_one_joined(cast):
    publish(by=cast.coordinator, new=new_post(), at=timezone.now() - datetime.timedelta(days=30))
    assert unread(cast.officer).words == ""
    publish(by=cast.coordinator, new=new_post())
    urgent = publish(by=cast.coordinator, new=new_post(urgent=True))
    assert unread(cast.officer).words == "2 unread"
    assert unread(cast.officer).urgent == urgent
    assert unread(cast.coordinator).words == ""
    note_reading(urgent, cast.officer)
    assert unread(cast.officer).words == "1 unread"
    assert unread(cast.officer).urgent is None
    assert unread(cast.nurse).words == "2 unread"


def test_unread_is_one_query_whatever_there_is(cast, django_assert_num_queries):
    for _ in range(105):
        BoardPost.objects.create(written_by=cast.coordinator, title="A pattern", text="Text")
    officer = User.objects.get(pk=cast.officer.pk)
    assert officer.may("read_board")
    with django_assert_num_queries(1):
        assert unread(officer).words == "more than 99 unread"


def test_an_ended_a_withdrawn_and_a_replaced_post_are_not_unread(cast):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    two_days_ago = timezone.now() - datetime.timedelta(days=2)
    Membership.objects.update(started_at=two_days_ago - datetime.timedelta(days=9))
    ended = publish(by=cast.coordinator, new=new_post(valid_until=yesterday), at=two_days_ago)
    gone = publish(by=cast.coordinator, new=new_post())
    withdraw(by=cast.coordinator, post_id=gone.pk, reason="It was about another county")
    old = publish(by=cast.coordinator, new=new_post())
    new = publish(by=cast.coordinator, new=new_post(replaces=old))
    assert ended.has_ended(timezone.localdate())
    assert unread(cast.officer).posts == [new]


def test_reading_counts_an_organisation_once_and_arrives_at_its_mailbox(cast):
    post = publish(by=cast.coordinator, new=new_post())
    for _ in range(2):
        note_reading(post, cast.officer)
        note_reading(post, cast.lead)
    note_reading(post, cast.nurse)
    counted = with_counts(BoardPost.objects.all()).get()
    assert (counted.read_by, counted.told) == (2, 5)
    assert [name for name, _ in reach(post).read] == ["Council", "Hospital"]
    seen = Message.objects.filter(event_id=post.pk, acknowledged_at__isnull=False)
    assert {row.user or row.organisation for row in seen} == {cast.lead, cast.council, cast.hospital}


# --- Nothing is rewritten --------------------------------------------------------------------------------------------


def test_a_withdrawn_post_stays_with_its_reason_and_what_had_not_left_is_not_sent(cast):
    post = publish(by=cast.coordinator, new=new_post())
    withdraw(by=cast.coordinator2, post_id=post.pk, reason="It was about another county")
    post = BoardPost.objects.get()
    assert post.is_withdrawn
    assert (post.withdrawal.by, post.withdrawal.reason) == (cast.coordinator2, "It was about another county")
    assert delivery(post)[State.CANCELLED] == Message.objects.filter(event_id=post.pk).count() > 0
    with pytest.raises(Refused, match="withdrawn meanwhile"):
        withdraw(by=cast.coordinator, post_id=post.pk, reason="Twice")
    with pytest.raises(Refused, match="withdrawn meanwhile"):
        publish(by=cast.coordinator, new=new_post(replaces=post))


def test_a_correction_goes_to_whom_the_old_post_was_addressed_to(cast):
    old = publish(by=cast.coordinator, new=new_post(organisations=frozenset({cast.beacon.pk})))
    new = publish(by=cast.coordinator, new=new_post(replaces=old, organisations=None, text="It is three stations."))
    assert BoardPost.objects.get(pk=old.pk).replacement == new
    assert not new.to_all
    assert told(new) == told(old)
    assert delivery(old)[State.CANCELLED] == 3
    with pytest.raises(Refused, match="corrected meanwhile"):
        publish(by=cast.coordinator, new=new_post(replaces=old))
    with pytest.raises(Refused, match="corrected meanwhile"):
        withdraw(by=cast.coordinator, post_id=old.pk, reason="Too late")


def test_rows_of_the_board_are_written_once(cast):
    post = publish(by=cast.coordinator, new=new_post())
    note_reading(post, cast.officer)
    withdraw(by=cast.coordinator, post_id=post.pk, reason="No longer so")
    for model in (BoardPost, BoardAudience, BoardReading, BoardWithdrawal):
        row = model.objects.first()
        for change in (row.save, row.delete, model.objects.all().delete, lambda m=model: m.objects.update(post=None)):
            with pytest.raises(AppendOnlyError):
                change()
        table = model._meta.db_table
        for words in (f"DELETE FROM {table}", f"UPDATE {table} SET at = now()"):  # noqa: S608
            if model is BoardAudience and "at =" in words:
                words = f"UPDATE {table} SET organisation_id = 1"  # noqa: S608
            with (
                pytest.raises(IntegrityError, match="append-only"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(words)


def test_the_same_text_is_refused_however_it_comes(cast):
    """The page asks first; the function that sends asks again."""
    with pytest.raises(ContentRefused) as refused:
        publish(by=cast.coordinator, new=new_post(text="Ring me on 07700 900123"), confirmed={"phone"})
    assert [str(found.kind) for found in refused.value.findings] == ["phone"]
    assert not BoardPost.objects.exists()
    assert not Message.objects.filter(kind="board_post").exists()
