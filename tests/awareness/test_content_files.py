"""The project's texts as files: each problem is named with its file, all or nothing, and staff's edits are theirs."""

import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from awareness.content.codes import EXPLOITATION_CODES, SETTING_CODES
from awareness.content.editing import Words, publish, write
from awareness.content.files import load_texts
from awareness.models import Content, ContentVersion
from partners.county.tables import CountyInvalid

pytestmark = pytest.mark.django_db
OURS = Path(settings.BASE_DIR) / "data" / "content"
HEAD = 'title = "A page"\nsummary = "In short."\nsection = "about"\nreview_by = 2027-01-01\n'


@pytest.fixture
def folder(tmp_path):
    """`folder(name=(head, body))` writes files; returns the folder."""

    def make(**files: tuple[str, str]) -> Path:
        for name, (head, body) in files.items():
            (tmp_path / f"{name.replace('_', '-')}.md").write_text(f"+++\n{head}+++\n\n{body}\n")
        return tmp_path

    return make


def test_the_projects_own_texts_load_and_are_public():
    result = load_texts(OURS)
    now = timezone.now()
    assert len(result.added) == result.read == len(list(OURS.glob("*.md"))) > 20
    subjects = {row.content.subject for row in ContentVersion.objects.published(now).signs()}
    assert subjects == SETTING_CODES | EXPLOITATION_CODES
    again = load_texts(OURS)
    assert (again.added, again.changed, again.same) == ([], [], result.read)


def test_a_text_begins_on_its_day_in_london_and_keeps_what_it_says(folder):
    load_texts(folder(page_one=(HEAD + "publish_on = 2026-06-01\nposition = 7\n", "## Hello\n\nText")))
    row = ContentVersion.objects.published(timezone.now()).get()
    assert row.shown_from == datetime.datetime(2026, 5, 31, 23, tzinfo=datetime.UTC)
    assert (row.title, row.position, row.section, row.act, row.by) == ("A page", 7, "about", "loaded", None)
    assert row.content.review_by == datetime.date(2027, 1, 1)


def test_a_text_with_a_day_to_come_is_scheduled(folder):
    load_texts(folder(news_soon=('title = "T"\nsummary = "S"\nreview_by = 2099-01-01\npublish_on = 2098-01-01\n', "x")))
    assert not ContentVersion.objects.published(timezone.now()).exists()
    assert ContentVersion.objects.published(datetime.datetime(2098, 1, 1, tzinfo=datetime.UTC)).exists()


def test_what_staff_edited_stays_theirs_with_only_new_and_in_the_history_without(folder, cast):
    files = folder(page_one=(HEAD, "Ours"))
    load_texts(files)
    content = Content.objects.get()
    words = Words.of(content.latest)
    write(by=cast.coordinator, content=content, seen=1, words=Words(**words.__dict__ | {"body": "Theirs"}))
    publish(by=cast.coordinator, content=content, seen=2)
    assert load_texts(files, only_new=True).same == 1
    assert ContentVersion.objects.published(timezone.now()).get().body == "Theirs"
    assert load_texts(files, dry_run=True).changed == ["page-one.md"]
    assert load_texts(files).changed == ["page-one.md"]
    assert ContentVersion.objects.published(timezone.now()).get().body == "Ours"
    assert [version.body for version in content.versions.order_by("number")] == ["Ours", "Theirs", "Ours"]


@pytest.mark.parametrize(
    ("name", "head", "body", "said"),
    [
        ("page_one", HEAD + 'colour = "red"\n', "x", "colour: there is no such setting"),
        ("page_one", 'title = "T"\n', "x", "summary: is missing"),
        ("page_one", HEAD.replace("2027-01-01", '"soon"'), "x", "review_by: write a day"),
        ("page_one", HEAD.replace('"A page"', "7"), "x", "title: write words in quotes"),
        ("page_one", HEAD.replace('"about"', '"attic"'), "x", "section: “attic” is not one of"),
        ("page_one", HEAD.replace('section = "about"\n', ""), "x", "section: Choose where the page stands"),
        ("page_one", HEAD + 'owner = "anybody"\n', "x", "owner: Value 'anybody' is not a valid choice"),
        ("page_one", HEAD + "position = -1\n", "x", "position: Give a whole number"),
        ("page_one", HEAD, "", "body: Write the text"),
        ("page_one", HEAD, "[x](javascript:alert(1))", "body: Line 1: A link cannot begin with “javascript:”"),
        ("page_one", HEAD, "x\u202ey", "body: There is a character in it that cannot be seen (U+202E)"),
        ("page_one", HEAD, "x" * 200_000, "body: The text is too long: 200,000 characters"),
        ("page_one", "title = \n", "x", "what stands above the text cannot be read"),
        ("poem_one", HEAD, "x", "a file is called page-, sign-, news- or resource-"),
        ("sign_one", 'title = "T"\nsummary = "S"\nreview_by = 2027-01-01\nsubject="taxi"\n', "x", "the name of a file"),
        ("resource_one", 'title = "T"\nsummary = "S"\nreview_by = 2027-01-01\nfile_kind = "web"\n', "", "link: Give"),
    ],
)  # fmt: skip
def test_a_problem_is_named_and_nothing_is_loaded(folder, name, head, body, said):
    files = folder(page_good=(HEAD, "Good"), **{name: (head, body)})
    with pytest.raises(CountyInvalid) as raised:
        load_texts(files)
    assert f"{name.replace('_', '-')}.md" in str(raised.value)
    assert said in str(raised.value)
    assert not Content.objects.exists()
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("load_content", files)


def test_a_link_to_nothing_of_ours_is_pointed_out(folder, capsys):
    call_command(
        "load_content", folder(page_one=(HEAD, "[x](/no/such/page/) [y](/privacy/) [z](https://example.org/)"))
    )
    printed = capsys.readouterr().out
    assert "look at  page-one.md: There is no page of this site at “/no/such/page/”." in printed
    assert "privacy" not in printed
    assert "Added 1 texts, changed 0, left 0 as they were." in printed


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "page-one.md").write_bytes(b"\xff\xfe")
    (tmp_path / "page-two.md").write_text("# Just Markdown")
    with pytest.raises(CountyInvalid) as raised:
        load_texts(tmp_path)
    assert "page-one.md: the file is not UTF-8" in str(raised.value)
    assert "begin with settings between two lines of +++" in str(raised.value)
