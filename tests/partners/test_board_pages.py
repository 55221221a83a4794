"""The pages of the message board: writing with a look before sending, reading, and what becomes of a post."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from partners.board.posting import publish
from partners.board.screening import CHECKS_AN_HOUR
from partners.models import (
    AccessRecord,
    BoardAudience,
    BoardPost,
    BoardReading,
    ErrorCode,
    Membership,
    Message,
    NotificationRule,
    State,
    User,
)
from partners.roles import Role
from tests.conftest import make_organisation
from tests.partners.test_board import PATTERN, new_post

ADD = "/admin/partners/boardpost/add/"


@pytest.fixture
def desk(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def officer(cast, sign_in) -> Client:
    """A frontline professional with an e-mailed code alone."""
    return sign_in(Client(), cast.officer, second_factor=False)


def typed(step: str = "preview", **changes) -> dict:
    """What a coordinator sends."""
    standard = {
        "id": str(uuid.uuid4()),
        "title": "Car washes are changing hands",
        "text": PATTERN,
        "whom": "all",
        "urgent": "no",
        "step": step,
    }
    return standard | changes


def text_of(response) -> str:
    """What stands on the page, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def carried(response) -> dict:
    """The hidden fields of the page before sending, as a browser sends them."""
    found: dict[str, list[str]] = {}
    for name, value in response.context["carried"]:
        found.setdefault(name, []).append(value)
    return found


# --- Writing ---------------------------------------------------------------------------------------------------------


def test_a_post_is_looked_at_before_it_is_sent(desk, cast):
    page = desk.get(ADD)
    assert page.status_code == 200
    preview = desk.post(ADD, typed())
    words = text_of(preview)
    assert "5 organisations, by e-mail to 5 people and 5 shared mailboxes" in words
    assert "Subject: There is a new post on the message board" in words
    assert "Staff sleep on site" in words
    assert not BoardPost.objects.exists()
    sent = desk.post(ADD, carried(preview) | {"step": "send"}, follow=True)
    post = BoardPost.objects.get()
    assert (post.title, post.text, post.written_by) == ("Car washes are changing hands", PATTERN, cast.coordinator)
    assert "10 waiting to be sent" in text_of(sent)
    assert "Read by 0 of 5 organisations" in text_of(sent)


def test_the_page_says_as_many_as_are_told(desk, cast):
    """For each audience the preview and the rows of the outbox agree."""
    some = {"whom": "some", "organisations": [str(cast.beacon.pk), str(cast.council.pk)]}
    for changes in ({}, {"urgent": "yes"}, some, some | {"urgent": "yes"}):
        preview = desk.post(ADD, typed(**changes))
        desk.post(ADD, carried(preview) | {"step": "send"})
        rows = Message.objects.filter(event_id=preview.context["new"].id)
        assert preview.context["people"] == rows.filter(user__isnull=False).count() > 0
        assert preview.context["mailboxes"] == rows.filter(organisation__isnull=False).count() > 0


def test_change_gives_everything_back(desk, cast):
    said = {"whom": "some", "organisations": [str(cast.beacon.pk)], "urgent": "yes"}
    said |= {"valid_until_day": "31", "valid_until_month": "3", "valid_until_year": "2030"}
    preview = desk.post(ADD, typed(**said))
    again = desk.post(ADD, carried(preview) | {"step": "change"})
    form = again.context["form"]
    assert not form.errors
    assert form["title"].value() == "Car washes are changing hands"
    assert form["text"].value() == PATTERN
    assert form["organisations"].value() == [str(cast.beacon.pk)]
    assert form["valid_until"].value() == ["31", "3", "2030"]
    page = again.content.decode()
    assert 'value="31"' in page
    assert PATTERN.splitlines()[0] in page


def test_the_same_page_sent_twice_is_one_post(desk):
    preview = carried(desk.post(ADD, typed())) | {"step": "send"}
    assert desk.post(ADD, preview).status_code == desk.post(ADD, preview).status_code == 302
    assert BoardPost.objects.count() == 1


