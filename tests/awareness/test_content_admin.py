"""The coordinators' pages for texts: nothing typed is ever lost, and nothing is public that nobody published."""

import datetime
import html
import re

import pytest
from django.test import Client
from django.utils import timezone

from awareness.models import Content, ContentVersion, Edition, Link
from partners.models import ConfigurationChange
from partners.roles import Permission, Role, may
from tests.awareness.texts import show_text, write_text

pytestmark = pytest.mark.django_db
LIST, ADD = "/admin/awareness/content/", "/admin/awareness/content/add/"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    return sign_in(Client(), cast.coordinator)


def a_page(**changes) -> dict:
    return {
        "title": "Taxis", "summary": "What a driver may notice.", "body": "## What to do\n\nRing **999**.",
        "section": "about", "position": "10", "audience": "everybody", "slug": "taxis", "review_by": "2027-05-01",
        "owner": "coordinator", "note": "First words", "seen": "0", "publish_at_0": "", "publish_at_1": "",
    } | changes  # fmt: skip


def change(content: Content) -> str:
    return f"{LIST}{content.pk}/change/"


def edit(content: Content, **changes) -> dict:
    """What the form of a page would post back."""
    latest = Content.objects.get(pk=content.pk).latest
    words = {name: getattr(latest, name) for name in ("title", "summary", "body", "section", "position", "audience")}
    about = {"slug": content.slug, "review_by": "2027-05-01", "owner": "coordinator", "seen": str(latest.number)}
    return words | about | {"note": "", "publish_at_0": "", "publish_at_1": ""} | changes


def public() -> list[str]:
    return [version.title for version in ContentVersion.objects.published(timezone.now()).in_order()]


def page(response) -> str:
    return html.unescape(response.content.decode())


def test_only_who_keeps_the_settings_finds_the_pages(cast, sign_in):
    version = show_text()
    paths = [LIST, ADD, change(version.content), f"{LIST}{version.content.pk}/history/",
             f"{LIST}{version.content.pk}/version/1/", "/admin/awareness/link/"]  # fmt: skip
    for name, role in [
        ("officer", Role.REFERRER),
        ("lead", Role.LEAD),
        ("auditor", Role.AUDITOR),
        ("viewer", Role.VIEWER),
    ]:
        assert not may(role, Permission.MANAGE_PARTNERS)
        client = sign_in(Client(), getattr(cast, name))
        assert {client.get(path).status_code for path in paths} == {404}
        assert client.post(f"{LIST}{version.content.pk}/version/1/restore/", {"seen": "1"}).status_code == 404
    client = sign_in(Client(), cast.sysadmin)
    assert {client.get(path).status_code for path in paths} == {200}


@pytest.mark.parametrize("kind", ["page", "sign", "news", "resource", "nonsense"])
def test_each_kind_has_its_own_form(coordinator, kind):
    text = page(coordinator.get(f"{ADD}?kind={kind}"))
    own = {"page": 'name="section"', "sign": 'name="subject"', "news": 'name="slug"', "resource": 'name="link"'}
    for other, field in own.items():
        if other == "news":
            assert (field in text) == (kind != "sign")
        else:
            assert (field in text) == (other == (kind if kind in own else "page"))


def test_a_preview_saves_nothing_and_shows_what_the_public_would_read(coordinator):
    text = page(coordinator.post(ADD, a_page(_preview="Preview")))
    assert '<h2 id="what-to-do" class="govuk-heading-m">What to do</h2>' in text
    assert "Nothing is saved yet" in text
    assert not Content.objects.exists()


