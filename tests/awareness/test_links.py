"""Links of public texts: asked for politely, safely and never twice at once; what is broken is kept with its day.

No test calls anything but a server of its own on loopback.
"""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import call_command
from django.utils import timezone

from awareness import tasks
from awareness.content.editing import withdraw
from awareness.content.fetching import Answer, Client, is_public
from awareness.content.links import check_links, collect, links_of, note
from awareness.models import Link, Trouble
from tests.awareness.texts import show_text, write_text

DAY = datetime.timedelta(days=1)


class Pages(BaseHTTPRequestHandler):
    """A site with pages of every kind."""

    protocol_version = "HTTP/1.0"

    def answer(self):
        self.server.asked.append((self.command, self.path))
        path = self.path.partition("?")[0]
        if path == "/drip":
            self.wfile.write(b"HTTP/1.0 200 OK\r\nX: ")
            for _ in range(60):
                time.sleep(0.1)
                self.wfile.write(b"x")
            return
        if path == "/hang":
            time.sleep(6)
        if path == "/rubbish":
            self.wfile.write(b"\x00\xff nonsense\r\n\r\n")
            return
        onward = self.server.onward.get(path)
        status = int(path[1:]) if path[1:].isdigit() else 302 if onward else 200
        if path == "/no-head":
            status = 405 if self.command == "HEAD" else 200
        if path == "/liar":
            status = 500 if self.command == "HEAD" else 200
        self.send_response(status)
        if onward:
            self.send_header("Location", onward)
        self.end_headers()

    do_HEAD = do_GET = answer

    def log_message(self, *args):
        """Say nothing."""


