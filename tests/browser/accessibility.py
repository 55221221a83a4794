"""axe-core on a page, by the rules of WCAG 2.2 AA."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE = Axe()
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
ONLY = {"resultTypes": ["violations"]}
#: govuk-frontend puts `aria-expanded` on the radio button that reveals a field; axe says the role does not allow it.
#: A known difference of opinion (alphagov/govuk-frontend issue 979): left out on exactly those controls.
KNOWN = ("aria-allowed-attr", ".govuk-radios__input[aria-expanded], .govuk-checkboxes__input[aria-expanded]")


CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def faults_of(page: Page, rules: dict = RULES) -> list[str]:
    """What axe finds wrong on the page, a line each: rule, help, element. `CONTRAST`: only the rules on colours."""
    if not page.evaluate("'axe' in window"):  # once a page: it is half a megabyte
        page.evaluate(AXE.axe_script)
    found = []
    for violation in page.evaluate("rules => axe.run(rules)", rules | ONLY)["violations"]:
        for node in violation["nodes"]:
            target = node["target"][0]
            if violation["id"] == KNOWN[0] and page.locator(target).first.evaluate("(e, s) => e.matches(s)", KNOWN[1]):
                continue
            found.append(f"{violation['id']}: {violation['help']}: {target}")
    return found
