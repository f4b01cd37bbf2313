"""A stand-in for rag's Assistant that answers from a script, for tests of the page alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from index.values import DocumentInfo, Progress, Report, Status
from rag import CitewiseError, Extracted, Settings, Turn, extract

FIRST = "The plant has supplied 11,000 households since 2014."
SECOND = "The plant supplies 21,000 households as of March 2022, after the second enlargement."
THIRD = "Its manager, Ada Nguyễn, retired in 2023."
BEFORE = "".join(f"Paragraph {n} tells of pipes and of the weather. 😀\n\n" for n in range(1, 500))
AFTER = "".join(f"Appendix {n}: figures that nobody reads to the end.\n\n" for n in range(1, 300))
SCRIPT = """<img src=x onerror="window.owned=1"></script><script>window.owned=2</script> [a](javascript:window.owned=3)
The password policy `${window.owned=4}` asks for {{window.owned=5}} twelve characters. ' onmouseover='window.owned=6"""
NOTE, BRIEF, HOSTILE = (
    "samples/notes/gas.txt",
    "samples/briefs/gas supply.md",
    "samples/<img src=x onerror=owned=7>${owned=8}.txt",
)
TURNED = "The fee is \u202eEUR 001\u202c to pay, \u2069\u2068not more."
LONG = f"samples/{'unbroken' * 24}/{'name' * 50}.txt"
TEXTS = {
    NOTE: f"The gas plant\n\n{BEFORE}{FIRST} It was enlarged twice.\n\n{AFTER}",
    BRIEF: f"# Gas supply\n\nA later brief disagrees with the older note. {SECOND}\n\n{THIRD}\n",
    HOSTILE: f"{SCRIPT}\n",
    LONG: f"Fees\n\n{TURNED} Paid by card.\n",
}


def span(source: str, quote: str, **place: Any) -> dict[str, Any]:
    start = TEXTS[source].index(quote)
    found = {"source": source, "start": start, "end": start + len(quote), "line": None, "page": None, "heading": None}
    return {**found, **place}


def cite(number: int, source: str, quote: str, **place: Any) -> dict[str, Any]:
    found = span(source, quote, **place)
    before, after = TEXTS[source][: found["start"]][-80:], TEXTS[source][found["end"] :][:80]
    return {
        **found,
        "number": number,
        "title": "",
        "quote": quote,
        "before": before,
        "after": after,
        "sha256": "0" * 64,
    }


def say(text: str, *numbers: int) -> dict[str, Any]:
    return {"text": text, "citations": list(numbers), "support": "verbatim", "problems": []}


@dataclass(frozen=True)
class FakeAnswer:
    question: str
    text: str
    status: str = "answered"
    statements: Sequence[dict[str, Any]] = ()
    citations: Sequence[dict[str, Any]] = ()
    conflicts: Sequence[dict[str, Any]] = ()
    related: Sequence[dict[str, Any]] = ()
    searched: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        return {"schema": 1, "id": "a", "understood_as": self.question, "writer": "quotes", **asdict(self)}


@dataclass
class FakeAssistant:
    """Canned answers in the wire shape; it remembers what it was asked."""

    asked: list[tuple[str, list[Turn]]] = field(default_factory=list)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    restricted: list[str] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    cancelled: int = 0
    synced: int = 0
    step: float = 0.02
    freed: threading.Event = field(default_factory=threading.Event)
    settings: Settings = field(default_factory=Settings)
    index: Any = field(default_factory=lambda: SimpleNamespace(folder=Path("/index"), roots=[], revision="1"))

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), only: Sequence[str] = (), **_: object
    ) -> Iterator[FakeAnswer]:
        self.asked.append((question, list(history)))
        self.restricted = list(only)
        if "broken" in question:
            raise CitewiseError("The model at port 1234 does not answer.", "Start it, or ask without a model.")
        if "defect" in question:
            raise ZeroDivisionError("a defect of ours")
        if "slow" in question:
            yield from self.drone(question)
        elif "stuck" in question:
            yield FakeAnswer(question, "Still thinking")
            self.freed.wait(20)
        elif "moon" in question:
            near = {**span(BRIEF, THIRD, heading="Gas supply"), "text": THIRD, "score": 0.2}
            said = "Nothing in the documents tells of the moon."
            searched = {"files": 3, "passages": 212, "pending": 7, "by_meaning": True, "note": ""}
            yield FakeAnswer(question, said, "not_in_documents", related=[near], searched=searched)
        elif "fee" in question:
            yield FakeAnswer(question, f"{TURNED} [1]", statements=[say(TURNED, 1)], citations=[cite(1, LONG, TURNED)])
        elif "password" in question:
            yield FakeAnswer(
                question, f"{SCRIPT} [1]", statements=[say(SCRIPT, 1)], citations=[cite(1, HOSTILE, SCRIPT)]
            )
        else:
            cited = [cite(1, NOTE, FIRST, line=1001), cite(2, BRIEF, SECOND, heading="Gas supply", page=3)]
            yield FakeAnswer(question, f"{FIRST} [1", statements=[say(FIRST, 1)], citations=cited[:1])
            time.sleep(self.step)
            sides = [("11,000", 1, "2014"), ("21,000", 2, "2022-03")]
            named = [dict(zip(("value", "citation", "date"), side, strict=True)) for side in sides]
            differ = {"about": "households supplied", "differs": "period", "sides": named}
            both = [say(FIRST, 1), say(SECOND, 2)]
            text = f"{FIRST} [1] {SECOND} [2]"
            yield FakeAnswer(question, text, statements=both, citations=cited, conflicts=[differ])

    def drone(self, question: str) -> Iterator[FakeAnswer]:
        try:
            for n in range(400):
                yield FakeAnswer(question, "Still thinking" + " and thinking" * n)
                time.sleep(0.05)
        except GeneratorExit:
            self.cancelled += 1
            raise

    def sync(self) -> Iterator[Progress]:
        self.synced += 1
        for n in range(3):
            yield Progress("read", n, 3, NOTE)
            time.sleep(self.step)
        left_out = (("samples/.env", "looks like a secret"),)
        yield Progress("done", 3, 3, report=Report(1, 0, 0, 0, 3, (), left_out, 4, 0.3))

    def status(self, scan: bool = False) -> Status:
        roots = (("samples", "/home/ada/documents/samples"),)
        return Status("/index", roots, 3 + len(self.uploaded), 212, 0, 1, "2026-01-05T10:00:00Z", "minilm")

    def documents(self) -> list[DocumentInfo]:
        def document(source: str, reason: str | None = None) -> DocumentInfo:
            status = "failed" if reason else "ready"
            return DocumentInfo(
                source,
                "/" + source,
                source,
                source.rpartition(".")[2],
                9,
                status,
                reason,
                4,
                "0" * 64,
                "2026-01-05T10:00:00Z",
            )

        return [
            document("samples/<b>scan</b>.pdf", "no text layer: scanned?"), *map(document, (*TEXTS, *self.uploaded)),
        ]  # fmt: skip

    def text(self, source: str) -> str:
        if source not in TEXTS:
            raise CitewiseError(f"The index holds no {source}.", "Sync the folder.")
        return TEXTS[source]

    def extracted(self, source: str) -> Extracted:
        return extract(source, self.text(source).encode())

    def upload(self, name: str, data: bytes) -> str:
        if not data:
            raise CitewiseError("The file is empty.")
        self.uploaded[f"uploads/{name}"] = data
        self.index.revision += "1"
        return f"uploads/{name}"

    def excluded(self) -> list[str]:
        return ["samples/old.txt"]

    def add_folder(self, path: str) -> None:
        if not Path(path).is_dir():
            raise CitewiseError(f"There is no folder {path}.", "Check the spelling.")

    def examples(self, n: int = 4, *, near: Sequence[str] = (), asked: str = "") -> list[str]:
        self.near = list(near)
        return [
            "How many households does the plant supply?",
            "Who managed it?",
            "What does the password policy ask for?",
        ]
