"""A proposed question, and the documents that questions are proposed from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from eval.drafts import english
from eval.match import contains, normalized, satisfied
from eval.questions import Evidence, GoldQuestion
from eval.table import printable
from rag import Block, Extracted, units

FEWEST_WORDS = 8  # that a language shows in
ENGLISH = 0.12  # of the words of an English text are its commonest two dozen; of others hardly any

T = TypeVar("T")

_CAPITAL = re.compile(r"(?<=[a-z] )[A-Z][a-z]+(?:[’'-]\w+)*")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Draft:
    """A question that `source[start:end]`, the quote, answers; one without `must_contain` is answered nowhere, and the
    quote is what it narrowly misses. `must_contain` and `type` are those of a gold question; `rule` names what made it.
    What a person is shown of it is what is kept: the words of question and answer are `plain`.
    """

    rule: str
    source: str
    start: int
    end: int
    quote: str
    question: str
    answer: str
    must_contain: tuple[tuple[str, ...], ...]
    place: str = ""
    type: str = "single_fact"
    row: str = ""  # of a table, by its name

    def __post_init__(self) -> None:
        groups = tuple(tuple(map(plain, group)) for group in self.must_contain)
        for name, value in (
            ("question", plain(self.question)), ("answer", plain(self.answer)), ("must_contain", groups)
        ):  # fmt: skip
            object.__setattr__(self, name, value)

    @property
    def answerable(self) -> bool:
        return bool(self.must_contain)

    @property
    def sound(self) -> bool:
        """Whether the quote holds the answer, or each item of it, and the question does not give it away."""
        if not self.answerable:
            return True
        given_away = any(contains(self.question, alias) for group in self.must_contain for alias in group)
        items = re.split(r"(?:,? (?:and|or) |[,;] )", self.answer)
        held = contains(self.quote, self.answer) or all(contains(self.quote, item) for item in items)
        return held and satisfied(self.must_contain, self.quote) and not given_away

    def gold(self, id: str, *tags: str) -> GoldQuestion:
        """As a line of a gold file."""
        if not self.answerable:
            note = f"near miss of {self.source}: {plain(self.quote)}"
            return GoldQuestion(id, self.question, "unanswerable", (), (), (), note=note, tags=("near_miss", *tags))
        evidence = (Evidence(self.source, self.quote),)
        return GoldQuestion(
            id, self.question, self.type, (self.answer,), self.must_contain, evidence, tags=(self.rule, *tags)
        )

    def edited(self, question: str, answer: str, must_contain: tuple[tuple[str, ...], ...]) -> Draft:
        return replace(self, question=question, answer=answer, must_contain=must_contain)


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, a row or a heading of a document: `text` is `document.text[start:end]`."""

    text: str
    start: int
    end: int
    kind: str
    place: str

    def draft(
        self, source: Source, rule: str, question: str, answer: str, groups: tuple[tuple[str, ...], ...],
        type: str = "single_fact",
    ) -> Draft:  # fmt: skip
        """A question that this line answers."""
        return Draft(rule, source.name, self.start, self.end, self.text, question, answer, groups, self.place, type)


@dataclass(frozen=True)
class Source:
    """A document as rules read it; `kind` is its file type."""

    name: str
    kind: str
    document: Extracted

    @cached_property
    def lines(self) -> list[Line]:
        found = []
        for unit in units(self.document):
            text = self.document.text[unit.start : unit.end]
            found.append(Line(text, unit.start, unit.end, unit.block.kind, place_of(unit.block)))
        return found

    @cached_property
    def is_english(self) -> bool:
        """Whether enough of its words are the commonest of English; of a few words nobody can say."""
        words = [word.lower() for line in self.lines if line.kind == "paragraph" for word in _WORD.findall(line.text)]
        return len(words) < FEWEST_WORDS or sum(word in english.COMMON for word in words) >= ENGLISH * len(words)


def plain(text: str) -> str:
    """In one line, without what steers a terminal or turns the direction of writing."""
    return " ".join(printable(text).split())


def place_of(block: Block) -> str:
    """Page, heading and context of a block, as a person reads them."""
    parts = (f"page {block.page}" if block.page else "", block.heading or "", block.context)
    return " > ".join(dict.fromkeys(part for part in parts if part))


def spaced(items: Sequence[T], most: int) -> list[T]:
    """At most so many of them, from the first on at even distances."""
    return list(items[:: -(-len(items) // most)]) if items else []


def self_contained(part: str, but_first: bool = False) -> bool:
    """Whether part of a sentence points to nothing outside it."""
    return english.UNKNOWN.isdisjoint(_WORD.findall(part.lower())[but_first:])


class Folder:
    """All the documents: what one of them says may be what another is asked for."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.sources = list(sources)

    @cached_property
    def texts(self) -> str:
        """Everything that is said, as `normalized` has it."""
        return "\n".join(normalized(source.document.text) for source in self.sources)

    @cached_property
    def names(self) -> frozenset[str]:
        """Words that are written with a capital behind one that has none."""
        return frozenset(name for source in self.sources for name in _CAPITAL.findall(source.document.text))

    def mid_sentence(self, word: str) -> str:
        """The first word of a sentence as it is written in the middle of one."""
        lowered = word[:1].lower() + word[1:]
        if word[1:].lower() != word[1:] or (word in self.names and word.lower() not in english.COMMON):
            return word
        return lowered
