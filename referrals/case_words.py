"""What in a text for everybody belongs to a case: references, and words that look like the name of somebody in one.

Names are compared as blind keys (ADR 0016): no case is opened for it, however many there are. Only the words are said,
never the referral; and only of referrals that whoever asks may see, so that nobody learns of one by trying names.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator

from partners.board.screening import Finding, Kind
from partners.models import User
from partners.sealing import blind
from referrals.models import PersonKey, Referral
from referrals.person_keys import KeyKind, romanised
from referrals.references import ALPHABET

APART = 3  # words: between a given and a family name may stand "de" and "la"
SHORT = 3  # letters: two words so short are a name only where they are written with a capital
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ`-][^\W\d_]+)*")
_SENTENCE = re.compile(r"[.!?:;]\s|\n")
_GROUP = f"[{ALPHABET}]{{3}}"
_WRITTEN = re.compile(rf"\b(?:{_GROUP}[ -]{_GROUP}[ -]{_GROUP}|OP-{_GROUP}-{_GROUP})\b", re.IGNORECASE)
_RUN = re.compile(rf"\b{_GROUP * 3}\b")


def case_words(text: str, by: User) -> list[Finding]:
    """Return the references in `text`, and the words that look like the name of somebody in an open referral that `by`
    may see. One query."""
    return [*references(text), *(Finding(Kind.NAME, words) for words in _names(text, by))]


def references(text: str) -> list[Finding]:
    """Return what is written like the reference of a referral or of an operation."""
    spaced = [match.group() for match in _WRITTEN.finditer(text)]
    closed = [match.group() for match in _RUN.finditer(text) if re.search(r"\d", match.group())]
    with_digit_or_hyphen = [words for words in spaced if "-" in words or re.search(r"\d", words)]
    return [Finding(Kind.REFERENCE, words) for words in with_digit_or_hyphen + closed]


def _names(text: str, by: User) -> list[str]:
    where = defaultdict(list)
    for pair, words in _pairs(text):
        where[blind(f"person|{KeyKind.NAME}", pair)].append(words)
    if not where:
        return []
    rows = PersonKey.objects.filter(kind=KeyKind.NAME, key__in=list(where))
    seen = rows.filter(referral__in=Referral.objects.visible_to(by).open()).order_by()
    hits = [words for key in seen.values_list("key", flat=True).distinct() for words in where[bytes(key)]]
    return list(dict.fromkeys(hits))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    """Two words near each other as a name is kept, with the words as they stand in `text`."""
    for sentence in _SENTENCE.split(text):
        words = [(plain, match) for match in _WORD.finditer(sentence) for plain in romanised(match.group())]
        for start, end in _near(len(words)):
            (one, first), (other, last) = words[start], words[end]
            if one != other and _may_be_a_name(one, first.group(), other, last.group()):
                yield " ".join(sorted((one, other))), sentence[first.start() : last.end()]


def _near(words: int) -> Iterator[tuple[int, int]]:
    for start, apart in itertools.product(range(words), range(1, APART + 1)):
        if start + apart < words:
            yield start, start + apart


def _may_be_a_name(one: str, first: str, other: str, last: str) -> bool:
    return len(one) > SHORT or len(other) > SHORT or (first[0] != first[0].lower() and last[0] != last[0].lower())
