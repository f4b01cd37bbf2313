"""The page in a real browser: ask, click a marker, read the marked words; a phone; a hostile document; no other host."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from rag import CitewiseError, Turn

CHROMIUM = "/usr/bin/chromium"
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync""".split()

pytestmark = pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="the browser tests need Debian's chromium")

GAS = (
    "Aster Gas: a restatement of unverified reports\n\n" + "".join(
        f"Paragraph {n} tells of pipes, meters and the weather, and of nothing else that anybody would ask about. 😀\n\n"
        for n in range(1, 260)
    )
    + "The plant has supplied 11,000 households since 2014. It was enlarged twice.\n\n"
    + "".join(f"Appendix {n}: figures that nobody reads to the end.\n\n" for n in range(1, 220))
)
BRIEF = (
    "# Gas supply\n\nA later brief disagrees with the older note. The plant supplies 21,000 households as of March 2022, "
    "after the second enlargement.\n\nIts manager, Ada Nguyễn, retired in 2023.\n"
)
HOSTILE = (
    "<img src=x onerror=\"window.owned=1\"></script><script>window.owned=2</script> [click](javascript:window.owned=3) "
    "The password policy `${window.owned=4}` asks for {{window.owned=5}} twelve characters. ' onmouseover='window.owned=6\n"
)
TEXTS = {
    "samples/notes/aster-gas.txt": GAS,
    "samples/briefs/gas supply.md": BRIEF,
    "samples/<img src=x onerror=window.owned=7>${window.owned=8}.txt": HOSTILE,
}


def citation(number: int, source: str, quote: str, **place: Any) -> dict[str, Any]:
    text = TEXTS[source]
    start = text.index(quote)
    end = start + len(quote)
    return {
        "number": number, "source": source, "title": text.splitlines()[0].strip("# ")[:80], "start": start, "end": end, "line": None,
        "page": None, "heading": None, "quote": quote, "before": text[max(0, start - 80) : start], "after": text[end : end + 80],
        "sha256": "0" * 64, **place,
    }  # fmt: skip


@dataclass(frozen=True)
class FakeAnswer:
    question: str
    text: str
    status: str = "answered"
    statements: tuple[dict[str, Any], ...] = ()
    citations: tuple[dict[str, Any], ...] = ()
    conflicts: tuple[dict[str, Any], ...] = ()
    related: tuple[dict[str, Any], ...] = ()
    searched: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {"schema": 1, "id": "a", "understood_as": self.question, "writer": "quotes", **asdict(self)}


@dataclass(frozen=True)
class FakeStatus:
    index_path: str = "/index"
    roots: tuple[tuple[str, str], ...] = (("samples", "/home/ada/documents/samples"),)
    files: int = 3
    passages: int = 212
    pending: int = 0
    failed: int = 1
    indexed_at: str | None = "2026-01-05T10:00:00Z"
    changed: int = 0
    embedder: str = "minilm"


@dataclass(frozen=True)
class FakeDocument:
    source: str
    status: str
    reason: str | None = None
    passages: int = 0


@dataclass(frozen=True)
class FakeReport:
    added: int = 1
    changed: int = 0
    renamed: int = 0
    removed: int = 0
    unchanged: int = 3
    failed: tuple[tuple[str, str], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    embedded: int = 4
    seconds: float = 0.3


@dataclass(frozen=True)
class FakeProgress:
    phase: str
    done: int
    total: int
    source: str | None = None
    seconds_left: float | None = None
    report: FakeReport | None = None


@dataclass
class FakeAssistant:
    """Canned answers in the wire shape; it remembers what it was asked."""

    asked: list[tuple[str, Sequence[Turn]]] = field(default_factory=list)
    uploaded: dict[str, bytes] = field(default_factory=dict)
    closed_early: int = 0
    step: float = 0.02

    def stream(self, question: str, history: Sequence[Turn] = (), only: Sequence[str] = ()) -> Iterator[FakeAnswer]:
        self.asked.append((question, history))
        if "broken" in question:
            raise CitewiseError("The model at port 1234 does not answer.", "Start it, or ask without a model.")
        if "slow" in question:
            try:
                for n in range(200):
                    yield FakeAnswer(question, "Still thinking " + "and thinking " * n)
                    time.sleep(0.05)
            except GeneratorExit:
                self.closed_early += 1
                raise
        elif "moon" in question:
            near = citation(0, "samples/briefs/gas supply.md", "Its manager, Ada Nguyễn, retired in 2023.", heading="Gas supply")
            passage = {key: near[key] for key in ("source", "start", "end", "page", "heading", "line")} | {"text": near["quote"], "score": 0.2}
            yield FakeAnswer(question, "Nothing in the documents tells of the moon.", "not_in_documents", related=(passage,),
                             searched="3 files, 212 passages")  # fmt: skip
        elif "password" in question:
            quote = HOSTILE.strip()
            cited = citation(1, "samples/<img src=x onerror=window.owned=7>${window.owned=8}.txt", quote, line=1)
            yield FakeAnswer(question, quote + " [1]", statements=(statement(quote, 1),), citations=(cited,))
        else:
            first, second = "The plant has supplied 11,000 households since 2014.", "The plant supplies 21,000 households as of March 2022, after the second enlargement."
            cited = (
                citation(1, "samples/notes/aster-gas.txt", first, line=519),
                citation(2, "samples/briefs/gas supply.md", second, heading="Gas supply", page=3),
            )
            time.sleep(self.step)
            yield FakeAnswer(question, first + " [1", statements=(statement(first, 1),), citations=cited[:1])
            time.sleep(self.step)
            side = [{"value": "11,000", "citation": 1, "date": "2014"}, {"value": "21,000", "citation": 2, "date": "2022"}]
            yield FakeAnswer(question, f"{first} [1] {second} [2]", statements=(statement(first, 1), statement(second, 2)), citations=cited,
                             conflicts=({"about": "households supplied", "differs": "period", "sides": side},))  # fmt: skip

    def sync(self) -> Iterator[FakeProgress]:
        for n in range(3):
            yield FakeProgress("read", n, 3, "samples/notes/aster-gas.txt")
            time.sleep(self.step)
        yield FakeProgress("done", 3, 3, report=FakeReport(skipped=(("samples/.env", "looks like a secret"),)))

    def status(self, scan: bool = False) -> FakeStatus:
        return FakeStatus(files=3 + len(self.uploaded))

    def documents(self) -> list[FakeDocument]:
        failed = FakeDocument("samples/scans/<b>invoice</b>.pdf", "failed", "no text layer: scanned?")
        return [failed, *(FakeDocument(source, "ready", passages=4) for source in self.uploaded)]

    def text(self, source: str) -> str:
        if source not in TEXTS:
            raise CitewiseError(f"The index holds no {source}.", "Sync the folder.")
        return TEXTS[source]

    def upload(self, name: str, data: bytes) -> str:
        self.uploaded[f"uploads/{name}"] = data
        return f"uploads/{name}"

    def add_folder(self, path: str) -> None:
        if not Path(path).is_dir():
            raise CitewiseError(f"There is no folder {path}.", "Check the spelling.")

    def examples(self, n: int = 4) -> list[str]:
        return ["How many households does the plant supply?", "Who managed the gas plant until 2023?", "What does the password policy ask for?"]


def statement(text: str, *numbers: int) -> dict[str, Any]:
    return {"text": text, "citations": list(numbers), "support": "verbatim", "problems": []}
