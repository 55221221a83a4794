"""A new key: everything is sealed under it, an interruption loses nothing, and what does not open is counted."""

import base64
import json
import secrets
import subprocess
import sys
import threading
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from partners import checks, sealed_data
from partners.models import AccessRecord
from partners.sealed_data import SealedTable, stores
from partners.sealing import CannotOpen
from partners.second_factor import open_secret, seal_secret
from referrals.disclose import open_identity, open_location
from referrals.models import (
    Amendment,
    Attachment,
    Draft,
    Exclusion,
    Link,
    Note,
    NrmCase,
    Operation,
    ReferralLocation,
    ReferralSecret,
)
from referrals.workflow import add_note
from tests.conftest import CANARY_NAME, make_draft, submit_one
from tests.referrals.test_attachments import PICTURE, attached

ROOT = Path(__file__).resolve().parents[2]
SEALED = [Amendment, Attachment, Draft, Exclusion, Link, Note, NrmCase, Operation, ReferralLocation, ReferralSecret]


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


OLD, NEW = new_key(), new_key()


@pytest.fixture
def ring(settings):
    """Put a ring of these keys in place; the last is the current one."""

    def put(**keys: str) -> None:
        settings.SEALING_KEYS = json.dumps({"current": list(keys)[-1], "data": keys, "index": {"i": OLD}})

    put(old=OLD)
    return put


@pytest.fixture
def case(ring, cast):
    """A referral with a note, an unsent draft and a second step: all that is sealed when a referral comes in."""
    referral = submit_one(cast.officer)
    add_note(referral_id=referral.id, text="Rang the ward", by=cast.coordinator)
    make_draft(cast.nurse)
    Authenticator.objects.create(
        user=cast.coordinator,
        type=Authenticator.Type.TOTP,
        data={"secret": seal_secret(cast.coordinator, "TOTPSECRET")},
    )
    return referral


def keys_in_use() -> Counter:
    return sum((store.keys() for store in stores()), Counter())


