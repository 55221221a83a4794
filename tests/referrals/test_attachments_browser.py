"""Attachments in a real browser: added, opened and removed on a desk and a phone, with and without scripts."""

import io

import pytest
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from partners.models import AccessRecord
from referrals import workflow
from referrals.models import Attachment
from referrals.pathways import Pathway
from tests.browser.accessibility import faults_of
from tests.client_site import ClientSite, connections_closed
from tests.referrals.files_sent import SVG, pdf, photo
from tests.referrals.handing import handed, taken
from tests.referrals.test_admin_case import address
from tests.referrals.test_attachments import attached
from tests.referrals.test_inbox_browser import fits

__all__ = ["connections_closed"]

pytestmark = pytest.mark.browser


@pytest.fixture
def come(browser, cast, sign_in):
    """`come(path, "name", width)` opens a page; at the end the browser may not have complained of anything."""
    sites = []

    def go(path: str, who: str, width: int = 1280, *, scripts=True, bare=False) -> Page:
        client = sign_in(Client(), cast.people[who])
        size = {"width": width, "height": 900}
        sites.append(ClientSite(browser, client, viewport=size, java_script_enabled=scripts, accept_downloads=True))
        if bare:
            sites[-1].context.route("**/static/**/*.js", lambda route: route.abort())
        return sites[-1].open(path)

    yield go
    for site in sites:
        site.context.close()
    assert [complaint for site in sites for complaint in site.complaints] == []


def choose(page: Page, name: str, content: bytes) -> None:
    """Choose a file, as from a phone's folder."""
    kind = "application/pdf" if name.endswith("pdf") else "image/jpeg"
    page.get_by_label("The photo or document").set_input_files({"name": name, "mimeType": kind, "buffer": content})


def opened(page: Page, label: str) -> tuple[str, bytes]:
    """Press a button that gives a file; its name and what is in it."""
    with page.expect_download() as found:
        page.get_by_role("button", name=label).click()
    return found.value.suggested_filename, found.value.path().read_bytes()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_coordinator_adds_a_photo_opens_it_and_removes_it(come, cast, scripts):
    referral = taken(cast)
    page = come(address(referral), "coordinator", scripts=scripts)
    page.get_by_role("link", name="Add a photo or document").click()
    choose(page, "drawing.svg", SVG)
    page.get_by_label("Photo", exact=True).check()
    page.get_by_label("What should be known about it?").fill("The door of the caravan")
    page.get_by_role("button", name="Add a photo or document").click()
    expect(page.get_by_role("alert").first).to_contain_text("This is not a photo or a document that can be kept")
    expect(page.get_by_label("What should be known about it?")).to_have_value("The door of the caravan")
    choose(page, "IMG_0042.jpg", photo(turned=True))
    page.get_by_role("button", name="Add a photo or document").click()
    expect(page.get_by_text("It is kept with the case.")).to_be_visible()
    name, content = opened(page, "Open attachment 1")
    assert name == f"{referral.reference} attachment 1.jpg"
    shown = Image.open(io.BytesIO(content))
    assert (shown.size, dict(shown.getexif())) == ((200, 320), {})
    page.reload()
    expect(page.locator("#looks")).to_contain_text("Opened an attachment")
    page.get_by_role("link", name="Remove attachment 1").click()
    page.get_by_label("It shows more than anybody needs").check()
    page.get_by_role("button", name="Remove an attachment").click()
    expect(page.locator("#attachments")).to_contain_text("It shows more than anybody needs")
    assert page.get_by_role("button", name="Open attachment 1").count() == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_a_referrer_adds_a_photo_from_a_phone_and_reads_it_nowhere(come, cast, scripts):
    referral = taken(cast)
    page = come(f"/referrals/{referral.pk}/", "officer", 390, scripts=scripts)
    page.get_by_role("link", name="Add a photo or document").click()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert").first).to_contain_text("Choose the file")
    choose(page, "letter.pdf", pdf(pages=2))
    page.get_by_label("Letter or document").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("It was added, and the coordinators are told.")).to_be_visible()
    expect(page.get_by_text("1 letter or document added")).to_be_visible()
    row = Attachment.objects.get()
    assert (row.by, row.pages) == (cast.officer, 2)
    assert str(row.pk) not in page.content()
    assert not AccessRecord.objects.filter(action="open_attachment").exists()


def test_a_partner_who_has_accepted_opens_it(come, cast):
    referral = taken(cast)
    attached(referral, cast.officer)
    given = handed(cast, referral, cast.constabulary, Pathway.POLICE)
    workflow.accept(hand_over_id=given.pk, by=cast.police_officer, version=1)
    page = come(f"/inbox/{given.pk}/", "police_officer")
    assert opened(page, "Open attachment 1")[0] == f"{referral.reference} attachment 1.jpg"
    assert AccessRecord.objects.get(action="open_attachment").user == cast.police_officer


@pytest.mark.parametrize("width", [390, 1280])
def test_the_pages_pass_axe_and_fit(come, cast, width):
    referral = taken(cast)
    for kind in ("photo", "consent_form", "letter"):
        row = attached(referral, cast.officer, kind=kind)
    workflow.remove_attachment(attachment_id=row.pk, reason="twice", by=cast.coordinator2)
    given = handed(cast, referral, cast.constabulary, Pathway.POLICE)
    workflow.accept(hand_over_id=given.pk, by=cast.police_officer, version=1)
    first = Attachment.objects.first()
    for path, who in [
        (address(referral), "coordinator"),
        (address(referral, "attach"), "coordinator"),
        (address(referral, f"remove-attachment/{first.pk}"), "coordinator"),
        (f"/inbox/{given.pk}/", "police_officer"),
        (f"/referrals/{referral.pk}/attach/", "officer"),
        (f"/referrals/{referral.pk}/", "officer"),
    ]:
        page = come(path, who, width, bare=True)
        assert faults_of(page) == [], path
        assert fits(page), path