def test_somebody_elses_id_overwrites_nothing(desk, cast):
    theirs = publish(by=cast.coordinator2, new=new_post(title="Theirs"))
    answer = desk.post(ADD, typed("send", id=str(theirs.pk)))
    assert "sent already" in text_of(answer)
    assert BoardPost.objects.get().title == "Theirs"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"title": ""}, "Enter a title"),
        ({"text": "   "}, "Enter the text"),
        ({"title": "T" * 121}, "Title must be 120 characters or fewer. You have 1 too many"),
        ({"text": "x" * 10_001}, "Text must be 10,000 characters or fewer. You have 1 too many"),
        ({"text": "a\x00b"}, "invisible control character"),
        ({"text": "a\x1bb"}, "invisible control character"),
        ({"whom": ""}, "Choose who it is for"),
        ({"whom": "some"}, "Choose at least one organisation"),
        ({"whom": "some", "organisations": ["999999"]}, "one that you chose has ended since"),
        ({"whom": "some", "organisations": ["x' OR 1=1"]}, "one that you chose has ended since"),
        ({"urgent": "perhaps"}, "Choose from the list"),
        ({"valid_until_day": "31", "valid_until_month": "2", "valid_until_year": "2030"}, "must be a real date"),
        ({"valid_until_day": "1", "valid_until_month": "1", "valid_until_year": "2020"}, "must be on or after"),
        ({"id": "no-id"}, "Enter a valid UUID"),
    ],
)
def test_bad_input_gives_a_clear_error_and_loses_nothing(desk, changes, error):
    for step in ("preview", "send"):
        answer = desk.post(ADD, typed(step, **changes))
        assert answer.status_code == 200
        assert error in text_of(answer)
        assert "Error: " in re.search(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)[1]
        if "text" not in changes:
            assert "Staff sleep on site" in answer.content.decode()
    assert not BoardPost.objects.exists()


def test_what_is_refused_is_said_at_its_field_and_nothing_is_sent(desk):
    for step in ("preview", "send"):
        answer = desk.post(
            ADD, typed(step, title="Call 07700 900123", text="Write to jo@mail.example.net, born 3 May 2004")
        )
        assert "“07700 900123” is a phone number" in str(answer.context["form"].errors["title"])
        errors = str(answer.context["form"].errors["text"])
        assert "jo@mail.example.net” is an e-mail address" in errors
        assert "3 May 2004” is a date of birth" in errors
    assert not BoardPost.objects.exists()


def test_what_is_asked_about_is_ticked_first_and_kept(desk):
    said = typed(text="The site at AL1 3JE is used again.")
    preview = desk.post(ADD, said)
    assert "“AL1 3JE” is a full postcode" in text_of(preview)
    unticked = desk.post(ADD, carried(preview) | {"step": "send"})
    assert "Tick the box when it is so" in text_of(unticked)
    assert not BoardPost.objects.exists()
    sent = desk.post(ADD, carried(unticked) | {"step": "send", "confirm-postcode": "on"}, follow=True)
    assert BoardPost.objects.get().confirmed == "postcode"
    assert "None of these postcodes is where a person in a referral lives" in text_of(sent)


def test_a_tick_for_one_thing_is_none_for_another(desk):
    answer = desk.post(ADD, typed("send", text="At AL1 3JE with AB12 CDE") | {"confirm-vehicle": "on"})
    assert [str(found) for found in answer.context["findings"]] == [
        "“AL1 3JE” is a full postcode, which may lead to one home",
        "“AB12 CDE” looks like the registration of a vehicle, which leads to one keeper",
    ]
    both = {"confirm-vehicle": "on", "confirm-postcode": "on"}
    desk.post(ADD, typed("send", text="At AL1 3JE with AB12 CDE") | both)
    assert BoardPost.objects.count() == 1


def test_each_check_is_on_the_access_log_without_its_words_and_they_are_limited(desk, cast):
    for _ in range(CHECKS_AN_HOUR):
        assert "Who will be told" in text_of(desk.post(ADD, typed()))
    over = desk.post(ADD, typed())
    assert f"You can have {CHECKS_AN_HOUR} texts checked an hour. What you typed is still here" in text_of(over)
    assert "Staff sleep on site" in over.content.decode()
    rows = AccessRecord.objects.filter(action=AccessRecord.Action.CHECK_TEXT)
    assert rows.count() == CHECKS_AN_HOUR
    assert {(row.user, row.purpose, row.reference) for row in rows} == {(cast.coordinator, "", "")}


