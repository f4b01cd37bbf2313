"""What passes between the steps of an answer: the task of a writer, and the claims that it makes."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from index import Extracted
from rag.answer import Turn
from rag.retrieve import Hit, Query
from rag.trace import Item


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a hit's document (which was read); offsets count in its extracted text."""

    hit: Hit
    start: int
    end: int

    @property
    def document(self) -> Extracted:
        assert self.hit.document is not None, "spans are made of hits that were read"
        return self.hit.document

    @property
    def text(self) -> str:
        """The exact words."""
        return self.document.text[self.start : self.end]

    def item(self, why: str = "", score: float = 0.0, parts: Mapping[str, float] | None = None) -> Item:
        """The span as a trace has it."""
        return Item(self.hit.record.source, self.start, self.end, score, why, parts)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer before it is cited and checked: its text, the spans that it rests on (none where nothing
    supports it), its score with the parts that it sums up, and the white space or list mark that sets it off from the
    sentence before."""

    text: str
    spans: tuple[Span, ...]
    score: float = 0.0
    before: str = " "
    parts: Mapping[str, float] | None = field(default=None, repr=False)

    @property
    def span(self) -> Span:
        """The first span: the only one of a quote."""
        return self.spans[0]

    def items(self) -> Iterator[Item]:
        """Its spans as a trace has them."""
        for span in self.spans:
            yield span.item(score=self.score, parts=self.parts)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The words of a sentence that is still being written; each replaces the one before it."""

    text: str
    before: str = " "


@dataclass(frozen=True, slots=True)
class Notice:
    """Words about the answer itself, which claim nothing of the documents."""

    text: str


@dataclass(frozen=True, slots=True)
class Restart:
    """All that was said so far was no answer, and is taken back."""


Said = Claim | Unfinished | Notice | Restart


@dataclass(frozen=True, slots=True)
class Position:
    """One side of a disagreement: the value as it is written, the quote that states it, the date of that statement
    where it is known (ISO 8601, as precise as known)."""

    value: str
    claim: Claim
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Quotes that give different values for what seems the same thing; `differs` names why, where that is known. One
    that is not `certain` is no conflict to tell of, but each position is worth quoting."""

    about: str
    differs: str | None
    positions: tuple[Position, ...]
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Task:
    """What a writer is given. `candidates` are the quotable sentences of the hits, each with one span, best first;
    `parts` are those of each thing that the question asks, where it asks several; `alternatives` may answer it
    otherwise than the best one, which is no certain disagreement; `foreign` are the things asked of which the documents
    hold nothing; setting `stop` ends the writing, from any thread. In `left` a writer may say of candidates why it did
    not use them.
    """

    question: str
    query: Query
    hits: Sequence[Hit]
    candidates: Sequence[Claim]
    parts: Sequence[Sequence[Claim]] = ()
    disagreements: Sequence[Disagreement] = ()
    alternatives: Sequence[Claim] = ()
    foreign: Sequence[str] = ()
    history: Sequence[Turn] = ()
    stop: threading.Event = field(default_factory=threading.Event)
    left: list[Item] = field(default_factory=list)


class Writer(Protocol):
    """Turns a task into claims, sentence by sentence."""

    name: str

    def write(self, task: Task) -> Iterator[Said]: ...
