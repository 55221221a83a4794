"""Every address × every role × another organisation's object: what is not yours is not there.

`tests/access_matrix.csv` is the table a person can read: one line an address, who may open it, and who may open it for
an object that belongs to another organisation. An address that is not in the table fails; so does a line whose address
is gone. Forbidden must look exactly like missing.
"""

import csv
import datetime
import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from model_bakery import baker

from awareness.models import Campaign, Figure, Inconsistency, Link, Measure, Source
from partners.access import lane_of
from partners.board.posting import NewPost, publish
from partners.models import (
    Absence,
    Banner,
    BoardPost,
    ClosedDay,
    Duty,
    Kind,
    Membership,
    Message,
    SupportLine,
    User,
    Wording,
)
from partners.roles import Role
from referrals.models import BoardReport, Operation, Referral
from referrals.pathways import Pathway
from referrals.workflow import Offer, hand_over, request_information, start_triage
from tests.awareness.texts import show_text
from tests.conftest import make_draft, make_organisation, make_person, submit_one
from tests.referrals.test_attachments import attached

MATRIX = Path(__file__).with_name("access_matrix.csv")
ROLES = [role.value for role in Role]
EVERYONE = {"anonymous", *ROLES}
METHODS = ["GET", "POST", "HEAD", "PUT", "DELETE"]
#: 405 says that nobody may use this method here; it must be the same for what is missing.
NOT_THERE = {404, 405}
#: Addresses of an object that belongs to somebody.
OF_SOMEBODY = r"<(?:uuid|int):(?:referral|draft|message|membership|hand_over|operation|post|attachment)_id>"


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    route: str
    lane: str
    who: frozenset[str]
    others: frozenset[str]
    note: str

    @property
    def only_in_a_demo(self) -> bool:
        return self.note == "only in a demo"


def people(text: str) -> frozenset[str]:
    """The roles that a cell names; `everyone` and `signed-in` stand for several."""
    words = {"everyone": EVERYONE, "signed-in": set(ROLES)}
    found: set[str] = set()
    for word in text.split():
        found |= words.get(word, {word})
    assert found <= EVERYONE, text
    return frozenset(found)


@cache
def matrix() -> dict[str, Line]:
    with MATRIX.open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [Line(r["route"], r["lane"], people(r["who"]), people(r["others"]), r["note"]) for r in rows]
    assert len({line.route for line in lines}) == len(lines)
    return {line.route: line for line in lines}


