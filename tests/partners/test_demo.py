"""The demonstration: one click each, and the mail. Nothing of it exists anywhere else."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config.devmail import MailDirectory
from partners.demo import DEMO_BY_KEY, DEMO_PEOPLE, DemoPerson
from partners.models import Membership, User
from partners.roles import Role
from tests.conftest import make_organisation

pytestmark = pytest.mark.django_db

PAGES = ["/demo/", "/demo/mail/", "/demo/mail/1700000000000000000-0123abcd/"]


def page_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def demo(cast, settings) -> Client:
    """A demo with all its people; those of the fixed cast stay."""
    settings.DEMO = True
    for slug in {person.organisation for person in DEMO_PEOPLE}:
        make_organisation(slug, coordinates=slug.endswith("team"))
    for person in DEMO_PEOPLE:
        user = User.objects.create_user(person.email, full_name=person.full_name)
        organisation = type(cast.council).objects.get(slug=person.organisation)
        Membership.objects.create(user=user, organisation=organisation, role=person.role)
    return Client()


def test_everybody_of_the_issue_is_there():
    assert {person.role for person in DEMO_PEOPLE} == set(Role)
    assert set(DEMO_BY_KEY) >= {
        "officer", "nurse", "lead", "coordinator", "beacon", "police", "council-responder", "children", "county",
        "viewer", "auditor", "administrator",
    }  # fmt: skip
    assert len({person.email for person in DEMO_PEOPLE}) == len(DEMO_PEOPLE)
    assert all(person.email.endswith(f"@{person.organisation}.example.org") for person in DEMO_PEOPLE)


@pytest.mark.parametrize("person", DEMO_PEOPLE, ids=lambda person: person.key)
def test_one_click_signs_in_with_both_steps(demo, person: DemoPerson):
    response = demo.post(f"/demo/sign-in/{person.key}/", follow=True)
    assert response.status_code == 200
    assert demo.session["_auth_user_id"] == str(User.objects.get(email=person.email).pk)
    assert "second-step" not in str(response.redirect_chain)


def test_the_coordinator_goes_straight_to_the_admin(demo):
    assert demo.post("/demo/sign-in/coordinator/")["Location"] == "/admin/"
    assert demo.get("/admin/").status_code == 200


def test_the_visitor_comes_to_the_page_they_wanted(demo):
    assert demo.post("/demo/sign-in/lead/", {"next": "/organisation/people/"})["Location"] == "/organisation/people/"
    assert demo.post("/demo/sign-in/lead/", {"next": "https://evil.example/"})["Location"] == "/referrals/"


def test_another_click_is_another_person(demo):
    demo.post("/demo/sign-in/officer/")
    demo.post("/demo/sign-in/nurse/")
    assert demo.session["_auth_user_id"] == str(User.objects.get(email=DEMO_BY_KEY["nurse"].email).pk)


def test_the_sign_in_page_offers_them(demo):
    page = page_of(demo.get("/account/sign-in/?next=/refer/"))
    for person in DEMO_PEOPLE:
        assert f'action="/demo/sign-in/{person.key}/"' in page
    assert page.count('name="next" value="/refer/"') == len(DEMO_PEOPLE) + 2


def test_a_click_needs_a_token_and_is_a_post(demo):
    assert Client(enforce_csrf_checks=True).post("/demo/sign-in/officer/").status_code == 403
    assert demo.get("/demo/sign-in/officer/").status_code == 405


def test_a_person_who_is_not_in_the_list_or_not_loaded_is_not_there(demo):
    assert demo.post("/demo/sign-in/nobody/").status_code == 404
    User.objects.filter(email=DEMO_BY_KEY["officer"].email).update(email="x@example.org")
    assert demo.post("/demo/sign-in/officer/").status_code == 404


class TestElsewhere:
    """Outside a demo on this machine."""

    @pytest.mark.parametrize("path", PAGES)
    def test_no_page_exists_without_demo(self, client, cast, path):
        assert client.get(path).status_code == 404

    def test_nobody_signs_in_without_demo(self, demo, settings):
        settings.DEMO = False
        assert demo.post("/demo/sign-in/coordinator/").status_code == 404
        assert "_auth_user_id" not in demo.session
        assert "demo" not in page_of(demo.get("/account/sign-in/"))

    @pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.1", "2001:db8::1", "", "localhost"])
    def test_nobody_signs_in_from_another_machine(self, demo, address):
        for path in PAGES:
            assert demo.get(path, REMOTE_ADDR=address).status_code == 404
        assert demo.post("/demo/sign-in/coordinator/", REMOTE_ADDR=address).status_code in (403, 404)

    @pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
    def test_this_machine_has_several_names(self, demo, address):
        assert demo.get("/demo/", REMOTE_ADDR=address).status_code == 200

    def test_a_forwarded_address_makes_nobody_local(self, demo):
        response = demo.get("/demo/", REMOTE_ADDR="192.0.2.7", headers={"X-Forwarded-For": "127.0.0.1"})
        assert response.status_code == 404


class TestMail:
    """/demo/mail/"""

    @pytest.fixture
    def box(self, demo, settings, tmp_path):
        """An empty mailbox; `put(name, text)` keeps a mail as the demo's mail server does."""
        settings.DEMO_MAIL_DIR = str(tmp_path)
        MailDirectory(tmp_path)

        def put(name: str, text: str, subject: str = "Referral WM-1234"):
            head = f"X-Envelope-To: a@example.org\r\nSubject: {subject}\r\nTo: a@example.org\r\n"
            head += "Date: Mon, 23 Nov 2026 12:00:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
            (tmp_path / name).write_bytes((head + text).encode())

        return put

    def test_it_lists_the_newest_first(self, demo, box):
        box("1700000000000000001-0000000a.eml", "one", "First")
        box("1700000000000000002-0000000b.eml", "two", "Second")
        page = page_of(demo.get("/demo/mail/"))
        assert page.index("Second") < page.index("First")
        assert "a@example.org" in page

    def test_a_mail_is_read_and_its_link_can_be_followed(self, demo, box):
        box("1700000000000000001-0000000a.eml", "Open it: http://127.0.0.1:8000/m/6f0c/ <b>now</b> ö")
        page = page_of(demo.get("/demo/mail/1700000000000000001-0000000a/"))
        assert '<a href="http://127.0.0.1:8000/m/6f0c/"' in page
        assert "&lt;b&gt;now&lt;/b&gt; ö" in page

    def test_an_empty_box_says_so(self, demo, box):
        assert "No mail yet" in page_of(demo.get("/demo/mail/"))

    def test_without_a_directory_it_says_so_too(self, demo, settings):
        settings.DEMO_MAIL_DIR = ""
        assert "No mail yet" in page_of(demo.get("/demo/mail/"))

    @pytest.mark.parametrize("name", ["..", "passwd", "1700000000000000001-0000000f", "1700000000000000001-0000000G"])
    def test_other_names_are_not_found(self, demo, box, name, tmp_path):
        (tmp_path / "passwd.eml").write_text("Subject: x\n\nsecret")
        assert demo.get(f"/demo/mail/{name}/").status_code == 404

    def test_a_mail_that_cannot_be_read_does_not_break_the_list(self, demo, box, tmp_path):
        (tmp_path / "1700000000000000003-0000000c.eml").write_bytes(b"\xff\xfe\x00 no mail at all")
        (tmp_path / "1700000000000000004-0000000d.eml").write_bytes(
            b"Subject: =?utf-8?b?AAAA\r\nContent-Type: text/plain; charset=klingon\r\n\r\nqapla"
        )
        assert demo.get("/demo/mail/").status_code == 200
        assert demo.get("/demo/mail/1700000000000000003-0000000c/").status_code == 200
        assert demo.get("/demo/mail/1700000000000000004-0000000d/").status_code in (200, 400)


def test_demo_refuses_an_address_that_others_can_reach(monkeypatch):
    """Read anew, because the settings decide it when they are loaded."""
    import importlib  # noqa: PLC0415

    import config.settings  # noqa: PLC0415

    monkeypatch.setenv("DEMO", "true")
    monkeypatch.setenv("SITE_URL", "https://waymark.example.org")
    with pytest.raises(ImproperlyConfigured, match="loopback"):
        importlib.reload(config.settings)
    monkeypatch.undo()
    importlib.reload(config.settings)
