"""The queue's parts: whose move it is, how many, page by page, on from case to case, and at a constant cost."""

import datetime
import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench.queries import CONTROL
from bench.sample import multiply
from partners.hours import LONDON, working_minutes
from referrals.admin.acting import the_referral
from referrals.admin.actions import ACTS
from referrals.admin.columns import working_words
from referrals.admin.tabs import TABS
from referrals.models import Link, LinkKind, Referral
from referrals.pathways import Pathway
from referrals.queue_order import NEWEST_ENDED, OPEN_FIRST, Place
from referrals.workflow import close, exclude, link, request_information, start_triage, withdraw
from tests.conftest import submit_one
from tests.referrals.handing import handed, silent, taken, with_a_question

QUEUE = "/admin/referrals/referral/"
SIZES = [10, 100_000]


@pytest.fixture
def coordinator(cast, sign_in) -> Client:
    """The coordinator's browser."""
    return sign_in(Client(), cast.coordinator)


def references(response) -> list[str]:
    return [referral.reference for referral in response.context["cl"].result_list]


def counts(response) -> dict[str, str]:
    return {tab["label"]: tab["count"] for tab in response.context["cl"].tab_links}


def shown(coordinator: Client, **question) -> set[str]:
    return set(references(coordinator.get(QUEUE, question)))


