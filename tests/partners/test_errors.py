"""Error pages and the addresses that machines ask for."""

import json
import logging

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from partners.models import Partnership
from partners.privacy import NothingPersonalFilter

pytestmark = pytest.mark.django_db


def page_of(response) -> str:
    return response.content.decode()


def raising(error: BaseException):
    def broken(*args, **kwargs):
        raise error

    return broken


class TestPages:
    """What a person sees when something is wrong."""

    @pytest.fixture
    def quiet(self) -> Client:
        """A client that sees the page instead of the exception."""
        return Client(raise_request_exception=False)

    def test_an_address_that_does_not_exist(self, client, db):
        response = client.get("/nothing-here/?name=Zebulina")
        assert response.status_code == 404
        assert "Page not found" in page_of(response)
        assert "Zebulina" not in page_of(response)

    @pytest.mark.parametrize(
        ("error", "status", "words"),
        [
            (RuntimeError("Zebulina"), 500, "something went wrong"),
            (OperationalError("Zebulina"), 503, "Out of order for a moment"),
            (PermissionDenied("Zebulina"), 403, "You cannot do this"),
            (SuspiciousOperation("Zebulina"), 400, "could not use what was sent"),
        ],
    )
    def test_each_error_has_its_page_and_repeats_nothing(self, quiet, monkeypatch, error, status, words, caplog):
        monkeypatch.setattr("partners.views.sign_in.SignInView.get_context_data", raising(error))
        response = quiet.get("/account/sign-in/")
        assert response.status_code == status
        assert words in page_of(response)
        assert "Zebulina" not in page_of(response)

    def test_the_page_for_a_fault_needs_no_database(self, quiet, monkeypatch, django_assert_num_queries):
        monkeypatch.setattr("partners.views.sign_in.SignInView.get_context_data", raising(RuntimeError()))
        with django_assert_num_queries(0):
            assert quiet.get("/account/sign-in/").status_code == 500

    def test_too_much_text(self, client, cast):
        response = client.post("/account/sign-in/", {"email": "x" * 6_100_000})
        assert response.status_code == 413
        assert "Too much was sent" in page_of(response)

    @pytest.mark.parametrize("fields", [{f"f{n}": "x" for n in range(401)}])
    def test_too_many_fields(self, client, cast, fields):
        assert client.post("/account/sign-in/", fields).status_code == 413

    def test_a_strangers_file_is_not_written_to_the_disk(self, client, monkeypatch):
        monkeypatch.setattr("django.core.files.uploadhandler.TemporaryUploadedFile", raising(AssertionError("written")))
        file = SimpleUploadedFile("big.bin", b"x" * 3_000_000)
        assert client.post("/account/sign-in/", {"email": "", "file": file}).status_code == 200

    def test_a_stale_sign_in_page_says_what_to_do(self, cast):
        response = Client(enforce_csrf_checks=True).post("/account/sign-in/", {"email": cast.officer.email})
        assert response.status_code == 403
        assert "This page was open for too long" in page_of(response)

    def test_too_many_passkey_attempts_get_a_calm_page(self, cast):
        answers = [Client().post("/account/sign-in/passkey/", {"credential": "{}"}).status_code for _ in range(11)]
        assert answers == [302] * 10 + [429]

    @pytest.mark.parametrize("method", ["put", "delete", "patch"])
    def test_a_method_that_makes_no_sense_is_refused(self, client, cast, sign_in, method):
        sign_in(client, cast.lead)
        for path in ["/organisation/people/", "/organisation/people/invite/", "/account/security/", "/healthz"]:
            assert getattr(client, method)(path).status_code == 405

    def test_invalid_percent_encoding_and_utf8_do_not_break(self, client, db):
        for path in ["/%ff%fe/", "/account/sign-in/?next=%ff", "/demo/mail/%00/"]:
            assert client.get(path).status_code in (200, 404)
        odd = {"email": b"\xff\xfe@council.example.org"}
        assert client.post("/account/sign-in/", odd).status_code in (200, 302)

    def test_nothing_personal_is_in_an_error_report(self, rf):
        request = rf.post("/", {"given_names": "Zebulina"}, headers={"Cookie": "sid=secret"})
        cleaner = NothingPersonalFilter()
        assert cleaner.is_active(request)
        for shown in ("post_parameters", "safe_request_meta", "safe_cookies"):
            assert getattr(cleaner, f"get_{shown}")(request) == {}
        assert cleaner.get_traceback_frame_variables(request, None) == []
        assert cleaner.get_safe_settings() == {}