def reseal(*arguments: str) -> str:
    out = StringIO()
    call_command("reseal", *arguments, stdout=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        reseal(*arguments)
    return str(caught.value)


# --- Finding what is sealed ------------------------------------------------------------------------------------------


def test_every_sealed_table_is_found(db):
    assert {store.name for store in stores()} == {m._meta.db_table for m in SEALED} | {Authenticator._meta.db_table}


# --- A new key -------------------------------------------------------------------------------------------------------


def test_everything_is_sealed_under_the_new_key_and_opens_without_the_old_one(case, cast, ring):
    assert set(keys_in_use()) == {"old"}
    ring(old=OLD, new=NEW)
    reseal()
    assert set(keys_in_use()) == {"new"}
    ring(new=NEW)
    assert ReferralSecret.objects.get().take_out()["person"]["given_names"] == CANARY_NAME
    assert Note.objects.get().take_out() == {"text": "Rang the ward"}
    assert all(row.take_out() == {} for row in Draft.objects.all())
    second_step = Authenticator.objects.get()
    assert open_secret(cast.coordinator, second_step.data["secret"]) == "TOTPSECRET"
    assert reseal("--check").count(" 0 cannot be opened") == len(list(stores()))


def test_the_key_of_an_attachment_is_sealed_anew_and_its_content_is_not_touched(case, cast, ring):
    row = attached(case, cast.officer)
    stored = bytes(row.content.ciphertext)
    ring(old=OLD, new=NEW)
    reseal()
    ring(new=NEW)
    row = Attachment.objects.get()
    assert (row.kid, bytes(row.content.ciphertext)) == ("new", stored)
    assert row.open_content() == PICTURE.content
    ring(old=OLD)
    with pytest.raises(CannotOpen):
        Attachment.objects.get().open_content()


def test_it_says_how_many_rows_of_each_table(case, ring):
    ring(old=OLD, new=NEW)
    said = reseal()
    assert "referrals_referralsecret: 1 sealed anew under new, 0 cannot be opened" in said
    assert "referrals_draft: 2 sealed anew under new" in said
    assert "mfa_authenticator: 1 sealed anew under new" in said


def test_a_second_run_has_nothing_to_do(case, ring):
    ring(old=OLD, new=NEW)
    reseal()
    blobs = set(Note.objects.values_list("sealed", flat=True))
    assert "referrals_note: 0 sealed anew" in reseal()
    assert set(Note.objects.values_list("sealed", flat=True)) == blobs


@pytest.mark.parametrize("batch", [1, 2, 3, 500])
def test_the_size_of_a_batch_changes_nothing(case, cast, ring, batch):
    for number in range(5):
        add_note(referral_id=case.id, text=str(number), by=cast.coordinator)
    ring(old=OLD, new=NEW)
    reseal("--batch", str(batch))
    assert Counter(Note.objects.values_list("kid", flat=True)) == {"new": 6}


def test_a_batch_of_nothing_is_refused(db):
    assert "at least one row" in refused("--batch", "0")


# --- Interrupted -----------------------------------------------------------------------------------------------------


def test_after_an_interruption_every_row_opens_and_the_next_run_does_the_rest(case, cast, ring, monkeypatch):
    for number in range(5):
        add_note(referral_id=case.id, text=str(number), by=cast.coordinator)
    ring(old=OLD, new=NEW)
    whole, calls = SealedTable._reseal_batch, []

    def stops_in_the_third_batch(self, current, last, batch):
        calls.append(self.name)
        with transaction.atomic():
            result = whole(self, current, last, batch)
            if len(calls) == 3:
                raise KeyboardInterrupt
        return result

    notes = SealedTable(Note)
    monkeypatch.setattr(SealedTable, "_reseal_batch", stops_in_the_third_batch)
    with pytest.raises(KeyboardInterrupt):
        notes.reseal(2, lambda done: None)
    assert Counter(Note.objects.values_list("kid", flat=True)) == {"new": 4, "old": 2}
    assert sorted(note.take_out()["text"] for note in Note.objects.all()) == ["0", "1", "2", "3", "4", "Rang the ward"]
    monkeypatch.setattr(SealedTable, "_reseal_batch", whole)
    assert notes.reseal(2, lambda done: None).done == 2
    assert Counter(Note.objects.values_list("kid", flat=True)) == {"new": 6}


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_is_writing_is_left_and_reported(case, ring):
    ring(old=OLD, new=NEW)
    note = Note.objects.get()
    locked, finished = threading.Event(), threading.Event()

    def writes_slowly():
        try:
            with transaction.atomic():
                Note.objects.select_for_update().get(pk=note.pk)
                locked.set()
                finished.wait(20)
        finally:
            connection.close()

    writer = threading.Thread(target=writes_slowly)
    writer.start()
    try:
        assert locked.wait(20)
        assert "1 rows were in use" in refused()
    finally:
        finished.set()
        writer.join()
    assert Note.objects.get().kid == "old"
    reseal()
    assert Note.objects.get().kid == "new"


# --- Wrong, missing, moved, changed ----------------------------------------------------------------------------------


def test_rows_under_a_missing_key_are_counted_and_left_as_they_are(case, ring):
    before = set(ReferralSecret.objects.values_list("sealed", flat=True))
    ring(new=NEW)
    said = refused()
    assert said == "Cannot be opened and left as they are: 6 under key old (not in the ring)."
    assert set(ReferralSecret.objects.values_list("sealed", flat=True)) == before


def test_rows_under_a_wrong_key_are_counted_and_the_others_are_done(case, ring):
    ring(old=OLD, new=NEW)
    reseal()
    submitted_later = make_draft(case.referrer)
    Draft.objects.filter(pk=submitted_later.pk).update(kid="old")  # sealed under new, labelled old
    assert refused() == "Cannot be opened and left as they are: 1 under key old (wrong key or changed bytes)."
    assert set(keys_in_use()) == {"new", "old"}


def test_one_damaged_row_does_not_stop_the_rest(case, cast, ring):
    for number in range(4):
        add_note(referral_id=case.id, text=str(number), by=cast.coordinator)
    damaged = Note.objects.order_by("pk").first()
    Note.objects.filter(pk=damaged.pk).update(sealed=bytes(damaged.sealed)[:-1] + b"\0")
    ring(old=OLD, new=NEW)
    assert "1 under key old (wrong key" in refused("--batch", "2")
    assert Counter(Note.objects.values_list("kid", flat=True)) == {"new": 4, "old": 1}


def test_one_damaged_second_step_does_not_stop_the_rest(case, cast, ring):
    Authenticator.objects.create(
        user=cast.coordinator2, type=Authenticator.Type.TOTP, data={"secret": seal_secret(cast.nurse, "MOVED")}
    )
    ring(old=OLD, new=NEW)
    assert "1 under key old" in refused()
    assert Counter(a.data["secret"].split(".")[0] for a in Authenticator.objects.all()) == {"new": 1, "old": 1}


def test_checking_changes_nothing_and_fails_on_what_does_not_open(case, ring):
    ring(old=OLD, new=NEW)
    assert "referrals_note: 1 open, 0 cannot be opened" in reseal("--check")
    assert set(keys_in_use()) == {"old"}
    ring(new=NEW)
    assert "6 under key old (not in the ring)" in refused("--check")


def test_without_a_ring_it_says_so(case, settings):
    settings.SEALING_KEYS = ""
    assert "nothing can be sealed without keys" in refused()


def test_a_blob_moved_to_another_persons_row_does_not_open(case, cast):
    other = submit_one(cast.nurse)
    ReferralSecret.objects.filter(pk=other.pk).update(sealed=case.secret.sealed)
    other = type(other).objects.get(pk=other.pk)
    with pytest.raises(CannotOpen):
        open_identity(other, by=cast.coordinator)
    assert not AccessRecord.objects.filter(object_id=other.pk, action=AccessRecord.Action.OPEN_IDENTITY).exists()


def test_a_blob_moved_to_another_table_does_not_open(case, cast):
    ReferralLocation.objects.filter(pk=case.pk).update(sealed=case.secret.sealed)
    with pytest.raises(CannotOpen):
        open_location(type(case).objects.get(pk=case.pk), by=cast.coordinator, purpose="A visit is planned")


# --- The checks at the start -----------------------------------------------------------------------------------------


def at_the_start() -> dict[str, str]:
    found = run_checks(tags=[checks.START], include_deployment_checks=True, databases=["default"])
    return {problem.id: problem.msg for problem in found}


def test_with_every_key_there_is_nothing_to_say(case, ring):
    ring(old=OLD, new=NEW)
    assert at_the_start() == {}
    checks.refuse_unsound_start()


def test_a_key_that_is_in_use_and_missing_stops_the_start(case, ring):
    ring(new=NEW)
    assert at_the_start() == {"partners.E002": at_the_start()["partners.E002"]}
    with pytest.raises(ImproperlyConfigured, match="1 rows of referrals_note are sealed under key old"):
        checks.refuse_unsound_start()


def test_a_wrong_key_is_found_by_its_canary(case, ring):
    ring(old=new_key())
    with pytest.raises(ImproperlyConfigured, match="referrals_note that key old has sealed does not open"):
        checks.refuse_unsound_start()


def test_without_a_ring_nothing_starts(case, settings):
    settings.SEALING_KEYS = ""
    assert set(at_the_start()) == {"partners.E001"}
    with pytest.raises(ImproperlyConfigured, match="Set SEALING_KEYS"):
        checks.refuse_unsound_start()


def test_a_ring_that_is_no_ring_stops_the_start(db, settings):
    settings.SEALING_KEYS = "{}"
    with pytest.raises(ImproperlyConfigured, match="not readable"):
        checks.refuse_unsound_start()


def test_before_the_first_migration_there_is_nothing_to_check(db, monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", list)
    assert at_the_start() == {}


def test_a_database_that_is_away_is_no_reason_not_to_start(db, monkeypatch):
    def away():
        raise DatabaseError("gone")

    monkeypatch.setattr(checks, "stores", away)
    assert set(at_the_start()) == {"partners.W004"}
    checks.refuse_unsound_start()


def test_without_a_database_only_the_settings_are_checked(monkeypatch):
    with monkeypatch.context() as patch:  # the end of the test needs the database again
        patch.setattr(sealed_data.connection, "cursor", None)
        assert run_checks(tags=[checks.START]) == []


@pytest.mark.django_db(transaction=True)
def test_a_web_process_starts_with_the_keys_and_not_without(case, ring, settings, process_environment):
    def start(keys: str) -> subprocess.CompletedProcess:
        environment = process_environment(SEALING_KEYS=keys, SEALING_KEYS_FILE="", DEMO="", DEBUG="")
        command = [sys.executable, "-c", "import config.wsgi"]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    good = settings.SEALING_KEYS
    ring(new=NEW)
    refused_start = start(settings.SEALING_KEYS)
    assert refused_start.returncode != 0
    assert "Not started. (partners.E002)" in refused_start.stderr
    assert start(good).returncode == 0, "with the keys it starts"


def test_manage_py_check_runs_them(case, ring):
    ring(new=NEW)
    with pytest.raises(CommandError, match=r"partners\.E002"):
        call_command("check", "--database", "default")


@pytest.mark.parametrize("sources", [["'self'", "'unsafe-inline'"], ["'unsafe-eval'"], ["*"], ["https:"]])
def test_a_policy_with_a_hole_is_an_error(settings, sources):
    policy = settings.CONTENT_SECURITY_POLICY
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": policy["DIRECTIVES"] | {"script-src": sources}}
    assert [problem.id for problem in checks.policy_is_strict(None)] == ["partners.E010"]


def test_no_policy_is_an_error(settings):
    settings.CONTENT_SECURITY_POLICY = None
    assert [problem.id for problem in checks.policy_is_strict(None)] == ["partners.E010"]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("redis://127.0.0.1:6379/0", []),
        ("redis://localhost", []),
        ("redis+socket:///run/valkey.sock", []),
        ("rediss://:secret@broker.example.org:6379/0", []),
        ("redis://:secret@broker.example.org:6379/0", ["partners.W012"]),
        ("redis://broker.example.org:6379/0", ["partners.E011", "partners.W012"]),
        ("rediss://broker.example.org:6379/0", ["partners.E011"]),
    ],
)
def test_a_broker_that_others_can_reach_needs_a_password(settings, url, found):
    settings.CELERY_BROKER_URL = url
    assert [problem.id for problem in checks.broker_is_guarded(None)] == found


