"""A site of rendered pages and our static files, without a server: for tests of markup, style and scripts."""

import mimetypes
from collections.abc import Callable
from pathlib import Path

from csp.constants import NONCE
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, Request, Route

HOST = "http://paper.test"
ROOT = Path(__file__).resolve().parents[2]


def policy() -> str:
    """The content security policy of the settings, as a header; pages of this site have no nonce."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(f"{name} {' '.join(v for v in values if v != NONCE)}" for name, values in directives.items())


class PaperSite:
    """Answers the requests of a browser context.

    `pages` are HTML by path. `posts` collects what was posted; `answer` decides what a post gets: a dict of arguments
    for Playwright's `fulfill`, or None for a connection that breaks.
    """

    def __init__(self, context: BrowserContext):
        self.pages: dict[str, str] = {}
        self.theme = ""  # the style sheet with the partnership's colours
        self.posts: list[Request] = []
        self.answer: Callable[[Request], dict | None] = lambda request: {"status": 204}
        self.complaints: list[str] = []
        context.route("**/*", self._handle)
        context.on("console", lambda message: self._complain(message.type, message.text))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _complain(self, kind: str, text: str) -> None:
        # That a request failed is what some tests are about; the browser says so by itself.
        if kind in {"error", "warning"} and "Failed to load resource" not in text:
            self.complaints.append(text)

    def _handle(self, route: Route, request: Request) -> None:
        path = request.url.removeprefix(HOST).split("?")[0]
        if request.method == "POST":
            self.posts.append(request)
            answer = self.answer(request)
            route.abort() if answer is None else route.fulfill(**answer)
        elif path in self.pages:
            headers = {"Content-Security-Policy": policy(), "Content-Type": "text/html; charset=utf-8"}
            route.fulfill(body=self.pages[path], headers=headers)
        elif path.startswith("/static/"):
            kind = mimetypes.guess_type(path)[0]
            route.fulfill(body=(ROOT / path[1:]).read_bytes(), content_type=kind)
        elif path == "/theme.css":
            route.fulfill(body=self.theme, content_type="text/css")
        else:
            route.fulfill(body="", content_type="text/html")

    def open(self, page: Page, html: str, path: str = "/page/") -> Page:
        """Show `html` under `path`; where scripts run, wait until they have started."""
        self.pages[path] = html
        page.goto(HOST + path)
        if page.evaluate("() => document.body.classList.contains('js-enabled')"):
            page.locator("body[data-ready]").wait_for(state="attached")
        return page