def walk(patterns, prefix: str = "") -> list[str]:
    """Every address pattern below `patterns`, as Django spells it."""
    routes = []
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            routes += walk(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            routes.append(route)
    return routes


ROUTES = sorted(set(walk(get_resolver().url_patterns)))


def test_every_address_is_declared():
    assert sorted(set(ROUTES) - set(matrix())) == []


def test_no_line_is_left_of_an_address_that_is_gone():
    assert sorted(set(matrix()) - set(ROUTES)) == []


EVERY_REQUEST = [(route, method) for route in ROUTES for method in METHODS]
each_role = pytest.mark.parametrize("role", ROLES)


@dataclass
class Stage:
    """Everybody signed in with both factors, and one set of objects that is nobody's of theirs but the stranger's."""

    people: dict[str, User]
    clients: dict[str, Client]
    objects: dict[str, str]
    rows: dict[str, str]

    def address(self, route: str, *, missing: bool = False) -> str:
        """The address of a route, for the stranger's objects or for objects that do not exist."""
        path = "/" + re.sub(r"\(\?P<(\w+)>[^)]*\)\$?", r"<\1>", route).removesuffix("$")
        for name in re.findall(r"<(?:\w+:)?(\w+)>", path):
            value = self._missing(name) if missing else self._existing(name, route)
            path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
        return path

    def _existing(self, name: str, route: str) -> str:
        if name == "object_id":
            return self.rows[route.split("/")[2]]
        return self.objects[name]

    def _missing(self, name: str) -> str:
        absent = {"step": "no-such-step", "key": "nobody", "act": "no-act", "app_label": "partners", "name": "none"}
        if name in absent:
            return absent[name] if name not in {"step", "act", "app_label"} else self.objects[name]
        return str(uuid.UUID(int=0)) if name.endswith("_id") and "uuid" in self._kinds(name) else "999999"

    def _kinds(self, name: str) -> str:
        return " ".join(route for route in ROUTES if f":{name}>" in route and f"<uuid:{name}>" in route)


def make_settings_rows(cast) -> None:
    """One row of each thing that staff edit in the admin and that the cast does not bring."""
    now = timezone.now()
    baker.make(ClosedDay, line=baker.make(SupportLine))
    baker.make(Duty, user=cast.coordinator, starts_at=now, ends_at=now + timedelta(hours=8))
    baker.make(Wording, kind=Kind.RECEIPT)
    baker.make(Banner, by=cast.coordinator)
    today = {"starts_on": now.date(), "ends_on": now.date()}
    counted = {"measure": baker.make(Measure, slug="counted", area="county"), "value": 1}
    baker.make(Figure, source=baker.make(Source, published_on=now.date()), **counted, **today)
    baker.make(Inconsistency, slug="note")
    baker.make(Campaign, slug="campaign", **today)
    show_text()
    Link.objects.create(url="https://www.example.org/")
    people = {"user": cast.coordinator, "cover": cast.coordinator2, "recorded_by": cast.coordinator}
    baker.make(Absence, starts_on=now.date() + timedelta(days=9), ends_on=now.date() + timedelta(days=9), **people)


def make_operation(organisation, by) -> uuid.UUID:
    """An operation of `organisation` with one person, number 1, whom `by` logged."""
    whose = {"organisation": organisation, "created_by": by}
    operation = Operation(reference="OP-FAR-OFF", held_on=timezone.localdate(), **whose)
    operation.put({"name": "", "site": "", "officer": "", "secret": {}, "location": {}, "not_names": []})
    operation.save()
    Referral.objects.filter(pk=submit_one(by).pk).update(operation=operation, operation_number=1)
    return operation.pk


def make_post(organisation, by) -> BoardPost:
    """A post on the message board for `organisation` alone."""
    words = {"title": "A pattern", "text": "Seen in the north.", "organisations": frozenset({organisation.pk})}
    return publish(by=by, new=NewPost(id=uuid.uuid4(), **words))


def make_report(by) -> BoardReport:
    """The draft of a board report."""
    return BoardReport.objects.create(starts=datetime.date(2026, 4, 1), written_by=by)


@pytest.fixture
def stage(cast, sign_in) -> Stage:
    stranger_home = make_organisation("elsewhere", receives_referrals=True)
    stranger = make_person("stranger", Role.REFERRER, stranger_home)
    make_settings_rows(cast)
    referral = submit_one(stranger)
    start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
    offers = [Offer(stranger_home, Pathway.BEACON)]
    handed = hand_over(referral_id=referral.id, offers=offers, by=cast.coordinator, version=2)[0]
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=None)
    roles = {
        "referrer": cast.officer,
        "lead": cast.lead,
        "coordinator": cast.coordinator,
        "responder": cast.responder,
        "viewer": cast.viewer,
        "auditor": cast.auditor,
        "sysadmin": cast.sysadmin,
    }
    clients = {role: sign_in(Client(raise_request_exception=False), user) for role, user in roles.items()}
    objects = {
        "referral_id": str(referral.pk),
        "draft_id": str(make_draft(stranger).pk),
        "message_id": str(Message.objects.filter(user=stranger).first().pk),
        "membership_id": str(Membership.objects.get(user=stranger).pk),
        "hand_over_id": str(handed.pk),
        "attachment_id": str(attached(referral, stranger).pk),
        "absence_id": str(Absence.objects.get().pk),
        "duty_id": str(Duty.objects.get().pk),
        "operation_id": str(make_operation(stranger_home, stranger)),
        "post_id": str(make_post(stranger_home, cast.coordinator).pk),
        "report_id": str(make_report(cast.coordinator).pk),
        "part": "pursue",
        "number": "1",
        "user_id": str(stranger.pk),
        "pk": "1",
        "part_id": str(uuid.uuid4()),
        "saved_id": str(uuid.uuid4()),
        "step": "person",
        "act": "take",
        "key": "officer",
        "period": "2026-q3",
        "name": "mail",
        "app_label": "partners",
        "measure": "counted",
        "url": "no/such/page/",
        "slug": "taxi",
    }
    rows = {
        model._meta.model_name: str(row.pk)
        for app in ("partners", "awareness")
        for model in apps.get_app_config(app).get_models()
        if (row := model._default_manager.first()) is not None
    }
    return Stage(roles, {"anonymous": Client(raise_request_exception=False), **clients}, objects, rows)


