"""How long a session lives, and how it ends. Sessions are rows in PostgreSQL; nothing of them is in Redis."""

import datetime
import time

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from partners.models import User
from partners.roles import Role
from partners.session_store import SessionStore

#: Roles that read cases, logs or settings: an unattended screen of theirs shows more (security, 5.6).
SHORT_IDLE_ROLES = frozenset({Role.COORDINATOR, Role.RESPONDER, Role.AUDITOR, Role.SYSADMIN})
STARTED, SEEN = "started_at", "seen_at"

#: A session is noted as alive at most this often, so that a page costs no write.
GRAIN = 60


def idle_seconds(user: User) -> int:
    """Return after how many seconds without a request `user` is signed out."""
    return settings.SESSION_IDLE_SHORT if user.role in SHORT_IDLE_ROLES else settings.SESSION_IDLE


def why_over(request: HttpRequest) -> str | None:
    """Return why the session of a signed-in person is over ("idle", "age"), or None. Says nothing of anonymous ones."""
    now, session = int(time.time()), request.session
    if now - session.setdefault(STARTED, now) > settings.SESSION_ABSOLUTE_AGE:
        return "age"
    return "idle" if now - session.get(SEEN, now) > idle_seconds(request.user) else None


def note_seen(request: HttpRequest) -> None:
    """Move the idle end on."""
    now = int(time.time())
    if now - request.session.get(SEEN, 0) > GRAIN:
        request.session[SEEN] = now


def forget_ended() -> None:
    """Delete the rows of sessions that are over: a sign-in that was never finished holds the address that was typed."""
    SessionStore.clear_expired()
    # Those of a sign-in under way are left alone: their session is written a moment later.
    listed = UserSession.objects.filter(created_at__lt=timezone.now() - datetime.timedelta(hours=1))
    listed.exclude(session_key__in=Session.objects.values("session_key")).delete()


def renew_key(request: HttpRequest) -> None:
    """Give the session a new key, when the person has shown more of who they are (security, threat 8)."""
    old = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)


def end_all_sessions(user: User) -> None:
    """Sign `user` out everywhere, at once.

    Every session carries a hash of the account's (unusable) password; a new one makes them all void, also those that
    are not in the list of sessions.
    """
    user.set_unusable_password()
    user.save(update_fields=["password"])
    for session in UserSession.objects.filter(user=user):
        SessionStore(session.session_key).delete()
        session.delete()


def end_other_sessions(request: HttpRequest) -> None:
    """Sign the person out everywhere but here."""
    end_all_sessions(request.user)
    update_session_auth_hash(request, request.user)
    UserSession.objects.create_from_request(request)
