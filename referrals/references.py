"""Case references: random, short enough to say on the phone, and hard to mishear or misread."""

import secrets

#: No vowels (no words), and none of 0/O, 1/I/L, 5/S, 8/B, 2/Z.
ALPHABET = "CDFGHJKMNPQRTVWXY34679"
GROUPS, GROUP_LENGTH = 3, 3


def new_reference() -> str:
    """Return a random reference such as `K7P-4TX-9WM`: one of 22^9, about 1.2 million million."""
    return _random(GROUPS)


def as_written(text: str) -> str:
    """Return what somebody typed as a reference is written: 'k7p4tx 9wm' gives 'K7P-4TX-9WM'; else it as it came."""
    letters = "".join(sign for sign in text.upper() if sign.isalnum())
    if len(letters) != GROUPS * GROUP_LENGTH:
        return text.strip()
    return "-".join(letters[i : i + GROUP_LENGTH] for i in range(0, len(letters), GROUP_LENGTH))


def new_operation_reference() -> str:
    """Return a random reference of an operation such as `OP-K7P-4TX`: one of 22^6, about 113 million."""
    return f"OP-{_random(2)}"


def _random(groups: int) -> str:
    letters = [secrets.choice(ALPHABET) for _ in range(groups * GROUP_LENGTH)]
    return "-".join("".join(letters[i : i + GROUP_LENGTH]) for i in range(0, len(letters), GROUP_LENGTH))
