"""Whoever refers learns nothing of other referrals about the person: their pages and mails are the same either way."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from partners.delivery import drain
from referrals import workflow
from referrals.models import LinkKind, Referral
from tests.conftest import sign_in_as
from tests.referrals.test_matching import BORN, PHONE, sent

STEPS = ("referral_receipt", "referral_status", "record_consent")
CHANGING = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"\b[A-Z0-9]{3}-[A-Z0-9]{3}-[A-Z0-9]{3}\b"), "REFERENCE"),
    (re.compile(r'(nonce-?=?"?|csrfmiddlewaretoken" value=")[\w+/=-]+'), "TOKEN"),
    (re.compile(r"\d{1,2}:\d\d(:\d\d)?|\d{4}-\d\d-\d\dT[\d:.+]+"), "TIME"),
)


def same_for_all(text: str) -> str:
    """A page or mail without what differs between any two referrals."""
    for pattern, word in CHANGING:
        text = pattern.sub(word, text)
    return text


def with_a_duplicate(cast, mine: Referral) -> None:
    """The hospital has referred the same person."""
    sent(cast.nurse, date_of_birth=BORN, phone_number=PHONE)


def linked(kind: LinkKind) -> Callable:
    """A coordinator has linked it to another one."""

    def link(cast, mine: Referral) -> None:
        other = sent(cast.nurse, date_of_birth=BORN, phone_number=PHONE)
        workflow.link(referral_id=mine.pk, other_id=other.pk, kind=kind, by=cast.coordinator, note="Same phone")

    link.__name__ = f"linked_as_{kind.value}"
    return link


def merged_into(cast, mine: Referral) -> None:
    """Another one was withdrawn as its duplicate."""
    other = sent(cast.nurse, date_of_birth=BORN, phone_number=PHONE)
    workflow.merge_as_duplicate(referral_id=other.pk, into_id=mine.pk, by=cast.coordinator, version=1)


def read_by(cast, referral: Referral) -> dict[str, str]:
    """Everything that the referrer can read of a referral."""
    client = sign_in_as(Client(), cast.officer)
    pages = {name: client.get(reverse(name, args=[referral.pk])) for name in STEPS}
    pages["my_referrals"] = client.get(reverse("my_referrals"))
    assert {page.status_code for page in pages.values()} == {200}
    return {name: same_for_all(page.content.decode()) for name, page in pages.items()}


def mailed_to(sink, *addresses: str) -> list[tuple[str, str, str]]:
    drain()
    mails = [mail for mail in sink.received if mail.recipient in addresses]
    found = [(mail.recipient, mail.message["Subject"], mail.message.get_content()) for mail in mails]
    sink.received.clear()
    return sorted((to, same_for_all(subject), same_for_all(text)) for to, subject, text in found)


@pytest.mark.parametrize(
    "happens", [with_a_duplicate, *(linked(kind) for kind in LinkKind), merged_into], ids=lambda one: one.__name__
)
@pytest.mark.parametrize("earlier", [False, True], ids=["only_later", "and_one_earlier"])
def test_a_referrer_reads_the_same_with_and_without_another_referral_of_the_person(cast, sink, happens, earlier):
    plain = sent(cast.officer, "Solitaria", "Nobodyelse")
    before, mails = read_by(cast, plain), mailed_to(sink, cast.officer.email, cast.lead.email)
    Referral.objects.filter(pk=plain.pk).update(referrer=cast.colleague)  # so that the list has one row again

    if earlier:
        sent(cast.colleague, date_of_birth=BORN, phone_number=PHONE)
    mine = sent(cast.officer, date_of_birth=BORN, phone_number=PHONE)
    happens(cast, mine)
    assert read_by(cast, mine) == before
    assert mailed_to(sink, cast.officer.email, cast.lead.email) == mails


def test_sending_costs_the_same_whether_the_person_is_known_or_not(cast):
    sent(cast.nurse, date_of_birth=BORN, phone_number=PHONE)

    def queries(*name: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            sent(cast.officer, *name, date_of_birth=BORN, phone_number=PHONE)
        return len(asked)

    queries("Somebody", "Else")  # what is read once is read now
    assert queries("Zebulina", "Testperson") == queries("Unknowna", "Newname")
