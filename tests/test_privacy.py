"""Canaries: words that stand for a person are put into a case, and looked for in every place they must never reach.

No name, no narrative in mail, log, URL, page title, `__str__`, session, task message, admin history or plain column.
"""

import datetime
import hashlib
import json
import logging
import re

import pytest
from celery import current_app
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core import management
from django.db import connection
from django.test import Client
from django.utils import timezone

from partners.absences import record_absence
from partners.delivery import drain
from partners.kick import kick
from partners.models import BoardPost, Message, State
from partners.sealing import KeyRing, blind, key_ring
from referrals.disclose import open_attachment
from referrals.matching import find_people
from referrals.models import (
    Amendment,
    Attachment,
    BoardReport,
    Draft,
    Exclusion,
    Link,
    LinkKind,
    Note,
    NrmCase,
    PersonKey,
    Referral,
)
from referrals.nrm_stages import NrmStage
from referrals.pathways import Pathway
from referrals.person_keys import person_of, values_of
from referrals.redrawing import JPEG, Redrawn
from referrals.submission import ConsentGiven
from referrals.workflow import (
    Offer,
    accept,
    answer_information,
    answer_partner,
    ask_coordinator,
    attach,
    close,
    exclude,
    hand_over,
    link,
    open_case,
    open_hand_over,
    record_consents,
    record_stage,
    remove_attachment,
    request_information,
    revoke,
    save_answers,
    start_triage,
)
from tests.conftest import CANARY_ALIAS, CANARY_NAME, CANARY_PHONE, CANARY_STORY, make_draft, submit_one
from tests.referrals.amended import amend

CANARIES = [CANARY_NAME, CANARY_ALIAS, CANARY_PHONE, "Canary Wharf", "keeps her passport", "Secret answer"]


def leaks(text: str) -> list[str]:
    """The canaries that stand in `text`, whatever the case of the letters."""
    return [word for word in CANARIES if word.casefold() in text.casefold()]


def go_through_the_pathway(referral, cast):
    """Hand a case over to three organisations; each says something that must not leave it."""
    agreed = [ConsentGiven(kind=kind, state="given") for kind in ("beacon", "nrm", "police")]
    record_consents(referral_id=referral.id, given=agreed, by=cast.coordinator)
    offers = [Offer(cast.beacon, Pathway.BEACON), Offer(cast.constabulary, Pathway.NRM)]
    version = Referral.objects.get(pk=referral.pk).version
    made = hand_over(referral_id=referral.id, offers=offers, by=cast.coordinator, version=version)
    for offered, who in zip(made, (cast.beacon_worker, cast.police_officer), strict=True):
        open_hand_over(hand_over_id=offered.pk, by=who)
        accept(hand_over_id=offered.pk, by=who, version=2)
        ask_coordinator(hand_over_id=offered.pk, question=f"Secret answer for {CANARY_NAME}?", by=who, version=3)
        answer_partner(hand_over_id=offered.pk, answer=f"Secret answer: {CANARY_PHONE}", by=cast.coordinator)
    save_answers(referral_id=referral.id, given={"family": CANARY_STORY}, by=cast.police_officer, version=1)
    sent = {"stage": NrmStage.SUBMITTED, "on": timezone.localdate(), "home_office_reference": f"HO {CANARY_ALIAS}"}
    record_stage(referral_id=referral.id, by=cast.police_officer, version=2, **sent)
    exclude(
        referral_id=referral.id, organisation=cast.hospital, reason=f"{CANARY_ALIAS} works there", by=cast.coordinator
    )
    for offered in made:
        revoke(hand_over_id=offered.pk, reason="not_needed", by=cast.coordinator)


@pytest.fixture
def busy_case(cast):
    """A referral that has been through every move of the spine, and through the victim pathway."""
    referral = submit_one(cast.officer, priority="immediate")
    open_case(referral_id=referral.id, by=cast.coordinator)
    start_triage(referral_id=referral.id, by=cast.coordinator, version=2)
    request_information(referral_id=referral.id, question="Which shift?", by=cast.coordinator, version=3)
    answer_information(referral_id=referral.id, answer=f"Secret answer about {CANARY_NAME}", by=cast.officer)
    drawn = {"drawn": Redrawn(f"\xff {CANARY_STORY}".encode("latin-1"), JPEG, 1), "submit_key": referral.pk}
    said = {"name": f"{CANARY_NAME}.jpg", "text": CANARY_STORY}
    kept = attach(referral_id=referral.id, kind="photo", by=cast.officer, **drawn, **said)
    open_attachment(kept.pk, by=cast.coordinator)
    remove_attachment(attachment_id=kept.pk, reason="too_much", by=cast.coordinator)
    go_through_the_pathway(referral, cast)
    amend(referral, cast.coordinator, "person", given_names=f"{CANARY_NAME} Two", why=f"Secret answer: {CANARY_PHONE}")
    other, why = submit_one(cast.nurse), f"{CANARY_NAME} in both"
    link(referral_id=referral.id, other_id=other.pk, kind=LinkKind.SAME_PERSON, by=cast.coordinator, note=why)
    find_people(cast.coordinator, name=f"{CANARY_NAME} Testperson", phone=CANARY_PHONE, purpose="A partner rang")
    version = Referral.objects.get(pk=referral.pk).version
    ended = {"outcome": "supported_locally", "band": "help_in_place"}
    close(referral_id=referral.id, by=cast.coordinator, version=version, **ended)
    today = timezone.localdate()
    people = {"by": cast.coordinator, "user": cast.coordinator, "cover": cast.coordinator2}
    record_absence(starts_on=today, ends_on=today, **people)
    return Referral.objects.get(pk=referral.pk)


