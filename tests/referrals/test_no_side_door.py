"""No side door: every address of the admin × every role × a referral that the person must not know of.

Everybody here works at an organisation that was handed the referral, accepted it, and was then kept from it
(`Exclusion`); one of them is a coordinator. Whatever they ask for, by whatever address and form, no answer holds a word
of it, nothing is written about it, and no look at it is recorded, because there was none.
"""

import io
import re
import zipfile
from dataclasses import dataclass, field
from functools import cache

import pytest
from django.apps import apps
from django.contrib import admin
from django.db.models import UUIDField
from django.test import Client
from pypdf import PdfReader

from partners import metrics
from partners.models import AccessRecord, ErrorCode, Message, State, User
from partners.roles import Role
from referrals import workflow
from referrals.admin.actions import ACTS
from referrals.admin.filters import FILTERS
from referrals.admin.tabs import TABS
from referrals.models import Link, LinkKind, Referral
from tests.conftest import CANARY_ALIAS, CANARY_NAME, CANARY_PHONE, CANARY_PLACE, make_organisation, make_person
from tests.referrals.handing import handed, in_the_nrm, taken, with_a_question
from tests.referrals.test_attachments import attached
from tests.test_urls import ROUTES, goes_to_sign_in, make_settings_rows

DOORS = [route for route in ROUTES if route.startswith("admin/")]
OF_A_CASE = [route for route in DOORS if "<uuid:referral_id>" in route]
REFUSED = {404, 405}
CANARIES = (CANARY_NAME, CANARY_ALIAS, CANARY_PHONE, CANARY_PLACE)
NOBODYS = "999999"
METHODS = ("get", "post")  # the others are tried on every address by `test_urls.py`


@dataclass
class Hidden:
    """The referral that nobody here may know of, another that the coordinator may see, and who tries."""

    referral: Referral
    seen: Referral
    people: dict[str, User]
    about: dict[str, list[str]]
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def parts(self) -> list[str]:
        """The ids of everything that hangs on it."""
        return [pk for rows in self.about.values() for pk in rows]

    @property
    def one_of_each(self) -> list[str]:
        """The id of one row of each kind."""
        return [rows[0] for rows in self.about.values() if rows]

    @property
    def tells(self) -> tuple[str, ...]:
        """What must stand in no answer: not what it is called, nor an id of it or of a part of it, nor a word."""
        return (str(self.referral.pk), self.referral.pk.hex, self.referral.reference, *self.parts, *CANARIES)


def rows_about(referral: Referral) -> dict[str, list[str]]:
    """The ids of what hangs on the referral, by table: hand-overs, notes, consents, links, events …"""
    found: dict[str, list[str]] = {}
    for model in apps.get_app_config("referrals").get_models():
        for key in (one for one in model._meta.concrete_fields if one.related_model is Referral):
            if isinstance(model._meta.pk, UUIDField):
                rows = model._base_manager.filter(**{key.name: referral}).order_by("pk")
                found.setdefault(model.__name__, []).extend(str(pk) for pk in rows.values_list("pk", flat=True))
    return found


@pytest.fixture
def hidden(cast, sign_in) -> Hidden:
    """Much has happened to it: hand-overs, an NRM case, a question, a note, a link to one that the coordinator sees."""
    make_settings_rows(cast)
    kept_out = make_organisation("elsewhere", receives_referrals=True)
    people = {role.value: make_person(f"kept-{role.value}", role, kept_out) for role in Role}
    seen, referral = taken(cast), taken(cast)
    in_the_nrm(cast, referral)
    with_a_question(cast, handed(cast, referral, cast.beacon), cast.beacon_worker)
    was_theirs = handed(cast, referral, kept_out)
    workflow.accept(hand_over_id=was_theirs.pk, by=people["responder"], version=1)
    attached(referral, cast.officer)
    workflow.add_note(referral_id=referral.pk, text=f"{CANARY_NAME} rang", by=cast.coordinator)
    workflow.link(referral_id=seen.pk, other_id=referral.pk, kind=LinkKind.FAMILY, by=cast.coordinator, note="Said so")
    workflow.exclude(
        referral_id=referral.pk, organisation=kept_out, reason="A relative works there", by=cast.coordinator
    )
    found = Hidden(Referral.objects.get(pk=referral.pk), seen, people, rows_about(referral))
    found.clients = {role: sign_in(Client(raise_request_exception=False), user) for role, user in people.items()}
    found.clients["anonymous"] = Client(raise_request_exception=False)
    return found


def addresses(route: str, hidden: Hidden) -> list[str]:
    """Every address that a route can be asked at about the hidden referral, its parts, and what staff edit."""
    if route in OF_A_CASE:
        return of_a_case(route, hidden)
    path = "/" + re.sub(r"\(\?P<(\w+)>[^)]*\)\$?", r"<\1>", route).removesuffix("$")
    app, model = path.split("/")[2:4] if path.count("/") > 3 else ("", "")
    values = {"app_label": ["awareness", "partners", "referrals"], "url": ["no/such/"], "act": ["end"]}
    found = [path]
    for name in re.findall(r"<(?:\w+:)?(\w+)>", path):
        given = values.get(name) or pks_of(app, model, hidden)
        found = [re.sub(rf"<(?:\w+:)?{name}>", value, one) for one in found for value in given]
    return found


