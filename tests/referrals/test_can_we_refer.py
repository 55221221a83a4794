"""“Can my organisation make an NRM referral?”: yes or no for the reader's own organisation, today, with the reason."""

import datetime

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from partners.formfields import in_words
from partners.models import Organisation, Standing, SupportLine
from tests.conftest import LONG_AGO, make_organisation, sign_in_as

PAGE = reverse("can_we_refer")
Kind = Standing.Kind


def page_of(user):
    response = sign_in_as(Client(), user, second_factor=False).get(PAGE)
    assert response.status_code == 200
    return response.content.decode().split("<main")[1].split("</main>")[0]


def days_from_now(days):
    return timezone.localdate() + datetime.timedelta(days=days)


def test_a_first_responder_under_the_duty_reads_yes_since_when_and_what_it_may_do(cast):
    Standing.objects.filter(organisation=cast.council).update(source="List of March 2026")
    page = page_of(cast.officer)
    assert 'class="band__title">Yes<' in page
    assert f"since {in_words(LONG_AGO)}" in page
    assert "Source: List of March 2026" in page
    assert "Yes, since 1 May 2017" in page, "the duty to notify has a first day too"
    assert "in the order of the Home Office’s form" in page
    assert "First responder organisations here" not in page


def test_a_first_responder_without_the_duty_is_told_so(cast):
    Standing.objects.filter(organisation=cast.council, kind=Kind.SECTION_52).delete()
    page = page_of(cast.officer)
    assert 'class="band__title">Yes<' in page
    assert "You have no duty to." in page
    assert "is not on your organisation" in page


def test_another_reads_no_with_the_reason_who_can_and_what_happens_next(cast):
    page = page_of(cast.nurse)
    assert "No, another organisation does it for you" in page
    assert "not on the Home Office’s list" in page
    assert "Constabulary" in page
    assert "named first responder" in page
    assert "You hear from us at each step" in page


@pytest.mark.parametrize(
    ("starts", "ends", "can", "words"),
    [
        (-1000, -1, False, "It was a first responder organisation until"),
        (-1000, 0, True, "It has been a first responder organisation since"),
        (0, None, True, "It has been a first responder organisation since"),
        (1, None, False, "It becomes a first responder organisation on"),
    ],
)
def test_a_standing_counts_from_its_first_day_to_its_last(cast, starts, ends, can, words):
    ends_on = None if ends is None else days_from_now(ends)
    Standing.objects.create(
        organisation=cast.hospital, kind=Kind.FIRST_RESPONDER, starts_on=days_from_now(starts), ends_on=ends_on
    )
    page = page_of(cast.nurse)
    assert words in page
    assert ('class="band__title">Yes<' in page) is can
    if ends == -1:
        assert in_words(ends_on) in page


def test_of_several_standings_the_one_in_force_counts_and_else_the_last(cast):
    for starts, ends in ((-900, -800), (-700, -600)):
        Standing.objects.create(
            organisation=cast.hospital,
            kind=Kind.FIRST_RESPONDER,
            starts_on=days_from_now(starts),
            ends_on=days_from_now(ends),
        )
    assert in_words(days_from_now(-600)) in page_of(cast.nurse)
    Standing.objects.create(organisation=cast.hospital, kind=Kind.FIRST_RESPONDER, starts_on=days_from_now(-10))
    assert 'class="band__title">Yes<' in page_of(cast.nurse)


def test_only_first_responders_of_today_are_named_those_that_receive_referrals_first(cast):
    def responder(slug, ends_on=None, standing_ends=None, **fields):
        made = make_organisation(slug, ends_on=ends_on, **fields)
        Standing.objects.create(organisation=made, kind=Kind.FIRST_RESPONDER, starts_on=LONG_AGO, ends_on=standing_ends)

    responder("aaa-charity")
    responder("closed-charity", ends_on=days_from_now(-1))
    responder("former-charity", standing_ends=days_from_now(-1))
    responder("border-people", kind=Organisation.Kind.IMMIGRATION)
    page = page_of(cast.nurse)
    assert page.index("Constabulary") < page.index("Aaa Charity")
    for gone in ("Closed Charity", "Former Charity", "Border People", "Hospital"):
        assert gone not in page.split("First responder organisations here")[1]


def test_phone_and_opening_of_a_first_responder_are_those_of_now(cast):
    SupportLine.objects.create(
        slug="police", name="Police line", purpose="police", phone="01632 960110", organisation=cast.constabulary
    )
    page = page_of(cast.nurse)
    assert 'href="tel:01632960110"' in page
    assert "Opening hours not known" not in page
    SupportLine.objects.update(always_open=True)
    assert "Open all day, every day" in page_of(cast.nurse)


def test_it_is_linked_where_the_question_arises(cast, client):
    sign_in_as(client, cast.nurse, second_factor=False)
    for address in (reverse("intake_start"), reverse("my_referrals")):
        assert f'href="{PAGE}"' in client.get(address).content.decode()


def test_few_queries_however_many_first_responders(cast, client, django_assert_max_num_queries):
    for number in range(20):
        made = make_organisation(f"responder-{number}", receives_referrals=True)
        Standing.objects.create(organisation=made, kind=Kind.FIRST_RESPONDER, starts_on=LONG_AGO)
        SupportLine.objects.create(slug=made.slug, name=made.name, purpose="other", phone="101", organisation=made)
    sign_in_as(client, cast.nurse, second_factor=False).get(PAGE)
    with django_assert_max_num_queries(12):  # ten, and the savepoint around a request in a test
        client.get(PAGE)
