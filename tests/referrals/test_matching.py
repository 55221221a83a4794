"""Duplicates: a coordinator is shown who may be the same person and why; nobody else learns anything."""

import base64
import datetime
import json
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partners.models import AccessRecord, User
from partners.sealing import key_ring
from referrals import matching, workflow
from referrals.matching import Suggestion, TooLittle, TooManySearches, find_people, links_of, suggestions
from referrals.models import LinkKind, PersonKey, Referral
from referrals.pathways import Pathway
from referrals.person_index import index_person
from referrals.person_keys import KeyKind
from referrals.submission import ConsentGiven
from tests.conftest import submit_one

BORN = "1998-03-27"
PHONE = "07700 900456"


def sent(by: User, given="Zebulina", family="Testperson", **fields) -> Referral:
    """A referral of a person of this name; `phone_number` goes to the contact step, the rest to the person."""
    contact = {"phone_number": fields.pop("phone_number", "")}
    return submit_one(
        by, secret={"person": {"given_names": given, "family_name": family, **fields}, "contact": contact}
    )


def told(found: list[Suggestion]) -> list[tuple[str, tuple[str, ...]]]:
    return [(suggestion.referral.reference, suggestion.reasons) for suggestion in found]


def test_the_coordinator_hears_why_and_the_strongest_comes_first(cast):
    new = sent(cast.officer, date_of_birth=BORN, phone_number=PHONE)
    same = sent(cast.nurse, "ZEBULINA", date_of_birth=BORN, phone_number="+44 7700 900456")
    alike = sent(cast.nurse, "Sebulina", date_of_birth=BORN)
    name = sent(cast.nurse, "Testperson", "Zebulina")
    phone = sent(cast.nurse, "Somebody", "Else", phone_number=PHONE)
    sent(cast.nurse, "Nobody", "Inparticular", date_of_birth=BORN)
    found = suggestions(new, cast.coordinator)
    assert told(found) == [
        (same.reference, ("Same name and same date of birth", "Same phone number")),
        (alike.reference, ("Names sound alike and same date of birth",)),
        (phone.reference, ("Same phone number",)),
        (name.reference, ("Same name",)),
    ]


def test_nobody_but_a_coordinator_learns_anything(cast):
    new, _ = sent(cast.officer), sent(cast.officer)
    coordinators = {"coordinator", "coordinator2"}
    for name, user in cast.people.items():
        assert bool(suggestions(new, user)) is (name in coordinators), name
        if name not in coordinators:
            assert links_of(new, user) == []
            with pytest.raises(PermissionError):
                find_people(user, name="Zebulina Testperson")
    assert not AccessRecord.objects.filter(action="search").exists()


def test_what_a_coordinator_may_not_see_is_neither_suggested_nor_found(cast):
    new, hidden = sent(cast.officer), sent(cast.nurse)
    workflow.exclude(referral_id=hidden.pk, organisation=cast.hospital, reason="Close", by=cast.coordinator)
    assert len(suggestions(new, cast.coordinator)) == 1
    membership = cast.coordinator2.membership
    membership.organisation = cast.hospital
    membership.save()
    outsider = User.objects.get(pk=cast.coordinator2.pk)
    assert suggestions(new, outsider) == []
    assert [s.referral for s in find_people(outsider, name="Zebulina Testperson")] == [new]


def test_who_is_linked_as_the_same_person_is_not_suggested_again(cast):
    new, other = sent(cast.officer), sent(cast.nurse)
    made = workflow.link(referral_id=new.pk, other_id=other.pk, kind=LinkKind.FAMILY, by=cast.coordinator)
    assert len(suggestions(new, cast.coordinator)) == 1, "family is not the same person"
    workflow.unlink(link_id=made.pk, by=cast.coordinator)
    made = workflow.link(referral_id=new.pk, other_id=other.pk, kind=LinkKind.SAME_PERSON, by=cast.coordinator)
    assert suggestions(new, cast.coordinator) == suggestions(other, cast.coordinator) == []
    workflow.unlink(link_id=made.pk, by=cast.coordinator)
    assert len(suggestions(new, cast.coordinator)) == 1


def test_what_very_many_have_in_common_is_no_reason(cast, monkeypatch):
    monkeypatch.setattr(matching, "COMMON", 2)
    cases = [sent(cast.nurse, f"Test{letter}", "Quill", phone_number=PHONE) for letter in "bdfg"]
    assert suggestions(cases[0], cast.coordinator) == [], "a helpline"
    twins = [sent(cast.nurse, date_of_birth=BORN) for _ in range(4)]
    assert len(suggestions(twins[0], cast.coordinator)) == 3, "the same person, four times"


def test_at_most_twenty_are_shown_and_the_newest_of_those_that_are_alike(cast):
    cases = [sent(cast.nurse, date_of_birth=BORN) for _ in range(23)]
    found = suggestions(cases[0], cast.coordinator)
    assert [s.referral for s in found] == cases[:2:-1]


