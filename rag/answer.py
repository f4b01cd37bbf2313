"""The values of an answer, frozen, and their wire shape: the same through every door."""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from index import Passage
from rag.trace import Step

SCHEMA = 1

Support = Literal["verbatim", "supported", "not_found", "none"]
AnswerStatus = Literal["answered", "not_in_documents", "about_assistant"]


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier exchange of the conversation, oldest first in a history."""

    question: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact words that a sentence rests on: `extracted[start:end] == quote`, always.

    `before` and `after` are the words around it; `sha256` is the file's when it was indexed; `line` counts from 1
    and is null unless the file is plain text; `page` counts from 1 (PDF pages, slides).
    """

    number: int
    source: str
    title: str
    start: int
    end: int
    line: int | None
    page: int | None
    heading: str | None
    quote: str
    before: str
    after: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the answer, the numbers of its citations, and what the check of it found."""

    text: str
    citations: tuple[int, ...]
    support: Support
    problems: tuple[str, ...] = ()

    @property
    def borne_out(self) -> bool:
        """Whether what it cites says so."""
        return self.support in ("verbatim", "supported")


@dataclass(frozen=True, slots=True)
class Side:
    """One value of a disagreement with the citation that states it."""

    value: str
    citation: int
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Documents that give different values for what seems the same thing; `differs` names a reason that is known."""

    about: str
    differs: str | None
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Searched:
    """What an answer was looked for in. `pending` passages could be found by their words only; `by_meaning` is false
    where no vectors could be searched at all, and `note` says why."""

    files: int
    passages: int
    pending: int
    by_meaning: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, whole or still growing. `text` is its statements with markers like [1]; `related` holds the nearest
    passages of a refusal; `confidence` is between 0 and 1.

    `trace` records the steps, in their order. Its wire shape is a list of `{"step", "in", "out", "top"}`: how many
    passages or sentences came in and went on, and the first of these, each `{"source", "start", "end", "score"}`:
    `understood` (texts, and the rarity of each word searched for), `words` (BM25), `meaning` (cosine), `fused` (those
    that are compared token by token), `reranked`, `kept` (without near-duplicates), `candidates` (sentences, with the
    `parts` of each score), `evidence` (`confidence`, `enough`, `missing`), `disagreements`, `chosen` (the spans that
    the answer rests on), `checked` (statements by their support). `why` reads it in full.
    """

    id: str
    question: str
    understood_as: str
    text: str
    status: AnswerStatus
    confidence: float
    writer: str
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    related: tuple[Passage, ...] = ()
    searched: Searched | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)
    trace: tuple[Step, ...] = field(default=(), repr=False)
    schema: int = SCHEMA

    def to_dict(self) -> dict[str, Any]:
        """The wire shape (JSON-ready)."""
        shape = asdict(replace(self, trace=())) | {"trace": [step.to_dict() for step in self.trace]}
        order = ("schema", "id", "question", "understood_as", "text", "status", "confidence", "writer", "statements",
                 "citations", "conflicts", "related", "searched", "timings_ms", "trace")  # fmt: skip
        return {name: shape[name] for name in order}


def finished(answer: Answer, started: float, retrieved: float) -> Answer:
    """The answer with its id, a digest of what is asked, said and cited, and the milliseconds since these two times."""
    now = time.perf_counter()
    places = [(c.source, c.sha256, c.start, c.end) for c in answer.citations]
    said = repr((answer.question, answer.understood_as, answer.text, places))
    digest = hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    timings = {
        "retrieve": round((retrieved - started) * 1000, 1),
        "write": round((now - retrieved) * 1000, 1),
        "total": round((now - started) * 1000, 1),
    }
    return replace(answer, id=digest, timings_ms=timings)
