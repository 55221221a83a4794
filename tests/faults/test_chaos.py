"""Everything at once: while people submit, the broker and the worker are killed and frozen, database connections are
cut, and the mail server refuses, hangs and drops. Nothing may be lost, and a copy needs an ambiguous end.

A small sibling of the run in security 3.4 (`chaos.py`, 1,200 messages a seed), with the same faults and shorter waits.
"""

import logging
import random
import threading
import time
from collections import Counter
from signal import SIGCONT, SIGSTOP

import psycopg
import pytest
from django.db.models import Sum

from partners.models import Message, ServiceState, State
from referrals.models import Draft, Referral
from tests.faults.stage import Process, Stage, finished_drafts, session_of
from tests.smtp_sink import ACCEPT, DROP_THE_250, Answer, hang, refuse, refuse_after_data

pytestmark = pytest.mark.faults

REFERRALS, PEOPLE, SECONDS = 60, 4, 14.0
MAIL_FAULTS = [refuse("451 4.3.0 Later"), refuse_after_data("450 4.2.0 Busy"), hang(1.2), DROP_THE_250]


CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)"""


class Chaos:
    """The faults of one run, in an order that the seed gives."""

    def __init__(self, stage: Stage, seed: int, spared: int) -> None:
        self.stage, self.random, self.spared = stage, random.Random(seed), spared
        self.happened: Counter[str] = Counter()
        self.worker: Process = stage.start_worker()

    def one(self) -> None:
        """Let one thing happen."""
        things = [self.broker, self.freeze_broker, self.kill_worker, self.freeze_worker, self.database, self.timer]
        (thing,) = self.random.choices(things, weights=[1, 1, 1, 1, 1, 3])
        self.happened[thing.__name__] += 1
        thing()

    def mail_server(self, recipient: str) -> Answer:
        """Half of the steps go well."""
        return self.random.choice([*MAIL_FAULTS, *[ACCEPT] * len(MAIL_FAULTS)])

    def timer(self) -> None:
        """The command runs beside the worker, as it does every minute."""
        self.stage.start("python", "manage.py", "drain_outbox")

    def broker(self) -> None:
        self.stage.broker.kill()
        time.sleep(0.3)
        self.stage.broker.start()

    def freeze_broker(self) -> None:
        self.stage.broker.signal(SIGSTOP)
        time.sleep(0.8)
        self.stage.broker.signal(SIGCONT)

    def kill_worker(self) -> None:
        self.worker.kill()
        self.worker = self.stage.start_worker_unready()

    def freeze_worker(self) -> None:
        self.worker.signal(SIGSTOP)
        time.sleep(0.8)
        self.worker.signal(SIGCONT)

    def database(self) -> None:
        """Cut every connection that is not the test's own, in whatever it is doing."""
        with psycopg.connect(self.stage.environment["DATABASE_URL"], autocommit=True) as other:
            other.execute(CUT, [self.spared])


def submit_all(stage: Stage, drafts: list[Draft], session: str, answers: list) -> None:
    """Press "Send" on each, and again with the same draft until there is a receipt, as people do."""
    for draft in drafts:
        for _ in range(60):
            try:
                answer = stage.send(draft, session)
            except OSError:
                answer = None
            answers.append(answer)
            if answer and answer.status == 302:
                break
            time.sleep(0.2)
        time.sleep(SECONDS / REFERRALS)


@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_lost_and_a_copy_needs_an_ambiguous_end(stage, cast, seed, own_backend):
    stage.start_web()
    chaos = Chaos(stage, seed, own_backend)
    drafts, session, answers = finished_drafts(cast.officer, REFERRALS), session_of(cast.officer), []
    people = [
        threading.Thread(target=submit_all, args=(stage, drafts[n::PEOPLE], session, answers)) for n in range(PEOPLE)
    ]
    stage.sink.decide = chaos.mail_server
    for person in people:
        person.start()
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        time.sleep(chaos.random.uniform(0.3, 1.0))
        chaos.one()
    stage.sink.decide = lambda recipient: ACCEPT
    for person in people:
        person.join(30)
    stage.drain_until_sent(60)

    assert Referral.objects.count() == REFERRALS
    assert Message.objects.filter(state=State.SENT).count() == Message.objects.count() == 3 * REFERRALS
    arrived = Counter(mail.message["Message-ID"].strip("<>").split("@")[0] for mail in stage.sink.received)
    assert set(arrived) == set(map(str, Message.objects.values_list("pk", flat=True)))
    ambiguous = Message.objects.aggregate(n=Sum("ambiguous_attempts"))["n"]
    died = ServiceState.objects.filter(name="expired_lease").aggregate(n=Sum("count"))["n"] or 0
    copies = arrived.total() - len(arrived)
    told = f"{dict(chaos.happened)}, {len(answers)} sends, {ambiguous} ambiguous, {died} leases, {copies} copies"
    logging.getLogger(__name__).info("seed %s: %s", seed, told)
    assert ambiguous > 0, told
    assert copies <= ambiguous + died, told
    once = Message.objects.filter(attempts=1, ambiguous_attempts=0).values_list("pk", flat=True)
    assert all(arrived[str(pk)] == 1 for pk in once)