def test_a_draft_then_published_then_changed_then_withdrawn(coordinator, cast):
    response = coordinator.post(ADD, a_page(_save="1"), follow=True)
    content = Content.objects.get()
    assert "Saved as a draft" in page(response)
    assert response.redirect_chain == [(change(content), 302)]
    assert public() == []
    text = page(coordinator.post(change(content), edit(content, _publish="1"), follow=True))
    assert "Published. The public sees it now." in text
    assert public() == ["Taxis"]
    coordinator.post(change(content), edit(content, title="Cabs", note="Shorter", _save="1"))
    assert public() == ["Taxis"]
    assert "with changes that are not public" in page(coordinator.get(LIST))
    coordinator.post(change(content), edit(content, _publish="1"))
    assert public() == ["Cabs"]
    text = page(coordinator.post(change(content), edit(content, _withdraw="1"), follow=True))
    assert "Withdrawn." in text
    assert public() == []
    assert [(v.number, v.by, v.note) for v in content.versions.order_by("number")] == [
        (1, cast.coordinator, "First words"),
        (2, cast.coordinator, "Shorter"),
    ]


def test_a_text_is_scheduled_and_called_off(coordinator):
    coordinator.post(ADD, a_page(_schedule="1", publish_at_0="2099-01-01", publish_at_1="09:00"))
    content = Content.objects.get()
    edition = Edition.objects.get()
    assert (edition.starts_at, edition.ends_at) == (datetime.datetime(2099, 1, 1, 9, tzinfo=datetime.UTC), None)
    assert "Version 1 is shown from 1 January 2099, 09:00" in page(coordinator.get(change(content)))
    assert public() == []
    coordinator.post(change(content), edit(content, _call_off="1"))
    assert not Edition.objects.to_come(timezone.now()).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"body": "x" * 200_000}, "The text is too long: 200,000 characters"),
        ({"body": "<script>alert(1)</script>"}, "“<script>” is HTML, which is not read here"),
        ({"body": "Ring\n\n[x](javascript:alert(1))"}, "Line 3: A link cannot begin with “javascript:”"),
        ({"body": "[x](http://example.org)"}, "A link cannot begin with “http:”"),
        ({"body": "[x](/no/such/page/)"}, "Line 1: There is no page of this site at “/no/such/page/”"),
        ({"body": "abc\u202edef"}, "cannot be seen (U+202E)"),
        ({"body": "abc\x07def"}, "cannot be seen (U+0007)"),
        ({"body": "![x](https://example.org/x.png)"}, "Pictures cannot be part of a text"),
        ({"body": ""}, "Write the text."),
        ({"title": "x" * 121}, "Use at most 120 characters. This has 121"),
        ({"title": "ab\u2066cd"}, "cannot be seen (U+2066)"),
        ({"summary": ""}, "This field is required"),
        ({"summary": "x" * 5000}, "Use at most 300 characters"),
        ({"section": "attic"}, "Select a valid choice"),
        ({"section": ""}, "Choose where the page stands"),
        ({"position": "-1"}, "greater than or equal to 0"),
        ({"position": "9" * 30}, "less than or equal to"),
        ({"slug": "Not a slug!"}, "Enter a valid “slug”"),
        ({"slug": "taken"}, "Another text has this name in web addresses"),
        ({"review_by": "soon"}, "Enter a valid date"),
        ({"owner": "nobody"}, "Select a valid choice"),
        ({"_schedule": "1"}, "Say from which day and time on it is shown"),
        ({"_schedule": "1", "publish_at_0": "2001-01-01", "publish_at_1": "09:00"}, "This moment is past"),
    ],
)
def test_bad_input_is_refused_with_a_reason_and_nothing_typed_is_lost(coordinator, changes, said):
    write_text(slug="taken")
    data = a_page(_publish="1") | changes
    text = page(coordinator.post(ADD, data))
    assert said in text
    for name in {"body", "title", "summary"} & set(changes):
        assert data[name].strip("\n") in text or "\x07" in data[name]
    assert data["title"] in text
    assert Content.objects.count() == 1
    assert public() == []


def test_nothing_that_is_typed_becomes_markup_of_the_page(coordinator):
    raw = coordinator.post(
        ADD, a_page(title="<b>x</b>", body="<img src=x onerror=alert(1)>", _preview="1")
    ).content.decode()
    assert "<img src=x" not in raw
    assert "<b>x</b>" not in raw


