"""The kick: fast when the broker is there, a short silence when it is not, and never an error for the person."""

import time
from signal import SIGCONT, SIGSTOP

import pytest
from celery import Celery

from partners import kick as kick_module
from partners.kick import kick


@pytest.fixture
def broker(own_broker, monkeypatch):
    """A broker that the test may kill or freeze; the kick publishes to it with the settings of the web process."""
    app = Celery("kicking", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = own_broker.url
    monkeypatch.setattr(kick_module, "current_app", app)
    monkeypatch.setattr(kick_module, "_silent_until", 0.0)
    yield own_broker
    app.close()


def seconds_of(action) -> tuple[object, float]:
    started = time.monotonic()
    return action(), time.monotonic() - started


def test_a_kick_publishes_one_task_without_arguments(broker):
    assert kick() is True
    client = broker.client()
    try:
        assert client.llen("celery") == 1
        assert b'"argsrepr": "()"' in client.lindex("celery", 0)
    finally:
        client.close()


@pytest.mark.faults
def test_a_dead_broker_costs_little_once_and_then_nothing(broker):
    broker.kill()
    taken, seconds = seconds_of(kick)
    assert taken is False
    assert seconds < 1
    taken, seconds = seconds_of(kick)
    assert taken is False
    assert seconds < 0.01


@pytest.mark.faults
@pytest.mark.parametrize("known", [True, False], ids=["connected before", "never connected"])
def test_a_frozen_broker_costs_a_little_more_than_a_second_once(broker, known):
    if known:
        assert kick() is True
    broker.signal(SIGSTOP)
    try:
        taken, seconds = seconds_of(kick)
        assert taken is False
        assert seconds < 2.3
        assert seconds_of(kick)[1] < 0.01
    finally:
        broker.signal(SIGCONT)


@pytest.mark.faults
def test_after_the_silence_it_tries_again(broker, monkeypatch):
    broker.kill()
    assert kick() is False
    broker.start()
    assert kick() is False
    monkeypatch.setattr(kick_module, "_silent_until", time.monotonic() - 1)
    assert kick() is True


def test_whatever_goes_wrong_the_caller_does_not_hear_of_it(broker, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("as if")

    monkeypatch.setattr(kick_module.current_app, "send_task", fail)
    assert kick() is False