def test_a_check_that_refuses_is_recorded_and_counted_too(desk, cast):
    """Else who sends without looking first could try names without end."""
    post = publish(by=cast.coordinator, new=new_post())
    rows = AccessRecord.objects.filter(action=AccessRecord.Action.CHECK_TEXT)
    before = rows.count()
    desk.post(ADD, typed("send", text="Ring 07700 900123"))
    desk.post(ADD, typed("send", text="At AL1 3JE"))
    desk.post(f"/admin/partners/boardpost/{post.pk}/withdraw/", {"reason": "Ring 07700 900123"})
    assert rows.count() == before + 3
    for _ in range(CHECKS_AN_HOUR):
        last = desk.post(ADD, typed("send", text="At AL1 3JE"))
    assert rows.count() == CHECKS_AN_HOUR
    assert "texts checked an hour" in text_of(last)


def test_an_organisation_where_nobody_can_be_told_is_named(desk):
    make_organisation("silent-one", role_mailbox="")
    assert "Nobody can be told at Silent One" in text_of(desk.post(ADD, typed()))


def test_a_rule_that_is_off_is_said_before_anything_is_sent(desk):
    NotificationRule.objects.filter(kind="board_post").update(active=False)
    assert "Nobody gets an e-mail" in text_of(desk.post(ADD, typed()))


# --- What was typed is text ------------------------------------------------------------------------------------------

ODD = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{ request.user }} {% csrf_token %} ((link)) **bold** [a](javascript:alert(1))",
    "\u202eright to left\u202c \u200f عربي ‏ 👩🏽\u200d🚒 e\u0301",
    "https://www.gov.uk/modern-slavery",
]


@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_typed_is_shown_as_text(desk, cast, sign_in, odd):
    said = typed(title=odd[:100], text=f"{odd}\n\n{'long ' * 1900}")
    preview = desk.post(ADD, said)
    assert "Who will be told" in text_of(preview)
    desk.post(ADD, carried(preview) | {"step": "send"})
    post = BoardPost.objects.get()
    assert post.text.startswith(odd)
    reader = sign_in(Client(), cast.lead)
    admin_page = f"/admin/partners/boardpost/{post.pk}/change/"
    pages = [preview, *(reader.get(url) for url in (f"/board/{post.pk}/", "/board/"))]
    pages += [
        desk.get(url)
        for url in (admin_page, f"/admin/partners/boardpost/{post.pk}/correct/", "/admin/partners/boardpost/")
    ]
    for page in pages:
        body = page.content.decode()
        assert page.status_code == 200
        assert "<script>alert" not in body
        assert "<img src=x" not in body
        assert '<a href="https://www.gov.uk' not in body
        assert "<strong>bold" not in body
        assert odd[:20].split("<")[0] in body
    title = re.search(r"<title>(.*?)</title>", pages[1].content.decode(), re.DOTALL)[1]
    assert odd[:12] not in title


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_a_frontline_professional_reads_on_an_e_mailed_code(officer, cast):
    post = publish(by=cast.coordinator, new=new_post())
    assert "Message board 1 unread" in text_of(officer.get("/referrals/"))
    listed = officer.get("/board/")
    assert "Car washes are changing hands" in text_of(listed)
    assert "Unread" in text_of(listed)
    page = officer.get(f"/board/{post.pk}/")
    assert "Staff sleep on site" in text_of(page)
    assert "unread" not in text_of(page)
    assert "Read by" not in text_of(page)
    assert BoardReading.objects.get().user == cast.officer
    assert officer.get(f"/board/{post.pk}/").status_code == 200
    assert BoardReading.objects.count() == 1


def test_looking_at_the_head_of_a_page_is_no_reading(officer, cast):
    post = publish(by=cast.coordinator, new=new_post())
    assert officer.head(f"/board/{post.pk}/").status_code == 200
    assert not BoardReading.objects.exists()