def test_who_saves_second_is_shown_the_other_text_and_loses_nothing(coordinator, cast, sign_in):
    coordinator.post(ADD, a_page(_publish="1"))
    content = Content.objects.get()
    hers, his = edit(content, body="Her words.", _save="1"), edit(content, body="His words.", _publish="1")
    other = sign_in(Client(), cast.coordinator2)
    coordinator.post(change(content), hers)
    response = other.post(change(content), his)
    text = page(response)
    assert "Somebody saved this text after you opened it" in text
    assert "Her words." in text
    assert "His words." in text
    assert cast.coordinator.full_name in text
    assert content.versions.count() == 2
    assert ContentVersion.objects.published(timezone.now()).get().number == 1
    seen = re.search(r'name="seen" value="(\d+)"', response.content.decode())[1]
    other.post(change(content), his | {"seen": seen})
    assert [version.body for version in content.versions.all()] == ["His words.", "Her words.", a_page()["body"]]


def test_the_history_shows_what_changed_and_brings_a_version_back(coordinator, cast):
    coordinator.post(ADD, a_page(_publish="1"))
    content = Content.objects.get()
    coordinator.post(
        change(content), edit(content, body="## What to do\n\nRing **101**.", note="Not 999", _publish="1")
    )
    history = f"{LIST}{content.pk}/history/"
    text = page(coordinator.get(history))
    assert "Version 2: Not 999" in text
    assert "<del>Ring **999**.</del>" in text
    assert "<ins>Ring **101**.</ins>" in text
    assert "Public from" in text
    restore = f"{LIST}{content.pk}/version/1/restore/"
    assert coordinator.get(restore).status_code == 405
    text = page(coordinator.post(restore, {"seen": "1"}, follow=True))
    assert "saved by somebody else meanwhile" in text
    text = page(coordinator.post(restore, {"seen": "2"}, follow=True))
    assert "Version 1 is back as version 3, a draft" in text
    assert content.versions.first().body == a_page()["body"]
    assert "101" in ContentVersion.objects.published(timezone.now()).get().body
    for path, seen in [(f"{LIST}{content.pk}/version/99/restore/", "3"), (f"{LIST}9999/version/1/restore/", "1")]:
        assert coordinator.post(path, {"seen": seen}).status_code == 404
    assert coordinator.post(restore, {"seen": "x"}).status_code == 302


def test_a_version_is_previewed_on_the_public_page_itself(coordinator):
    version = write_text(title="A draft", body="Words **of** it")
    text = page(coordinator.get(f"{LIST}{version.content.pk}/version/1/"))
    assert "The public does not see this version" in text
    assert '<p class="govuk-body">Words <strong>of</strong> it</p>' in text
    assert "noindex" in text
    assert coordinator.get(f"{LIST}{version.content.pk}/version/2/").status_code == 404
    assert Client().get(f"{LIST}{version.content.pk}/version/1/").status_code in {302, 404}


def test_the_address_of_a_text_that_was_public_stays(coordinator):
    content = show_text(slug="stays", body="Words").content
    coordinator.post(change(content), edit(content, slug="goes", title="Changed", _save="1"))
    content.refresh_from_db()
    assert (content.slug, content.latest.title) == ("stays", "Changed")


def test_signs_are_written_once_for_each_subject(coordinator):
    words = {"title": "T", "summary": "S", "body": "B", "position": "1", "audience": "everybody", "subject": "nail_bar",
             "review_by": "2027-05-01", "owner": "coordinator", "seen": "0", "publish_at_0": "", "publish_at_1": "",
             "note": "", "_publish": "1"}  # fmt: skip
    coordinator.post(f"{ADD}?kind=sign", words)
    row = ContentVersion.objects.published(timezone.now()).settings().get()
    assert (row.content.slug, row.subject_label) == ("nail-bar", "Nail bar")
    assert 'value="nail_bar"' not in page(coordinator.get(f"{ADD}?kind=sign"))
    assert "Select a valid choice" in page(coordinator.post(f"{ADD}?kind=sign", words))
    assert "This field is required" in page(coordinator.post(f"{ADD}?kind=sign", words | {"subject": ""}))


