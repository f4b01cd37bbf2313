"""Questions and answers, field by field, as the OpenAPI document has them; a test compares them with rag's values."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag import AnswerStatus, WriterChoice

Verdict = Literal["right", "wrong", "incomplete", "wrong_source", "should_have_refused", "refused_wrongly"]
Support = Literal["verbatim", "supported", "not_found", "none"]

SAID = 32_000  # characters of an earlier question or answer


def _whole(given: object) -> object:
    return int(given) if isinstance(given, float) and given.is_integer() else given  # in JSON, 10.0 is 10


Whole = Annotated[int, BeforeValidator(_whole)]
Text = Annotated[str, Field(max_length=1_000_000)]  # where a length is counted, half a character is refused too
Said = Annotated[str, Field(max_length=SAID)]
Pattern = Annotated[str, Field(max_length=300)]


def _example(shown: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [shown]})


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Told(BaseModel):
    """What a response holds: these fields, and no others."""

    model_config = ConfigDict(extra="forbid")


# -- asking ------------------------------------------------------------------------------------------------------------


class Exchange(_Given):
    """An earlier question and its answer."""

    question: Said = Field(description="what was asked")
    answer: Said | None = Field(default=None, description="the text of the answer")


class Part(BaseModel):
    """A part of a message; only its text counts."""

    text: Said = Field(default="", description="the text")


class Message(BaseModel):
    """An earlier message, as chat programs keep them."""

    role: Literal["user", "assistant", "system"] = Field(description="whose it is; those of the system do not count")
    content: Said | list[Part] = Field(description="its text")


History = list[Exchange | Message]


class _Asking(_Given):
    question: Text = Field(
        description="the question, which holds a word",
        json_schema_extra={"minLength": 1, "maxLength": 4000, "pattern": r"[\p{L}\p{N}_]"},  # rag tells it better
    )
    history: History = Field(default=[], max_length=200, description="what was said before, oldest first")
    only: list[Pattern] = Field(
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

    source: Text = Field(max_length=4096, description="its file")
    quote: Text = Field(min_length=1, max_length=10_000, description="its words")


class Judged(_Given):
    """What somebody says of an answer."""

    model_config = _example({"answer": "5b2f0a6d9c3e4f18", "verdict": "incomplete", "note": "It was enlarged twice."})

    answer: Text = Field(max_length=64, description="the answer's `id`")
    verdict: Verdict = Field(description="whether it is right, or what is wrong with it")
    note: Text = Field(default="", max_length=10_000, description="anything else")
    right: Right | None = Field(default=None, description="the passage that it should have cited")


class Kept(Told):
    """That it was kept."""

    answer: str = Field(description="the answer's `id`")


# -- an answer ---------------------------------------------------------------------------------------------------------


class Citation(Told):
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


class Statement(Told):
    """One sentence of the answer and what it rests on."""

    text: str = Field(description="the sentence, without markers")
    citations: list[int] = Field(description="numbers of its citations")
    support: Support = Field(description="whether what it cites says so; `none`: it claims nothing")
    problems: list[str] = Field(description="what was not found")


class Side(Told):
    """One value of a disagreement."""

    value: str = Field(description="the value")
    citation: int = Field(description="the number of the citation that states it")
    date: str | None = Field(description="when it was said, if that is known")


class Conflict(Told):
    """Documents that give different values for what seems the same thing."""

    about: str = Field(description="what they disagree on")
    differs: str | None = Field(description="a reason that is known: another period, another scope")
    sides: list[Side] = Field(description="the values")


class Passage(Told):
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


class Searched(Told):
    """What an answer was looked for in."""

    files: int = Field(description="files that were searched")
    passages: int = Field(description="passages that were searched")
    pending: int = Field(description="passages that could be found by their words only")
    by_meaning: bool = Field(description="whether vectors were searched too")
    note: str = Field(description="why not, where they were not")


class Answer(Told):
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


class Found(Told):
    """The passages for a question, best first."""

    question: str = Field(description="the question as it was asked")
    passages: list[Passage] = Field(description="the passages")
