"""Whether everything is in order: settings, machine, embedding model, index, language model; and what to do where not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from math import comb
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from index import CitewiseError, IndexMissing, embed_question, writer_of
from rag.assistant import Assistant
from rag.embedder import embedder_of
from rag.machine import machine
from rag.places import data_folder, index_folder, keep, kept
from rag.settings import EmbeddingSettings, ModelSettings, Settings

State = Literal["ok", "note", "failed"]
COMPARED = "comparisons.json"  # what evaluations found, by model, in the user's data directory
SIGNIFICANT = 0.05  # a model that is worse is told of where chance does as much less often


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one part. A "note" is worth knowing and stops nothing; "failed" means that the part cannot do
    its work."""

    part: Literal["settings", "machine", "embedding", "index", "model", "server"]
    state: State
    says: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Over how many of `asked` questions a model's answers, the quotes, and both, held what was expected."""

    model: str
    asked: int
    by_model: int
    by_quotes: int
    both: int

    @property
    def worse(self) -> bool:
        """Whether the model does worse, by McNemar's exact test of the questions that only one of the two answered."""
        won, lost = self.by_model - self.both, self.by_quotes - self.both
        chance = sum(comb(won + lost, n) for n in range(won + 1)) / 2 ** (won + lost)
        return won < lost and 2 * chance < SIGNIFICANT


def examine(folders: Sequence[Path], settings: Settings, file: Path | None = None) -> Iterator[Finding]:
    """Check one part after the other, loading the embedding model and asking the language model that is configured for
    a word; nothing else is contacted, nothing written. `file` is the settings file that was read."""
    yield Finding(
        "settings", "ok", f"Read from {file}." if file else "No settings file: the defaults, and the environment."
    )
    yield from (Finding("machine", *found) for found in machine(_place(folders, settings)))
    yield from _guarded("embedding", lambda: _embedding(settings))
    yield from _guarded("index", lambda: _index(folders, settings))
    yield from _guarded("model", lambda: _model(settings))


def remember_comparison(found: Comparison) -> None:
    """Keep what an evaluation found, in the place of what an earlier one found of the same model."""
    counts = asdict(found)
    keep(COMPARED, kept(COMPARED) | {counts.pop("model"): counts})


def last_comparison(model: str) -> Comparison | None:
    """What the last evaluation found of a model, if there was one."""
    counts: Any = kept(COMPARED).get(model)
    try:
        return Comparison(model, *(int(counts[one.name]) for one in fields(Comparison)[1:]))
    except (KeyError, TypeError, ValueError):
        return None


def _guarded(
    part: Literal["embedding", "index", "model"], checks: Callable[[], Iterator[Finding]]
) -> Iterator[Finding]:
    try:
        yield from checks()
    except CitewiseError as error:
        yield Finding(part, "failed", error.message, error.remedy)


def _place(folders: Sequence[Path], settings: Settings) -> Path:
    try:
        return index_folder(folders, settings)
    except IndexMissing:  # as long as nothing has been opened
        return data_folder()


def _embedding(settings: Settings) -> Iterator[Finding]:
    yield from _overheard("embedding", settings.embedding)
    vector = embed_question(embedder_of(settings), "ready")
    yield Finding("embedding", "ok", f"{settings.embedding.model} reads, {len(vector)} dimensions.")


def _index(folders: Sequence[Path], settings: Settings) -> Iterator[Finding]:
    with closing(Assistant.open(*folders, settings=settings, allow_wide=True)) as assistant:
        now = assistant.status(scan=True)
        with assistant.index.snapshot() as catalog:
            sound, outdated = catalog.sound(), catalog.outdated
        if not sound:
            yield Finding("index", "failed", f"{now.index_path} is damaged.", "Run: citewise index FOLDER --rebuild")
            return
        held = f"{now.files:,} files with {now.passages:,} passages at {now.index_path}."
        yield Finding("index", "ok" if now.files else "failed", held, "" if now.files else "Run: citewise index FOLDER")
        if outdated:
            yield Finding(
                "index", "note", "An older Citewise made it; it is read as it is.",
                "To bring it up to date, which embeds nothing again, run: citewise index",
            )  # fmt: skip
        if holder := writer_of(assistant.index.folder):
            yield Finding("index", "note", f"It is being written by {holder}.", "Wait until it is done, or stop it.")
        if now.pending:
            yield Finding(
                "index", "note", f"{now.pending:,} passages are found by words only so far.", "Run: citewise index"
            )
        elif now.passages and os.access(now.index_path, os.W_OK):  # Chroma opens nothing else
            assistant.index.nearest(embed_question(assistant.index.embedder, "ready"), 1)
        whole = {name for name, _ in now.roots}
        for source, reason in now.unreachable:
            state: State = "failed" if source in whole else "note"
            remedy = "What was indexed there is kept. Mount its disk, or mend what is named here."
            yield Finding("index", state, f"{source} {reason}.", remedy)
        if now.changed:
            yield Finding("index", "note", f"{now.changed:,} files changed since.", "Run: citewise index")
        if now.failed:
            yield Finding("index", "note", f"{now.failed:,} files could not be read.", "See: citewise status --files")


def _overheard(part: Literal["embedding", "model"], settings: EmbeddingSettings | ModelSettings) -> Iterator[Finding]:
    """A note where a key goes unencrypted to a server that is neither here nor in the network of this machine."""
    from rag.model.writer import is_near

    address = urlsplit(settings.api_base.strip())
    if address.scheme == "http" and settings.api_key.get_secret_value() and not is_near(settings.api_base):
        yield Finding(
            part, "note", f"The key goes to {address.hostname} unencrypted, for everybody on the way to read.",
            f"Set {part}.api_base to an address with https://.",
        )  # fmt: skip


def _model(settings: Settings) -> Iterator[Finding]:
    name, writer = settings.model.name, settings.answer.writer
    if not name:
        missing = writer == "model"
        says = "No language model is configured: answers are quotes of the documents."
        yield Finding("model", "failed" if missing else "ok", says, "Set model.name." if missing else "")
        return
    from rag.model.connection import connect, probe  # imported late: most folders are asked without a model

    yield from _overheard("model", settings.model)
    seconds = probe(connect(settings.model))
    yield Finding("model", "ok", f"{name} answers, its first word after {seconds:.1f} s.")
    if writer == "quotes":
        yield Finding("model", "note", "It is not used: answer.writer is quotes.")
    elif (found := last_comparison(name)) and found.worse:
        yield Finding(
            "model", "note",
            f"Over {found.asked:,} questions {name} gave the expected answer in {found.by_model:,}, "
            f"the quotes in {found.by_quotes:,}.", 'Set answer.writer = "quotes".',
        )  # fmt: skip