def every_column_of_every_table() -> dict[str, str]:
    """All rows of all tables as PostgreSQL prints them: what a stolen dump would show."""
    dump = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")  # noqa: S608
            dump[table] = "\n".join(row[0] for row in cursor.fetchall())
    return dump


def test_no_table_holds_a_canary_in_plain_text(busy_case):
    dump = every_column_of_every_table()
    assert "referrals_referralsecret" in dump
    assert {table: leaks(text) for table, text in dump.items() if leaks(text)} == {}


def test_the_sealed_rows_do_hold_them(busy_case):
    """Otherwise the test above proves nothing."""
    assert leaks(json.dumps(busy_case.secret.take_out()) + json.dumps(busy_case.location.take_out()))
    assert leaks(Attachment.objects.get().open_content().decode("latin-1"))
    for model, least in ((Note, 5), (NrmCase, 1), (Exclusion, 1), (Link, 1), (Amendment, 1), (Attachment, 1)):
        assert sum(bool(leaks(json.dumps(row.take_out()))) for row in model.objects.all()) >= least, model


def test_blind_keys_say_nothing_without_the_index_key(busy_case):
    """No plain value, no hash of one that anybody could try names on, and other bytes under another index key."""
    values = values_of(person_of(busy_case.secret.take_out(), busy_case.nrm.take_out()))
    rows = {bytes(row.key) for row in PersonKey.objects.filter(referral=busy_case)}
    assert leaks(" ".join(value for _, value in values))
    assert len(rows) == len(values)
    plain = [text.encode() for kind, value in values for text in (value, f"{kind} {value}", f"person|{kind}{value}")]
    for algorithm in ("md5", "sha1", "sha256", "sha512", "blake2b"):
        assert not rows & {hashlib.new(algorithm, text).digest()[:16] for text in plain}
    assert not [row for row in rows if any(row in text or text in row for text in plain)]
    ring = key_ring()
    other = KeyRing(current=ring.current, data=ring.data, index={"other": bytes(32)})
    assert rows == {blind(f"person|{kind}", value) for kind, value in values}
    assert not rows & {blind(f"person|{kind}", value, ring=other) for kind, value in values}


def test_no_row_names_a_person_when_printed(busy_case, cast):
    """`str()` and `repr()` end up in logs, admin history and error reports."""
    names = [user.full_name for user in cast.people.values()] + [user.email for user in cast.people.values()]
    own = [model for app in ("partners", "awareness", "referrals") for model in apps.get_app_config(app).get_models()]
    for model in own:
        for row in model._default_manager.all():
            text = f"{row!s} {row!r}"
            assert not leaks(text), model
            assert not [name for name in names if name in text], model


def test_no_mail_holds_anything_but_reference_and_link(busy_case, sink, cast):
    owed = Message.objects.exclude(state=State.CANCELLED).count()
    assert drain().sent == owed == len(sink.received)
    names = [user.full_name for user in cast.people.values()]
    words = [cast.council.name, cast.hospital.name, "car wash", "Northtown", "forced", *names]
    for received in sink.received:
        mail = received.message
        assert not leaks(mail.as_string()), mail["Subject"]
        body = f"{mail['Subject']} {mail.get_content()}"
        assert not [word for word in words if word.casefold() in body.casefold()], mail["Subject"]


def test_no_message_to_the_worker_holds_anything(busy_case):
    """A task without arguments waits in the broker, and nothing else."""
    with current_app.connection_for_read() as connection_to_broker:
        queue = connection_to_broker.SimpleQueue("celery")
        queue.clear()
        assert kick()
        message = queue.get(timeout=5)
        message.ack()
    assert message.payload[:2] == [[], {}]
    everything = json.dumps([message.payload, message.headers, message.properties], default=str)
    assert not leaks(everything)
    assert str(busy_case.pk) not in everything
    assert busy_case.reference not in everything


def test_no_session_holds_a_canary(cast, sign_in):
    client = Client()
    sign_in(client, cast.officer)
    draft = make_draft(cast.officer)
    client.post(f"/refer/{draft.pk}/person/", {"given_names": CANARY_NAME, "known_as": CANARY_ALIAS})
    assert Session.objects.exists()
    assert not [s for s in Session.objects.all() if leaks(json.dumps(s.get_decoded()))]
    assert leaks(json.dumps(Draft.objects.get().take_out()))


