"""The pages of attachments: adding with every kind of bad input, opening as a file, and who finds nothing there."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from partners.models import AccessRecord, Kind, Message
from referrals import redrawing, workflow
from referrals.models import Attachment, Referral
from referrals.pathways import Pathway
from referrals.redrawing import REFUSALS
from tests.conftest import CANARY_NAME, submit_one
from tests.referrals.files_sent import HTML, SVG, huge, pdf, photo
from tests.referrals.handing import handed, taken
from tests.referrals.test_admin_case import address, text_of
from tests.referrals.test_attachments import PICTURE, attached

SAID = "The door of the caravan"


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


@pytest.fixture
def officer(cast, sign_in) -> Client:
    """The browser of whoever sent the referral, signed in by an e-mailed code alone."""
    return sign_in(Client(), cast.officer, second_factor=False)


def send(client: Client, referral: Referral, content: bytes | None = None, name: str = "IMG_0042.jpg", **changes):
    """Send the form: a coordinator's on the case page, anybody else's on their own."""
    given = {"kind": "photo", "text": SAID, "version": Referral.objects.get(pk=referral.pk).version}
    file = {"file": SimpleUploadedFile(name, photo() if content is None else content)} if content != b"none" else {}
    where = f"/referrals/{referral.pk}/attach/"
    if client.session.get("_auth_user_id") == str(referral.owner_id):
        where = address(referral, "attach")
    return client.post(where, {**given, **file, **changes})


def test_a_coordinator_adds_one_and_reads_it_on_the_case_page(cast, coordinator):
    referral = taken(cast)
    assert send(coordinator, referral).headers["Location"] == address(referral)
    row = Attachment.objects.get()
    assert (row.by, row.kind, row.content_type) == (cast.coordinator, "photo", "image/jpeg")
    assert row.take_out() | {"key": ""} == {"key": "", "name": "IMG_0042.jpg", "text": SAID}
    page = text_of(coordinator.get(address(referral)))
    assert "1. Photo" in page
    assert "You added an attachment" in page
    assert SAID not in page
    shown = text_of(coordinator.post(address(referral, "open"), {"part": "notes"}))
    assert f"About attachment 1: photo You, {row.at:%-d %B %Y}" in shown
    assert f"{SAID} The file was called: IMG_0042.jpg" in shown


def test_a_referrer_adds_one_on_a_code_alone_and_sees_that_it_was_added(cast, officer):
    referral = taken(cast)
    assert send(officer, referral).headers["Location"] == f"/referrals/{referral.pk}/"
    page = text_of(officer.get(f"/referrals/{referral.pk}/"))
    assert "1 photo added" in page
    assert str(Attachment.objects.get().pk) not in page
    assert SAID not in page
    assert Message.objects.get(kind=Kind.ATTACHMENT_ADDED).user == cast.coordinator


def test_what_a_coordinator_adds_is_not_the_referrers_to_know(cast, officer):
    referral = taken(cast)
    attached(referral, cast.coordinator)
    assert "added" not in text_of(officer.get(f"/referrals/{referral.pk}/"))


BAD = {
    "no file": (b"none", "Choose the file"),
    "an empty file": (b"", REFUSALS["empty"]),
    "svg": (SVG, REFUSALS["kind"]),
    "html": (HTML, REFUSALS["kind"]),
    "a cut photo": (photo()[:900], REFUSALS["damaged"]),
    "a locked pdf": (pdf(password="secret"), REFUSALS["locked"]),
    "too many pages": (pdf(pages=21), REFUSALS["pages"]),
    "a bomb": (huge(), REFUSALS["pixels"]),
    "five megabytes": (photo() + bytes(5_000_000), REFUSALS["large"]),
    "more than Django reads": (photo() + bytes(6_500_000), REFUSALS["large"]),
}


@pytest.mark.parametrize("who", ["coordinator", "officer"])
@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_kept_is_said_and_what_was_typed_stays(cast, request, who, what):
    content, words = BAD[what]
    referral = taken(cast)
    response = send(request.getfixturevalue(who), referral, content)
    assert response.status_code == 200
    assert words in text_of(response)
    form = response.context["form"]
    assert (form["text"].value(), form["kind"].value()) == (SAID, "photo")
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, "Choose what it is"),
        ({"kind": "video"}, "Select a valid choice"),
        ({"text": "x" * 1001}, "What you write about it must be 1,000 characters or fewer"),
        ({"text": "a\x00b"}, "invisible control character"),
    ],
)
def test_with_another_mistake_the_file_has_to_be_chosen_again_and_that_is_said(cast, officer, changes, words):
    response = send(officer, taken(cast), **changes)
    assert words in text_of(response)
    assert "Choose the file again" in text_of(response)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(
    "name",
    ["a" * 250 + ".jpg", "../../etc/passwd.jpg", "<script>.svg", "\u202egpj.exe", "дверь 🚪.jpg", "photo.pdf", "x"],
)
def test_no_name_of_a_file_decides_anything_or_comes_back_in_an_answer(cast, coordinator, name):
    referral = taken(cast)
    assert send(coordinator, referral, name=name).status_code == 302
    row = Attachment.objects.get()
    given = coordinator.post(f"/attachments/{row.pk}/")
    assert given.headers["Content-Type"] == "image/jpeg"
    assert f'filename="{referral.reference} attachment 1.jpg"' in given.headers["Content-Disposition"]


def test_a_name_of_ten_thousand_characters_is_a_bad_request_and_no_crash(cast, coordinator):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="'
        + b"a" * 10_000
        + b'.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        + photo()
        + b"\r\n--x--\r\n"
    )
    response = coordinator.post(address(taken(cast), "attach"), body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == 400
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "²" * 36, "6125b80d-a68c-4523-8459-9032839c3b0e"])
def test_a_forged_key_is_never_a_crash(cast, officer, key):
    assert send(officer, taken(cast), key=key).status_code == 302


def test_the_same_form_sent_twice_is_kept_once(cast, officer):
    referral = taken(cast)
    page = officer.get(f"/referrals/{referral.pk}/attach/")
    key = page.context["form"]["key"].value()
    assert send(officer, referral, key=key).status_code == send(officer, referral, key=key).status_code == 302
    assert Attachment.objects.count() == 1


def test_a_full_referral_says_so(cast, officer, monkeypatch):
    monkeypatch.setattr("referrals.workflow.attachments.MOST_OF_A_REFERRAL", 1)
    referral = taken(cast)
    send(officer, referral)
    response = send(officer, referral)
    assert "and no more can be added" in text_of(response)
    assert Attachment.objects.count() == 1


def test_a_process_that_dies_loses_nothing_that_was_typed(cast, officer, monkeypatch, tmp_path):
    studio = tmp_path / "studio.py"
    studio.write_text("import os; os.abort()")
    monkeypatch.setattr(redrawing, "STUDIO", studio)
    response = send(officer, taken(cast))
    assert REFUSALS["costly"] in text_of(response)
    assert response.context["form"]["text"].value() == SAID


def test_a_coordinator_whose_page_is_old_is_told_and_nothing_is_kept(cast, coordinator):
    referral = taken(cast)
    workflow.request_information(referral_id=referral.pk, question="Which?", by=cast.coordinator2, version=None)
    response = send(coordinator, referral, version=referral.version)
    assert response.status_code == 409
    assert response.context["form"]["text"].value() == SAID
    assert not Attachment.objects.exists()


def test_to_a_closed_referral_the_referrer_adds_nothing_more(cast, officer):
    referral = taken(cast)
    ended = {"outcome": "supported_locally", "band": "help_in_place", "version": referral.version}
    workflow.close(referral_id=referral.pk, by=cast.coordinator, **ended)
    assert officer.get(f"/referrals/{referral.pk}/attach/").headers["Location"] == f"/referrals/{referral.pk}/"
    response = send(officer, referral)
    assert response.status_code == 409
    assert "This referral is closed, so nothing was added" in text_of(response)
    assert response.context["form"]["text"].value() == SAID
    assert "Add a photo or document" not in text_of(officer.get(f"/referrals/{referral.pk}/"))


def test_an_account_that_stands_no_more_gets_back_what_it_typed(cast, officer):
    referral = taken(cast)
    cast.officer.memberships.update(ended_at=timezone.now())
    response = send(officer, referral)
    assert response.status_code == 403
    assert SAID in text_of(response)
    assert not Attachment.objects.exists()


def test_it_is_given_out_as_a_file_that_can_do_nothing(cast, coordinator):
    referral = taken(cast)
    send(coordinator, referral, photo(turned=True), name=f"{CANARY_NAME}.jpg")
    given = coordinator.post(f"/attachments/{Attachment.objects.get().pk}/")
    headers = given.headers
    assert headers["Content-Disposition"] == f'attachment; filename="{referral.reference} attachment 1.jpg"'
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]
    assert CANARY_NAME not in str(headers)
    assert Image.open(io.BytesIO(given.content)).size == (200, 320)
    look = AccessRecord.objects.filter(action="open_attachment").get()
    assert (look.user, look.object_id, look.purpose) == (cast.coordinator, referral.pk, "Attachment 1: photo")
    assert "Opened an attachment" in text_of(coordinator.get(address(referral)))


def test_looking_at_its_address_opens_nothing_and_leads_back(cast, coordinator, sign_in):
    referral = taken(cast)
    row = attached(referral, cast.officer)
    assert coordinator.get(f"/attachments/{row.pk}/").headers["Location"] == address(referral)
    given = handed(cast, referral, cast.constabulary, Pathway.POLICE)
    workflow.accept(hand_over_id=given.pk, by=cast.police_officer, version=1)
    police = sign_in(Client(), cast.police_officer)
    assert police.get(f"/attachments/{row.pk}/").headers["Location"] == f"/inbox/{given.pk}/"
    assert not AccessRecord.objects.filter(action="open_attachment").exists()


def test_whoever_may_not_open_it_finds_nothing_there(cast, sign_in):
    row = attached(taken(cast), cast.officer)
    for name in set(cast.people) - {"coordinator", "coordinator2"}:
        client = sign_in(Client(), cast.people[name])
        assert {
            client.get(f"/attachments/{row.pk}/").status_code,
            client.post(f"/attachments/{row.pk}/").status_code,
        } == {404}, name
    assert not AccessRecord.objects.filter(action="open_attachment").exists()


def test_a_code_alone_opens_nothing(cast, sign_in):
    row = attached(taken(cast), cast.officer)
    client = sign_in(Client(), cast.coordinator, second_factor=False)
    response = client.post(f"/attachments/{row.pk}/")
    assert response.status_code in (302, 403)
    assert PICTURE.content not in response.content


def test_nobody_adds_to_what_is_not_theirs(cast, sign_in):
    referral = submit_one(cast.officer)
    for name in ("colleague", "lead", "nurse", "beacon_worker", "coordinator", "viewer"):
        client = sign_in(Client(), cast.people[name])
        assert client.get(f"/referrals/{referral.pk}/attach/").status_code == 404, name
        assert client.post(f"/referrals/{referral.pk}/attach/", {"kind": "photo"}).status_code == 404, name


def test_a_removed_one_is_gone_for_everybody_and_the_page_says_why(cast, coordinator):
    referral = taken(cast)
    row = attached(referral, cast.officer)
    where = address(referral, f"remove-attachment/{row.pk}")
    assert "Choose why you remove it" in text_of(coordinator.post(where, {"version": referral.version}))
    assert coordinator.post(where, {"version": referral.version, "reason": "too_much"}).status_code == 302
    page = text_of(coordinator.get(address(referral)))
    assert "1. Photo: removed on" in page
    assert "by you. It shows more than anybody needs." in page
    assert coordinator.post(f"/attachments/{row.pk}/").status_code == 404
    assert coordinator.get(where).status_code == 404


def test_what_does_not_open_says_what_to_do(cast, coordinator):
    referral = taken(cast)
    row = attached(referral, cast.officer)
    Attachment.objects.filter(pk=row.pk).update(kid="lost")
    response = coordinator.post(f"/attachments/{row.pk}/")
    assert response.status_code == 503
    assert f"give the reference {referral.reference}" in text_of(response)
    assert not AccessRecord.objects.filter(action="open_attachment").exists()


def test_a_partner_sees_them_only_on_a_hand_over_with_the_account(cast, sign_in):
    referral = taken(cast)
    row = attached(referral, cast.officer)
    given = handed(cast, referral, cast.constabulary, Pathway.POLICE)
    police = sign_in(Client(), cast.police_officer)
    assert str(row.pk) not in police.get(f"/inbox/{given.pk}/").content.decode()
    workflow.accept(hand_over_id=given.pk, by=cast.police_officer, version=2)
    assert str(row.pk) in police.get(f"/inbox/{given.pk}/").content.decode()
    support = handed(cast, referral, cast.beacon, Pathway.BEACON)
    workflow.accept(hand_over_id=support.pk, by=cast.beacon_worker, version=1)
    page = sign_in(Client(), cast.beacon_worker).get(f"/inbox/{support.pk}/").content.decode()
    assert "Attachments" not in page


def test_no_list_ever_reads_the_content(cast, coordinator, django_assert_max_num_queries):
    referral = taken(cast)
    for _ in range(20):
        attached(referral, cast.officer)
    coordinator.get("/admin/")
    with django_assert_max_num_queries(25) as asked:
        coordinator.get(address(referral))
    assert not [query for query in asked.captured_queries if "attachmentcontent" in query["sql"]]