def test_a_referral_without_a_name_has_no_suggestions(cast):
    sent(cast.officer, "", "")
    assert suggestions(sent(cast.nurse, "", ""), cast.coordinator) == []


def test_the_number_of_queries_does_not_grow(cast, django_assert_num_queries):
    new = sent(cast.officer, date_of_birth=BORN, phone_number=PHONE)
    for more in (1, 15):
        for _ in range(more):
            other = sent(cast.nurse, date_of_birth=BORN)
            workflow.link(referral_id=new.pk, other_id=other.pk, kind=LinkKind.FAMILY, by=cast.coordinator)
        with django_assert_num_queries(2):
            [
                f"{s.referral.organisation} {s.referral.district} {s.referral.owner}"
                for s in suggestions(new, cast.coordinator)
            ]
        with django_assert_num_queries(2):
            [f"{one.referral.organisation} {one.link.by}" for one in links_of(new, cast.coordinator)]


# --- Searching ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"name": "testperson zebulina"}, "Same name"),
        ({"name": "Sebuleena Testperson"}, "Names sound alike"),
        ({"name": "Zebulina Quill Testperson", "born": datetime.date(1998, 3, 27)}, "Same name and same date of birth"),
        ({"name": "Mimi", "born": datetime.date(1998, 3, 27)}, "One of the names is the same, and the date of birth"),
        ({"phone": "0044 7700 900456"}, "Same phone number"),
        ({"email": "ZEB@example.org"}, "Same e-mail address"),
    ],
)
def test_a_person_is_found_by_what_is_known(cast, asked, why):
    secret = {
        "person": {"given_names": "Zebulina", "family_name": "Testperson", "known_as": "Mimi", "date_of_birth": BORN},
        "contact": {"phone_number": PHONE, "email_address": "zeb@example.org"},
    }
    referral = submit_one(cast.nurse, secret=secret)
    submit_one(cast.nurse, secret={"person": {"given_names": "Zebulina", "family_name": "Quillova"}})
    assert told(find_people(cast.coordinator, **asked)) == [(referral.reference, (why,))]


def test_a_search_is_recorded_without_its_words(cast):
    sent(cast.nurse)
    find_people(cast.coordinator, name="Zebulina Testperson", phone=PHONE, purpose="A partner rang")
    record = AccessRecord.objects.get(action="search")
    assert (record.user, record.object_kind, record.purpose) == (cast.coordinator, "person", "A partner rang")
    assert (record.object_id, record.reference) == (None, "")


@pytest.mark.parametrize("asked", [{}, {"name": "Maria"}, {"born": datetime.date(1998, 3, 27)}, {"phone": "999"}])
def test_a_search_that_says_too_little_is_refused(cast, asked):
    with pytest.raises(TooLittle, match="two names"):
        find_people(cast.coordinator, **asked)
    assert not AccessRecord.objects.filter(action="search").exists()


def test_nobody_searches_through_the_county(cast):
    for _ in range(matching.SEARCHES_AN_HOUR):
        find_people(cast.coordinator, phone=PHONE)
    with pytest.raises(TooManySearches, match="an hour"):
        find_people(cast.coordinator, phone=PHONE)
    assert find_people(cast.coordinator2, phone=PHONE) == []


# --- The keys -----------------------------------------------------------------------------------------------------


def keys_of(referral) -> set:
    return {(row.kind, bytes(row.key)) for row in referral.person_keys.all()}


def test_sending_writes_the_keys_in_one_query(cast):
    with CaptureQueriesContext(connection) as captured:
        sent(cast.officer, date_of_birth=BORN, phone_number=PHONE)
    assert sum("referrals_personkey" in query["sql"] for query in captured) == 1
    assert {row.kind for row in PersonKey.objects.all()} == set(KeyKind) - {"reference", "email"}
    assert {row.kid for row in PersonKey.objects.all()} == {key_ring().index_kid}


def test_a_changed_identity_has_other_keys(cast):
    referral = sent(cast.officer)
    before = keys_of(referral)
    secret = referral.secret
    secret.put({"person": {"given_names": "Quokka", "family_name": "Testperson"}})
    secret.save()
    index_person(referral)
    assert keys_of(referral)
    assert not keys_of(referral) & before


def test_what_the_first_responder_writes_is_found_too(cast):
    referral = submit_one(cast.nurse, consents=[ConsentGiven(kind="nrm", state="given")])
    workflow.start_triage(referral_id=referral.pk, by=cast.coordinator, version=1)
    offers = [workflow.Offer(cast.constabulary, Pathway.NRM)]
    [made] = workflow.hand_over(referral_id=referral.pk, offers=offers, by=cast.coordinator, version=2)
    workflow.accept(hand_over_id=made.pk, by=cast.police_officer, version=1)
    given = {"pv-name-first-name": "Quokka", "pv-name-last-name": "Quill"}
    workflow.save_answers(referral_id=referral.pk, by=cast.police_officer, version=1, given=given)
    number = {"stage": "submitted", "on": timezone.localdate(), "home_office_reference": "NRM 2026-004217"}
    workflow.record_stage(referral_id=referral.pk, by=cast.police_officer, version=2, **number)
    assert told(find_people(cast.coordinator, name="Quill Quokka")) == [(referral.reference, ("Same name",))]
    assert told(find_people(cast.coordinator, reference="nrm2026004217"))[0][1] == ("Same Home Office reference",)
    assert find_people(cast.coordinator, name="Zebulina Testperson"), "what the referrer wrote still counts"


