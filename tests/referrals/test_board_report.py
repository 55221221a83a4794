"""The report to the board: published figures and screened words, dated and versioned, and never changed once issued."""

import datetime
import io
import json
import re
from dataclasses import replace

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from awareness.models import Campaign, Figure, Measure, Source
from partners.board.screening import Kind as Found
from partners.county.load import load_county
from partners.models import Agreement
from partners.roles import Role
from referrals.board_report import acts
from referrals.board_report.beside import beside
from referrals.board_report.blocks import from_json
from referrals.board_report.frame import KNOWN_KEYS, THE_PS
from referrals.board_report.paper import content_of, paper
from referrals.board_report.reading import composed
from referrals.models import BoardReport, Publication
from referrals.periods import Kind, Period
from referrals.typesetting import CannotTypeset
from tests.conftest import CANARY_NAME, submit_one
from tests.county_folder import HERTFORDSHIRE
from tests.referrals.published_sample import partnership

QUARTER = Period(datetime.date(2026, 7, 1), Kind.QUARTER)
LIST, PAGE, PDF = "/dashboard/reports/", "/dashboard/reports/2026-q3/", "/dashboard/reports/2026-q3.pdf"
ADMIN = "/admin/referrals/boardreport/"
WORDS = {
    "summary": "More was reported than before.\n\nNobody knows yet why.",
    "pursue.progress": "Two operations were planned.",
    "protect.on.exploitation": "Labour exploitation leads.",
    "prepare.action": "Each council names a first responder.",
}


def published() -> Publication:
    """The quarter's figures as they come from disclosure control."""
    return Publication.objects.create(
        kind=QUARTER.kind,
        starts=QUARTER.starts,
        figures_json=partnership(QUARTER.slug).as_json(),
        counts_number=1,
        computed_at=timezone.now(),
    )


@pytest.fixture
def draft(cast) -> BoardReport:
    """A draft with words, on a quarter that is published."""
    published()
    row = acts.begin(by=cast.coordinator, period=QUARTER)
    return acts.write(by=cast.coordinator, report_id=row.pk, edition=1, texts=WORDS)


def issued(draft: BoardReport, by) -> BoardReport:
    publication = Publication.objects.current(QUARTER)
    return acts.issue(by=by, report_id=draft.pk, edition=draft.edition, publication_id=publication.pk)