def certificate(folder) -> tuple[str, ssl.SSLContext]:
    """A certificate for `localhost` on disk, and a context that trusts it."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "site.pem"
    path.write_bytes(private + made.public_bytes(pem))
    trusting = ssl.create_default_context(cadata=made.public_bytes(pem).decode())
    return str(path), trusting


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A server on loopback with TLS."""
    path, trusting = certificate(tmp_path_factory.mktemp("tls"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(path)
    server.socket = own.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.asked, server.onward, server.trusting = [], {}, trusting
    server.daemon_threads, server.block_on_close = True, False
    server.handle_error = lambda *args: None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def client(site):
    """A client that may speak to the server of this test and to nothing else in private."""
    site.asked.clear()
    site.onward.clear()
    port = site.server_address[1]
    return Client(tls=site.trusting, ports=frozenset({port}), also_allowed=frozenset({"127.0.0.1", "::1"}), seconds=3)


@pytest.fixture
def at(site):
    """`at(path)` is an address of the site."""
    return lambda path: f"https://localhost:{site.server_address[1]}{path}"


@pytest.fixture(autouse=True)
def _localhost_is_v4(monkeypatch):
    """`localhost` has two numbers on some machines, and the server of the test listens on one."""
    real = socket.getaddrinfo

    def found(host, port, *args, **options):
        return real("127.0.0.1" if host == "localhost" else host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", found)


@pytest.mark.parametrize(
    ("path", "status", "trouble"),
    [
        ("/ok", 200, ""),
        ("/ok?q=1&r=%20", 200, ""),
        ("/no-head", 200, ""),
        ("/liar", 200, ""),
        ("/404", 404, Trouble.NOT_FOUND),
        ("/410", 410, Trouble.NOT_FOUND),
        ("/500", 500, Trouble.SERVER),
        ("/403", 403, ""),
        ("/429", 429, ""),
        ("/304", 304, ""),
        ("/rubbish", None, Trouble.NO_CONNECTION),
    ],
)
def test_what_an_answer_means(client, at, path, status, trouble):
    assert client.ask(at(path)) == Answer(status, trouble)


def test_head_first_then_get_and_nothing_else_is_sent(client, at, site):
    client.ask(at("/no-head"))
    assert site.asked == [("HEAD", "/no-head"), ("GET", "/no-head")]


@pytest.mark.parametrize("path", ["/hang", "/drip"])
def test_a_slow_site_costs_its_time_and_no_more(client, at, path):
    began = time.monotonic()
    assert client.ask(at(path)) == Answer(None, Trouble.TIMEOUT)
    assert time.monotonic() - began < 5


def test_it_goes_where_it_is_sent(client, at, site):
    site.onward |= {"/a": "/b", "/b": at("/ok")}
    assert client.ask(at("/a")) == Answer(200, "")
    site.onward |= {"/loop": "/loop"}
    assert client.ask(at("/loop")) == Answer(None, Trouble.REDIRECTS)
    assert len([path for _, path in site.asked if path == "/loop"]) == 5


@pytest.mark.parametrize(
    ("onward", "trouble"),
    [
        ("https://127.0.0.1/", Trouble.NOT_PUBLIC),
        ("https://10.0.0.1/", Trouble.NOT_PUBLIC),
        ("https://169.254.169.254/latest/meta-data/", Trouble.NOT_PUBLIC),
        ("https://[::1]/", Trouble.NOT_PUBLIC),
        ("https://[::ffff:127.0.0.1]/", Trouble.NOT_PUBLIC),
        ("https://2130706433/", Trouble.NOT_PUBLIC),
        ("https://0x7f000001/", Trouble.NOT_PUBLIC),
        ("https://localhost:5432/", Trouble.NOT_PUBLIC),
        ("http://localhost/", Trouble.REDIRECTS),
        ("file:///etc/passwd", Trouble.REDIRECTS),
        ("gopher://localhost/", Trouble.REDIRECTS),
        ("https://user:secret@localhost/", Trouble.REDIRECTS),
        ("https://[nonsense/", Trouble.NO_CONNECTION),
        ("https://localhost:99999/", Trouble.NO_CONNECTION),
    ],
)
def test_nobody_sends_it_into_a_private_place(at, site, onward, trouble):
    site.onward["/trap"] = onward
    port = site.server_address[1]
    client = Client(tls=site.trusting, ports=frozenset({port, 443}), also_allowed=frozenset({"127.0.0.1"}), seconds=3)
    guarded = Client(tls=site.trusting)
    before = len(site.asked)
    assert guarded.ask(onward).trouble == trouble
    assert len(site.asked) == before
    if onward != "https://127.0.0.1/" and not onward.startswith(("https://2130706433", "https://0x7f")):
        assert client.ask(at("/trap")).trouble == trouble


def test_the_standard_client_asks_nothing_of_this_machine(at, site):
    before = len(site.asked)
    assert (
        Client(tls=site.trusting, ports=frozenset({site.server_address[1]})).ask(at("/ok")).trouble
        == Trouble.NOT_PUBLIC
    )
    assert len(site.asked) == before


def test_a_name_with_one_private_number_among_public_ones_is_refused(monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443)) for number in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
    monkeypatch.setattr(socket, "create_connection", lambda *args: pytest.fail("it connected"))
    assert Client().ask("https://www.example.org/").trouble == Trouble.NOT_PUBLIC


def test_it_connects_to_the_very_number_it_looked_at(client, at, monkeypatch):
    looked, real = [], socket.getaddrinfo

    def once(host, *args, **options):
        looked.append(host)
        return real("127.0.0.1", *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    assert client.ask(at("/ok")).status == 200
    assert looked.count("localhost") == 1
    assert set(looked) <= {"localhost", "127.0.0.1"}


def test_a_certificate_that_nobody_vouches_for_is_a_fault(at, site):
    client = Client(ports=frozenset({site.server_address[1]}), also_allowed=frozenset({"127.0.0.1"}))
    assert client.ask(at("/ok")).trouble == Trouble.TLS


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
        "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:1::", "2001:db8::1", "198.51.100.1", "nonsense", "",
    ],
)  # fmt: skip
def test_these_are_not_public(number):
    assert not is_public(number)


@pytest.mark.parametrize("number", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_these_are_public(number):
    assert is_public(number)
    assert ipaddress.ip_address(number)


# --- The round ----------------------------------------------------------------------------------------------------


class Scripted(Client):
    """A client that answers from a table and remembers what it was asked."""

    def __init__(self, answers=None):
        super().__init__()
        object.__setattr__(self, "answers", answers or {})
        object.__setattr__(self, "asked", [])

    def ask(self, url):
        self.asked.append(url)
        return self.answers.get(url, Answer(200))


ONE, TWO = "https://one.example.org/", "https://two.example.org/page"


@pytest.fixture
def pauses():
    return []


@pytest.mark.django_db
def test_links_are_those_of_public_texts_and_of_resources(cast):
    body = f"[a]({ONE}#part) [b](/privacy/) [c](tel:999) [d](mailto:a@example.org) [e](#x)\n\n## x"
    first = show_text(slug="one", body=body)
    show_text("resource", "two", link=TWO)
    write_text(slug="draft", body="[a](https://draft.example.org/)")
    assert links_of(first) == {ONE, "/privacy/"}
    assert collect(timezone.now()) == 3
    assert {link.url: [text.slug for text in link.texts.all()] for link in Link.objects.all()} == {
        ONE: ["one"], TWO: ["two"], "/privacy/": ["one"],
    }  # fmt: skip
    withdraw(by=cast.coordinator, content=first.content, seen=1)
    assert collect(timezone.now()) == 1
    assert [link.url for link in Link.objects.all()] == [TWO]


@pytest.mark.django_db
def test_a_broken_link_keeps_since_when_and_is_told_of_after_the_second_time(pauses):
    show_text(body=f"[a]({ONE})")
    now = timezone.now()
    check_links(now - 20 * DAY, client=Scripted(), pause=pauses.append)
    show_text(slug="later", at=now - 30 * DAY, body=f"[a]({ONE})")
    check_links(now - 20 * DAY, client=Scripted(), pause=pauses.append)
    gone = Scripted({ONE: Answer(404, Trouble.NOT_FOUND)})
    assert check_links(now - 10 * DAY, client=gone, pause=pauses.append) == (1, 1)
    link = Link.objects.get(url=ONE)
    assert (link.status, link.trouble, link.broken_since, link.ok_at) == (
        404, "not_found", now - 10 * DAY, now - 20 * DAY,
    )  # fmt: skip
    assert not Link.objects.broken()
    check_links(now, client=gone, pause=pauses.append)
    assert Link.objects.broken().get().broken_since == now - 10 * DAY
    check_links(now + DAY, client=Scripted(), pause=pauses.append)
    link = Link.objects.get(url=ONE)
    assert (link.failures, link.broken_since, link.trouble, link.ok_at) == (0, None, "", now + DAY)


@pytest.mark.django_db
def test_a_link_is_asked_for_once_a_week_and_a_broken_one_sooner(pauses):
    show_text(body=f"[a]({ONE}) [b]({TWO})")
    now, client = timezone.now(), Scripted({TWO: Answer(500, Trouble.SERVER)})
    asked = [check_links(now + DAY * days, client=client, pause=pauses.append)[0] for days in (0, 0.1, 1, 1.1, 7)]
    assert asked == [2, 0, 1, 0, 2]


@pytest.mark.django_db
def test_a_site_is_asked_once_a_second_and_the_round_stops_in_time(pauses):
    show_text(body=" ".join(f"[x](https://one.example.org/{number})" for number in range(4)) + f" [y]({TWO})")
    client = Scripted()
    assert check_links(timezone.now(), client=client, pause=pauses.append) == (5, 0)
    assert len(pauses) == 3
    assert all(0.5 < pause <= 1 for pause in pauses)
    assert check_links(timezone.now() + 8 * DAY, client=client, seconds=0, pause=pauses.append) == (0, 0)


@pytest.mark.django_db
def test_links_to_our_own_pages_are_looked_up_and_not_asked_for(pauses):
    show_text(body="[a](/privacy/) [b](/no/such/page/)")
    client = Scripted()
    assert check_links(timezone.now(), client=client, pause=pauses.append) == (2, 1)
    assert client.asked == []
    assert Link.objects.get(trouble="no_text").url == "/no/such/page/"


@pytest.mark.django_db
def test_a_link_that_went_away_meanwhile_does_not_come_back():
    link = Link.objects.create(url=ONE)
    Link.objects.all().delete()
    note(link, Answer(200), timezone.now())
    assert not Link.objects.exists()


@pytest.mark.django_db
def test_the_command_lists_what_is_broken_and_the_tasks_do_not_raise(capsys, monkeypatch):
    show_text(body=f"[a]({ONE})")
    monkeypatch.setattr(Client, "ask", lambda self, url: Answer(404, Trouble.NOT_FOUND))
    tasks.check_links_of_texts()
    tasks.report_texts()
    Link.objects.update(checked_at=timezone.now() - DAY)
    call_command("check_links", seconds=5)
    printed = capsys.readouterr().out
    assert "Asked for 1 links, 1 do not lead anywhere." in printed
    assert f"There is no such page since {timezone.now():%Y-%m-%d}: {ONE}" in printed
