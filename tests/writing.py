"""What the tests of the model writer share: a model that says what a script says, and tasks over few documents."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from index import Block, Extracted
from index.catalog import PassageRecord
from index.sentences import sentence_spans
from rag.claims import Claim, Span, Task
from rag.model.connection import Cut, LanguageModel, Message
from rag.model.writer import ModelWriter
from rag.retrieve import Hit
from rag.settings import ModelSettings

BEES = (
    "Marta Lindqvist keeps 14 hives behind the old dairy. They gave 310 kg of honey in 2023.",
    "The dairy was closed in 1998. Its roof was repaired in May 2021 for 8,400 euros.",
    "A second report puts the honey of 2023 at 275 kg. It does not name its source.",
)


@dataclass(frozen=True)
class Scripted(LanguageModel):
    """A model that says what it was given, delta by delta, and remembers what it was told."""

    deltas: tuple[str, ...] = ()
    cut: Cut = ""
    told: list[Sequence[Message]] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)

    def stream(self, messages: Sequence[Message], stop: threading.Event) -> Generator[str, None, Cut]:
        self.told.append(messages)
        try:
            for delta in self.deltas:
                if stop.is_set():
                    break
                yield delta
            return self.cut
        finally:
            self.left.set()


def model(*deltas: str, name: str = "openai:big", **settings: Any) -> Scripted:
    def nowhere() -> Any:
        raise AssertionError("no server is asked")

    return Scripted(ModelSettings(name=name, **settings), nowhere, cast(Any, nowhere), deltas=deltas)


def task(*texts: str, question: str = "How much honey was there in 2023?", **more: Any) -> Task:
    """A task over documents of one passage each; every sentence is a candidate, in order."""
    hits = []
    for number, text in enumerate(texts or BEES):
        document = Extracted(text, f"Report {number + 1}", (Block(0, len(text), "paragraph"),), "text 1", plain=True)
        record = PassageRecord(
            number, number, 0, f"key{number}", f"files/{number}.txt", document.title, "0" * 64,
            0, len(text), None, None, 1, text, "",
        )  # fmt: skip
        hits.append(Hit(record, 1.0 - number / 10, None, None, document))
    spans = [Span(hit, a, b) for hit in hits for a, b in sentence_spans(hit.record.text)]
    claims = [Claim(span.text, (span,), 1.0 - n / 100) for n, span in enumerate(spans)]
    return Task(question, cast(Any, None), hits, claims, **more)


def written(asked: Task, *deltas: str, **settings: Any) -> list[Claim]:
    return [one for one in ModelWriter(model(*deltas, **settings)).write(asked) if isinstance(one, Claim)]


def shown(claims: Sequence[Claim]) -> str:
    """The answer with the sources of each sentence behind it."""
    return "".join(f"{c.before}{c.text} {[s.hit.record.document + 1 for s in c.spans]}" for c in claims)
