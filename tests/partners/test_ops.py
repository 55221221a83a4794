"""The queue page and the monitoring's address: who sees them, what they say, and what the buttons do."""

import datetime
import uuid

import pytest
from django.db import connection
from django.template import engines
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from partners.models import ErrorCode, Kind, Message, ServiceState, State
from partners.roles import Role
from tests.smtp_sink import refuse

MINUTE = datetime.timedelta(minutes=1)
SEES_QUEUE = {Role.COORDINATOR, Role.AUDITOR, Role.SYSADMIN}


def owe(user, **fields) -> Message:
    standard = {"event_id": uuid.uuid4(), "kind": Kind.RECEIPT, "referral_id": uuid.uuid4(), "reference": "TEST234"}
    return Message.objects.create(user=user, **(standard | fields))


def dead(user, **fields) -> Message:
    return owe(user, state=State.DEAD, last_error=ErrorCode.RECIPIENT, **fields)


def page(client, user, sign_in) -> str:
    return sign_in(client, user).get(reverse("message_queue")).content.decode()


@pytest.mark.parametrize("name", ["officer", "lead", "coordinator", "responder", "viewer", "auditor", "sysadmin"])
def test_the_queue_is_there_for_those_who_may_see_it(client, cast, sign_in, name):
    user = getattr(cast, name)
    status = sign_in(client, user).get(reverse("message_queue")).status_code
    assert status == (200 if user.role in SEES_QUEUE else 404)


def test_a_code_alone_does_not_open_the_queue(client, cast, sign_in):
    answer = sign_in(client, cast.coordinator, second_factor=False).get(reverse("message_queue"))
    assert answer.status_code == 302
    assert reverse("second_factor") in answer["Location"]


def test_it_says_that_all_is_well(client, cast, sign_in):
    assert "Every message has left" in page(client, cast.coordinator, sign_in)


def test_it_says_how_long_the_oldest_has_waited_and_why(client, cast, sign_in):
    owe(cast.officer, due_since=timezone.now() - 12 * MINUTE, attempts=3, last_error=ErrorCode.TRANSIENT)
    text = page(client, cast.coordinator, sign_in)
    assert "waiting for 12 minutes" in text
    assert "The mail server was busy or out of reach" in text
    assert "3 attempts" in text


def test_it_names_who_could_not_be_reached(client, cast, sign_in):
    message = dead(cast.officer)
    text = page(client, cast.coordinator, sign_in)
    assert "Test Officer, Council" in text
    assert "The mail server refused the address" in text
    assert reverse("send_message_again", args=[message.id]) in text


def test_it_never_says_that_all_is_well_beside_a_dead_message(client, cast, sign_in):
    dead(cast.officer)
    text = page(client, cast.coordinator, sign_in)
    assert "1 message could not be delivered" in text
    assert "Every message has left" not in text
    assert "Every message has left" not in delivery_state(cast.coordinator)


def test_an_auditor_is_not_told_to_press_a_button_they_lack(client, cast, sign_in):
    owe(cast.officer, due_since=timezone.now() - 12 * MINUTE)
    assert "Press “Send now”" in page(client, cast.coordinator, sign_in)
    assert "Press “Send now”" not in page(client, cast.auditor, sign_in)


def test_it_says_that_the_mail_server_refuses_us(client, cast, sign_in):
    ServiceState.objects.create(name="smtp_pause", at=timezone.now() + MINUTE, count=1)
    assert "The mail server refuses our account" in page(client, cast.sysadmin, sign_in)


def test_an_auditor_sees_no_buttons_and_cannot_press_them(client, cast, sign_in):
    message = dead(cast.officer)
    assert "Send again" not in page(client, cast.auditor, sign_in)
    assert client.post(reverse("send_message_again", args=[message.id])).status_code == 404
    assert client.post(reverse("send_now")).status_code == 404
    assert Message.objects.get().state == State.DEAD


def test_a_system_administrator_gets_no_link_to_the_case(client, cast, sign_in):
    message = dead(cast.officer)
    assert str(message.referral_id) not in page(client, cast.sysadmin, sign_in)
    assert str(message.referral_id) in page(client, cast.coordinator, sign_in)


def test_the_title_names_nobody(client, cast, sign_in):
    dead(cast.officer)
    title = page(client, cast.coordinator, sign_in).split("<title>")[1].split("</title>")[0]
    assert "Officer" not in title
    assert "TEST234" not in title


def test_a_long_queue_is_cut_and_says_so(client, cast, sign_in):
    for _ in range(55):
        dead(cast.officer)
    text = page(client, cast.coordinator, sign_in)
    assert text.count("Send again") == 50
    assert "50 of 55" in text


