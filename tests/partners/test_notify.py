"""Text messages: GOV.UK Notify's own client against a server on this machine that answers as Notify does."""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from partners import signs
from partners.delivery import drain
from partners.models import Channel, ErrorCode, Kind, Message, Organisation, State

ABOUT_THE_PHONE = [{"error": "ValidationError", "message": "phone_number Not enough digits"}]
ABOUT_THE_KEY = [{"error": "BadRequestError", "message": "Can't send to this recipient using a team-only API key"}]


class FakeNotify(ThreadingHTTPServer):
    """Answers POST with `status` and `errors`, and knows what it has taken by reference."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status, self.errors, self.silent, self.taken = 201, [], 0.0, []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status == 201:
            self.server.taken.append(asked)
        time.sleep(self.server.silent)
        self._reply(self.server.status, {"id": str(uuid.uuid4()), "errors": self.server.errors})

    def do_GET(self):
        reference = self.path.partition("reference=")[2]
        found = [{"reference": reference} for asked in self.server.taken if asked["reference"] == reference]
        self._reply(200, {"notifications": found, "links": {}})

    def _reply(self, status, content):
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing on the test's output."""


@pytest.fixture
def notify(settings, monkeypatch):
    server = FakeNotify()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.NOTIFY_API_KEY = f"test-{uuid.uuid4()}-{uuid.uuid4()}"
    settings.NOTIFY_TEMPLATE_ID = str(uuid.uuid4())
    monkeypatch.setattr("partners.notify.NOTIFY_URL", server.url)
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def message(cast) -> Message:
    cast.coordinator.phone = "07700 900100"
    cast.coordinator.save()
    return Message.objects.create(
        event_id=uuid.uuid4(),
        kind=Kind.REFERRAL_IMMEDIATE,
        reference="TEST234",
        user=cast.coordinator,
        channel=Channel.SMS,
    )


def again(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_text_messages_are_off_unless_a_key_is_set(message):
    drain()
    assert (again(message).state, again(message).last_error) == (State.CANCELLED, ErrorCode.CHANNEL_OFF)


def test_a_text_carries_reference_link_and_the_messages_id(message, notify):
    assert drain().sent == 1
    (sent,) = notify.taken
    assert sent["phone_number"] == "07700 900100"
    assert sent["reference"] == str(message.id)
    assert "TEST234" in sent["personalisation"]["body"]
    assert f"/m/{message.id}/" in sent["personalisation"]["body"]


@pytest.mark.parametrize(
    ("status", "errors", "code", "state"),
    [
        (400, ABOUT_THE_PHONE, ErrorCode.RECIPIENT, State.DEAD),
        (400, ABOUT_THE_KEY, ErrorCode.CONFIGURATION, State.PENDING),
        (403, [], ErrorCode.CONFIGURATION, State.PENDING),
        (429, [], ErrorCode.TRANSIENT, State.PENDING),
        (500, [], ErrorCode.TRANSIENT, State.PENDING),
        (503, [], ErrorCode.TRANSIENT, State.PENDING),
    ],
)
def test_each_answer_has_its_class(message, notify, status, errors, code, state):
    notify.status, notify.errors = status, errors
    drain()
    assert (again(message).last_error, again(message).state) == (code, state)


def test_a_key_that_is_refused_stops_texts_and_not_mail(message, notify, cast, sink):
    notify.status = 403
    drain()
    mail = Message.objects.create(event_id=uuid.uuid4(), kind=Kind.RECEIPT, user=cast.officer)
    drain()
    assert signs.paused_channels() == [Channel.SMS]
    assert (again(mail).state, again(message).attempts) == (State.SENT, 0)


def test_an_answer_that_got_lost_sends_no_second_text(message, notify, settings):
    settings.EMAIL_TIMEOUT, notify.silent = 0.2, 1
    drain()
    assert again(message).last_error == ErrorCode.AMBIGUOUS
    Message.objects.update(available_at=message.created_at)
    notify.silent = 0
    assert drain().sent == 1
    assert len(notify.taken) == 1


def test_notify_out_of_reach_is_transient(message, notify, monkeypatch):
    monkeypatch.setattr("partners.notify.NOTIFY_URL", "http://127.0.0.1:1")
    drain()
    assert again(message).last_error == ErrorCode.TRANSIENT


def test_nobody_to_text_is_for_a_person_to_mend(message, notify, cast):
    Organisation.objects.update(urgent_phone="")
    cast.coordinator.phone = ""
    cast.coordinator.save()
    drain()
    assert (again(message).state, again(message).last_error) == (State.DEAD, ErrorCode.NO_ADDRESS)
