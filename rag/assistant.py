"""The assistant: a folder of documents in, cited answers out. Its three verbs are `search`, `stream` and `ask`."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Self

from index import (
    BadQuestion,
    CitewiseError,
    DocumentInfo,
    Extracted,
    Index,
    MiniLM,
    Passage,
    Progress,
    Report,
    Status,
)
from rag.answer import Answer, Turn, finished
from rag.claims import Task, Writer
from rag.compose import NEAREST, Composer
from rag.embedder import embedder_of
from rag.examples import example_questions
from rag.followup import completed, fits, lately
from rag.journal import QuestionLog
from rag.material import CONSIDERED, gather, items
from rag.places import index_folder
from rag.question import about_assistant, bare, checked
from rag.quotes import QuotesWriter
from rag.replies import about, refusal
from rag.retrieve import Retriever
from rag.settings import Settings, WriterChoice
from rag.trace import Step
from rag.why import Why, why

if TYPE_CHECKING:
    from rag.model.writer import ModelWriter

DOUBTED = 0.7  # confidence below which a model that finds no answer is believed: 19 % of the answerable questions

Folder = str | PathLike[str]


class Assistant:
    """Answers questions about an index. Reading is safe from several threads; nothing is shared between assistants."""

    def __init__(self, index: Index, encoder: MiniLM, settings: Settings) -> None:
        self.index = index
        self.settings = settings
        self._retriever = Retriever(index, encoder)
        self._quotes = QuotesWriter(settings.answer.max_sentences, settings.answer.max_words)
        self._log = QuestionLog(index.folder) if settings.log.questions else None

    @classmethod
    def open(
        cls, *folders: Folder, index: Folder | None = None, settings: Settings | None = None, allow_wide: bool = False
    ) -> Self:
        """An assistant over these folders, whose index lies in `index`, else where the settings say, else in the user's
        data directory. Without folders: over an index that is there, by default the one opened last. Nothing is read
        before the first question, nothing is indexed before `sync`.

        Raises FolderError (missing, no folder, a whole home without `allow_wide`), IndexMissing (no folder and none
        opened before), SettingsError.
        """
        paths = [Path(folder) for folder in folders]
        named = {} if index is None else {"index": {"path": Path(index)}}
        settings = settings or Settings.load(documents=paths or None, **named)
        embedder = embedder_of(settings)
        opened = Index(
            index_folder(paths, settings) if index is None else Path(index),
            embedder,
            roots=paths,
            max_tokens=settings.index.chunk_tokens,
            max_file_mb=settings.index.max_file_mb,
            allow_wide=allow_wide,
        )
        return cls(opened, embedder if isinstance(embedder, MiniLM) else MiniLM(), settings)

    def close(self) -> None:
        """Let go of the index's files; the next question would open them again."""
        self.index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- asking ---------------------------------------------------------------------------------------------------

    def search(
        self, question: str, *, k: int = CONSIDERED, only: Sequence[str] = (), history: Sequence[Turn] = ()
    ) -> list[Passage]:
        """The k best passages for a question, best first.

        `only` restricts the search to sources, folders ("samples/mail/") or globs ("*.pdf"). Raises BadQuestion,
        IndexMissing, IndexOutdated, NotIndexed (nothing matches `only`).
        """
        if k < 1:
            raise BadQuestion(f"{k} passages cannot be searched for.", "Ask for at least one.")
        understood = self._understood(checked(question), history, only, self._quotes, threading.Event())
        near = self._retriever.spoken(lately(understood, history))
        return [hit.passage() for hit in self._retriever.retrieve(understood, k, only, lately=near).hits]

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        only: Sequence[str] = (),
        writer: WriterChoice | None = None,
        stop: threading.Event | None = None,
    ) -> Answer:
        """The whole answer: the last one of `stream`."""
        *_, answer = self.stream(question, history=history, only=only, writer=writer, stop=stop)
        return answer

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        only: Sequence[str] = (),
        writer: WriterChoice | None = None,
        stop: threading.Event | None = None,
    ) -> Iterator[Answer]:
        """Growing answers, each as soon as its text changes; the last one is final. `writer` overrules the setting
        answer.writer; setting `stop` ends the writing and closes the connection to a language model: the answer is then
        what was written so far.

        Raises as `search` does, ModelError for a language model that fails, SettingsError where one is asked for and
        none is configured.
        """
        shown = None
        stop = stop or threading.Event()
        for answer in self._growing(question, history, only, writer, stop):
            if answer.id and self._log and not stop.is_set():
                self._log.add(answer, history)
            if answer.text != shown or answer.id:  # only the final one has an id
                shown = answer.text
                yield answer

    def unlogged(self) -> Self:
        """This assistant, over the same index, for questions that nobody asked: they are not logged."""
        other = copy(self)
        other._log = None
        return other

    def _growing(
        self,
        question: str,
        history: Sequence[Turn],
        only: Sequence[str],
        writer: WriterChoice | None,
        stop: threading.Event,
    ) -> Iterator[Answer]:
        started = time.perf_counter()
        asked = checked(question)
        kind = about_assistant(asked)
        if kind:
            yield finished(about(kind, question, self.index.documents(only)), started, time.perf_counter())
            return
        chosen = self._writer(writer)
        understood = self._understood(asked, history, only, chosen, stop)
        material = gather(self._retriever, understood, only, lately(understood, history))
        retrieved = time.perf_counter()
        evidence = material.evidence
        first = Step("understood", 1, facts={"in": asked, "out": understood, "words": material.found.query.weighed()})
        trace = (first, *material.trace)
        draft = Answer(
            "", question, understood, "", "answered", evidence.confidence, chosen.name,
            searched=material.found.searched, trace=trace,
        )  # fmt: skip
        if not evidence.enough:
            yield finished(refusal(draft, material.found, evidence.missing), started, retrieved)
            return
        task = Task(
            understood, material.found.query, material.hits, material.sentences, material.parts,
            material.disagreements, material.alternatives, material.foreign, history, stop,
        )  # fmt: skip
        composer = Composer(draft, strict=self.settings.answer.strict)
        for said in chosen.write(task):
            yield from composer.add(said)
        if chosen is not self._quotes and not stop.is_set():
            from rag.model.refusals import refused

            if refused(composer.claims) and evidence.confidence < DOUBTED:
                yield finished(refusal(draft, material.found, evidence.missing), started, retrieved)
                return
            if refused(composer.claims):  # a model says so too easily for its word alone to count
                composer.restart()
            if not composer.supported:
                composer.say(NEAREST)
                for claim in self._quotes.write(task):
                    yield from composer.add(claim, self._quotes.name)
        for claim in composer.unheard(task.disagreements):
            yield from composer.add(claim, self._quotes.name)
        answer = composer.finish(task.disagreements)
        checks: Counter[str] = Counter(statement.support for statement in answer.statements)
        steps = (
            Step("chosen", len(material.sentences), items(composer.claims), task.left),
            Step("checked", len(composer.claims), facts={"out": len(answer.statements), **checks}),
        )
        yield finished(replace(answer, trace=(*trace, *steps)), started, retrieved)

    def why(
        self,
        question: str,
        *,
        expect: tuple[str, str] | None = None,
        history: Sequence[Turn] = (),
        only: Sequence[str] = (),
        answer: Answer | None = None,
    ) -> Why:
        """The answer with its whole trace (asked for anew, unless the `answer` just given is handed in), and what became
        of an expected passage, given as file and quote: cited, or the step at which it was lost. Raises as `ask` does,
        and BadQuestion for a quote without words."""
        return why(self, question, expect=expect, history=history, only=only, answer=answer)

    def _writer(self, choice: WriterChoice | None) -> Writer:
        choice = choice or self.settings.answer.writer
        if choice == "quotes" or (choice == "auto" and not self.settings.model.name):
            return self._quotes
        return self._model

    @cached_property
    def _model(self) -> ModelWriter:
        from rag.model.connection import connect
        from rag.model.writer import ModelWriter

        return ModelWriter(connect(self.settings.model))

    def _understood(
        self, asked: str, history: Sequence[Turn], only: Sequence[str], writer: Writer, stop: threading.Event
    ) -> str:
        """The question completed from the history where it needs it: by rules, and better by a model if there is one."""
        question = bare(asked)
        understood = completed(question, history, lambda asked, topic: fits(self._retriever, asked, topic, only))
        if understood == question or writer is self._quotes:
            return understood
        from rag.model.rewrite import rewrite

        return rewrite(self._model.model, asked, history, stop) or understood

    # -- the index ------------------------------------------------------------------------------------------------

    def sync(self, *, rebuild: bool = False) -> Generator[Progress]:
        """Bring the index up to date, step by step: only what changed is read and embedded. Nothing is done before the
        first step is asked for; closing the generator cancels, and what is done stays.

        Raises IndexBusy, IndexOutdated (unless `rebuild`), CitewiseError (disk full, no permission).
        """
        yield from self.index.sync(rebuild=rebuild)

    def sync_all(self, *, rebuild: bool = False) -> Report:
        """As `sync`, to its end: what became of each file."""
        *_, last = self.sync(rebuild=rebuild)
        assert last.report is not None
        return last.report

    def status(self, *, scan: bool = False) -> Status:
        """Where the index stands; `scan` also tells which files changed on disk since."""
        return self.index.status(scan=scan)

    def documents(self) -> list[DocumentInfo]:
        """All files of the index, those that could not be read included."""
        return self.index.documents()

    def text(self, source: str) -> str:
        """The stored extracted text of a source, into which citations point. Raises NotIndexed."""
        return self.index.text(source)

    def extracted(self, source: str) -> Extracted:
        """The stored text of a source with its headings, paragraphs and rows. Raises NotIndexed."""
        return self.index.extracted(source)

    def add_folder(self, folder: Folder, *, allow_wide: bool = False) -> None:
        """Index one more folder from the next sync on. Raises FolderError, IndexBusy."""
        self.index.add_folder(Path(folder), allow_wide=allow_wide)

    def upload(self, name: str, data: bytes) -> str:
        """Keep a copy of a file in the index; the next sync reads it. Returns its source."""
        return self.index.upload(name, data)

    def remove(self, *sources: str) -> None:
        """Take files out of the index: uploads are deleted, other files are excluded and never touched."""
        self.index.remove(*sources)

    def restore(self, *sources: str) -> None:
        """Take back exclusions; the next sync reads the files again. Raises NotIndexed where nothing was excluded."""
        self.index.restore(*sources)

    def excluded(self) -> list[str]:
        """The files that `remove` took out and `restore` takes back."""
        return self.index.exclusions()

    def renew(self, *sources: str) -> None:
        """Have the next sync read these files again (all, where none is named), although they did not change. Passages
        that stay the same are not embedded again. Raises NotIndexed."""
        self.index.renew(*sources)

    def examples(self, n: int = 4, *, near: Sequence[str] = (), asked: str = "") -> list[str]:
        """Questions that the documents answer, made of their headings; with sources given as `near`, questions to these
        that ask for something else than `asked`. None while nothing is indexed."""
        unlogged = self.unlogged()
        try:
            return example_questions(
                self.index, lambda question: unlogged.ask(question, writer="quotes"), n, near, asked
            )
        except CitewiseError:
            return []

    def reach_model(self) -> float:
        """Seconds to the first word of the language model that is configured. Raises ModelError, SettingsError."""
        from rag.model.connection import probe

        return probe(self._model.model)
