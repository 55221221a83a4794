"""How hard a text is to read: the Flesch-Kincaid grade (Kincaid and others, 1975), by counting alone.

The texts of the public pages are for a reading age of 9 to 11. A grade is a school year of the United States: its age
is five more. Syllables are counted by their vowels, which is right on average and wrong for single words; a library
that knows each word (textstat) brings a language toolkit with it for one number.
"""

import re

VOWELS = re.compile(r"[aeiouy]+")
WORD = re.compile(r"[A-Za-z’'-]+")
SENTENCE_END = re.compile(r"[.!?:;]+\s")
LINK_ADDRESS = re.compile(r"\]\([^)]*\)")
SPOKEN_E = re.compile(r"(?:[^aeiouy]l|e|y|o)e$")
MARKS = re.compile(r"^(?:[#>\-*|\s]+|\d+\.\s*)", re.MULTILINE)
LINE_WITHOUT_STOP = re.compile(r"([^.!?:;\n])\n")
AGE_OF_GRADE = 5


def grade(markdown: str) -> float:
    """Return the grade of a text in Markdown (0 and below: a beginner's; 6: age 11). A line of a list is a sentence.

    Raises ValueError when there is no word in it.
    """
    text = MARKS.sub("", LINK_ADDRESS.sub("]", markdown))
    text = LINE_WITHOUT_STOP.sub(r"\1.\n", text + "\n")
    sentences = sum(1 for sentence in SENTENCE_END.split(text) if WORD.search(sentence))
    words = WORD.findall(text)
    if not words:
        raise ValueError("there is nothing to read")
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def reading_age(markdown: str) -> float:
    """Return the age in years at which most pupils can read the text."""
    return grade(markdown) + AGE_OF_GRADE


def syllables(word: str) -> int:
    """Return how many syllables `word` has, about: a silent last e and most endings in -ed do not count."""
    letters = re.sub(r"[^a-z]", "", word.lower())
    count = len(VOWELS.findall(letters))
    silent_e = letters.endswith("e") and not SPOKEN_E.search(letters)
    silent_ed = letters.endswith("ed") and not letters.endswith(("ted", "ded", "eed", "ied"))
    return max(count - (silent_e or silent_ed), 1)