def of_a_case(route: str, hidden: Hidden) -> list[str]:
    """The pages of the hidden case with every act and part, and those of the other case with the hidden one's parts.

    Of each kind of part one: that none of the others is told of, the words of the answers say.
    """
    parts = [*hidden.one_of_each, str(hidden.referral.pk)]
    cases = [(str(hidden.referral.pk), [*parts, str(hidden.seen.pk)])]
    if "part_id" in route:
        cases.append((str(hidden.seen.pk), parts))
    found = []
    for case, its_parts in cases:
        path = "/" + route.replace("<uuid:referral_id>", case)
        acts = ACTS if "<slug:act>" in path else [""]
        of_acts = [path.replace("<slug:act>", act) for act in acts]
        found += [re.sub(r"<uuid:\w+>", part, one) for one in of_acts for part in its_parts]
    return sorted(set(found))


def pks_of(app: str, model: str, hidden: Hidden) -> list[str]:
    """The ids of what `model` keeps about the hidden referral; else of any row; else of none."""
    if model == "message":
        return [
            str(pk) for pk in Message.objects.filter(referral_id=hidden.referral.pk).values_list("pk", flat=True)[:3]
        ]
    if (app, model) in registered():
        row = apps.get_model(app, model)._base_manager.first()
        return [str(row.pk) if row else NOBODYS]
    return [NOBODYS]


@cache
def registered() -> frozenset[tuple[str, str]]:
    return frozenset((model._meta.app_label, model._meta.model_name) for model in apps.get_models())


def asked(hidden: Hidden) -> dict[str, object]:
    """What a form of any page might be sent: right versions, reasons that pass, every part of the case, a search."""
    referral = hidden.referral
    reason = "I have to look something up for a visit"
    return {
        "version": referral.version,
        "part": ["identity", "notes", "location"],
        "why": "danger",
        "purpose": reason,
        "reason": "not_needed",
        "reference": referral.reference,
        "name": f"{CANARY_NAME} Test",
        "phone": CANARY_PHONE,
        "kind": "csv",
        "text": reason,
        "question": reason,
        "answer": reason,
        "note": reason,
        "shared": "on",
        "to": hidden.people["coordinator"].pk,
        "outcome": "supported_locally",
        "band": "help_in_place",
        "action": ["assign", "export"],
        "_selected_action": str(referral.pk),
        "chosen": str(referral.pk),
    }


def words_of(response) -> str:
    """All that an answer says: its page and headers, and what is inside a workbook or a PDF."""
    content, kind = response.content, response.headers.get("Content-Type", "")
    if "spreadsheetml" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            content = b" ".join(book.read(name) for name in book.namelist())
    if "pdf" in kind:
        content = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).encode()
    headers = " ".join(f"{name}: {value}" for name, value in response.headers.items())
    return headers + content.decode(errors="replace")


def told(response, hidden: Hidden, sent: str) -> list[str]:
    """What an answer says of the hidden referral, beside what the question itself held."""
    said = words_of(response)
    return [word for word in hidden.tells if word in said and word not in sent]


def state_of(referral: Referral) -> tuple:
    """Everything that could have changed about it: the row itself, what hangs on it, its messages, its looks."""
    row = Referral.objects.filter(pk=referral.pk).values().get()
    looks = AccessRecord.objects.filter(object_id=referral.pk).count()
    return row, rows_about(referral), Message.objects.filter(referral_id=referral.pk).count(), looks


@pytest.mark.parametrize("role", ["anonymous", *(role.value for role in Role)])
def test_no_address_of_the_admin_tells_of_it_or_changes_it(hidden, role):
    client, before, faults = hidden.clients[role], state_of(hidden.referral), []
    for route in DOORS:
        for address in addresses(route, hidden):
            for method in METHODS:
                data = asked(hidden) if method == "post" else None
                response = getattr(client, method)(address, data, headers={"origin": "http://testserver"})
                sent = f"{address} {data}"
                if response.status_code == 302 and response["Location"].startswith("/admin/referrals/"):
                    response = client.get(response["Location"])
                refused = response.status_code in REFUSED or goes_to_sign_in(response)
                if response.status_code >= 500 or told(response, hidden, sent) or (route in OF_A_CASE and not refused):
                    faults.append((method, address, response.status_code, told(response, hidden, sent)))
        if role != "anonymous" and "_auth_user_id" not in client.session:
            client.force_login(hidden.people[role])
    assert faults == []
    assert state_of(hidden.referral) == before


