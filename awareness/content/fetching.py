"""A client that asks whether an address on the internet answers, and can be led nowhere else. It reads no content.

Staff type addresses, and other people's servers send us on. So each address, also one that we are sent on to, is looked
up once, refused unless every answer is a public address, and connected to by that very number: a name that changes its
mind between the look and the call (DNS rebinding) gains nothing. https on its own port only, no proxy, no cookie, no
body.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from awareness.models.links import Trouble

HTTPS = 443
CONNECT_SECONDS, WHOLE_SECONDS = 5.0, 12.0
MOST_REDIRECTS = 4
#: Answers that say "not with HEAD" or "not to a program": the first asks again with GET, the second proves nothing.
ASK_AGAIN_FROM = 400
NOT_TO_PROGRAMS = frozenset({401, 402, 403, 405, 406, 418, 429, 451, 503, 999})
GONE = frozenset({404, 410})
#: Numbers that carry an address of the old kind inside: NAT64, 6to4.
CARRIERS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")))


class Refused(Exception):
    """Raised when an address must not be asked for, or gives no usable answer. `trouble` says why."""

    def __init__(self, trouble: Trouble):
        self.trouble = trouble
        super().__init__(trouble)


@dataclass(frozen=True)
class Answer:
    """What became of asking: the last status, and what is wrong with the link (nothing when it leads somewhere)."""

    status: int | None = None
    trouble: str = ""


@dataclass(frozen=True)
class Client:
    """How links are asked for. The standard is the safe one. Only a test, which has a server of its own on loopback,
    makes another: no setting and no environment can. `seconds` is how long one link may take, all in all."""

    agent: str = "Waymark link check"
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    ports: frozenset[int] = frozenset({HTTPS})
    also_allowed: frozenset[str] = frozenset()  # numbers beside the public ones
    seconds: float = WHOLE_SECONDS

    def ask(self, url: str) -> Answer:
        """Return whether `url` leads somewhere. Raises nothing."""
        until = time.monotonic() + self.seconds
        try:
            answer = self._follow(url, "HEAD", until)
            if answer.status and answer.status >= ASK_AGAIN_FROM:
                answer = self._follow(url, "GET", until)
        except Refused as refused:
            return Answer(trouble=refused.trouble)
        return answer

    def _follow(self, url: str, method: str, until: float) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            status, onward = self._once(url, method, until)
            if not 300 <= status < 400 or not onward:
                return Answer(status, _trouble_of(status))
            try:
                url = urljoin(url, onward)
            except ValueError:
                raise Refused(Trouble.NO_CONNECTION) from None
        raise Refused(Trouble.REDIRECTS)

    def _once(self, url: str, method: str, until: float) -> tuple[int, str]:
        host, port, path = self._parts(url)
        connection = _Pinned(host, port, self._number_of(host, port), self.tls)
        late = threading.Timer(
            max(0.0, until - time.monotonic()), connection.cut
        )  # a server may send one byte every four seconds, for hours
        late.daemon = True
        late.start()
        try:
            connection.request(method, path, headers={"User-Agent": self.agent, "Accept": "*/*"})
            response = connection.getresponse()
            if connection.was_cut:  # the end of a connection reads like the end of the headers
                raise TimeoutError
            return response.status, response.getheader("Location", "")
        except ssl.SSLCertVerificationError:
            raise Refused(Trouble.TLS) from None
        except TimeoutError:
            raise Refused(Trouble.TIMEOUT) from None
        except (OSError, http.client.HTTPException, ValueError, UnicodeError):
            raise Refused(Trouble.TIMEOUT if connection.was_cut else Trouble.NO_CONNECTION) from None
        finally:
            late.cancel()
            connection.close()

    def _parts(self, url: str) -> tuple[str, int, str]:
        """Take an address apart; what is not plain https is not asked for."""
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").encode("idna").decode(), parts.port or HTTPS
        except (ValueError, UnicodeError):
            raise Refused(Trouble.NO_CONNECTION) from None
        if parts.scheme != "https" or parts.username or parts.password:
            raise Refused(Trouble.REDIRECTS)
        if not host or port not in self.ports:
            raise Refused(Trouble.NOT_PUBLIC)
        path = parts.path.encode("ascii", "ignore").decode() or "/"
        return host, port, f"{path}?{parts.query}" if parts.query else path

    def _number_of(self, host: str, port: int) -> str:
        """Return the number to connect to. All that the name stands for must be public: one that is not is a trap."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Refused(Trouble.NO_CONNECTION) from None
        numbers = [str(entry[4][0]) for entry in found]
        if not numbers or not all(number in self.also_allowed or is_public(number) for number in numbers):
            raise Refused(Trouble.NOT_PUBLIC)
        return numbers[0]


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public internet: not private, loopback, link-local, reserved, multicast, and
    none that carries such an address inside."""
    try:
        address = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return is_public(str(address.ipv4_mapped))
        if any(address in carrier for carrier in CARRIERS) or address.teredo:
            return False
    return address.is_global and not address.is_multicast


def _trouble_of(status: int) -> str:
    if status in GONE:
        return Trouble.NOT_FOUND
    if status < ASK_AGAIN_FROM or status in NOT_TO_PROGRAMS:
        return ""
    return Trouble.SERVER if status >= 500 else Trouble.NOT_FOUND


class _Pinned(http.client.HTTPSConnection):
    """A connection to one number, under the name that the certificate must bear."""

    def __init__(self, host: str, port: int, number: str, tls: ssl.SSLContext):
        super().__init__(host, port, timeout=CONNECT_SECONDS, context=tls)
        self.number, self.tls, self.was_cut = number, tls, False

    def connect(self) -> None:
        """Connect to the number, not to whatever the name means by now."""
        self.sock = plain = socket.create_connection((self.number, self.port), self.timeout)
        self._in_time()
        self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)
        self._in_time()

    def _in_time(self) -> None:
        """Raise TimeoutError when the time was over before there was a socket that could be cut."""
        if self.was_cut:
            raise TimeoutError

    def cut(self) -> None:
        """End it from outside: its time is over."""
        self.was_cut = True
        if self.sock:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)