def test_who_was_not_addressed_finds_nothing(officer, cast):
    post = publish(by=cast.coordinator, new=new_post(organisations=frozenset({cast.beacon.pk}), urgent=True))
    assert officer.get(f"/board/{post.pk}/").status_code == 404
    assert "Nothing on the board yet" in text_of(officer.get("/board/"))
    assert "Car washes" not in text_of(officer.get("/"))
    message = Message.objects.filter(event_id=post.pk, organisation=cast.beacon).get()
    assert officer.get(f"/m/{message.pk}/").status_code == 404


def test_the_link_in_a_mail_leads_to_the_post(cast, sign_in, officer):
    post = publish(by=cast.coordinator, new=new_post())
    message = Message.objects.get(event_id=post.pk, organisation=cast.council)
    answer = officer.get(f"/m/{message.pk}/")
    assert answer["Location"] == f"/board/{post.pk}/"
    message.refresh_from_db()
    assert message.acknowledged_at
    auditor = sign_in(Client(), cast.auditor)
    to_the_team = Message.objects.get(event_id=post.pk, organisation=cast.partnership_team)
    assert auditor.get(f"/m/{to_the_team.pk}/").status_code == 404


def test_the_start_page_shows_the_newest_urgent_post_until_it_is_read(officer, cast):
    publish(by=cast.coordinator, new=new_post(urgent=True, title="The older one"))
    newest = publish(by=cast.coordinator, new=new_post(urgent=True, title="The newer one"))
    start = text_of(officer.get("/"))
    assert "Urgent on the message board The newer one" in start
    assert "The older one" not in start
    officer.get(f"/board/{newest.pk}/")
    assert "The older one" in text_of(officer.get("/"))
    assert "Urgent on" not in text_of(Client().get("/"))


def test_a_withdrawn_post_leaves_its_reason_and_nothing_of_its_words(officer, desk, cast):
    post = publish(by=cast.coordinator, new=new_post())
    address = f"/admin/partners/boardpost/{post.pk}/withdraw/"
    assert "Enter why it is withdrawn" in text_of(desk.post(address, {"reason": " "}))
    refused = desk.post(address, {"reason": "Ring 07700 900123"})
    assert "is a phone number" in text_of(refused)
    done = desk.post(address, {"reason": "It was about another county"}, follow=True)
    assert "The post is withdrawn" in text_of(done)
    assert "10 no longer owed" in text_of(done)
    for url in ("/board/", f"/board/{post.pk}/"):
        words = text_of(officer.get(url))
        assert "was withdrawn" in words
        assert "It was about another county" in words
        assert "Car washes" not in words
        assert "Staff sleep" not in words
    assert not BoardReading.objects.exists()
    assert desk.post(address, {"reason": "Again"}).status_code == 200
    assert "corrected" in text_of(desk.get(f"/admin/partners/boardpost/{post.pk}/correct/", follow=True))


def test_a_corrected_post_leads_to_the_new_one(officer, desk, cast):
    old = publish(by=cast.coordinator, new=new_post(organisations=frozenset({cast.council.pk})))
    address = f"/admin/partners/boardpost/{old.pk}/correct/"
    page = desk.get(address)
    assert page.context["form"]["text"].value() == PATTERN
    assert "Who is it for" not in text_of(page)
    said = typed(text="It is three stations.")
    preview = desk.post(address, said)
    assert "1 organisation, by e-mail to 1 person and 1 shared mailbox" in text_of(preview)
    desk.post(address, carried(preview) | {"step": "send"})
    new = BoardPost.objects.get(replaces=old)
    stub = officer.get(f"/board/{old.pk}/")
    assert "Staff sleep" not in text_of(stub)
    assert f"/board/{new.pk}/" in stub.content.decode()
    listed = officer.get("/board/").content.decode()
    assert str(new.pk) in listed
    assert str(old.pk) not in listed


def test_an_ended_post_is_kept_and_says_so(officer, cast):
    Membership.objects.update(started_at=timezone.now() - timedelta(days=30))
    ended = timezone.localdate() - timedelta(days=1)
    post = publish(by=cast.coordinator, new=new_post(valid_until=ended), at=timezone.now() - timedelta(days=9))
    assert "Ended" in text_of(officer.get("/board/"))
    assert "Unread" not in text_of(officer.get("/board/"))
    assert "It held until" in text_of(officer.get(f"/board/{post.pk}/"))


# --- What became of it -----------------------------------------------------------------------------------------------