def lists(hidden: Hidden) -> list[str]:
    """The queue in every tab, narrowed to where the hidden referral would stand, and searched for it."""
    referral = hidden.referral
    would_find = {
        "status": referral.status,
        "priority": referral.priority,
        "organisation": referral.organisation_id,
        "district": referral.district_id,
        "owner": referral.owner_id,
        "pathway": referral.pathways[0],
        "exploitation": referral.exploitation[0],
        "age": referral.age_group,
        "notes": "note",
        "days": "0-5",
        "waits": "untold",
        "with": referral.organisation_id,
        "since": "1",
        "from": f"{referral.submitted_at:%Y-%m-%d}",
        "to": f"{referral.submitted_at:%Y-%m-%d}",
    }
    assert {one.parameter_name for one in FILTERS} == set(would_find)
    narrowed = [f"?show={tab}&{name}={value}" for tab in TABS for name, value in would_find.items()]
    searched = [f"?q={referral.reference}", f"?q={referral.reference[:3]}"]
    return ["", *(f"?show={tab}" for tab in TABS), *narrowed, *searched]


def test_no_list_count_filter_or_neighbour_tells_of_it(hidden):
    """A list that counts it would tell as much as one that shows it: only the other referral is ever counted."""
    client = hidden.clients["coordinator"]
    for query in lists(hidden):
        for page in ("referral/", "export/"):
            response = client.get(f"/admin/referrals/{page}{query}")
            assert told(response, hidden, query) == [], (page, query)
            if page == "referral/":
                assert hidden.referral not in response.context["cl"].result_list, query
                assert response.context["cl"].result_count <= 1, query
        neighbours = client.get(
            f"/admin/referrals/referral/{hidden.seen.pk}/change/", {"_changelist_filters": query[1:]}
        )
        assert told(neighbours, hidden, query) == [], query


@pytest.mark.parametrize("role", ["anonymous", *(role.value for role in Role)])
def test_its_attachment_does_not_open_and_nothing_is_added(hidden, role):
    client, before = hidden.clients[role], state_of(hidden.referral)
    for pk in hidden.about["Attachment"]:
        for address in (f"/attachments/{pk}/", f"/referrals/{hidden.referral.pk}/attach/"):
            for method in METHODS:
                response = getattr(client, method)(address, headers={"origin": "http://testserver"})
                refused = response.status_code == 404 or goes_to_sign_in(response)
                assert refused or (role == "anonymous" and response.status_code == 403), (method, address)
                assert told(response, hidden, address) == []
    assert state_of(hidden.referral) == before


def test_no_file_holds_it(hidden):
    for kind in ("csv", "xlsx"):
        data = {"kind": kind, "purpose": "The figures for the board in December"}
        response = hidden.clients["coordinator"].post("/admin/referrals/export/", data)
        assert hidden.seen.reference in words_of(response)
        assert told(response, hidden, "") == []


def test_the_search_for_the_person_finds_the_other_referral_alone(hidden):
    data = {"name": f"{CANARY_NAME} Test", "phone": CANARY_PHONE, "purpose": "A worker rang about somebody like this"}
    response = hidden.clients["coordinator"].post("/admin/referrals/people/", data)
    assert hidden.seen.reference in words_of(response)
    assert hidden.referral.reference not in words_of(response)


def test_the_same_doors_open_for_a_coordinator_who_may_know(cast, hidden, sign_in):
    """The test would pass on a system that shows nothing to anybody: this is what it must show."""
    client = sign_in(Client(), cast.coordinator)
    case = f"/admin/referrals/referral/{hidden.referral.pk}/"
    assert hidden.referral.reference in words_of(client.get(f"{case}change/"))
    assert CANARY_NAME in words_of(client.post(f"{case}open/", {"part": "identity"}))
    link = Link.objects.get()
    assert hidden.seen.reference in words_of(client.get(f"{case}unlink/{link.pk}/"))
    assert hidden.referral.reference in words_of(client.get("/admin/referrals/referral/"))
    assert hidden.referral.reference in words_of(client.get("/admin/partners/message/"))
    assert {"HandOver", "Note", "Consent", "Link", "Exclusion", "ReferralEvent", "Attachment"} <= {
        k for k, v in hidden.about.items() if v
    }


def test_of_what_belongs_to_a_case_the_admin_registers_the_referral_alone():
    """No list, change, history, delete or autocomplete of Django's own, for any table of a case."""
    models = {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "referrals"}
    assert models == {"referral", "boardreport"}  # a report holds published figures and screened words, and no case
    own = {pattern.name for pattern in admin.site.get_model_admin(Referral).get_urls()}
    assert not {name for name in own if name.endswith(("_add", "_delete", "_history"))}
    assert "admin/autocomplete/" not in ROUTES


def test_the_pages_about_messages_do_not_tell_of_it(hidden):
    """A reference and 'an organisation accepted' would tell that there is one. Who may know is still told."""
    message = Message.objects.filter(referral_id=hidden.referral.pk).first()
    Message.objects.filter(pk=message.pk).update(state=State.DEAD, last_error=ErrorCode.RECIPIENT)
    for role in ("coordinator", "sysadmin", "auditor"):
        client = hidden.clients[role]
        assert metrics.standing(hidden.people[role])[1] == 0, "a count would tell"
        assert told(client.get("/ops/"), hidden, "") == []
        assert str(message.pk) not in words_of(client.get("/ops/"))
        assert client.post(f"/ops/messages/{message.pk}/send-again/").status_code == 404
