"""What a case already answers of the form. What is uncertain is left out, or taken as a draft to be checked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from referrals.nrm_form import accounts
from referrals.nrm_form.beginning import COUNCIL
from referrals.nrm_form.case import Case
from referrals.nrm_form.fields import UNKNOWN, Answers, Branch, Kind, Value
from referrals.nrm_form.places import TYPES
from referrals.nrm_form.steps import STEPS, fields_on

AGE = {"adult": "no", "child": "yes", "unsure": "not-sure"}
YES_NO = {"yes": "yes", "no": "no"}
DECIDED = {"given": "yes", "refused": "no", "withdrawn": "no"}
#: A police reference leads to a named person: in a duty to notify it is given on purpose, or not at all.
NEVER_TAKEN_TO_NOTIFY = {"reported-to-police", "reported-to-police-crime-reference"}
_POSTCODE = re.compile(r"\b[A-Za-z]{1,2}\d[A-Za-z\d]?\s*\d[A-Za-z]{2}\b")


@dataclass(frozen=True)
class Taken:
    """An answer of the case. A `draft` must be checked by the first responder before it is used."""

    value: Value = field(repr=False)
    draft: bool = False


Found = Iterator[tuple[str, Value, bool]]


def taken_from(case: Case) -> dict[str, Taken]:
    """Return what `case` answers, by key of the form, of the pages its branch has.

    For a duty to notify nothing of a page that identifies the person is taken unless they agreed to work with the
    police, and every text is a draft.
    """
    fields, hidden = fields_on(case.branch), _hidden(case)
    taken = {}
    for key, value, draft in (*_reporter(case), *_age(case), *_happened(case), *_consents(case), *_person(case)):
        if value and key in fields and key not in hidden:
            text = fields[key].kind in (Kind.LONG, Kind.TEXT) and not fields[key].locked
            taken[key] = Taken(value, draft or (case.notify and text))
    return taken


def answers_of(case: Case) -> Answers:
    """Return what `case` answers in the form's terms, drafts included."""
    return {key: taken.value for key, taken in taken_from(case).items()}


def _hidden(case: Case) -> set[str]:
    if not case.notify:
        return set()
    identifying = {f.key for step in STEPS if step.identifying for f in step.fields}
    return NEVER_TAKEN_TO_NOTIFY | (set() if case.named else identifying)


def _reporter(case: Case) -> Found:
    who = case.first_responder
    yield "reference", case.reference, False
    yield "user-organisation", case.organisation, False
    yield "fr-location", case.nation, False
    yield "fr-details-first-name", who.first_name, False
    yield "fr-details-last-name", who.last_name, False
    yield "fr-details-role", who.role, False
    yield "fr-details-phone", who.phone, False
    yield "fr-alternative-contact", who.alternative_email, False


def _age(case: Case) -> Found:
    yield "pv-under-age", AGE.get(case.age_group, ""), False
    earlier = case.exploited_as_child or case.said("exploited_as_child", "exploited_as_child")
    answer = {**YES_NO, "not_known": "not-sure"}.get(earlier, "")
    yield "pv-under-age-at-time-of-exploitation", answer, False
    yield f"{COUNCIL}-name", case.said("children_services", "council_name"), False
    yield f"{COUNCIL}-phone", case.said("children_services", "council_phone"), False
    yield f"{COUNCIL}-email", case.said("children_services", "council_email"), False
    first, last = _two_names(case.said("children_services", "council_contact"))
    yield f"{COUNCIL}-first-name", first, True
    yield f"{COUNCIL}-last-name", last, True


def _happened(case: Case) -> Found:
    yield "how-they-were-treated", accounts.said(case), True
    yield "still-in-exploitative-situation", YES_NO.get(case.said("risk", "still_in_it"), ""), False
    yield "modern-slavery-indicators", "yes" if case.indicators else "", False
    yield "modern-slavery-indicators-details", accounts.indicators(case), True
    yield "where-how-interview-carried-out", accounts.conversation(case), True
    yield "professional-insight", accounts.seen(case), True
    for code in case.exploitation:
        yield f"{TYPES}-{code}", "yes", False
    yield "other-exploitation-details", case.said("exploitation", "exploitation_other"), False
    if case.said("risk", "still_at_risk") == "yes":  # of any harm: whether it is exploitation must be judged
        yield "future-exploitation-concerns", "yes", True
        yield "future-exploitation-reasons", case.said("risk", "risk_details"), True
    if case.said("ring_999", "police_told") == "yes" and (number := case.said("ring_999", "police_reference")):
        yield "reported-to-police", "yes", True
        yield "reported-to-police-crime-reference", number, True


