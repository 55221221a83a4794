"""System checks of our own: what must hold before anybody is let in (security, 3.6 and 7.2).

`manage.py check --deploy --database default` runs them all. A web process runs them before its first request
(`config/wsgi.py`) and refuses to start on an error. A process without any key (one that only migrates or sends mail)
is not asked for them.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, run_checks  # noqa: A004 - Django's name
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connections

from partners.sealed_data import Store, stores
from partners.sealing import key_ring

#: The tag of every check below.
START = "start"
LOOPBACK = {"127.0.0.1", "localhost", "::1", "testserver"}


def key_ring_is_readable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E001: without a key ring nothing can be sealed or shown, and without an index key nobody is found again."""
    try:
        key_ring().index_kid  # noqa: B018 - it raises
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="Set SEALING_KEYS or SEALING_KEYS_FILE (.env.example).", id="partners.E001")]
    return []


def sealed_data_opens(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """E002: a key that is in use is not in the ring. E003: a row that a key has sealed does not open with it.

    W004: the database does not answer, so neither could be asked.
    """
    if not databases or "default" not in databases or not (settings.SEALING_KEYS or settings.SEALING_KEYS_FILE):
        return []
    try:
        ring = key_ring()
        return [problem for store in stores() for problem in _problems_of(store, set(ring.data))]
    except ImproperlyConfigured:
        return key_ring_is_readable(app_configs)
    except (DatabaseError, InterfaceError):
        return [Warning("The database does not answer: the keys were not checked.", id="partners.W004")]


def _problems_of(store: Store, known: set[str]) -> list[CheckMessage]:
    problems: list[CheckMessage] = []
    for kid, number in sorted(store.keys().items()):
        if kid not in known:
            text = f"{number} rows of {store.name} are sealed under key {kid}, which is not in the ring."
            problems.append(Error(text, hint="Put the key back from escrow.", id="partners.E002"))
        elif not store.opens(kid):
            text = f"A row of {store.name} that key {kid} has sealed does not open with it."
            hint = "Is it the right key? `manage.py reseal --check` counts the rows."
            problems.append(Error(text, hint=hint, id="partners.E003"))
    return problems


def policy_is_strict(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E010: the content security policy allows inline or evaluated code, or everything."""
    found: list[CheckMessage] = []
    for name in ("CONTENT_SECURITY_POLICY", "CONTENT_SECURITY_POLICY_REPORT_ONLY"):
        for directive, sources in ((getattr(settings, name, None) or {}).get("DIRECTIVES") or {}).items():
            weak = [str(s) for s in sources if "unsafe" in str(s) or str(s) in {"*", "http:", "https:"}]
            if weak:
                found.append(Error(f"{name}: {directive} allows {', '.join(weak)}.", id="partners.E010"))
    if not (getattr(settings, "CONTENT_SECURITY_POLICY", None) or {}).get("DIRECTIVES"):
        found.append(Error("There is no content security policy.", id="partners.E010"))
    return found


def broker_is_guarded(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E011: a broker that others can reach has no password. W012: the way to it is not encrypted."""
    parts = urlsplit(settings.CELERY_BROKER_URL)
    if not parts.scheme.startswith("redis") or "socket" in parts.scheme or parts.hostname in LOOPBACK:
        return []
    found: list[CheckMessage] = []
    if not parts.password:
        found.append(Error("The broker is not on this machine and has no password.", id="partners.E011"))
    if parts.scheme != "rediss":
        hint = "Use rediss://, or silence this where the network between them is private."
        found.append(Warning("The way to the broker is not encrypted.", hint=hint, id="partners.W012"))
    return found


def demo_stays_at_home(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E013: DEMO, in which anybody may be anybody, answers to a name of another machine."""
    site = urlsplit(settings.SITE_URL).hostname
    hosts = {host.strip("[]") for host in settings.ALLOWED_HOSTS}
    if not settings.DEMO or (hosts <= LOOPBACK and site in LOOPBACK):
        return []
    return [Error("DEMO is set and the site can be reached from elsewhere.", id="partners.E013")]


def site_is_encrypted(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """E014: other machines may ask for the site, and SITE_URL is not https: cookies would go over the line in clear."""
    if settings.HTTPS or {host.strip("[]") for host in settings.ALLOWED_HOSTS} <= LOOPBACK:
        return []
    return [Error("SITE_URL is not https, and ALLOWED_HOSTS names more than this machine.", id="partners.E014")]


ALWAYS = (policy_is_strict, broker_is_guarded, demo_stays_at_home, site_is_encrypted, sealed_data_opens)
DEPLOY = (key_ring_is_readable,)


def refuse_unsound_start() -> None:
    """Raise ImproperlyConfigured, naming every error, unless all checks above are content."""
    problems = run_checks(tags=[START], include_deployment_checks=True, databases=["default"])
    connections.close_all()
    errors = [problem for problem in problems if problem.is_serious() and not problem.is_silenced()]
    if errors:
        raise ImproperlyConfigured("Not started. " + " ".join(f"({e.id}) {e.msg}" for e in errors))