class TestHealth:
    """/healthz"""

    def test_it_answers_everybody_without_a_session(self, client, db):
        response = client.get("/healthz")
        assert (response.status_code, response.content) == (200, b"ok\n")
        assert not response.cookies

    def test_it_answers_503_when_the_database_does_not(self, client, db, monkeypatch):
        monkeypatch.setattr("partners.views.machines.connection.cursor", raising(OperationalError("secret host")))
        response = client.get("/healthz")
        assert (response.status_code, response.content) == (503, b"no database\n")

    def test_it_is_not_redirected_to_https(self, client, db, settings):
        settings.SECURE_SSL_REDIRECT = True
        assert client.get("/healthz").status_code == 200
        assert client.get("/account/sign-in/").status_code == 301


class TestTheme:
    """/theme.css"""

    def test_it_holds_the_partnerships_colours(self, client, cast):
        Partnership.objects.update(brand_colour="#6b1f5f", brand_tint="#f5eef4")
        response = client.get("/theme.css")
        assert response["Content-Type"] == "text/css"
        assert "--brand:#6b1f5f;" in page_of(response)
        assert "--brand-tint:#f5eef4;" in page_of(response)
        assert "--on-brand:#ffffff;" in page_of(response)

    def test_it_is_not_sent_twice(self, client, cast):
        tag = client.get("/theme.css")["ETag"]
        assert client.get("/theme.css", headers={"If-None-Match": tag}).status_code == 304
        Partnership.objects.update(brand_colour="#6b1f5f")
        assert client.get("/theme.css", headers={"If-None-Match": tag}).status_code == 200

    def test_it_works_before_anybody_has_saved_a_partnership(self, client, db):
        assert "--brand:#1f4e5f;" in page_of(client.get("/theme.css"))


class TestPolicyReport:
    """/csp-report/"""

    REPORT = {
        "csp-report": {
            "document-uri": "https://waymark.example/refer/6f0cbe3c-6f8b-4d37-8f0e-0c6f6a5f7a11/person/?name=Zebulina",
            "effective-directive": "style-src-elem",
            "script-sample": "Zebulina",
            "blocked-uri": "https://evil.example/Zebulina",
        }
    }

    def send(self, client, body, **more):
        return client.post("/csp-report/", body, content_type="application/csp-report", **more)

    def test_directive_and_kind_of_page_are_noted_and_nothing_else(self, db, capsys, caplog):
        caplog.set_level(logging.DEBUG)
        client = Client(enforce_csrf_checks=True)
        assert self.send(client, json.dumps(self.REPORT)).status_code == 204
        assert "style-src-elem" in caplog.text
        assert "refer/<uuid:draft_id>/<slug:step>/" in caplog.text
        for word in ["Zebulina", "evil.example", "6f0cbe3c"]:
            assert word not in caplog.text

    @pytest.mark.parametrize(
        "body",
        [
            "", "{", "[]", "null", '"x"', '{"csp-report": []}', '{"csp-report": {"document-uri": 7}}', b"\xff\xfe",
            "[" * 8000, '{"csp-report": {"effective-directive": "Zebulina\\n{}"}}',
        ],
    )  # fmt: skip
    def test_nonsense_is_taken_calmly(self, client, db, body, caplog):
        assert self.send(client, body).status_code == 204
        assert "Zebulina" not in caplog.text

    def test_eight_kilobytes_are_enough(self, client, db):
        assert self.send(client, "x" * 8193).status_code == 413

    def test_a_flood_is_not_logged(self, client, db, caplog):
        for _ in range(70):
            self.send(client, json.dumps(self.REPORT))
        assert caplog.text.count("style-src-elem") == 60

    def test_it_cannot_be_read(self, client, db):
        assert client.get("/csp-report/").status_code == 405