def _consents(case: Case) -> Found:
    state = case.consents.get
    yield "authorities-cooperation", DECIDED.get(state("police", ""), ""), False
    yield "pv-want-to-submit-nrm", _nrm(case), False
    yield "does-pv-need-support", DECIDED.get(state("msvcc", ""), ""), False


def _nrm(case: Case) -> str:
    decided = DECIDED.get(case.consents.get("nrm", ""), "")
    return decided if (decided == "yes") == (case.branch is Branch.ADULT_NRM) else ""


def _person(case: Case) -> Found:
    yield "pv-name-first-name", case.said("person", "given_names"), False
    yield "pv-name-last-name", case.said("person", "family_name"), False
    yield "pv-name-nickname", case.said("person", "known_as"), False
    yield "pv-dob", case.said("person", "date_of_birth"), False
    gender = case.said("person", "gender")
    yield "pv-gender", gender if gender in ("female", "male", "other") else "", False
    yield from _nationalities(case.said("person", "nationality"))
    has = case.said("dependants", "has_dependants")  # children, or others: not quite what the form asks
    yield "does-pv-have-children", YES_NO.get(has, ""), True
    yield "pv-interpreter-requirements", YES_NO.get(case.said("communication", "interpreter_needed"), ""), False
    yield "pv-interpreter-requirements-language", case.said("communication", "language"), False
    needs = case.said("communication", "other_needs")
    yield "pv-other-help-with-communication", "yes" if needs else "", True
    yield "pv-other-help-with-communication-aid", needs, True
    yield from _phone(case)
    yield from _decision(case)


def _nationalities(said: str) -> Found:
    parts = [part.strip() for part in re.split(r"[,;/&\n]|\band\b", said) if part.strip()]
    if said.casefold() in ("unknown", "not known", "not sure"):
        parts = [UNKNOWN]
    for key, part in zip(("pv-nationality", "pv-nationality-second"), parts, strict=False):
        yield key, part, len(parts) > 1


def _phone(case: Case) -> Found:
    other = case.said("contact", "someone_phone")
    if case.safe("phone") and (number := case.said("contact", "phone_number")):
        yield "pv-phone-number", "own", False
        yield "pv-phone-number-yes", number, False
    elif case.safe("someone") and other:
        yield "pv-phone-number", "alternative", True
        yield "pv-phone-number-alternative", other, True
        yield "alternative-number-relation-to-pv", case.said("contact", "someone_relationship"), True


def _decision(case: Case) -> Found:
    """Safe ways to reach them are no answer to who gets the decision: that is a draft. The ticks follow the record."""
    email = case.said("contact", "email_address") if case.safe("email") else ""
    post = case.said("contact", "post_address") if case.safe("post") else ""
    ways: Value = [way for way, there in (("email", email), ("post", post)) if there]
    someone = case.said("contact", "someone_name") if case.safe("someone") else ""
    yield "who-contact", "the-person" if ways else "someone-else" if someone else "", True
    yield "pv-contact-details", ways, True
    yield "pv-contact-details-email-input", email, False
    yield "pv-contact-details-email-check", "yes" if email else "", False
    yield from _letter(post)
    yield "pv-contact-details-post-check", "yes" if post else "", False
    first, last = _two_names(someone)
    yield "someone-else-first-name", first, True
    yield "someone-else-last-name", last, True
    if someone and (theirs := case.said("contact", "someone_email")):
        yield "someone-else", ["email"], True
        yield "someone-else-email-input", theirs, True


def _letter(address: str) -> Found:
    """Split an address that was written as one text: the postcode is sure, the rest is a draft."""
    key = "pv-contact-details"
    found = _POSTCODE.search(address)
    yield f"{key}-postcode", found.group().upper() if found else "", False
    lines = [line.strip(" .") for line in re.split(r"[,\n]", _POSTCODE.sub("", address)) if line.strip(" .\r")]
    if len(lines) > 2 and lines[-1].casefold().endswith("shire"):
        yield f"{key}-county", lines.pop(), True
    if len(lines) > 1:
        yield f"{key}-town", lines.pop(), True
    yield f"{key}-street", ", ".join(lines), True


def _two_names(said: str) -> tuple[str, str]:
    """Return first and last name; a team or a longer text stays together in the second."""
    words = said.split()
    if len(words) == 2 and all(word[0].isupper() and word.isalpha() for word in words):
        return words[0], words[1]
    return "", said
