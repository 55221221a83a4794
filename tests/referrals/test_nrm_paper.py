"""The answer sheet on paper: every answer is on it, the PDF is one for everybody, and it names nobody it should not."""

import io
import re

import pytest
from django.test import Client
from pypdf import PdfReader

from referrals import typesetting
from referrals.forms.nrm_words import parts_of
from referrals.models import NrmCase
from referrals.nrm_form import Branch
from referrals.sheet_case import find_nrm, open_case
from tests.referrals.sheet_cases import address, answer_all, begin_sheet, save
from tests.referrals.test_nrm_sheet import CANARIES

NOTIFY = Branch.DUTY_TO_NOTIFY
MARKUP = '#panic("x") $x^2$ <tag> @ref \\ / `raw` = heading'
STORY = f"First line, *not bold*.\nSecond line: {MARKUP}\n- no list\n\nŁódź, Đặng, Ольга"


@pytest.fixture
def officer(cast, sign_in) -> Client:
    """The named first responder."""
    return sign_in(Client(), cast.police_officer)


@pytest.fixture
def nrm(cast) -> NrmCase:
    return begin_sheet(cast)


def pdf_of(client: Client, nrm: NrmCase) -> tuple[PdfReader, bytes]:
    answer = client.get(address(nrm, "pdf"))
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    return PdfReader(io.BytesIO(answer.content)), answer.content


def squeezed(text: str) -> str:
    """Letters and signs alone: where a line or a page ends on paper says nothing."""
    return re.sub(r"\s+", "", text)


def text_of(reader: PdfReader) -> str:
    """The text without what stands at head and foot of each page."""
    pages = [page.extract_text() for page in reader.pages]
    return squeezed(
        "".join(re.sub(r"(?m)^.*(OFFICIAL-SENSITIVE|Page \d+ of \d+|Made on).*$", "", page) for page in pages)
    )


def answers_of_sheet(nrm: NrmCase, by) -> list[str]:
    opened = open_case(find_nrm(nrm.pk, by=by), by=by)
    return [row.answer for part in parts_of(opened) for page in part.pages for row in page.rows if row.answer]


@pytest.mark.parametrize("branch", list(Branch))
def test_the_pdf_holds_every_answer_and_every_question(cast, officer, branch):
    nrm = begin_sheet(cast, branch)
    answer_all(nrm, cast.police_officer)
    reader, _ = pdf_of(officer, nrm)
    text, answers = text_of(reader), answers_of_sheet(nrm, cast.police_officer)
    assert len(answers) > 35
    assert [answer for answer in answers if squeezed(answer) not in text] == []
    sheet = open_case(find_nrm(nrm.pk, by=cast.police_officer), by=cast.police_officer).sheet
    assert [i.field.label for i in sheet.items if squeezed(i.field.label) not in text] == []
    assert [i.field.key for i in sheet.items if squeezed(i.field.key) not in text] == []


def test_what_was_typed_is_set_as_text_and_never_read_as_markup(cast, officer, nrm):
    save(nrm, cast.police_officer, {"family": STORY})
    assert squeezed(STORY) in text_of(pdf_of(officer, nrm)[0])


def test_a_story_of_the_greatest_length_goes_over_pages_whole(cast, officer, nrm):
    words = " ".join(f"word{n}" for n in range(1_600))
    save(nrm, cast.police_officer, {"family": words})
    assert squeezed(words) in text_of(pdf_of(officer, nrm)[0])


def test_it_is_a_tagged_pdf_for_everybody(officer, nrm):
    reader, raw = pdf_of(officer, nrm)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/StructTreeRoot"]["/K"]
    metadata = root["/Metadata"].get_data().decode()
    assert re.search(r"<pdfuaid:part>1</pdfuaid:part>", metadata)
    kinds = set()

    def walk(node) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict):
            kinds.add(node.get("/S"))
            walk(node.get("/K", []))

    walk(root["/StructTreeRoot"]["/K"])
    assert {"/Document", "/Title", "/H1", "/H2", "/P"} <= kinds
    assert raw.startswith(b"%PDF-1.7")


def test_each_page_is_a4_and_carries_the_marking_at_head_and_foot(officer, nrm):
    reader, _ = pdf_of(officer, nrm)
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert text.count("OFFICIAL-SENSITIVE") == 2
        assert f"Page {number} of {len(reader.pages)}" in text
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)


def test_neither_the_files_name_nor_its_metadata_names_a_person(officer, nrm):
    answer = officer.get(address(nrm, "pdf"))
    reference = nrm.referral.reference
    assert answer["Content-Disposition"] == f'attachment; filename="answer-sheet-{reference}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    reader = PdfReader(io.BytesIO(answer.content))
    assert reader.metadata.title == f"Answer sheet {reference}"
    said = str(dict(reader.metadata)) + reader.trailer["/Root"]["/Metadata"].get_data().decode()
    assert not [word for word in (*CANARIES, "Police_Officer", "Police Officer") if word in said]


def test_the_pdf_of_a_checked_duty_to_notify_names_nobody(cast, officer):
    notify = begin_sheet(cast, NOTIFY)
    answer_all(notify, cast.police_officer)
    reader, raw = pdf_of(officer, notify)
    text = "".join(page.extract_text() for page in reader.pages)
    assert len(text) > 2_000
    assert not [word for word in CANARIES if word in text or word.encode() in raw]


def test_nothing_is_written_to_disk(officer, nrm, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    written = []
    monkeypatch.setattr("pathlib.Path.write_bytes", lambda *args: written.append(args))
    pdf_of(officer, nrm)
    assert (written, list(tmp_path.iterdir())) == ([], [])


def only_the_compilers_own_fonts():
    return typesetting.typst.Fonts(include_system_fonts=False)


def test_a_script_without_a_font_becomes_question_marks_and_the_sheet_says_so(cast, officer, nrm, monkeypatch):
    monkeypatch.setattr(typesetting, "_fonts", only_the_compilers_own_fonts)
    save(nrm, cast.police_officer, {"family": "Known as 王小明, born in Łódź", "birthplace": "北京"})
    text = text_of(pdf_of(officer, nrm)[0])
    assert squeezed("Known as ???, born in Łódź") in text
    assert squeezed("shows question marks instead") in text


def test_a_pdf_that_cannot_be_made_says_so_and_offers_the_print_page(officer, nrm, monkeypatch):
    def broken(template, text):
        raise typesetting.typst.TypstError("no")

    monkeypatch.setattr(typesetting, "_compile", broken)
    answer = officer.get(address(nrm, "pdf"))
    assert answer.status_code == 503
    assert "You can print the sheet instead" in answer.content.decode()


@pytest.mark.parametrize("branch", list(Branch))
def test_the_page_to_print_holds_every_answer_with_the_marking_and_no_navigation(cast, officer, branch):
    nrm = begin_sheet(cast, branch)
    answer_all(nrm, cast.police_officer)
    answer = officer.get(address(nrm, "print"))
    page = answer.content.decode()
    found = re.findall(r"<dd[^>]*dir=\"auto\">(.*?)</dd>", page, flags=re.DOTALL)
    assert [a for a in answers_of_sheet(nrm, cast.police_officer) if a not in found] == []
    assert page.count("OFFICIAL-SENSITIVE") == 2
    assert "site-nav" not in page
    assert "nrm-print.css" in page