def another_index_key(settings, name: str) -> None:
    ring = json.loads(settings.SEALING_KEYS)
    ring["index"][name], ring["current_index"] = next(iter(ring["data"].values())), name
    settings.SEALING_KEYS = json.dumps(ring)


@pytest.fixture
def own_ring(settings):
    """The ring of the tests as text in the settings, so that a test can change it."""
    ring, both = key_ring(), {}
    for name in ("data", "index"):
        both[name] = {kid: base64.b64encode(key).decode() for kid, key in getattr(ring, name).items()}
    settings.SEALING_KEYS = json.dumps({"current": ring.current, **both})
    return settings


def test_under_a_new_index_key_everybody_is_indexed_again(cast, own_ring, capsys):
    one, other = sent(cast.officer), sent(cast.nurse)
    before = keys_of(one)
    another_index_key(own_ring, "new")
    assert suggestions(sent(cast.nurse), cast.coordinator) == [], "until it has been done"
    with pytest.raises(CommandError, match="Not everybody"):
        call_command("index_people", check=True)
    call_command("index_people", batch=2)
    assert "3 referrals indexed under new, 0 do not open, 0 keys of another index key" in capsys.readouterr().out
    assert not keys_of(one) & before
    assert len(suggestions(other, cast.coordinator)) == 2
    call_command("index_people", check=True)


def test_referrals_of_before_get_their_keys_and_one_that_does_not_open_stops_nobody(cast, capsys):
    one, other, broken = sent(cast.officer), sent(cast.nurse), sent(cast.nurse)
    PersonKey.objects.all().delete()
    broken.secret.sealed = bytes(broken.secret.sealed)[:-1]
    broken.secret.save()
    with pytest.raises(CommandError, match="Not everybody"):
        call_command("index_people")
    assert "2 referrals indexed" in capsys.readouterr().out
    assert [s.referral for s in suggestions(one, cast.coordinator)] == [other]


def test_a_batch_of_nothing_is_refused(cast):
    with pytest.raises(CommandError, match="at least one"):
        call_command("index_people", batch=0)


# --- At size ------------------------------------------------------------------------------------------------------

MANY = 100_000


def a_hundred_thousand(like: Referral) -> None:
    """Referrals like this one, each with three keys; one in two hundred shares a key of each kind with others."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # the limit is for people who wait, not for filling a table
        names = [field.column for field in Referral._meta.concrete_fields]
        own = {"id": "gen_random_uuid()", "submit_key": "gen_random_uuid()", "reference": "'X' || n"}
        cursor.execute(
            f"INSERT INTO referrals_referral ({', '.join(names)}) "  # noqa: S608
            f"SELECT {', '.join(own.get(name, 'r.' + name) for name in names)} "
            "FROM referrals_referral r, generate_series(1, %s) n WHERE r.id = %s",
            [MANY, like.pk],
        )
        cursor.execute(
            "INSERT INTO referrals_personkey (referral_id, kind, key, kid) "
            "SELECT id, kind, decode(md5(kind || substr(reference, 2)::int %% 20000), 'hex'), 'k' "
            "FROM referrals_referral, unnest(ARRAY['name', 'sound', 'phone']) kind WHERE id <> %s",
            [like.pk],
        )
        cursor.execute("ANALYZE referrals_referral, referrals_personkey, referrals_exclusion, referrals_link")


def test_among_a_hundred_thousand_the_suggestions_come_by_index(cast):
    new = sent(cast.officer, phone_number=PHONE)
    a_hundred_thousand(new)
    other = sent(cast.nurse, phone_number=PHONE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM referrals_personkey WHERE kind = 'sound' AND kid = 'k' LIMIT 1")
        PersonKey.objects.create(referral=new, kind="sound", key=cursor.fetchone()[0], kid="k")
    assert cast.coordinator.membership  # asked once a request, whatever the page
    with CaptureQueriesContext(connection) as captured:
        found = suggestions(new, cast.coordinator)
    assert found[0].referral == other
    assert len(found) == 6
    assert len(captured) == 2
    plans = ""
    for query in captured.captured_queries:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {query['sql']}")
            plan = "\n".join(row[0] for row in cursor.fetchall())
        for table in ("referrals_referral", "referrals_personkey"):
            assert f"Seq Scan on {table}" not in plan, plan
        plans += plan
    assert "person_key_found" in plans


def test_a_stranger_referral_is_not_there(cast):
    assert suggestions(Referral(pk=uuid.uuid4()), cast.coordinator) == []
