"""How a person walks through the intake: what they put on each page, in the words that stand there."""

from collections.abc import Callable

from tests.browser.conftest import Visitor

#: Radio buttons and check boxes to choose, and fields to fill, page by page. Invented people only.
ADULT: dict[str, dict] = {
    "danger": {"choose": ["No"]},
    "age": {"choose": ["18 or over"], "fill": {"About how old, if you can say": "30"}},
    "person": {"fill": {"First names": "Testina", "Family name": "Example"}, "choose": ["Female"]},
    "exploited-as-child": {"choose": ["Not known"]},
    "found": {"choose": ["Dacorum"]},
    "setting": {"choose": ["Car wash"]},
    "signs": {"choose": ["Control and freedom", "Work and pay"]},
    "signs-control": {"choose": ["Somebody controls where they go"]},
    "signs-work": {"choose": ["Gets little or no pay"]},
    "account": {"fill": {"What you saw": "She never spoke without looking at him first."}},
    "exploitation": {"choose": ["Made to work for little or no pay"]},
    "consent": {"first_of_group": {"beacon": "Yes, they agree", "capacity": "No"}},
    "consent-details": {"choose": ["I did"]},
    "do-not-share": {"choose": ["No"]},
}
AGREES = ADULT | {
    "consent": {"first_of_group": {"nrm": "Yes, they agree", "beacon": "Yes, they agree", "capacity": "No"}},
}
DECLINES = ADULT | {
    "consent": {"first_of_group": {"nrm": "No, they do not agree", "beacon": "Yes, they agree"}},
    "do-not-share": {"choose": ["Yes", "Shiva Foundation"], "fill": {"Why?": "Her landlord works there"}},
}
CHILD = ADULT | {
    "age": {"choose": ["Under 18"]},
    "signs": {"choose": ["A child or young person"]},
    "signs-child": {"choose": ["Travels alone"]},
}
IN_DANGER = ADULT | {"danger": {"choose": ["Yes"]}}
CHILD_IN_DANGER = CHILD | {"danger": {"choose": ["Yes"]}}
AGE_NOT_KNOWN = ADULT | {"age": {"choose": ["Not sure"]}}
#: Local support and nothing else, from somebody who may not be able to decide for themselves.
LOCAL_SUPPORT_ONLY = ADULT | {
    "consent": {
        "first_of_group": {
            "nrm": "No, they do not agree",
            "beacon": "Yes, they agree",
            "capacity": "Yes, there is a doubt",
        }
    },
}


def named(person: dict[str, dict], given: str, family: str) -> dict[str, dict]:
    """The same person under another invented name, so that two journeys are not taken for one person."""
    return person | {"person": {"fill": {"First names": given, "Family name": family}, "choose": ["Female"]}}


def slug_of(visitor: Visitor) -> str:
    """The page of the intake that the visitor is on, as it stands in the address."""
    return visitor.page.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]


def fill_page(visitor: Visitor, wishes: dict) -> None:
    """Put the wishes on the page."""
    main = visitor.page.locator("main")
    for words in wishes.get("choose", []):
        main.get_by_label(words, exact=True).first.check()
    for words, text in wishes.get("fill", {}).items():
        main.get_by_label(words, exact=True).first.fill(text)
    for group, words in wishes.get("first_of_group", {}).items():
        main.locator("fieldset", has=visitor.page.locator(f"[name*={group}]")).last.get_by_label(
            words, exact=True
        ).check()


def walk(
    visitor: Visitor, person: dict[str, dict], *, until: str = "check", each: Callable[[Visitor], None] | None = None
) -> list[str]:
    """Go on from page to page until the page `until` is shown; return the pages that were passed.

    `each` is called on every page before it is left.
    """
    passed = []
    while (slug := slug_of(visitor)) != until:
        assert len(passed) < 40, f"the walk goes in circles: {passed}"
        fill_page(visitor, person.get(slug, {}))
        if each:
            each(visitor)
        visitor.press("Continue")
        assert slug_of(visitor) != slug, visitor.page.locator("main").inner_text()[:600]
        passed.append(slug)
    return passed


def begin(visitor: Visitor) -> None:
    """Start a new referral from the start page."""
    visitor.goto("/refer/")
    visitor.press("Start")  # "Start now", or "Start another referral" when one is unfinished


def send(visitor: Visitor) -> str:
    """From "check your answers" to the receipt; return the reference on it."""
    visitor.page.locator("main").get_by_text("Continue", exact=True).click()
    visitor.choose("To the best of my knowledge, what I have written is true")
    visitor.check()
    visitor.press("Send")
    return visitor.page.locator(".wm-panel__reference, .govuk-panel__body strong").first.inner_text()