def spread_out(cast, count: int) -> None:
    """So many referrals: a tenth closed, the others in every tab, a third of them in immediate danger."""
    for number, priority in enumerate(["immediate", "urgent", "standard"] * 3 + ["standard"]):
        referral = submit_one(cast.officer, priority=priority)
        move = {"next_actor": ("coordinator", "partner", "referrer")[number // 3 % 3]}
        Referral.objects.filter(pk=referral.pk).update(**move, owner=cast.coordinator if number % 2 else None)
    withdraw(referral_id=referral.pk, reason="duplicate", by=cast.coordinator, version=1)
    if count > 10:
        multiply(count)


def test_each_referral_stands_in_the_tab_of_whose_move_it_is(cast, coordinator):
    unread, asked, ended = (submit_one(cast.officer) for _ in range(3))
    request_information(referral_id=asked.id, question="Which shift?", by=cast.coordinator, version=1)
    withdraw(referral_id=ended.id, reason="duplicate", by=cast.coordinator, version=1)
    given = taken(cast)
    handed(cast, given, cast.beacon)
    assert shown(coordinator, show="now") == {unread.reference}
    assert shown(coordinator, show="partner") == {given.reference}
    assert shown(coordinator, show="referrer") == {asked.reference}
    assert shown(coordinator, show="mine") == set(
        Referral.objects.filter(owner=cast.coordinator).exclude(pk=ended.pk).values_list("reference", flat=True)
    )
    assert shown(coordinator, show="open") == {unread.reference, asked.reference, given.reference}
    assert shown(coordinator, show="closed") == {ended.reference}


def test_a_partners_question_and_a_number_to_ring_need_the_coordinator(cast, coordinator):
    question, ring, quiet = taken(cast), taken(cast), taken(cast)
    for referral in (question, ring, quiet):
        offered = handed(cast, referral, cast.beacon)
        if referral is question:
            with_a_question(cast, offered, cast.beacon_worker)
        if referral is ring:
            silent(offered)
    found = shown(coordinator, show="now")
    assert {question.reference, ring.reference} <= found
    assert quiet.reference not in found


def test_every_tab_says_how_many_it_has(cast, coordinator):
    spread_out(cast, 10)
    response = coordinator.get(QUEUE)
    assert counts(response) == {
        tab.label: str(len(references(coordinator.get(QUEUE, {"show": key})))) for key, tab in TABS.items()
    }
    assert counts(response)["All open"] == "9"


def test_the_counts_stop_at_500(cast, coordinator):
    spread_out(cast, 10)
    multiply(700)
    response = coordinator.get(QUEUE)
    assert counts(response)["All open"] == "500+"
    assert "500+ referrals" in response.content.decode()
    assert counts(response)["Closed"] != "500+"


def test_immediate_danger_is_on_top_of_every_open_tab(cast, coordinator):
    spread_out(cast, 10)
    multiply(200)
    for key in TABS:
        rows = coordinator.get(QUEUE, {"show": key}).context["cl"].result_list
        ranks = [row.priority != "immediate" for row in rows]
        assert rows, key
        assert key == "closed" or ranks == sorted(ranks), key


def test_the_newest_closed_referral_comes_first(cast, coordinator):
    old, new = submit_one(cast.officer), submit_one(cast.officer)
    for referral in (old, new):
        start_triage(referral_id=referral.id, by=cast.coordinator, version=1)
        close(referral_id=referral.id, outcome="no_contact", band="passed_on", by=cast.coordinator, version=2)
    Referral.objects.filter(pk=old.pk).update(closed_at=timezone.now() - datetime.timedelta(days=3))
    assert references(coordinator.get(QUEUE, {"show": "closed"})) == [new.reference, old.reference]


@pytest.mark.parametrize("tab", ["open", "closed"])
def test_the_pages_forward_and_back_show_every_referral_once_in_one_order(cast, coordinator, tab):
    spread_out(cast, 10)
    multiply(1_400 if tab == "closed" else 180)
    whole = TABS[tab].order.sort(TABS[tab].rows(Referral.objects.all(), cast.coordinator, timezone.now()))
    expected = list(whole.values_list("reference", flat=True))
    pages, url = [], f"{QUEUE}?show={tab}"
    while url:
        response = coordinator.get(url)
        pages.append(references(response))
        url = QUEUE + following if (following := response.context["cl"].pages.get("next")) else None
    assert len(pages) > 2
    assert [reference for page in pages for reference in page] == expected
    back = response.context["cl"].pages["previous"]
    for page in reversed(pages[:-1]):
        response = coordinator.get(QUEUE + back)
        assert references(response) == page
        back = response.context["cl"].pages.get("previous")
    assert back is None


def test_a_list_too_long_to_be_looked_through_at_once_is_looked_through_in_steps(cast, coordinator, monkeypatch):
    """Every referral that fits is found once, forwards and backwards; a page that finds none says so and goes on."""
    monkeypatch.setattr("referrals.queue_order.LOOKED_AT", 40)
    monkeypatch.setattr("referrals.admin.keyset.LOOKED_AT", 40)
    spread_out(cast, 10)
    multiply(300)
    ask = {"show": "open", "priority": "standard"}
    rows = TABS["open"].rows(Referral.objects.filter(priority="standard"), cast.coordinator, timezone.now())
    expected = list(OPEN_FIRST.sort(rows).values_list("reference", flat=True))
    found, url, empty, last = [], f"{QUEUE}?{urlencode(ask)}", 0, ""
    while url:
        response = coordinator.get(url)
        cl, last = response.context["cl"], url
        found += references(response)
        empty += not cl.result_list
        step = cl.pages.get("next") or cl.url_to_look_on
        url = QUEUE + step if step else ""
    assert found == expected
    assert empty, "immediate danger stands on top: the first steps find nothing"
    first = coordinator.get(f"{QUEUE}?{urlencode(ask)}").content.decode()
    assert "among the first 40" in first
    assert "Look further" in first
    back, url = references(coordinator.get(last)), QUEUE + coordinator.get(last).context["cl"].pages["previous"]
    while url:
        cl = coordinator.get(url).context["cl"]
        back = [row.reference for row in cl.result_list] + back
        step = cl.pages.get("previous") or cl.url_to_look_on
        url = QUEUE + step if step else ""
    assert back == expected


def test_the_way_on_from_a_case_in_a_long_list_is_the_nearest_that_fits(cast, coordinator, monkeypatch):
    monkeypatch.setattr("referrals.queue_order.LOOKED_AT", 40)
    spread_out(cast, 10)
    multiply(100)
    rows = TABS["open"].rows(Referral.objects.filter(priority="standard"), cast.coordinator, timezone.now())
    one, two = OPEN_FIRST.sort(rows)[:2]
    page = coordinator.get(f"{QUEUE}{one.pk}/change/", {"_changelist_filters": "show=open&priority=standard"})
    assert page.context["way"]["next"]["reference"] == two.reference


def test_the_last_page_stays_right_when_a_referral_before_it_goes(cast, coordinator):
    spread_out(cast, 10)
    multiply(120)
    first = coordinator.get(QUEUE)
    following = first.context["cl"].pages["next"]
    before = references(coordinator.get(QUEUE + following))
    gone = first.context["cl"].result_list[3]
    Referral.objects.filter(pk=gone.pk).update(status="withdrawn", next_actor="nobody", withdrawal_reason="duplicate")
    assert references(coordinator.get(QUEUE + following)) == before


def test_filters_are_kept_from_tab_to_tab_and_page_to_page(cast, coordinator):
    spread_out(cast, 10)
    multiply(400)
    response = coordinator.get(QUEUE, {"priority": "urgent", "age": "adult"})
    links = [tab["url"] for tab in response.context["cl"].tab_links]
    for url in [*links, response.context["cl"].pages["next"]]:
        assert "priority=urgent" in url
        assert "age=adult" in url
    onward = coordinator.get(QUEUE + response.context["cl"].pages["next"])
    assert {(row.priority, row.age_group) for row in onward.context["cl"].result_list} == {("urgent", "adult")}


def test_a_status_leads_to_the_tab_that_has_it(cast, coordinator):
    ended = submit_one(cast.officer)
    withdraw(referral_id=ended.id, reason="duplicate", by=cast.coordinator, version=1)
    response = coordinator.get(QUEUE, {"show": "mine", "status": "withdrawn", "priority": "standard"})
    assert references(response) == [ended.reference]
    current = [tab["label"] for tab in response.context["cl"].tab_links if tab["current"]]
    assert current == ["Closed"]
    others = [tab["url"] for tab in response.context["cl"].tab_links if not tab["current"]]
    assert not [url for url in others if "status=" in url]


def test_a_referral_is_found_by_pathway_and_by_the_day_it_came(cast, coordinator):
    old, new = submit_one(cast.officer), submit_one(cast.officer)
    Referral.objects.filter(pk=old.pk).update(submitted_at="2026-03-29T00:30:00+00:00", pathways=[Pathway.POLICE])
    Referral.objects.filter(pk=new.pk).update(submitted_at="2026-03-29T23:30:00+00:00", pathways=[Pathway.BEACON])
    assert shown(coordinator, pathway="police") == {old.reference}
    assert shown(coordinator, **{"from": "2026-03-29", "to": "2026-03-29"}) == {old.reference}
    assert shown(coordinator, **{"from": "2026-03-30"}) == {new.reference}


def test_a_reference_is_found_in_whatever_tab_it_is(cast, referral, coordinator):
    withdraw(referral_id=referral.id, reason="duplicate", by=cast.coordinator, version=1)
    for typed in (referral.reference, referral.reference[:5].lower()):
        assert shown(coordinator, show="mine", q=typed) == {referral.reference}


def href(page: str, rel: str) -> str | None:
    found = re.search(rf'<a href="([^"]+)" rel="{rel}"', page)
    return found and found[1].replace("&amp;", "&")


def test_next_and_previous_walk_the_tab_with_its_filters(cast, coordinator):
    spread_out(cast, 10)
    listed = coordinator.get(QUEUE, {"show": "open", "priority": "urgent"})
    expected = references(listed)
    assert len(expected) == 3
    url = re.search(r'field-reference"><a href="([^"]+)"', listed.content.decode())[1].replace("&amp;", "&")
    walked = []
    while url:
        page = coordinator.get(url).content.decode()
        walked.append(re.search(r"<title>Referral (\S+)", page)[1])
        last, url = url, href(page, "next")
    assert walked == expected
    back = coordinator.get(href(coordinator.get(last).content.decode(), "prev")).content.decode()
    assert expected[-2] in back
    way_back = re.search(r'case-way__list" href="([^"]+)"', back)[1].replace("&amp;", "&")
    assert references(coordinator.get(way_back)) == expected


def test_an_act_keeps_the_way_through_the_queue(cast, coordinator):
    mine, other = submit_one(cast.officer), submit_one(cast.officer)
    came = "?_changelist_filters=priority%3Dstandard%26show%3Dnow"
    done = coordinator.post(f"{QUEUE}{mine.pk}/take/{came}", {"version": 1})
    assert done.url.startswith(f"{QUEUE}{mine.pk}/change/{came}")
    for act, data in [("close/", {"version": 2, "outcome": "no_contact", "band": "no_further_action"})]:
        done = coordinator.post(f"{QUEUE}{mine.pk}/{act}{came}", data)
    page = coordinator.get(done.url).content.decode()
    assert "no longer in" in page
    assert str(other.pk) in href(page, "next")


def links_to_cases(response) -> list[str]:
    """Every address on a page that leads to a case or one of its acts; what leads to the list is not among them."""
    page = response.content.decode().replace("&amp;", "&")
    return re.findall(rf'(?:href|action)="({QUEUE}[0-9a-f-]{{36}}/[^"]*)"', page)


CAME = "_changelist_filters=priority%3Dstandard%26show%3Dopen"


def test_every_link_from_a_case_and_its_acts_keeps_the_list_that_somebody_came_from(cast, coordinator):
    referral, other = taken(cast), submit_one(cast.officer)
    offered = handed(cast, referral, cast.beacon)
    with_a_question(cast, offered, cast.beacon_worker)
    link(referral_id=referral.pk, other_id=other.pk, kind=LinkKind.FAMILY, by=cast.coordinator)
    exclude(referral_id=referral.pk, organisation=cast.hospital, reason="A relative", by=cast.coordinator2)
    parts = [f"{act}/{offered.pk}" for act in ("answer", "name", "revoke")]
    parts += [f"{act}/{other.pk}" for act in ("link", "merge")]
    parts += [f"unlink/{Link.objects.get().pk}", f"lift/{referral.exclusions.get().pk}"]
    acts = [slug for slug, act in ACTS.items() if act.find is the_referral]
    for act in ["change", *acts, *parts, "hand-over/?pathway=nrm"]:
        address = f"{QUEUE}{referral.pk}/{act.rstrip('/')}/" if "?" not in act else f"{QUEUE}{referral.pk}/{act}"
        response = coordinator.get(f"{address}{'&' if '?' in address else '?'}{CAME}")
        assert response.status_code == 200, act
        assert [url for url in links_to_cases(response) if CAME not in url] == [], act
        assert f'{QUEUE}?priority=standard&amp;show=open">Referrals' in response.content.decode(), act


def test_the_question_what_a_hand_over_is_for_keeps_the_list(cast, coordinator):
    page = coordinator.get(f"{QUEUE}{taken(cast).pk}/hand-over/?{CAME}").content.decode()
    assert '<input type="hidden" name="_changelist_filters" value="priority=standard&amp;show=open">' in page


def test_choosing_another_referral_to_link_keeps_the_list(cast, coordinator):
    referral, other = taken(cast), submit_one(cast.officer)
    data = {"version": referral.version, "reference": other.reference}
    assert coordinator.post(f"{QUEUE}{referral.pk}/link-to/?{CAME}", data).url.endswith(f"link/{other.pk}/?{CAME}")


def test_a_refused_act_keeps_the_list(cast, coordinator):
    referral = taken(cast)
    for data in ({"version": referral.version}, {"version": 1, "question": "Which shift?"}):
        response = coordinator.post(f"{QUEUE}{referral.pk}/ask/?{CAME}", data)
        assert response.status_code in (200, 409)
        assert [url for url in links_to_cases(response) if CAME not in url] == []


@pytest.mark.parametrize("page", ["triage_export", "admin:referrals_savedfilter"])
def test_the_pages_about_the_list_lead_back_to_it_as_it_was(cast, referral, coordinator, page):
    response = coordinator.get(reverse(page) + "?priority=standard&show=open")
    assert f'{QUEUE}?priority=standard&amp;show=open">Referrals' in response.content.decode()


def test_when_an_act_takes_a_referral_out_of_the_list_the_one_after_it_is_next(cast, coordinator):
    referrals = [submit_one(cast.officer) for _ in range(4)]
    for hours, referral in enumerate(referrals, start=1):
        Referral.objects.filter(pk=referral.pk).update(due_at=timezone.now() + datetime.timedelta(hours=hours))
    before, here, after, _ = referrals
    came = "?_changelist_filters=show%3Dnow"
    done = coordinator.post(f"{QUEUE}{here.pk}/ask/{came}", {"version": 1, "question": "Which shift?"})
    page = coordinator.get(done.url).content.decode()
    assert "This referral is no longer in the list you came from" in page
    assert str(after.pk) in href(page, "next")
    assert str(before.pk) in href(page, "prev")
    assert "was=" not in href(page, "next")
    assert "no longer in" not in coordinator.get(href(page, "next")).content.decode()


def test_what_is_no_longer_unread_once_it_is_opened_still_leads_on(cast, coordinator):
    first, second, third = (submit_one(cast.officer) for _ in range(3))
    for hours, referral in enumerate((first, second, third), start=1):
        Referral.objects.filter(pk=referral.pk).update(due_at=timezone.now() + datetime.timedelta(hours=hours))
    page = coordinator.get(f"{QUEUE}{second.pk}/change/?_changelist_filters=status%3Dunread").content.decode()
    assert (str(first.pk) in href(page, "prev"), str(third.pk) in href(page, "next")) == (True, True)
    assert "no longer in" not in page


def test_after_the_last_of_a_list_the_first_is_offered_and_after_the_only_one_nothing(cast, coordinator):
    first, last = submit_one(cast.officer), submit_one(cast.officer)
    Referral.objects.filter(pk=last.pk).update(due_at=timezone.now() + datetime.timedelta(days=9))
    came = "?_changelist_filters=show%3Dnow"
    done = coordinator.post(f"{QUEUE}{last.pk}/ask/{came}", {"version": 1, "question": "Which shift?"})
    page = coordinator.get(done.url).content.decode()
    assert str(first.pk) in href(page, "next")
    assert "first of the list" in page
    done = coordinator.post(f"{QUEUE}{first.pk}/ask/{came}", {"version": 1, "question": "Which shift?"})
    page = coordinator.get(done.url).content.decode()
    assert href(page, "next") is None
    assert "and nothing else is left there" in page


def test_what_is_not_of_the_queue_is_not_carried_on(cast, referral, coordinator):
    page = coordinator.get(f"{QUEUE}{referral.pk}/change/", {"_changelist_filters": "next=//evil.example&owner=<x>"})
    assert "evil" not in page.content.decode()


@pytest.mark.parametrize("count", SIZES)
def test_the_queue_costs_under_15_queries_and_never_reads_the_whole_table(cast, coordinator, count):
    spread_out(cast, count)
    for question in [{"show": key} for key in TABS] + [{"show": "open", "owner": "me", "age": "adult"}, {"q": "M0"}]:
        with CaptureQueriesContext(connection) as asked:
            response = coordinator.get(QUEUE, question)
        statements = [query["sql"] for query in asked.captured_queries]
        assert len([sql for sql in statements if not sql.startswith(CONTROL)]) < 15, question
        assert len(response.context["cl"].result_list) <= 50
        if count > 10:
            assert whole_table_reads(asked) == [], question


def whole_table_reads(asked: CaptureQueriesContext) -> list[str]:
    """The plans among those of a page that go through all referrals."""
    plans = []
    for query in asked.captured_queries:
        if "referrals_referral" in query["sql"] and query["sql"].startswith("SELECT"):
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + query["sql"])
                plans.append("\n".join(row[0] for row in cursor.fetchall()))
    assert plans
    return [plan for plan in plans if "Seq Scan on referrals_referral" in plan]


def test_a_place_is_read_back_from_the_address_and_nothing_else_is(referral):
    for order in (OPEN_FIRST, NEWEST_ENDED):
        place = order.place_of(referral)
        assert Place.read(place.token) == place
    none = "0" * 32
    for forged in ["", "0", f"2.1.{none}", f"0.-1.{none}", f"0.1.{none[1:]}g", f"0.1.{none}0", f"0.².{none}"]:
        assert Place.read(forged) is None


MONDAY_NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (datetime.datetime(2026, 11, 23, 15, 20, tzinfo=LONDON), "due in 3 working hours"),
        (datetime.datetime(2026, 11, 23, 13, 0, tzinfo=LONDON), "due in 1 working hour"),
        (datetime.datetime(2026, 11, 23, 12, 45, tzinfo=LONDON), "due in 45 working minutes"),
        (datetime.datetime(2026, 11, 24, 10, 0, tzinfo=LONDON), "due in 6 working hours"),
        (datetime.datetime(2026, 11, 30, 17, 0, tzinfo=LONDON), "due in 5 working days"),
        (datetime.datetime(2026, 11, 21, 12, 0, tzinfo=LONDON), "overdue by 2 days"),
    ],
)
def test_a_deadline_is_said_in_working_time(due, words):
    assert working_words(due, MONDAY_NOON).replace("\xa0", " ") == words


def test_where_no_working_time_lies_between_the_calendar_says_it():
    night = datetime.datetime(2026, 11, 23, 22, tzinfo=LONDON)
    assert working_words(night + datetime.timedelta(hours=3), night).replace("\xa0", " ") == "due in 3 hours"


def test_days_off_and_weekends_are_no_working_time():
    friday = datetime.datetime(2026, 11, 27, 16, tzinfo=LONDON)
    tuesday = datetime.datetime(2026, 12, 1, 10, tzinfo=LONDON)
    assert working_minutes(friday, tuesday) == 60 + 480 + 60
    assert working_minutes(friday, tuesday, [datetime.date(2026, 11, 30)]) == 120
    assert working_minutes(tuesday, friday) == 0


def test_in_danger_the_clock_runs_at_night(cast, coordinator):
    referral = submit_one(cast.officer, priority="immediate")
    Referral.objects.filter(pk=referral.pk).update(due_at=timezone.now() + datetime.timedelta(minutes=50, seconds=30))
    assert "Due in 50\xa0minutes" in coordinator.get(QUEUE).content.decode()
