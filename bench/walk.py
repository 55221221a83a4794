"""One referral as a person sends it: what is answered on each page, and the way from sign-in to receipt over HTTP."""

import re

from django.urls import reverse

from bench.client import Browser, UnexpectedPage
from referrals.forms.contact import DeclarationForm
from referrals.forms.steps import BY_SLUG
from tests.smtp_sink import SmtpSink

CODE = re.compile(r"\b(\d{4}) ?(\d{4})\b")
DECLARATION = re.compile(r'href="(/refer/[^"]*declaration/)"')
STORY = "Sleeps in the store room behind the car wash and says that somebody else keeps the wages. " * 6

#: An adult met at a car wash, who has been asked about local support: invented, and answered on every page of the way.
ANSWERS: dict[str, dict[str, str | list[str]]] = {
    "danger": {"immediate_danger": "no"},
    "age": {"age_group": "adult", "rough_age": "About 30"},
    "person": {"given_names": "Testina", "family_name": "Invented", "gender": "female", "nationality": "Not known"},
    "exploited_as_child": {"exploited_as_child": "no"},
    "found": {
        "district": "dacorum",
        "found_address": "The invented car wash, Example Road",
        "found_on_day": "2",
        "found_on_month": "11",
        "found_on_year": "2025",
    },
    "setting": {"setting": "car_wash"},
    "signs": {"themes": ["control", "work"]},
    "signs_control": {"indicators": ["G02", "G05"]},
    "signs_work": {"indicators": ["G26", "G28"]},
    "account": {"what_was_seen": STORY, "what_was_said": STORY},
    "exploitation": {"kinds": ["forced-to-work", "wages-taken"]},
    "risk": {"still_in_it": "yes", "still_at_risk": "not_known", "risk_details": "The employer is told everything."},
    "consent": {"nrm": "not_asked", "beacon": "given", "msvcc": "not_asked", "police": "wants_time"},
    "consent_details": {"explained_language": "English", "interpreter": "none_needed", "privacy_notice_given": "yes"},
    "contact": {"channels": ["phone"], "phone_number": "07700 900123", "safe_times": "Weekdays after 6pm"},
    "where_now": {"whereabouts": "found_place", "safe_tonight": "not_known"},
    "communication": {"interpreter_needed": "no"},
    "dependants": {"has_dependants": "no"},
    "referrer": {},
}


def sign_in(browser: Browser, email: str, sink: SmtpSink) -> None:
    """Sign in with the code that is mailed to `email`, the next mail to arrive.

    Raises UnexpectedPage when that does not lead in.
    """
    before = len(sink.received)
    page = browser.get(reverse("account_login"))
    browser.post(page.path, {"email": email})
    browser.follow()
    mail = sink.wait_for(before + 1)[-1]
    code = "".join(CODE.search(mail.message.get_content()).groups())
    if browser.post(browser.page.path, {"code": code}).status != 302:
        raise UnexpectedPage(browser.page, "to be signed in")
    browser.trail.clear()


def send_referral(browser: Browser) -> Browser:
    """Walk from the start page to the receipt and return the browser, whose trail has every request.

    Each page is fetched, filled in and sent, and the redirect is followed, as a browser does (static files apart, which
    it has cached). Raises UnexpectedPage when the way is not what it was.
    """
    browser.get("/refer/")
    browser.post("/refer/", {})
    browser.follow()
    while (step := BY_SLUG.get(slug_of(browser))) is not None:
        answer = ANSWERS[step.key]
        if browser.post(browser.page.path, answer | {"continue": ""}).status != 302:
            raise UnexpectedPage(browser.page, f"the answers of {step.key} to be taken")
        browser.follow()
    if not (link := DECLARATION.search(browser.page.text)):
        raise UnexpectedPage(browser.page, "check your answers, with nothing left to do")
    browser.get(link[1])
    browser.post(link[1], dict.fromkeys(DeclarationForm.base_fields, "on"))
    receipt = browser.follow()
    if receipt.status != 200 or "/receipt/" not in receipt.path:
        raise UnexpectedPage(receipt, "the receipt")
    return browser


def slug_of(browser: Browser) -> str:
    """The last part of the address of the page in front of the person."""
    return browser.page.path.rstrip("/").rpartition("/")[2]


def whole_form() -> dict[str, str | list[str]]:
    """The same answers for the limit app's one form."""
    return {f"{step}-{name}": value for step, given in ANSWERS.items() for name, value in given.items()}


def replay(browser: Browser, methods: str) -> Browser:
    """Make the requests of a walk ("GPGP...") at the limit app's one form: show it, or send it."""
    everything = whole_form()
    for method in methods:
        if method == "G":
            browser.get("/form/")
        elif browser.post("/form/", everything).status != 302:
            raise UnexpectedPage(browser.page, "the form to be taken")
    return browser


def replay_pages(browser: Browser, steps: list[str]) -> Browser:
    """Walk the same steps at the limit app page by page: each shown, sent and stored."""
    for step in steps:
        browser.get(f"/form/{step}/")
        answers = {f"{step}-{name}": value for name, value in ANSWERS[step].items()}
        if browser.post(f"/form/{step}/", answers).status != 302:
            raise UnexpectedPage(browser.page, f"{step} to be taken")
    return browser
