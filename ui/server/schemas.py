"""The bodies of requests and responses, field by field. Those of an answer are rag's own values; a test compares them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag import AnswerStatus, WriterChoice

Verdict = Literal["right", "wrong", "incomplete", "wrong_source", "should_have_refused", "refused_wrongly"]
Support = Literal["verbatim", "supported", "not_found", "none"]


def _whole(given: object) -> object:
    return int(given) if isinstance(given, float) and given.is_integer() else given  # in JSON, 10.0 is 10


Whole = Annotated[int, BeforeValidator(_whole)]


def _example(shown: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [shown]})


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


# -- asking ------------------------------------------------------------------------------------------------------------


class Exchange(_Given):
    """An earlier question and its answer."""

    question: str = Field(description="what was asked")
    answer: str | None = Field(default=None, description="the text of the answer")


class Part(BaseModel):
    """A part of a message; only its text counts."""

    text: str = Field(default="", description="the text")


class Message(BaseModel):
    """An earlier message, as chat programs keep them."""

    role: Literal["user", "assistant", "system"] = Field(description="whose it is; those of the system do not count")
    content: str | list[Part] = Field(description="its text")


History = list[Exchange | Message]


class _Asking(_Given):
    question: str = Field(
        description="the question, which holds a word",
        json_schema_extra={"minLength": 1, "maxLength": 4000, "pattern": r"[\p{L}\p{N}_]"},  # rag tells it better
    )
    history: History = Field(default=[], max_length=200, description="what was said before, oldest first")
    only: list[str] = Field(
        default=[], max_length=100,
        description='search only these: sources, folders ("docs/mail/") or globs ("*.pdf")',
    )  # fmt: skip


class Asked(_Asking):
    """A question to answer."""

    model_config = _example(
        {"question": "And since when?", "history": [{"question": "How many households does the plant supply?"}]}
    )

    writer: WriterChoice | None = Field(default=None, description="who writes; else as the server is set up")
    trace: bool = Field(default=False, description="also tell the steps by which the answer came about")
    stream: bool = Field(default=False, description="answer with events, as `Accept: text/event-stream` asks for too")


class Wanted(_Asking):
    """A question whose passages are wanted."""

    model_config = _example({"question": "households supplied", "k": 3, "only": ["notes/"]})

    k: Whole = Field(default=10, ge=1, le=100, description="passages at most")


class Right(_Given):
    """The passage that an answer should have cited."""

    source: str = Field(max_length=4096, description="its file")
    quote: str = Field(min_length=1, max_length=10_000, description="its words")


class Judged(_Given):
    """What somebody says of an answer."""

    model_config = _example({"answer": "5b2f0a6d9c3e4f18", "verdict": "incomplete", "note": "It was enlarged twice."})

    answer: str = Field(max_length=64, description="the answer's `id`")
    verdict: Verdict = Field(description="whether it is right, or what is wrong with it")
    note: str = Field(default="", max_length=10_000, description="anything else")
    right: Right | None = Field(default=None, description="the passage that it should have cited")


class Kept(_Told):
    """That it was kept."""

    answer: str = Field(description="the answer's `id`")


# -- an answer ---------------------------------------------------------------------------------------------------------


class Citation(_Told):
    """The exact words that a sentence rests on: `text[start:end] == quote` in the source's stored text, always."""

    number: int = Field(description="the number of its marker: `[1]`")
    source: str = Field(description="the file: its root's name and the path under it")
    title: str = Field(description="the document's title")
    start: int = Field(description="first code point of the quote in the stored text, from 0")
    end: int = Field(description="the code point after it")
    line: int | None = Field(description="its line, from 1; null unless the file is plain text")
    page: int | None = Field(description="its page or slide, from 1")
    heading: str | None = Field(description="the headings above it")
    quote: str = Field(description="the words themselves")
    before: str = Field(description="some words before the quote")
    after: str = Field(description="some words after it")
    sha256: str = Field(description="the file's hash when it was indexed")


class Statement(_Told):
    """One sentence of the answer and what it rests on."""

    text: str = Field(description="the sentence, without markers")
    citations: list[int] = Field(description="numbers of its citations")
    support: Support = Field(description="whether what it cites says so; `none`: it claims nothing")
    problems: list[str] = Field(description="what was not found")


class Side(_Told):
    """One value of a disagreement."""

    value: str = Field(description="the value")
    citation: int = Field(description="the number of the citation that states it")
    date: str | None = Field(description="when it was said, if that is known")


class Conflict(_Told):
    """Documents that give different values for what seems the same thing."""

    about: str = Field(description="what they disagree on")
    differs: str | None = Field(description="a reason that is known: another period, another scope")
    sides: list[Side] = Field(description="the values")


class Passage(_Told):
    """A span of a document: `text[start:end]` of the source's stored text."""

    id: str = Field(description="names the passage while its file does not change")
    source: str = Field(description="the file")
    text: str = Field(description="the words")
    start: int = Field(description="first code point in the stored text, from 0")
    end: int = Field(description="the code point after it")
    page: int | None = Field(description="its page or slide, from 1")
    heading: str | None = Field(description="the headings above it")
    line: int | None = Field(description="its line, from 1; null unless the file is plain text")
    context: str = Field(description="what helps to read it: headings, the head of its table")
    score: float = Field(description="higher is better; scores of two questions do not compare")


