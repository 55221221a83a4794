"""The first texts, as files of the project (data/content): read, checked as a whole, and loaded.

A file is a few settings in TOML between two lines of plus signs, then Markdown; its name is `<kind>-<slug>.md`
(data/README.md). What staff have edited is theirs: `only_new` leaves every text alone that exists.
"""

import datetime
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from awareness.content.addresses import text_at
from awareness.content.checking import leads_nowhere, problems_of, tidy
from awareness.content.codes import OWN_FIELDS, Kind
from awareness.content.editing import Words, publish, write
from awareness.content.markdown import render
from awareness.models import Content, ContentVersion
from partners.county.tables import CountyInvalid, Problem
from partners.hours import LONDON

FENCE = "+++"
NAME = re.compile(r"(page|sign|news|resource)-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
EVERY = {"title", "summary", "publish_on", "review_by", "owner"}
DATES = {"publish_on", "review_by"}


@dataclass
class Loaded:
    """What a load did: texts that are new, texts that were changed, and links that lead nowhere (yet)."""

    read: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    doubtful: list[Problem] = field(default_factory=list)

    @property
    def same(self) -> int:
        """How many texts were left as they were."""
        return self.read - len(self.added) - len(self.changed)


@dataclass(frozen=True)
class TextFile:
    """One file: its name, what stands above the text, and the text."""

    name: str
    kind: str
    slug: str
    given: dict[str, Any]
    body: str

    @property
    def words(self) -> Words:
        """What the version says."""
        own = {key: self.given[key] for key in OWN_FIELDS[Kind(self.kind)] if key in self.given}
        return Words(title=self.given["title"], summary=self.given["summary"], body=self.body, **own)

    def problem(self, key: str, text: str) -> Problem:
        """Return a problem in this file."""
        return Problem(self.name, 0, key, text)


@transaction.atomic
def load_texts(folder: Path, *, only_new: bool = False, dry_run: bool = False) -> Loaded:
    """Load every text in `folder`; return what that did. A new text is public from its `publish_on`, else at once.

    With `only_new`, texts that exist stay as staff have edited them; without, a text that differs gets another version,
    shown at once, and theirs stays in the history. Raises CountyInvalid with every problem; nothing is changed then.
    """
    files, problems = [], []
    for path in sorted(folder.glob("*.md")):
        try:
            files.append(_read(path))
        except CountyInvalid as invalid:
            problems += invalid.problems
    problems += [problem for file in files for problem in _problems(file)]
    if problems:
        raise CountyInvalid(problems)
    result = Loaded(read=len(files))
    for file in files:
        _take_in(file, result, only_new)
    result.doubtful = [problem for file in files for problem in _doubtful(file)]
    transaction.set_rollback(dry_run)
    return result


def _read(path: Path) -> TextFile:
    named = NAME.fullmatch(path.name)
    if not named:
        why = "a file is called page-, sign-, news- or resource-, a name of small letters, numbers and hyphens, and .md"
        raise CountyInvalid([Problem(path.name, 0, "", why)])
    try:
        text = path.read_text(encoding="utf-8-sig")
        start, given, body = text.split(f"{FENCE}\n", 2)
        if start:
            raise ValueError(start)
        return TextFile(path.name, named[1], named[2], tomllib.loads(given), tidy(body))
    except tomllib.TOMLDecodeError as error:
        raise CountyInvalid(
            [Problem(path.name, 0, "", f"what stands above the text cannot be read: {error}")]
        ) from None
    except UnicodeDecodeError:
        raise CountyInvalid([Problem(path.name, 0, "", "the file is not UTF-8")]) from None
    except ValueError:
        raise CountyInvalid([Problem(path.name, 0, "", "begin with settings between two lines of +++")]) from None


def _problems(file: TextFile) -> Iterator[Problem]:
    """What is wrong in one file by itself."""
    known = EVERY | set(OWN_FIELDS[Kind(file.kind)]) | ({"subject"} if file.kind == Kind.SIGN else set())
    wrong = [
        *((key, "there is no such setting for this kind of text") for key in file.given if key not in known),
        *((key, "is missing") for key in ("title", "summary", "review_by") if key not in file.given),
        *((key, "write a day such as 2026-11-23, bare") for key in DATES & set(file.given) if not _day(file, key)),
        *((key, "write words in quotes") for key in file.given if not _is_right_type(key, file.given[key])),
    ]
    yield from (file.problem(key, text) for key, text in wrong)
    if wrong:
        return
    for key, sentences in problems_of(file.kind, vars(file.words)).items():
        yield from (file.problem(key, sentence) for sentence in sentences)
    try:
        _content(file).clean_fields(exclude=["latest"])
    except ValidationError as error:
        yield from (file.problem(key, text) for key, texts in error.message_dict.items() for text in texts)
    if file.kind == Kind.SIGN and file.given.get("subject", "").replace("_", "-") != file.slug:
        yield file.problem("subject", "the name of a file of signs is its subject")


def _day(file: TextFile, key: str) -> bool:
    value = file.given[key]
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _is_right_type(key: str, value: object) -> bool:
    return key in DATES or isinstance(value, int if key == "position" else str)


def _content(file: TextFile) -> Content:
    about = {key: file.given[key] for key in ("subject", "review_by", "owner") if key in file.given}
    return Content(kind=file.kind, slug=file.slug, **about)


def _take_in(file: TextFile, result: Loaded, only_new: bool) -> None:
    content = Content.objects.filter(kind=file.kind, slug=file.slug).select_related("latest").first()
    if content is None:
        content = _content(file)
        write(by=None, content=content, seen=0, words=file.words, act=ContentVersion.Act.LOADED)
        publish(by=None, content=content, seen=1, at=_begin(file))
        result.added.append(file.name)
    elif not only_new and content.latest and Words.of(content.latest) != file.words:
        seen = content.latest.number
        version = write(by=None, content=content, seen=seen, words=file.words, act=ContentVersion.Act.LOADED)
        publish(by=None, content=content, seen=version.number)
        result.changed.append(file.name)


def _begin(file: TextFile) -> datetime.datetime | None:
    """The first moment of the day on which it is published, in London."""
    day = file.given.get("publish_on")
    return datetime.datetime.combine(day, datetime.time(), LONDON) if day else None


def _doubtful(file: TextFile) -> Iterator[Problem]:
    """Links of this file to pages of ours that are not there."""
    urls = [link.url for link in render(file.body).links] + [file.words.link]
    for url in filter(None, urls):
        text = text_at(url) if url.startswith("/") else None
        if why := leads_nowhere(url):
            yield file.problem("", why)
        elif text and not Content.objects.filter(kind=text[0], slug=text[1]).exists():
            yield file.problem("", f"There is no text at “{url}”.")
