"""What happens to the browser tests where there is no browser: they fail in CI and are left out, loudly, elsewhere."""

import os

import pytest

from config.runtime.browser import find_chromium

MISSING = "no chromium: apt install chromium, or set CHROMIUM to its path"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """The browser for Playwright's `executable_path`. Tests that use it carry `@pytest.mark.browser`."""
    return find_chromium() or pytest.fail(MISSING)


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