@pytest.mark.parametrize(
    ("demo", "hosts", "site", "found"),
    [
        (True, ["127.0.0.1", "localhost", "[::1]"], "http://127.0.0.1:8000", []),
        (True, ["waymark.example.org"], "http://127.0.0.1:8000", ["partners.E013"]),
        (True, ["127.0.0.1"], "https://waymark.example.org", ["partners.E013"]),
        (True, ["*"], "http://127.0.0.1", ["partners.E013"]),
        (False, ["waymark.example.org"], "https://waymark.example.org", []),
    ],
)
def test_a_demo_answers_to_this_machine_only(settings, demo, hosts, site, found):
    settings.DEMO, settings.ALLOWED_HOSTS, settings.SITE_URL = demo, hosts, site
    assert [problem.id for problem in checks.demo_stays_at_home(None)] == found


@pytest.mark.parametrize(
    ("https", "hosts", "found"),
    [
        (False, ["127.0.0.1", "localhost", "[::1]"], []),
        (False, ["waymark.example.org"], ["partners.E014"]),
        (False, ["127.0.0.1", "*"], ["partners.E014"]),
        (True, ["waymark.example.org"], []),
    ],
)
def test_a_site_for_others_is_encrypted(settings, https, hosts, found):
    settings.HTTPS, settings.ALLOWED_HOSTS = https, hosts
    assert [problem.id for problem in checks.site_is_encrypted(None)] == found
