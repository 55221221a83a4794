"""The stage that fault tests play on."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults.stage import Stage
from tests.smtp_sink import SmtpSink


@pytest.fixture
def stage(transactional_db, cast, own_broker, process_environment, tmp_path) -> Iterator[Stage]:
    """A cast, a broker and a mail server of the test's own, and the environment for processes that use them."""
    with SmtpSink() as sink:
        environment = process_environment(
            DJANGO_SETTINGS_MODULE="tests.faults.settings",
            BROKER_URL=own_broker.url,
            EMAIL_URL=sink.url,
            DATABASE_POOL="3",
            PYTHONUNBUFFERED="1",
            PYTHONWARNINGS="ignore",
        )
        stage = Stage(own_broker, sink, environment, tmp_path)
        try:
            yield stage
        finally:
            stage.stop()


@pytest.fixture
def own_backend(transactional_db) -> int:
    """The database's process that serves this test itself."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]
