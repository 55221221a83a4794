"""The whole project in a browser without a server: every request of the browser goes to Django's test client.

The test keeps its one transaction, so that nothing has to be cleaned up and append-only tables stay append-only.
"""

import contextvars
import mimetypes
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

HOST = "http://localhost"  # not "testserver": the browser trusts this one as it would trust https


@pytest.fixture(autouse=True)
def connections_closed(browser: Browser) -> Iterator[None]:
    """Close the database connections of a test with a browser while the browser is still there.

    Playwright's event loop makes Django keep them in another place, where the end of the run does not find them. Import
    this fixture into a module that uses `ClientSite`; being autouse it ends after the test's transaction.
    """
    yield
    connections.close_all()


PASSED_ON = {"content-type": "CONTENT_TYPE", "referer": "HTTP_REFERER"}


class ClientSite:
    """A browser whose requests `client` answers. `complaints` is what the browser's console had to say."""

    def __init__(self, browser: Browser, client: Client, **context):
        self.client, self.complaints = client, []
        self.home = contextvars.copy_context()  # Playwright answers in a context that has no database connection yet
        self.context: BrowserContext = browser.new_context(**context)
        self.context.set_default_timeout(10_000)
        self.context.route("**/*", self._answer)
        self.context.on("console", lambda message: self._complain(message.type, message.text))
        self.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def open(self, path: str) -> Page:
        """A page of the site in a tab of its own."""
        page = self.context.new_page()
        page.goto(HOST + path)
        return page

    def _complain(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(text)

    def _answer(self, route: Route, request: Request) -> None:
        path = request.url.removeprefix(HOST)
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/").split("?")[0])
            route.fulfill(body=Path(found).read_bytes(), content_type=mimetypes.guess_type(found)[0])
            return
        headers = {ours: request.headers[name] for name, ours in PASSED_ON.items() if name in request.headers}
        kind = headers.pop("CONTENT_TYPE", "application/octet-stream")
        body = request.post_data_buffer or b""
        response = self.home.run(
            self.client.generic, request.method, path, body, kind, SERVER_NAME="localhost", **headers
        )
        given = {name: value for name, value in response.headers.items() if name.lower() != "content-length"}
        route.fulfill(status=response.status_code, headers=given, body=response.content)
