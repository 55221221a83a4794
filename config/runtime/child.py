"""Become another program that cannot outlive its parent.

Run as a file by a fresh interpreter: `python -I -S child.py PARENT SIGNAL UID GID COMMAND...` (UID and GID "-" to stay
who one is). A function run between fork and exec would do the same in fewer lines, but Python may deadlock there as
soon as the parent has threads, and the fault tests have.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int, death_signal: int) -> None:
    """Ask the kernel to send us the signal when our parent ends (Linux; elsewhere an orphan may stay behind).

    Call it after any change of account: the kernel forgets the setting when credentials change.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the parent ended before its child began")


def main(parent: int, death_signal: int, uid: str, gid: str, command: list[str]) -> None:
    """Drop to the account and exec the command."""
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    end_with_parent(parent, death_signal)
    os.execvp(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5:])
