"""Who a server runs as, where it may keep its files, and how it is started so that it ends with its parent."""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from typing import IO

CHILD = Path(__file__).with_name("child.py")
STATE_OF_ROOT = Path("/var/lib/waymark-demo")


@dataclass(frozen=True)
class Account:
    """An operating-system account that root drops to."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """The account for servers: None (stay who we are) or, for root, `nobody`: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def as_child(command: list[str], account: Account | None, death_signal: Signals) -> list[str]:
    """The command line that runs `command` as `account` and sends it `death_signal` when the present process ends.

    Linux ties this to the *thread* that starts the process: start servers from one that lives as long as they shall.
    """
    uid, gid = (str(account.uid), str(account.gid)) if account else ("-", "-")
    start = [sys.executable, "-I", "-S", str(CHILD), str(os.getpid()), str(int(death_signal)), uid, gid]
    return start + command


def spawn(
    command: list[str],
    *,
    account: Account | None,
    death_signal: Signals,
    log: IO[bytes],
    cwd: Path,
    env: dict[str, str],
) -> subprocess.Popen[bytes]:
    """Start a server in a process group of its own (Ctrl-C on the terminal is ours to pass on), output to `log`."""
    return subprocess.Popen(
        as_child(command, account, death_signal),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=cwd,
        env=env,
        start_new_session=True,
    )


def can_run(command: list[str], account: Account | None) -> bool:
    """Whether the account can reach and run the program: tried, not computed from modes."""
    try:
        finished = subprocess.run(
            as_child(command, account, Signals.SIGKILL), capture_output=True, cwd="/", timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0


def state_directory(wanted: Path) -> Path:
    """Where servers keep what `wanted` stands for: there, or for root where `nobody` can reach."""
    wanted = wanted.resolve()
    if os.geteuid() != 0:
        return wanted
    return STATE_OF_ROOT / _short_hash(wanted)


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A directory for servers with throw-away data, removed at the end; those of killed processes are removed first."""
    account = server_account()
    base = _temporary_folder(account)
    for left in base.glob("waymark-tmp-*"):
        with suppress(FileNotFoundError):  # another run clears up at the same time
            if left.stat().st_uid == os.geteuid() and not is_alive(int(left.name.split("-")[2])):
                shutil.rmtree(left, ignore_errors=True)
    path = Path(tempfile.mkdtemp(prefix=f"waymark-tmp-{os.getpid()}-", dir=base))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs. One that has ended but was not waited for (a zombie) does not."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def wait_for_end(pid_file: Path, seconds: float = 20) -> None:
    """Wait until the process whose id is the file's first line has ended; a missing file or a stranger's id is fine."""
    deadline = time.monotonic() + seconds
    while pid_file.exists() and time.monotonic() < deadline:
        first = pid_file.read_text().partition("\n")[0].strip()
        if not first.isdigit() or not is_alive(int(first)):
            return
        time.sleep(0.05)


def give_directory(path: Path, account: Account | None) -> None:
    """Make `path` a directory that only the account can read; its parents are made passable when they are made here."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    path.mkdir(exist_ok=True, mode=0o700)
    path.chmod(0o700)
    if account:
        os.chown(path, account.uid, account.gid)


def socket_directory(state: Path, account: Account | None) -> Path:
    """A short 0700 directory for the socket of the server whose files are in `state`; the same path at every start.

    The path of a Unix socket has at most 107 bytes, so it cannot lie beside the data. Raises RuntimeError when somebody
    else holds the directory's name in the shared temporary folder.
    """
    ours = _temporary_folder(account) / f"waymark-{os.geteuid()}"
    ours.mkdir(exist_ok=True, mode=0o711)
    found = ours.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise RuntimeError(f"{ours} is not a directory of our own: remove it")
    path = ours / _short_hash(state.resolve())
    shutil.rmtree(path, ignore_errors=True)
    give_directory(path, account)
    return path


def _temporary_folder(account: Account | None) -> Path:
    wanted = Path(tempfile.gettempdir())
    too_long = len(os.fsencode(wanted)) > 60
    closed = account is not None and not can_run(["test", "-x", str(wanted)], account)
    return Path("/tmp") if too_long or closed else wanted  # noqa: S108 - the directory in it is checked by the caller


def _short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
