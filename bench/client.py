"""A small load client: people who sign in, read pages and send forms, over loopback, for a bounded time.

Plain `http.client`. Connections are kept when the server keeps them; gunicorn's sync workers close each, for the
project and the limit app alike. What the client itself costs is measured in every run (`/empty/` of the limit app).
"""

import html
import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?')


@dataclass(frozen=True)
class Page:
    """One answer: status, text, where it sends us on, and how long it took in seconds."""

    status: int
    text: str
    location: str
    seconds: float
    method: str
    path: str

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden inputs of the page, the CSRF token among them."""
        return {name: html.unescape(value or "") for name, value in HIDDEN.findall(self.text)}


@dataclass
class Browser:
    """One person at the server on a port of 127.0.0.1: cookies, the page in front of them, and every answer so far."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    trail: list[tuple[str, float]] = field(default_factory=list)
    page: Page | None = None

    def __post_init__(self) -> None:
        """Connect lazily; 10 s for any answer."""
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def get(self, path: str) -> Page:
        """Fetch a page."""
        return self._ask("GET", path)

    def post(self, path: str, fields: dict) -> Page:
        """Send a form with the hidden inputs of the page in front of us; a redirect is returned, not followed."""
        hidden = self.page.hidden if self.page else {}
        return self._ask("POST", path, urlencode(hidden | fields, doseq=True))

    def follow(self) -> Page:
        """Fetch the page the last answer sent us to. Raises UnexpectedPage when it sent us nowhere."""
        if not self.page or not self.page.location:
            raise UnexpectedPage(self.page, "a redirect")
        return self.get(urlsplit(self.page.location).path)

    def _ask(self, method: str, path: str, body: str | None = None) -> Page:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        started = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        seconds = time.perf_counter() - started
        for header in response.headers.get_all("Set-Cookie", ()):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        self.trail.append((method, seconds))
        self.page = Page(response.status, text, response.headers.get("Location", ""), seconds, method, path)
        return self.page


class UnexpectedPage(AssertionError):
    """The server answered something else than the walk needs; a measurement of error pages would be worthless."""

    def __init__(self, page: Page | None, wanted: str) -> None:
        """Say what was asked and what came; the page's text is left in `page`."""
        self.page = page
        came = f"{page.method} {page.path} gave {page.status} {page.location}" if page else "nothing"
        super().__init__(f"wanted {wanted}, {came}")


@dataclass
class Round:
    """What one stretch of load did: requests by method, their times in seconds, and what it cost the client."""

    seconds: float
    times: dict[str, list[float]]
    client_cpu: float
    repeats: int

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return sum(map(len, self.times.values()))

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def load(visits: list[Callable[[], Browser]], seconds: float) -> Round:
    """Let each visitor (a function that makes one round of requests) repeat in a thread until the time is over.

    The last visit of each is finished, and all of them count, with the time they took: no request is cut off. Any
    visitor's exception is raised here.
    """
    deadline = time.perf_counter() + seconds
    done: Counter[int] = Counter()
    trails: list[tuple[str, float]] = []
    faults: list[BaseException] = []

    def repeat(number: int, visit: Callable[[], Browser]) -> None:
        try:
            while time.perf_counter() < deadline and not faults:
                browser = visit()
                trails.extend(browser.trail)
                browser.trail.clear()
                done[number] += 1
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=repeat, args=pair, daemon=True) for pair in enumerate(visits)]
    started, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
    if faults:
        raise faults[0]
    times: dict[str, list[float]] = {"GET": [], "POST": []}
    for method, taken in trails:
        times[method].append(taken)
    return Round(time.perf_counter() - started, times, time.process_time() - cpu, done.total())