class Searched(_Told):
    """What an answer was looked for in."""

    files: int = Field(description="files that were searched")
    passages: int = Field(description="passages that were searched")
    pending: int = Field(description="passages that could be found by their words only")
    by_meaning: bool = Field(description="whether vectors were searched too")
    note: str = Field(description="why not, where they were not")


class Answer(_Told):
    """An answer, the same through every door."""

    schema_: int = Field(alias="schema", description="version of this shape")
    id: str = Field(description="hash of what was asked and said")
    question: str = Field(description="the question as it was asked")
    understood_as: str = Field(description="the question as it was searched for, completed from the history")
    text: str = Field(description="the answer, with markers like `[1]`")
    status: AnswerStatus = Field(description="whether the documents answered, said nothing, or were not meant")
    confidence: float = Field(description="between 0 and 1")
    writer: str = Field(description="`quotes`, or the model that wrote it")
    statements: list[Statement] = Field(description="its sentences")
    citations: list[Citation] = Field(description="what its markers point to")
    conflicts: list[Conflict] = Field(description="where the documents disagree")
    related: list[Passage] = Field(description="the nearest passages, where the documents do not say")
    searched: Searched | None = Field(description="what was searched; null where nothing was")
    timings_ms: dict[str, float] = Field(description="milliseconds: `retrieve`, `write`, `total`")
    trace: list[dict[str, Any]] = Field(default=[], description="the steps; only where they were asked for")


class Found(_Told):
    """The passages for a question, best first."""

    question: str = Field(description="the question as it was asked")
    passages: list[Passage] = Field(description="the passages")


# -- documents ---------------------------------------------------------------------------------------------------------

State = Literal["ready", "failed", "skipped"]


class Document(_Told):
    """One file as the index knows it."""

    source: str = Field(description="its name everywhere: its root's name and the path under it")
    title: str = Field(description="the document's title")
    type: str = Field(description="the kind of file")
    size: int = Field(description="bytes")
    state: State = Field(description="`failed`: it gave no text; `skipped`: no type that is read")
    reason: str | None = Field(description="why it failed or was skipped")
    passages: int = Field(description="passages that can be found")
    sha256: str = Field(description="its hash when it was indexed")
    indexed_at: str = Field(description="when that was (ISO 8601, UTC)")


class Documents(_Told):
    """A page of the list of files, by name."""

    total: int = Field(description="files in all")
    offset: int = Field(description="how many of them come before this page")
    documents: list[Document] = Field(description="the page")


class Span(_Told):
    """Stored text of a document."""

    source: str = Field(description="the file")
    start: int = Field(description="first code point, from 0")
    end: int = Field(description="the code point after the last")
    length: int = Field(description="code points of the whole text")
    text: str = Field(description="the words from start to end")


class Uploaded(_Told):
    """What became of one file that was sent."""

    name: str = Field(description="its name as it was sent")
    source: str | None = Field(description="its name in the index, which reads it next; null: it was refused")
    detail: str = Field(description="why it was refused")
    remedy: str = Field(description="what to do about it")


class Uploads(_Told):
    """What became of the files that were sent."""

    documents: list[Uploaded] = Field(description="one entry for each file, in order")


class Removed(_Told):
    """What became of a file that is in the index no more."""

    source: str = Field(description="the file")
    outcome: Literal["deleted", "excluded"] = Field(
        description="an uploaded copy is deleted; a file of a folder is left alone, and not read again until restored"
    )


# -- the index ---------------------------------------------------------------------------------------------------------


class Progress(_Told):
    """How far a sync is."""

    phase: str = Field(description="`start`, `scan`, `read`, `embed`, `sweep`")
    done: int = Field(description="files done (passages, while embedding)")
    total: int = Field(description="of how many")
    source: str | None = Field(description="the file that is read")
    seconds_left: float | None = Field(description="a guess")


class LastSync(_Told):
    """What the last sync did, in files."""

    added: int = Field(description="read for the first time")
    changed: int = Field(description="read again")
    renamed: int = Field(description="found under another name")
    removed: int = Field(description="gone")
    unchanged: int = Field(description="left as they were")
    failed: list[tuple[str, str]] = Field(description="source and reason of files that gave no text")
    skipped: list[tuple[str, str]] = Field(description="source and reason of files that are not read")
    embedded: int = Field(description="passages embedded")
    seconds: float = Field(description="how long it took")


class IndexState(_Told):
    """What the index holds, and what is being done to it."""

    running: bool = Field(description="whether a sync is under way")
    files: int = Field(description="files that can be searched")
    passages: int = Field(description="passages of them")
    pending: int = Field(description="passages that are found by their words only so far")
    failed: int = Field(description="files that gave no text")
    indexed_at: str | None = Field(description="when a sync ended last (ISO 8601, UTC)")
    progress: Progress | None = Field(description="of the sync under way")
    report: LastSync | None = Field(description="of the last sync since the server began")
    error: str = Field(description="why the last sync failed")


class Health(_Told):
    """The state of the server."""

    status: Literal["ok", "ready"] = Field(description="`ok`: it runs; `ready`: it can answer")
    version: str = Field(description="of Citewise")


class Started(_Told):
    """Whether a sync is under way."""

    running: bool = Field(description="whether it is")
