"""One case as a PDF: marked, with who printed it, when and what for; a paper that may lie about says no more."""

import io

import pytest
from pypdf import PdfReader

from partners.models import AccessRecord
from referrals.admin.timeline import timeline
from referrals.case_pdf import case_pdf
from referrals.models import Referral
from referrals.typesetting import CannotTypeset, typeset
from referrals.workflow import Offer, exclude, hand_over, start_triage
from tests.conftest import CANARY_NAME, CANARY_PLACE, CANARY_STORY, submit_one

PURPOSE = "For the meeting of the panel"


@pytest.fixture
def case(cast):
    """A referral that the victim service was asked to take, and that the hospital must not hear of."""
    referral = submit_one(cast.officer)
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    hand_over(referral_id=referral.id, offers=[Offer(cast.beacon, "beacon")], by=cast.coordinator, version=2)
    exclude(referral_id=referral.id, organisation=cast.hospital, reason="A cousin works there", by=cast.coordinator)
    return Referral.objects.visible_to(cast.coordinator).get()


def printed(referral, by) -> PdfReader:
    made = case_pdf(referral, by=by, purpose=PURPOSE, tell=lambda events: timeline(events, by))
    return PdfReader(io.BytesIO(made))


def words(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def test_the_case_is_on_paper_with_its_marking_and_purpose_on_it(cast, case):
    pdf = printed(case, cast.coordinator)
    assert all("OFFICIAL-SENSITIVE" in page.extract_text() for page in pdf.pages)
    assert all(f"Printed by {cast.coordinator.full_name} on" in page.extract_text() for page in pdf.pages)
    said = words(pdf)
    for expected in (PURPOSE, case.reference, "Forced labour", CANARY_NAME, CANARY_STORY, "Beacon", "Yes, they agree"):
        assert expected in said, expected
    assert "sent the referral" in said


def test_no_location_and_no_word_of_whom_it_is_kept_from(cast, case):
    said = words(printed(case, cast.coordinator))
    assert CANARY_PLACE not in said
    assert "Canary" not in said
    assert "Hospital" not in said
    assert "not to share" not in said


def test_it_is_tagged_and_its_metadata_names_nobody(cast, case):
    pdf = printed(case, cast.coordinator)
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert pdf.trailer["/Root"]["/Lang"] == "en-GB"
    assert pdf.metadata.title == f"Referral {case.reference}"
    assert CANARY_NAME not in str(pdf.metadata)


def test_it_is_recorded_with_its_purpose(cast, case):
    printed(case, cast.coordinator)
    rows = AccessRecord.objects.filter(object_id=case.pk, user=cast.coordinator, purpose=PURPOSE)
    assert sorted(rows.values_list("action", flat=True)) == ["export_case", "open_identity"]


def test_who_is_no_coordinator_gets_none_and_nothing_is_opened(cast, case):
    before = AccessRecord.objects.count()
    with pytest.raises(PermissionError):
        printed(case, cast.lead)
    assert AccessRecord.objects.count() == before


def test_nothing_is_recorded_when_it_cannot_be_set(cast, case, monkeypatch):
    def fails(*args):
        raise CannotTypeset

    monkeypatch.setattr("referrals.case_pdf.typeset", fails)
    before = AccessRecord.objects.count()
    with pytest.raises(CannotTypeset):
        printed(case, cast.coordinator)
    assert AccessRecord.objects.count() == before


def test_what_was_typed_is_text_and_never_markup():
    rows = [{"label": '#read("/etc/passwd")', "answer": "= Heading\n#panic()\n*bold* $x$ \\ <label> @ref"}]
    content = {"marking": "M", "service": "S", "reference": "R", "printed": "P", "purpose": "#panic()"}
    said = words(PdfReader(io.BytesIO(typeset("case.typ", content | {"parts": [{"title": "#1", "rows": rows}]}))))
    for expected in ('#read("/etc/passwd")', "= Heading", "#panic()", "*bold* $x$", "<label> @ref"):
        assert expected in said, said


def test_signs_that_no_font_has_become_question_marks_and_the_paper_says_so():
    content = {"marking": "M", "service": "S", "reference": "R", "printed": "P", "purpose": "\U00012000", "parts": []}
    assert "shows question marks instead" in words(PdfReader(io.BytesIO(typeset("case.typ", content))))
