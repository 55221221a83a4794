"""What happens to the browser tests where there is no browser: they fail in CI and are left out, loudly, elsewhere."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from config.runtime.browser import find_chromium

MISSING = "no chromium: apt install chromium, or set CHROMIUM to its path"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser for Playwright's `executable_path`. Tests that use it carry `@pytest.mark.browser`."""
    return find_chromium() or pytest.fail(MISSING)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """One browser for the run; a test opens its own context in it (`browser.new_context(...)`) and closes it.

    One, because a second Playwright cannot start in a thread that has one. Its event loop stays in the thread, which
    Django would take for asynchronous code and refuse the database: hence the variable.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield launched
        launched.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a browser and outside CI, skip what needs one; in CI leave it to fail."""
    if find_chromium() or os.environ.get("CI"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=MISSING))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in red what was not tested: a dot that is an s is easily overlooked."""
    left_out = [report for report in terminalreporter.stats.get("skipped", []) if MISSING in str(report.longrepr)]
    if left_out:
        terminalreporter.section("NOT TESTED IN A BROWSER", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(left_out)} browser tests were left out: {MISSING}", red=True)
