"""The fixed cast: one partnership, its organisations and one person in each role. All invented."""

import datetime
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.apps import apps
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from partners.models import Area, Membership, Organisation, Partnership, Standing, User
from partners.roles import Role
from referrals.models import Draft, Referral
from referrals.statuses import Priority
from referrals.submission import ConsentGiven, Submission
from referrals.workflow import submit
from tests.smtp_sink import SmtpSink

LONG_AGO = datetime.date(2017, 5, 1)

#: Ten times as many tables for the attacker of tests/referrals/test_disclosure_attacked.py: minutes, not seconds.
hypothesis_settings.register_profile("thorough", max_examples=1000)


@pytest.fixture(autouse=True)
def static_files_without_a_manifest(settings):
    """Static files under their own names: the manifest of hashed names exists only after `collectstatic`."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}


def put_standard_rules_back() -> None:
    """Write what migrations put into the database and a transactional test before this one has emptied: who is told,
    and the clocks.

    Django's `serialized_rollback` would do it, but not once a browser was started: Playwright's event loop makes Django
    open another connection, and the copy hangs on the first.
    """
    migration = importlib.import_module("partners.migrations.0003_standard_notification_rules")
    migration.add_rules(apps, None)
    later = importlib.import_module("partners.migrations.0009_standard_limits_and_hand_over_rules")
    later.add_limits(apps, None)
    later.add_rules(apps, None)
    importlib.import_module("partners.migrations.0013_standard_rule_for_attachments").add_rules(apps, None)
    importlib.import_module("partners.migrations.0016_standard_board_rules").add_rules(apps, None)
    importlib.import_module("partners.migrations.0018_who_is_told_of_an_amendment").add_rules(apps, None)


def make_organisation(slug: str, **fields) -> Organisation:
    """An organisation in force since the partnership began, with mailboxes under example.org."""
    standard = {
        "name": slug.replace("-", " ").title(),
        "kind": Organisation.Kind.CHARITY,
        "email_domains": [f"{slug}.example.org"],
        "role_mailbox": f"referrals@{slug}.example.org",
        "second_contact": f"duty@{slug}.example.org",
        "starts_on": LONG_AGO,
    }
    return Organisation.objects.create(slug=slug, **(standard | fields))


def make_person(name: str, role: Role, organisation: Organisation) -> User:
    """An account with an active membership that has seen the recap. `name` is also the local part of the address."""
    user = User.objects.create_user(
        f"{name}@{organisation.slug}.example.org", full_name=f"Test {name.title()}", recap_seen_at=timezone.now()
    )
    Membership.objects.create(user=user, organisation=organisation, role=role)
    return user


def sign_in_as(client: Client, user: User, second_factor: bool = True) -> Client:
    """Sign `user` in, as after an e-mailed code; with `second_factor`, as after a passkey or TOTP code too."""
    client.force_login(User.objects.get(pk=user.pk))  # as it is now: a change of the account voids its sessions
    request = HttpRequest()
    request.session = client.session
    for method in ["code", "mfa"][: 2 if second_factor else 1]:
        record_authentication(request, user, method)
    request.session.save()
    return client


@pytest.fixture
def sign_in() -> Callable[..., Client]:
    """`sign_in(client, user, second_factor=True)`; returns the client."""
    return sign_in_as


@dataclass
class Cast:
    """The organisations and people of the tests, by what they are."""

    council: Organisation
    hospital: Organisation
    partnership_team: Organisation
    beacon: Organisation
    constabulary: Organisation
    people: dict[str, User] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.__dict__["people"][name]
        except KeyError:
            raise AttributeError(name) from None


@pytest.fixture
def cast(db) -> Cast:
    """Officer and colleague and lead at the council, nurse at the hospital, coordinators, and the other roles.

    The victim care centre and the constabulary can be handed referrals; the constabulary and the council are first
    responder organisations under the duty to notify.
    """
    put_standard_rules_back()
    Partnership.objects.create(name="Test Partnership", county="Testshire")
    Area.objects.create(code="northtown", name="Northtown", starts_on=LONG_AGO)
    council = make_organisation("council", kind=Organisation.Kind.DISTRICT_COUNCIL)
    hospital = make_organisation("hospital", kind=Organisation.Kind.NHS)
    team = make_organisation("partnership-team", kind=Organisation.Kind.BOARD, coordinates=True)
    beacon = make_organisation("beacon", kind=Organisation.Kind.VICTIM_SERVICE, receives_referrals=True)
    constabulary = make_organisation("constabulary", kind=Organisation.Kind.POLICE, receives_referrals=True)
    for organisation in (council, constabulary):
        for kind in Standing.Kind:
            Standing.objects.create(organisation=organisation, kind=kind, starts_on=LONG_AGO)
    made = Cast(council, hospital, team, beacon, constabulary)
    for name, role, organisation in [
        ("officer", Role.REFERRER, council),
        ("colleague", Role.REFERRER, council),
        ("lead", Role.LEAD, council),
        ("nurse", Role.REFERRER, hospital),
        ("coordinator", Role.COORDINATOR, team),
        ("coordinator2", Role.COORDINATOR, team),
        ("responder", Role.RESPONDER, hospital),
        ("beacon_worker", Role.RESPONDER, beacon),
        ("beacon_worker2", Role.RESPONDER, beacon),
        ("police_officer", Role.RESPONDER, constabulary),
        ("viewer", Role.VIEWER, council),
        ("auditor", Role.AUDITOR, team),
        ("sysadmin", Role.SYSADMIN, team),
    ]:
        made.people[name] = make_person(name, role, organisation)
    return made


#: Words that must never leave the sealed part of a case. `tests/test_privacy.py` looks for them everywhere.
CANARY_NAME, CANARY_ALIAS, CANARY_PHONE, CANARY_PLACE = "Zebulina", "Quokkaman", "07700900123", "Flat 9, Canary Wharf"
CANARY_STORY = "Zebulina said the man called Quokkaman keeps her passport"


def a_submission(**changes) -> Submission:
    """What a complete form says about an invented adult, with canary words in the sealed parts."""
    standard = {
        "priority": Priority.STANDARD,
        "age_group": "adult",
        "setting": "car_wash",
        "district_code": "northtown",
        "exploitation": ["forced-to-work"],
        "indicators": ["G01", "G26"],
        "secret": {
            "person": {"given_names": CANARY_NAME, "family_name": "Testperson", "known_as": CANARY_ALIAS},
            "contact": {"channels": ["phone"], "phone_number": CANARY_PHONE},
            "account": {"what_was_seen": CANARY_STORY},
        },
        "location": {"where_now": {"address": CANARY_PLACE}},
        "consents": [ConsentGiven(kind="nrm", state="not_asked"), ConsentGiven(kind="beacon", state="given")],
    }
    return Submission(**(standard | changes))


def make_draft(by: User, **fields) -> Draft:
    """An empty draft of `by`, four weeks to run."""
    draft = Draft(user=by, expires_at=datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=28), **fields)
    draft.put({})
    draft.save()
    return draft


def submit_one(by: User, **changes) -> Referral:
    """A referral that `by` has just submitted."""
    return submit(by=by, draft_id=make_draft(by).pk, submission=a_submission(**changes))


@pytest.fixture
def referral(cast) -> Referral:
    """The officer's referral, submitted and unread."""
    return submit_one(cast.officer)


@pytest.fixture
def sink(settings) -> Iterator[SmtpSink]:
    """A mail server that does what the test tells it to; the outbox of this process sends to it."""
    with SmtpSink() as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "", ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server