def test_no_address_header_or_title_holds_a_canary(cast, busy_case, sign_in):
    client = Client()
    sign_in(client, cast.coordinator)
    for url in ["/admin/referrals/referral/", f"/admin/referrals/referral/{busy_case.pk}/change/"]:
        response = client.get(url)
        page = response.content.decode()
        assert response.status_code == 200
        assert not leaks(page), "identity is masked until it is opened"
        assert not leaks(str(response.headers))


def test_no_log_line_holds_a_canary_even_when_something_breaks(cast, sign_in, caplog, monkeypatch):
    def broken(**_):
        raise RuntimeError(f"could not store {CANARY_NAME}")

    monkeypatch.setattr("referrals.views.intake.drafts.save_answers", broken, raising=True)
    client = Client(raise_request_exception=False)
    sign_in(client, cast.officer)
    draft = make_draft(cast.officer)
    caplog.set_level(logging.DEBUG)
    response = client.post(f"/refer/{draft.pk}/person/", {"given_names": CANARY_NAME})
    assert response.status_code == 500
    assert not leaks(response.content.decode())
    formatter = logging.getLogger().handlers[0].formatter
    lines = [logging_line(record) for record in caplog.records]
    assert formatter is not None
    assert lines
    assert not [line for line in lines if leaks(line)]


def test_what_a_task_raised_is_not_in_the_log():
    @current_app.task(name="tests.broken", shared=False)
    def broken():
        raise RuntimeError(f"could not store {CANARY_NAME}")

    records = []
    handler = logging.Handler()
    handler.emit = records.append
    logging.getLogger("celery.app.trace").addHandler(handler)
    try:
        broken.apply()
    finally:
        logging.getLogger("celery.app.trace").removeHandler(handler)
        current_app.tasks.unregister("tests.broken")
    assert len(records) == 1
    line = logging_line(records[0])
    assert "RuntimeError" in line
    assert not leaks(line)


def logging_line(record: logging.LogRecord) -> str:
    """The record as our handler would print it."""
    ours = [h for h in logging.getLogger().handlers if type(h.formatter).__name__ == "ProcessorFormatter"]
    return ours[0].format(record)


def test_the_management_commands_say_no_names(busy_case, capsys):
    management.call_command("drain_outbox")
    management.call_command("check")
    management.call_command("index_people")
    printed = capsys.readouterr()
    assert not leaks(printed.out + printed.err)


def test_what_stands_on_the_board_is_in_no_mail_log_session_address_or_title(cast, sign_in, sink, caplog):
    """It is for those who sign in: a title alone may tip somebody off."""
    caplog.set_level(logging.DEBUG)
    words = {"title": "Pangolin pattern", "text": "Wombat warehouses have changed hands"}
    client = sign_in(Client(), cast.coordinator)
    sent = client.post(
        "/admin/partners/boardpost/add/", {**words, "whom": "all", "urgent": "no", "step": "send"}, follow=True
    )
    address, post = sent.redirect_chain[-1][0], BoardPost.objects.get()
    reader = sign_in(Client(), cast.officer, second_factor=False)
    pages = [sent, *(reader.get(url) for url in ("/board/", f"/board/{post.pk}/"))]
    titles = [re.search(r"<title>(.*?)</title>", page.content.decode(), re.DOTALL)[1] for page in pages]
    sessions = json.dumps([session.get_decoded() for session in Session.objects.all()])
    rows = [repr(row) + str(row) for row in (post, *post.audience.all(), *post.readings.all())]
    assert drain().sent
    mails = [received.message.as_string() for received in sink.received]
    lines = [logging_line(record) for record in caplog.records]
    everything = " ".join([address, sessions, *titles, *rows, *mails, *lines]).casefold()
    assert not [word for word in ("pangolin", "wombat") if word in everything]


def test_a_report_that_names_somebody_is_refused_and_leaves_nothing_behind(cast, sign_in, caplog):
    """Its words stand in plain columns: what is refused must not reach them, nor a log, a session or the access log."""
    caplog.set_level(logging.DEBUG)
    submit_one(cast.officer)
    report = BoardReport.objects.create(starts=datetime.date(2026, 7, 1), written_by=cast.coordinator)
    client = sign_in(Client(), cast.coordinator)
    sent = {"edition": 1, "summary": f"{CANARY_STORY}. Ring {CANARY_PHONE}"}
    page = client.post(f"/admin/referrals/boardreport/{report.pk}/write/summary/", sent)
    assert CANARY_STORY in page.content.decode()  # nothing that was typed is lost
    dump = every_column_of_every_table()
    assert {table: leaks(text) for table, text in dump.items() if leaks(text)} == {}
    assert not leaks(" ".join(logging_line(record) for record in caplog.records))