def test_coordinators_see_what_was_delivered_and_send_the_rest_again(desk, cast):
    post = publish(by=cast.coordinator, new=new_post())
    rows = Message.objects.filter(event_id=post.pk)
    rows.update(state=State.SENT, sent_at=timezone.now())
    dead = rows.get(user=cast.lead)
    Message.objects.filter(pk=dead.pk).update(state=State.DEAD, sent_at=None, last_error=ErrorCode.RECIPIENT)
    page = desk.get(f"/admin/partners/boardpost/{post.pk}/change/")
    assert "9 sent, 1 could not be delivered" in text_of(page)
    assert "Test Lead, Council" in text_of(page)
    desk.post(reverse("send_message_again", args=[dead.pk]))
    assert "9 sent, 1 waiting to be sent" in text_of(desk.get(f"/admin/partners/boardpost/{post.pk}/change/"))


def test_coordinators_see_organisations_and_never_who_read_it(desk, officer, cast):
    post = publish(by=cast.coordinator, new=new_post())
    officer.get(f"/board/{post.pk}/")
    words = text_of(desk.get(f"/admin/partners/boardpost/{post.pk}/change/"))
    assert "Read by 1 of 5 organisations" in words
    assert cast.officer.full_name not in words
    assert "1 of 5 organisations" in text_of(desk.get("/admin/partners/boardpost/"))


@pytest.mark.parametrize("bad", ["x", "1", str(uuid.UUID(int=0)), "../../x"])
def test_an_address_that_is_no_post_is_not_there(desk, bad):
    assert desk.get(f"/admin/partners/boardpost/{bad}/change/").status_code == 404


# --- Queries ---------------------------------------------------------------------------------------------------------


def many(count: int, cast) -> None:
    """As many posts as that to all, each read in two organisations."""
    posts = [BoardPost(written_by=cast.coordinator, title=f"Post {n}", text="Text") for n in range(count)]
    BoardPost.objects.bulk_create(posts)
    told = [cast.council, cast.hospital, cast.beacon]
    BoardAudience.objects.bulk_create(BoardAudience(post=post, organisation=one) for post in posts for one in told)
    BoardReading.objects.bulk_create(
        BoardReading(post=post, user=user, organisation=user.membership.organisation)
        for post in posts
        for user in (cast.nurse, cast.beacon_worker)
    )


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_pages_ask_as_much_with_a_thousand_posts_as_with_ten(desk, officer, cast):
    many(10, cast)
    post = BoardPost.objects.first()
    addresses = [
        (officer, "/board/"),
        (officer, f"/board/{post.pk}/"),
        (officer, "/"),
        (desk, "/admin/partners/boardpost/"),
        (desk, f"/admin/partners/boardpost/{post.pk}/change/"),
    ]
    for client, url in addresses:
        client.get(url)
    few = [queries(client, url) for client, url in addresses]
    many(990, cast)
    assert [queries(client, url) for client, url in addresses] == few
    assert max(few) <= 20


def test_the_navigation_costs_one_query_and_a_stranger_none(officer, cast):
    def boards(client: Client, url: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
        return sum("partners_boardpost" in query["sql"] for query in asked)

    many(3, cast)
    assert boards(officer, "/referrals/") == 1
    assert boards(officer, "/") == 1
    assert boards(officer, "/refer/") == 0, "who writes about a person is not called away"
    assert boards(Client(), "/") == 0


def test_the_admin_asks_nothing_for_the_navigation(desk, cast):
    with CaptureQueriesContext(connection) as asked:
        desk.get("/admin/referrals/referral/")
    assert not [query for query in asked if "partners_boardpost" in query["sql"]]


def test_the_preview_of_a_county_is_constant(desk, cast):
    def preview() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert "Who will be told" in text_of(desk.post(ADD, typed(urgent="yes")))
        return len(asked)

    preview()
    few = preview()
    for number in range(60):
        organisation = make_organisation(f"partner-{number}")
        users = User.objects.bulk_create([User(email=f"p{i}@partner-{number}.example.org") for i in range(5)])
        Membership.objects.bulk_create(Membership(user=u, organisation=organisation, role=Role.LEAD) for u in users)
    assert preview() == few <= 25
