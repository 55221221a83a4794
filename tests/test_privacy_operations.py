"""Canaries in an operation: in its name, its place, what everybody shares and its people. See `test_privacy.py`."""

import json
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from partners.delivery import drain
from partners.models import Kind, Message
from referrals.models import Operation, OperationMovement, Referral, ReferralEvent
from referrals.workflow import Plan, add_person, create_operation, log_movement, share_circumstances
from tests.conftest import CANARY_ALIAS, CANARY_NAME, CANARY_PHONE, a_submission
from tests.test_privacy import every_column_of_every_table, leaks


@pytest.fixture
def raid(cast):
    """An operation whose sealed parts hold canaries, with enough people for a reception centre, one of them gone."""
    by, key = cast.police_officer, uuid.UUID(int=1)
    plan = Plan(timezone.localdate(), 6, name=f"Operation {CANARY_ALIAS}", site="Canary Wharf", officer=CANARY_ALIAS)
    operation = create_operation(key=key, plan=plan, by=by)
    shared = {"secret": {"account": {"what_was_seen": f"Secret answer at {CANARY_PHONE}"}}, "location": {}}
    share_circumstances(operation_id=operation.pk, by=by, version=1, **shared)
    for number in range(1, 6):
        add_person(
            operation_id=operation.pk,
            key=uuid.UUID(int=number),
            referral_from=lambda *_: a_submission(),
            facts={"needs": ["food"], "language": "Other", "interpreter": "yes"},
            by=by,
            arrived=True,
        )
    log_movement(operation_id=operation.pk, number=1, kind="left", destination="family", by=by)
    return Operation.objects.get()


def test_nothing_of_an_operation_is_in_plain_text(raid):
    dump = every_column_of_every_table()
    assert raid.reference in dump["referrals_operation"]
    assert {table: leaks(text) for table, text in dump.items() if leaks(text)} == {}
    assert leaks(json.dumps(raid.take_out()))
    for model in (Operation, OperationMovement, Referral, ReferralEvent):
        assert not [row for row in model._default_manager.all() if leaks(f"{row!s} {row!r}")]


def test_no_mail_about_an_operation_holds_anything_but_a_reference_and_a_link(raid, sink):
    assert drain().sent == Message.objects.count() == len(sink.received)
    about = [received for received in sink.received if raid.reference in received.message.as_string()]
    assert len(about) == Message.objects.filter(kind=Kind.RECEPTION_CENTRE).count() == 2
    assert not [mail for mail in sink.received if leaks(mail.message.as_string())]


def test_no_list_board_or_log_of_an_operation_names_a_person(raid, cast, sign_in):
    client = sign_in(Client(), cast.police_officer)
    person = f"/operations/{raid.pk}/people/1/"
    for url in ["/operations/", person, f"/operations/{raid.pk}/people/add/", f"/operations/{raid.pk}/close/"]:
        response = client.get(url)
        assert response.status_code == 200
        assert not leaks(response.content.decode() + str(response.headers)), url
    board = client.get(f"/operations/{raid.pk}/").content.decode()
    head, _, about = board.partition("About this operation")
    assert leaks(about) == [CANARY_ALIAS, CANARY_PHONE, "Canary Wharf", "Secret answer"]
    assert not leaks(head)
    assert CANARY_NAME not in board