def said_in(paper_bytes: bytes) -> str:
    pages = PdfReader(io.BytesIO(paper_bytes)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


# ---- Beginning and writing -----------------------------------------------------------------------------------------


def test_no_report_is_begun_before_its_figures_are_published(cast):
    with pytest.raises(acts.Refused, match="not published yet"):
        acts.begin(by=cast.coordinator, period=QUARTER)


def test_two_who_begin_write_one_draft(cast, draft):
    assert acts.begin(by=cast.coordinator2, period=QUARTER) == draft


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
def test_only_coordinators_write(cast, draft, role):
    person = next(user for user in cast.people.values() if user.role == role)
    with pytest.raises(PermissionError):
        acts.begin(by=person, period=QUARTER)
    with pytest.raises(PermissionError):
        acts.write(by=person, report_id=draft.pk, edition=draft.edition, texts=WORDS)
    with pytest.raises(PermissionError):
        acts.discard(by=person, report_id=draft.pk, edition=draft.edition)
    with pytest.raises(PermissionError):
        issued(draft, person)


def test_of_two_who_save_the_second_is_told_and_changes_nothing(cast, draft):
    acts.write(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, texts={"summary": "Mine"})
    with pytest.raises(acts.Refused, match="A colleague has saved"):
        acts.write(by=cast.coordinator2, report_id=draft.pk, edition=draft.edition, texts={"summary": "Theirs"})
    assert BoardReport.objects.get().commentary["summary"] == "Mine"


@pytest.mark.parametrize(
    "text", ["Ring 07700 900123", "It is K7P-4TX-9WM", "Born 3 May 1990", "AB123456C", "a@b.example.org"]
)
def test_what_belongs_to_one_person_is_refused_and_not_kept(cast, draft, text):
    with pytest.raises(acts.ContentRefused):
        acts.write(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, texts={"summary": text})
    assert BoardReport.objects.get().commentary == WORDS


def test_a_text_without_a_place_is_refused(cast, draft):
    with pytest.raises(KeyError):
        acts.write(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, texts={"elsewhere": "x"})


def test_a_name_of_a_case_has_to_be_looked_at_before_it_is_issued(cast, draft):
    submit_one(cast.officer)
    words = {"protect.problems": f"We could not reach {CANARY_NAME} Testperson in time."}
    row = acts.write(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, texts=words)
    with pytest.raises(acts.ContentRefused) as refusal:
        issued(row, cast.coordinator)
    assert [found.kind for found in refusal.value.findings] == [Found.NAME]
    assert not BoardReport.objects.get().is_issued


def test_an_empty_report_is_not_issued(cast):
    published()
    with pytest.raises(acts.Refused, match="Nothing has been written"):
        issued(acts.begin(by=cast.coordinator, period=QUARTER), cast.coordinator)


# ---- Issued: it stands ---------------------------------------------------------------------------------------------


def test_an_issued_report_has_its_figures_its_day_and_its_paper(cast, draft):
    row = issued(draft, cast.coordinator)
    row.refresh_from_db()
    assert (row.publication, row.issued_by, row.version) == (Publication.objects.get(), cast.coordinator, 1)
    assert bytes(row.paper).startswith(b"%PDF")
    assert [from_json(data) for data in row.facts] == beside(QUARTER)


@pytest.mark.parametrize(
    "change", [{"version": 9}, {"commentary": {}}, {"state": "draft"}, {"reason": "x"}, {"paper": b"x"}]
)
def test_the_database_keeps_an_issued_report_as_it_is(cast, draft, change):
    issued(draft, cast.coordinator)
    with pytest.raises(DatabaseError), transaction.atomic():
        BoardReport.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        BoardReport.objects.all().delete()
    assert BoardReport.objects.get().is_issued


def test_of_two_who_issue_one_does_and_the_other_is_told(cast, draft):
    issued(draft, cast.coordinator)
    with pytest.raises(acts.Refused, match="issued meanwhile"):
        issued(draft, cast.coordinator2)
    assert BoardReport.objects.get().issued_by == cast.coordinator


def test_figures_that_were_corrected_since_the_preview_stop_it(cast, draft):
    seen = Publication.objects.get()
    Publication.objects.supersede(timezone.now())
    corrected(cast)
    with pytest.raises(acts.Refused, match="corrected meanwhile"):
        acts.issue(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, publication_id=seen.pk)


def corrected(cast) -> Publication:
    """A second version of the figures, in which everything is zero."""
    figures = partnership(QUARTER.slug)
    none = tuple(
        replace(table, cells=tuple(tuple(0 for _ in row) for row in table.cells), total=0,
                row_totals=tuple(0 for _ in table.row_totals), column_totals=tuple(0 for _ in table.column_totals))
        for table in figures.tables
    )  # fmt: skip
    return Publication.objects.create(
        kind=QUARTER.kind, starts=QUARTER.starts, version=2, figures_json=replace(figures, tables=none).as_json(),
        counts_number=2, computed_at=timezone.now(), reason="Two were counted twice", published_by=cast.coordinator,
    )  # fmt: skip


def test_what_is_corrected_later_leaves_the_issued_report_as_it_was(cast, draft, client_of):
    row = issued(draft, cast.coordinator)
    before, content = bytes(row.paper), client_of("viewer").get(PAGE).content
    Publication.objects.supersede(timezone.now())
    corrected(cast)
    Agreement.objects.create(
        organisation=cast.beacon, signed_on=datetime.date(2026, 1, 1), review_on=datetime.date(2030, 1, 1)
    )
    assert client_of("viewer").get(PDF).content == before
    assert without_nonces(client_of("viewer").get(PAGE).content) == without_nonces(content)


def without_nonces(content: bytes) -> str:
    return re.sub(r'nonce="[^"]*"|value="\w{64}"', "", content.decode())


def test_a_new_version_says_why_and_starts_from_the_words_of_the_last(cast, draft):
    issued(draft, cast.coordinator)
    with pytest.raises(acts.Refused, match="Say why"):
        acts.begin(by=cast.coordinator, period=QUARTER)
    with pytest.raises(acts.ContentRefused):
        acts.begin(by=cast.coordinator, period=QUARTER, reason="For 07700 900123")
    row = acts.begin(by=cast.coordinator, period=QUARTER, reason="The figures were corrected")
    assert (row.version, row.commentary, row.reason) == (2, WORDS, "The figures were corrected")


def test_a_draft_can_be_thrown_away(cast, draft):
    acts.discard(by=cast.coordinator, report_id=draft.pk, edition=draft.edition)
    assert not BoardReport.objects.exists()


def test_nothing_is_issued_when_no_pdf_can_be_made(cast, draft, monkeypatch):
    def fails(*args):
        raise CannotTypeset

    monkeypatch.setattr("referrals.board_report.paper.typeset", fails)
    with pytest.raises(CannotTypeset):
        issued(draft, cast.coordinator)
    assert not BoardReport.objects.get().is_issued


# ---- The paper ------------------------------------------------------------------------------------------------------


def test_the_pdf_is_tagged_titled_and_in_english(cast, draft):
    pdf = PdfReader(io.BytesIO(bytes(issued(draft, cast.coordinator).paper)))
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"
    assert pdf.metadata.title == "Quarterly report to the Community Safety Board: July to September 2026"
    assert b"pdfuaid" in pdf.trailer["/Root"]["/Metadata"].get_data()


def test_the_pdf_says_what_the_page_says_in_the_frame_of_the_four_ps(cast, draft, client_of):
    row = issued(draft, cast.coordinator)
    said, page = said_in(bytes(row.paper)), client_of("viewer").get(PAGE).content.decode()
    for words in [
        "Pursue", "Prevent", "Protect", "Prepare", "Nobody knows yet why.", "Two operations were planned.",
        "Labour exploitation leads.", "Each council names a first responder.", "Version 1, issued on",
        "Published figures of July to September 2026, version 1", "Labour exploitation",
        "Sharing agreements in date", "stands for a number that is hidden",
    ]:  # fmt: skip
        assert words in said, words
        assert words in page.replace("&#x27;", "'"), words


def structure(pdf: PdfReader) -> list[tuple[str, str]]:
    """The tags of the document in order, and their alternative texts."""
    found = []

    def walk(node) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append((node["/S"], str(node.get("/Alt", ""))))
            walk(node.get("/K", []))

    walk(pdf.trailer["/Root"]["/StructTreeRoot"]["/K"])
    return found


def test_headings_tables_and_drawings_are_tagged(cast, draft):
    tags = structure(PdfReader(io.BytesIO(bytes(issued(draft, cast.coordinator).paper))))
    names = [name for name, _ in tags]
    assert {"/H1", "/H2", "/H3", "/Table", "/TH", "/TD", "/Figure"} <= set(names)
    assert all(alt for name, alt in tags if name == "/Figure")


def test_no_hidden_number_is_in_the_page_the_pdf_or_what_they_are_made_from(cast, draft, client_of):
    """The sample's hidden counts would be drawn as numbers; what is handed on has None or "c" in their place."""
    row = issued(draft, cast.coordinator)
    found = composed(row, row.publication)
    table = next(one for part in found.parts for one in part.shown if one.key == "exploitation")
    assert [line.cells for line in table.grid.rows if line.label in {"Domestic servitude", "Other exploitation"}] == [
        ("c",)
    ] * 2
    content = json.dumps(content_of(row, row.publication, found))
    assert "width" not in {key for part in json.loads(content)["parts"] for one in part["shown"] for key in one}
    said = said_in(bytes(row.paper))
    assert re.search(r"Domestic servitude c\b", said)
    assert re.search(r"Other exploitation c\b", said)


def test_what_was_typed_is_text_and_never_markup(cast, draft, client_of):
    odd = '#panic() *bold* $x$ <script>alert(1)</script> {{ partnership }} {% now "Y" %} \\ = Heading @ref &amp; مرحبا'
    row = acts.write(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, texts={"summary": odd})
    row = issued(row, cast.coordinator)
    said, page = said_in(bytes(row.paper)), client_of("viewer").get(PAGE).content.decode()
    for words in ("#panic()", "*bold* $x$", "<script>alert(1)</script>", "{{ partnership }}", "= Heading @ref &amp;"):
        assert words in said, words
    assert "<script>alert(1)" not in page
    assert "{{ partnership }}" in page


def test_signs_that_no_font_has_become_question_marks_and_the_paper_says_so(cast, draft):
    row = acts.write(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, texts={"summary": "\U00012000"})
    assert "shows question marks instead" in said_in(paper(row))


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("board_report_is_of_a_quarter", {"starts": datetime.date(2026, 2, 1)}),
        ("board_report_is_of_a_quarter", {"starts": datetime.date(2026, 4, 2)}),
        ("board_reports_are_numbered_from_one", {"version": 0}),
        ("board_report_state_is_known", {"state": "lost"}),
        ("issued_board_report_is_complete", {"state": "issued"}),
        ("issued_board_report_is_complete", {"paper": b"%PDF"}),
        ("a_new_version_has_a_reason", {"version": 2}),
    ],
)
def test_an_impossible_report_is_refused(cast, draft, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        BoardReport.objects.filter(pk=draft.pk).update(**changes)


def test_a_quarter_has_one_draft_and_a_version_is_there_once(cast, draft):
    same = {"starts": QUARTER.starts, "written_by": cast.coordinator}
    with pytest.raises(IntegrityError, match="one_draft_a_quarter"), transaction.atomic():
        BoardReport.objects.create(version=2, reason="Twice", **same)
    issued(draft, cast.coordinator)
    with pytest.raises(IntegrityError, match="one_board_report_a_version"), transaction.atomic():
        BoardReport.objects.create(version=1, **same)


# ---- What stands beside the published figures -----------------------------------------------------------------------


def test_outside_figures_keep_their_qualifier_source_and_caveats(cast):
    load_county(HERTFORDSHIRE)
    blocks = {block.key: block for block in beside(QUARTER)}
    assert ("more than 500", "Herts police, July 2018") in [row.cells for row in blocks["staff-trained"].grid.rows]
    reports = blocks["partner-reports-to-police"]
    assert reports.grid.headings == ("Reports", "A month", "Source")
    assert [row.cells[1] for row in reports.grid.rows] == ["1.3", "4.0", "5.8"]
    assert any("five" in note.lower() for note in reports.notes)
    assert {block.p for block in blocks.values()} == {"pursue", "prevent", "prepare"}


def test_a_campaign_in_the_quarter_is_compared_in_words(cast):
    source = Source.objects.create(slug="s", short_name="S", title="S", publisher="P", published_words="then")
    measure = Measure.objects.create(
        slug="calls", name="Calls", unit="calls", counts="Calls", counted_by="H", area="county"
    )
    for month, value in ((6, 2), (7, 14)):
        ends = datetime.date(2026, month + 1, 1) - datetime.timedelta(days=1)
        Figure.objects.create(
            measure=measure, source=source, starts_on=datetime.date(2026, month, 1), ends_on=ends, value=value
        )
    days = {"starts_on": datetime.date(2026, 7, 1), "ends_on": datetime.date(2026, 7, 31)}
    campaign = Campaign.objects.create(slug="c", title="Know the signs", theme="T", audience="All", **days)
    campaign.measures.add(measure)
    block = next(block for block in beside(QUARTER) if block.key == "campaigns")
    assert block.grid.rows[0].cells == ("T", "All", "1 July 2026 to 31 July 2026")
    assert "seven times" in " ".join(block.texts)


def test_who_is_ready_is_counted_at_the_end_of_the_quarter(cast):
    for organisation, review in ((cast.beacon, 2027), (cast.constabulary, 2026)):
        Agreement.objects.create(
            organisation=organisation, signed_on=datetime.date(2024, 1, 1), review_on=datetime.date(review, 1, 1)
        )
    rows = {row.label: row.cells for row in beside(QUARTER)[-1].grid.rows}
    assert rows == {
        "Organisations that take part": ("5",),
        "Organisations that can be handed a referral": ("2",),
        "First responder organisations": ("2",),
        "First responder organisations that can be handed a referral": ("1",),
        "Sharing agreements in date, of organisations that can be handed a referral": ("1",),
    }


def test_every_key_belongs_to_one_text():
    assert len(KNOWN_KEYS) == 1 + sum(4 + len(p.published) + len(p.others) + len(p.outside) for p in THE_PS)


# ---- Who reads it ----------------------------------------------------------------------------------------------------


@pytest.fixture
def client_of(cast, sign_in):
    """`client_of("viewer")`: the browser of the first person in that role."""
    made = {}

    def client(role: str) -> Client:
        if role not in made:
            made[role] = sign_in(Client(), next(user for user in cast.people.values() if user.role == role))
        return made[role]

    return client


READERS = {Role.VIEWER, Role.LEAD, Role.COORDINATOR}


@pytest.mark.parametrize("role", list(Role))
def test_whoever_sees_the_dashboard_reads_what_was_issued_and_nobody_else(cast, draft, client_of, role):
    assert client_of(role).get(PAGE).status_code == 404  # a draft is not there
    assert client_of(role).get(PDF).status_code == 404
    issued(draft, cast.coordinator)
    wanted = 200 if role in READERS else 404
    assert [client_of(role).get(url).status_code for url in (LIST, PAGE, PDF)] == [wanted] * 3
    assert client_of(role).get("/dashboard/reports/2026-q2/").status_code == 404
    assert client_of(role).get("/dashboard/reports/2026-07/").status_code == 404
    assert client_of(role).get("/dashboard/reports/nonsense/").status_code == 404


def test_the_list_names_the_newest_version_of_each_quarter(cast, draft, client_of):
    issued(draft, cast.coordinator)
    second = acts.begin(by=cast.coordinator, period=QUARTER, reason="A number was wrong")
    assert "Version 1," in client_of("viewer").get(LIST).content.decode()
    issued(second, cast.coordinator2)
    page = client_of("viewer").get(LIST).content.decode()
    assert "Version 2," in page
    assert "Version 1," not in page
    read = client_of("viewer").get(PAGE).content.decode()
    assert "A number was wrong" in read
    assert "Version 1, issued on" in read


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return len(asked)


def test_reading_asks_as_little_whatever_there_is(cast, draft, client_of):
    issued(draft, cast.coordinator)
    client = client_of("viewer")
    client.get(PAGE)
    few = [queries(client, url) for url in (LIST, PAGE, PDF)]
    load_county(HERTFORDSHIRE)
    for _ in range(5):
        submit_one(cast.officer)
    assert [queries(client, url) for url in (LIST, PAGE, PDF)] == few
    assert max(few) <= 10


# ---- The coordinators' pages -----------------------------------------------------------------------------------------


def test_a_coordinator_writes_previews_and_issues(cast, client_of):
    published()
    client = client_of("coordinator")
    assert client.get(ADMIN).status_code == client.get(f"{ADMIN}add/").status_code == 200
    made = client.post(f"{ADMIN}add/", {"period": "2026-q3", "reason": ""}, follow=True)
    report = BoardReport.objects.get()
    assert "Nothing written yet" in made.content.decode()
    address = f"{ADMIN}{report.pk}/"
    page = client.get(f"{address}write/protect/").content.decode()
    assert "Comment: " in page
    sent = {"edition": 1, "protect.progress": "We met.", "protect.on.gap": "Too few beds."}
    assert client.post(f"{address}write/protect/", sent).status_code == 302
    seen = client.get(f"{address}preview/").content.decode()
    assert "We met." in seen
    assert "Too few beds." in seen
    assert "not been issued" in seen
    last = client.get(f"{address}issue/")
    assert last.status_code == 200
    hidden = {"edition": 2, "publication": str(Publication.objects.get().pk)}
    assert client.post(f"{address}issue/", hidden).status_code == 200  # the preview was not said to be read
    assert not BoardReport.objects.get().is_issued
    assert client.post(f"{address}issue/", hidden | {"confirm-read": "on"}).status_code == 302
    assert BoardReport.objects.get().is_issued
    assert client.get(f"{address}write/protect/").status_code == client.get(f"{address}issue/").status_code == 404
    assert client.get(f"{ADMIN}{report.pk}/change/").status_code == 200


def test_what_was_typed_stays_when_it_is_refused_or_a_colleague_was_faster(cast, draft, client_of):
    client, address = client_of("coordinator"), f"{ADMIN}{draft.pk}/write/summary/"
    page = client.post(address, {"edition": draft.edition, "summary": "Ring 07700 900123 soon"}).content.decode()
    assert "Ring 07700 900123 soon" in page
    assert "is a phone number" in page
    acts.write(by=cast.coordinator2, report_id=draft.pk, edition=draft.edition, texts={"summary": "Theirs"})
    answer = client.post(address, {"edition": draft.edition, "summary": "My own words"})
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "My own words" in said
    assert "Theirs" in said
    assert f'name="edition" value="{draft.edition + 1}"' in said


def test_a_name_is_asked_about_and_the_tick_is_kept(cast, draft, client_of):
    submit_one(cast.officer)
    words = {"summary": f"A meeting with {CANARY_NAME} Testperson, a councillor"}
    row = acts.write(by=cast.coordinator, report_id=draft.pk, edition=draft.edition, texts=words)
    client, address = client_of("coordinator"), f"{ADMIN}{draft.pk}/issue/"
    sent = {"edition": row.edition, "publication": str(Publication.objects.get().pk), "confirm-read": "on"}
    assert "looks like the name of somebody" in client.post(address, sent).content.decode()
    assert client.post(address, sent | {"confirm-name": "on"}).status_code == 302
    assert BoardReport.objects.get().confirmed == "name"


def test_no_text_is_in_a_title_an_address_or_the_name_of_a_row(cast, draft, client_of):
    issued(draft, cast.coordinator)
    page = client_of("viewer").get(PAGE).content.decode()
    title = re.search(r"<title>(.*?)</title>", page, re.DOTALL).group(1)
    assert not any(text in title for text in WORDS.values())
    assert str(BoardReport.objects.get()) == "Board report, July to September 2026, version 1"
