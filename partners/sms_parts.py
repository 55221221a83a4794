"""How many text messages a text becomes: each is paid for, and a long one may arrive in pieces. Pure.

GSM 03.38 (3GPP TS 23.038): 160 characters of the basic alphabet in one message, 153 in each part of several; the nine
characters of the extension count twice. One character outside makes all of it UCS-2: 70, and 67 in each part.
"""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
ONE, EACH = {True: 160, False: 70}, {True: 153, False: 67}


@dataclass(frozen=True)
class Parts:
    """The size of a text message: how many characters are counted, in how many parts, and what made it UCS-2."""

    characters: int
    count: int
    unusual: str  # characters outside the basic alphabet, each once; empty when GSM-7 does

    @property
    def in_words(self) -> str:
        """Say it: "124 characters: 1 text message"."""
        many = "1 text message" if self.count == 1 else f"{self.count} text messages"
        return f"{self.characters} characters: {many}"


def parts_of(text: str) -> Parts:
    """Return how `text` travels as a text message. A part never ends within a character that counts twice."""
    unusual = "".join(sorted({character for character in text if character not in BASIC | EXTENSION}))
    gsm = not unusual
    sizes = [2 if (character in EXTENSION if gsm else ord(character) > 0xFFFF) else 1 for character in text]
    if sum(sizes) <= ONE[gsm]:
        return Parts(sum(sizes), 1, unusual)
    count, room = 1, EACH[gsm]
    for size in sizes:
        if size > room:
            count, room = count + 1, EACH[gsm]
        room -= size
    return Parts(sum(sizes), count, unusual)