def answer(stage: Stage, role: str, method: str, address: str):
    return stage.clients[role].generic(method, address, HTTP_ORIGIN="http://testserver")


def goes_to_sign_in(response) -> bool:
    doors = (reverse("account_login"), reverse("admin:login"))
    return response.status_code == 302 and response["Location"].startswith(doors)


def gives_text_back(response) -> bool:
    """Somebody whose session ended while they typed gets their own words back, and a way to sign in."""
    return response.status_code == 403 and response.request["REQUEST_METHOD"] == "POST"


def shape(response) -> tuple[int, str]:
    """What a stranger can see of an answer: its status and its page, without what differs at each request."""
    page = re.sub(r"nonce=\"[^\"]*\"|value=\"[A-Za-z0-9]{64}\"", "", response.content.decode(errors="replace"))
    return response.status_code, page


def test_a_stranger_is_sent_to_sign_in_and_learns_nothing(stage):
    faults = []
    for route, method in EVERY_REQUEST:
        response = answer(stage, "anonymous", method, stage.address(route))
        if "anonymous" in matrix()[route].who:
            faults += [(route, method, 500)] if response.status_code >= 500 else []
            continue
        missing = answer(stage, "anonymous", method, stage.address(route, missing=True))
        closed = goes_to_sign_in(response) or response.status_code in NOT_THERE or gives_text_back(response)
        if not closed or goes_to_sign_in(response) != goes_to_sign_in(missing):
            faults.append((route, method, response.status_code, missing.status_code))
    assert faults == []


@each_role
def test_who_may_not_open_it_is_told_that_it_is_not_there(stage, role):
    faults = []
    for route, method in EVERY_REQUEST:
        if role not in matrix()[route].who:
            response = answer(stage, role, method, stage.address(route))
            if response.status_code not in NOT_THERE:
                faults.append((route, method, response.status_code))
    assert faults == []


@each_role
def test_what_belongs_to_another_organisation_looks_like_what_does_not_exist(stage, role):
    faults = []
    for route, method in EVERY_REQUEST:
        if not re.search(OF_SOMEBODY, route) or role in matrix()[route].others:
            continue
        theirs = answer(stage, role, method, stage.address(route))
        missing = answer(stage, role, method, stage.address(route, missing=True))
        if theirs.status_code not in NOT_THERE or shape(theirs) != shape(missing):
            faults.append((route, method, theirs.status_code, missing.status_code))
    assert faults == []


@each_role
def test_who_may_open_it_can(stage, role):
    faults = []
    for route in ROUTES:
        line = matrix()[route]
        if role not in line.who or "<" in route or line.note:
            continue
        response = answer(stage, role, "GET", stage.address(route))
        if response.status_code not in {200, 302, 405} or goes_to_sign_in(response):
            faults.append((route, response.status_code))
    assert faults == []


@each_role
def test_an_emailed_code_alone_opens_no_page_of_the_reader_lane(stage, sign_in, role):
    stage.clients[role].logout()
    client = sign_in(Client(raise_request_exception=False), stage.people[role], second_factor=False)
    faults = []
    for route in ROUTES:
        line = matrix()[route]
        if line.lane == "reader" and role in line.who:
            response = client.get(stage.address(route))
            if response.status_code != 302 or not response["Location"].startswith(reverse("second_factor")):
                faults.append((route, response.status_code))
    assert faults == []


def test_the_lane_of_every_view_is_the_one_in_the_table():
    declared = {line.route: line.lane for line in matrix().values()}
    found = {}
    for route, view in callbacks(get_resolver().url_patterns):
        found.setdefault(route, str(lane_of(view)))
    assert {r: lane for r, lane in found.items() if declared[r] != lane and not r.startswith("admin/log")} == {}


def callbacks(patterns, prefix: str = ""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from callbacks(pattern.url_patterns, route)
        else:
            yield route, pattern.callback