def test_a_resource_needs_an_address_that_can_be_linked_to(coordinator):
    words = {"title": "T", "summary": "S", "body": "", "slug": "r", "position": "1", "audience": "everybody",
             "link": "",
             "file_kind": "pdf", "review_by": "2027-05-01", "owner": "lead", "seen": "0", "publish_at_0": "",
             "publish_at_1": "", "note": "", "_publish": "1"}  # fmt: skip
    for link, said in [
        ("", "Give the address"),
        ("javascript:alert(1)", "Begin with https"),
        ("/no/such/", "There is no page"),
    ]:
        assert said in page(coordinator.post(f"{ADD}?kind=resource", words | {"link": link}))
    coordinator.post(f"{ADD}?kind=resource", words | {"link": "https://www.example.org/a.pdf"})
    assert ContentVersion.objects.published(timezone.now()).resources().get().link == "https://www.example.org/a.pdf"


def test_the_list_finds_by_state_words_and_day_of_review(coordinator):
    show_text(slug="one", title="Wallaby", review_by=datetime.date(2026, 1, 1))
    write_text(slug="two", title="Quokka", body="Numbat")
    show_text(slug="three", title="Bandicoot", at=timezone.now() + DAY)
    for query, found in [
        ("", {"Wallaby", "Quokka", "Bandicoot"}),
        ("?state=published", {"Wallaby"}),
        ("?state=draft", {"Quokka"}),
        ("?state=scheduled", {"Bandicoot"}),
        ("?state=withdrawn", set()),
        ("?check=due", {"Wallaby"}),
        ("?q=numbat", {"Quokka"}),
        ("?kind__exact=news", set()),
    ]:
        text = page(coordinator.get(LIST + query))
        assert {word for word in ("Wallaby", "Quokka", "Bandicoot") if word in text} == found, query
    assert "1 January 2026 (due)" in page(coordinator.get(LIST))


def test_the_first_page_says_what_waits_for_somebody(coordinator):
    assert "due to be checked" not in page(coordinator.get("/admin/"))
    show_text(review_by=datetime.date(2026, 1, 1))
    write_text(slug="a-draft", review_by=datetime.date(2026, 1, 1))
    for number in (1, 2):
        Link.objects.create(
            url=f"https://{number}.example.org/", failures=2, trouble="tls", broken_since=timezone.now()
        )
    text = page(coordinator.get("/admin/"))
    assert "1 text is due to be checked" in text
    assert "2 links do not lead anywhere" in text


def test_broken_links_are_listed_with_their_texts(coordinator):
    content = show_text(title="Where it stands").content
    broken = Link.objects.create(url="https://gone.example.org/", failures=2, trouble="not_found", status=404,
                                 broken_since=timezone.now(), checked_at=timezone.now())  # fmt: skip
    broken.texts.add(content)
    Link.objects.create(url="https://fine.example.org/", checked_at=timezone.now(), ok_at=timezone.now())
    text = page(coordinator.get("/admin/awareness/link/?state=broken"))
    assert "There is no such page (404)" in text
    assert "Where it stands" in text
    assert "fine.example.org" not in text
    assert "In order" in page(coordinator.get("/admin/awareness/link/"))


def test_a_new_day_of_review_is_kept_in_the_history_of_the_settings(coordinator, cast):
    content = show_text(body="Words", review_by=datetime.date(2026, 1, 1)).content
    coordinator.post(change(content), edit(content, _save="1"))
    kept = ConfigurationChange.objects.get(kind="content")
    assert (kept.by, kept.changes) == (cast.coordinator, [["Check this by", "1 January 2026", "1 May 2027"]])
    assert "Text: " in page(coordinator.get("/audit/settings/"))
