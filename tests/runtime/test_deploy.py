"""What stands in the files for deployment agrees with the code."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from config.embedded import Postgres
from config.runtime.demo import free_port
from config.runtime.deploycheck import production_like
from config.runtime.keys import demo_secrets, new_key_ring
from partners.sealing import KeyRing

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = (ROOT / ".env.example").read_text()


def explained() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))


def test_every_variable_of_the_settings_is_explained() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "settings.py").read_text()))
    assert len(read) > 15
    assert read <= explained()


def test_every_explained_variable_is_read_somewhere() -> None:
    places = [ROOT / "config", ROOT / "partners", ROOT / "deploy"]
    text = "".join(path.read_text() for place in places for path in place.rglob("*.py"))
    text += (ROOT / "Procfile").read_text()
    assert [name for name in explained() if name not in text] == []


def test_the_example_holds_no_secret_that_could_be_used_by_mistake() -> None:
    assert "\nSECRET_KEY=\n" in EXAMPLE
    assert not re.search(r"^#?(DEMO|DEBUG)=1", EXAMPLE, re.MULTILINE)


def test_checks_run_with_every_required_variable() -> None:
    required = EXAMPLE.split("# --- Required")[1].split("# --- Usual")[0]
    names = set(re.findall(r"^([A-Z_]+)=", required, re.MULTILINE))
    assert names - {"DATABASE_URL", "BROKER_URL"} <= set(production_like())


def test_a_new_key_ring_is_one_that_sealing_accepts() -> None:
    ring = KeyRing.from_json(new_key_ring("k7"))
    assert ring.current == "k7"
    assert ring.data["k7"] != ring.index["k7"]


def test_the_demos_secrets_are_made_once_and_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SECRET_KEY", "SEALING_KEYS", "SEALING_KEYS_FILE"):
        monkeypatch.delenv(name, raising=False)
    first = demo_secrets(tmp_path)
    ring = Path(first["SEALING_KEYS_FILE"])
    kept = ring.read_text()
    assert demo_secrets(tmp_path) == first
    assert ring.read_text() == kept
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_the_demo_uses_secrets_of_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY", "theirs")
    monkeypatch.setenv("SEALING_KEYS", "theirs")
    assert demo_secrets(tmp_path) == {}
    assert list(tmp_path.iterdir()) == []


def test_only_the_units_that_exist_are_named() -> None:
    units = {path.name for path in (ROOT / "deploy" / "systemd").iterdir()}
    named = set(re.findall(r"waymark-[a-z]+(?:\.timer)?\b", (ROOT / "deploy" / "README.md").read_text()))
    for name in named:
        assert name in units or f"{name}.service" in units, name


def test_mail_leaves_without_celery_every_minute() -> None:
    unit = (ROOT / "deploy" / "systemd" / "waymark-outbox.service").read_text()
    timer = (ROOT / "deploy" / "systemd" / "waymark-outbox.timer").read_text()
    assert "manage.py drain_outbox" in unit
    assert "celery" not in unit
    assert "OnUnitInactiveSec=60" in timer


@contextmanager
def gunicorn(**variables: str) -> Iterator[subprocess.Popen[str]]:
    """The web process as the container and the unit start it."""
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "config.wsgi"]
    environment = os.environ | production_like() | {"WEB_CONCURRENCY": "1"} | variables
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=60)


def healthy(**variables: str) -> bool:
    """What the container's health check says."""
    command = [sys.executable, "deploy/healthy.py"]
    return subprocess.call(command, cwd=ROOT, env=os.environ | production_like() | variables) == 0


def test_the_health_check_of_the_container_knows_a_web_process_that_answers() -> None:
    bind = f"127.0.0.1:{free_port()}"
    assert not healthy(BIND=bind)
    with gunicorn(BIND=bind) as process:
        deadline = time.monotonic() + 60
        while not healthy(BIND=bind):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_the_demo_does_not_listen_where_others_can_reach_it() -> None:
    here = {"DEMO": "1", "SITE_URL": "http://127.0.0.1:8000", "ALLOWED_HOSTS": "127.0.0.1"}
    with gunicorn(BIND=f"0.0.0.0:{free_port()}", **here) as process:
        _, said = process.communicate(timeout=60)
        assert process.returncode != 0
        assert "loopback" in said


def test_the_applications_password_opens_no_superuser(server_directory: Path) -> None:
    """What the container's first start leaves behind, on a server like its own (both roles begin with one password)."""
    with Postgres(server_directory / "container") as server:
        password = server._password()
        with psycopg.connect(server.url_of("postgres", "postgres"), autocommit=True) as owner:
            owner.execute("DROP DATABASE waymark")
            owner.execute("DROP ROLE waymark")
            environment = os.environ | {
                "PATH": f"{server.binaries}:{os.defpath}",
                "PGHOST": str(server.sockets),
                "PGPASSWORD": password,
                "POSTGRES_USER": "postgres",
                "WAYMARK_PASSWORD": password,
            }
            subprocess.run(["sh", "deploy/postgres-init.sh"], cwd=ROOT, env=environment, check=True)
        with psycopg.connect(server.url_of("waymark", "waymark")) as application:
            role = application.execute("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user")
            assert role.fetchone() == (False, False)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.url_of("postgres", "waymark"))