def test_the_page_stays_within_its_queries(client, cast, sign_in, django_assert_max_num_queries):
    sign_in(client, cast.coordinator)
    for user in (cast.officer, cast.nurse, cast.lead) * 10:
        dead(user)
        owe(user)
    with django_assert_max_num_queries(25):
        client.get(reverse("message_queue"))


def test_send_again_revives_a_dead_message(client, cast, sign_in):
    message = dead(cast.officer, attempts=9)
    url = reverse("send_message_again", args=[message.id])
    assert sign_in(client, cast.coordinator).get(url).status_code == 405
    answer = client.post(url, follow=True)
    assert "will be sent again" in answer.content.decode()
    assert (Message.objects.get().state, Message.objects.get().attempts) == (State.PENDING, 0)
    assert "on its way already" in client.post(url, follow=True).content.decode()
    assert client.post(reverse("send_message_again", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_send_now_sends_with_no_transaction_open(client, cast, sign_in, sink, monkeypatch):
    owe(cast.officer)
    open_blocks = []
    monkeypatch.setattr("partners.channels.Email.send", lambda *_: open_blocks.append(connection.in_atomic_block))
    answer = sign_in(client, cast.coordinator).post(reverse("send_now"), follow=True)
    assert "1 sent." in answer.content.decode()
    assert open_blocks == [False]
    assert Message.objects.get().state == State.SENT
    assert "nothing to send" in client.post(reverse("send_now"), follow=True).content.decode()


def test_send_now_says_what_did_not_leave(client, cast, sign_in, sink):
    sink.decide = lambda recipient: refuse("451 4.3.0 Later")
    owe(cast.officer)
    text = sign_in(client, cast.coordinator).post(reverse("send_now"), follow=True).content.decode()
    assert "0 sent, 1 not sent" in text


# Monitoring -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer ", "Basic right", "Bearer rïght"])
def test_without_the_token_there_are_no_figures(client, db, settings, header):
    settings.METRICS_TOKEN = "right"
    assert client.get(reverse("outbox_metrics"), headers={"Authorization": header}).status_code == 404


def test_without_a_configured_token_there_are_no_figures_for_anybody(client, db, settings):
    settings.METRICS_TOKEN = ""
    assert client.get(reverse("outbox_metrics"), headers={"Authorization": "Bearer "}).status_code == 404


def test_with_the_token_the_figures_come_without_signing_in(client, cast, settings):
    settings.METRICS_TOKEN = "right"
    owe(cast.officer)
    answer = client.get(reverse("outbox_metrics"), headers={"Authorization": "Bearer right"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'waymark_outbox_messages{state="pending"} 1' in answer.content.decode()
    assert cast.officer.email not in answer.content.decode()


# The state of the messages on other pages ---------------------------------------------------------------------------


def delivery_state(user) -> str:
    request = RequestFactory().get("/")
    request.user = user
    return engines["django"].from_string("{% load delivery %}{% delivery_state %}").render({}, request).strip()


def test_a_coordinator_sees_the_age_on_every_page(cast):
    assert "Every message has left" in delivery_state(cast.coordinator)
    owe(cast.officer, due_since=timezone.now() - 2 * MINUTE)
    assert "waiting for 2 minutes" in delivery_state(cast.coordinator)
    assert "tone-stop" not in delivery_state(cast.coordinator)


def test_a_late_message_and_a_dead_one_are_shown_as_trouble(cast):
    owe(cast.officer, due_since=timezone.now() - 6 * MINUTE)
    dead(cast.nurse)
    text = delivery_state(cast.coordinator)
    assert text.count("tone-stop") == 2
    assert "1 could not be delivered" in text


def test_a_lead_is_told_of_refused_addresses_of_their_own_organisation_only(cast):
    dead(cast.officer)
    dead(cast.nurse)
    text = delivery_state(cast.lead)
    assert "Test Officer" in text
    assert "Test Nurse" not in text


@pytest.mark.parametrize("name", ["people", "organisation_referrals"])
def test_a_lead_meets_it_on_the_pages_of_the_organisation(client, cast, sign_in, name):
    url = reverse(name)
    assert "The mail server refuses" not in sign_in(client, cast.lead).get(url).content.decode()
    dead(cast.officer)
    assert "The mail server refuses these addresses" in client.get(url).content.decode()


def test_nobody_else_sees_anything(cast):
    dead(cast.officer)
    assert delivery_state(cast.officer) == ""
    assert delivery_state(cast.viewer) == ""
