"""Outcomes of questions, put together by hand: what the tests of the measures score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluation import GOOD

from eval.measure import Outcome
from eval.questions import GoldQuestion, Span, question_from
from rag import Answer, AnswerStatus, Citation, Conflict, DocumentInfo, Passage, Statement
from rag.answer import Support

KEYS = "The gate key opens the main gate. A lost key costs 18 euros."
EVIDENCE = [{"source": "keys.md", "quote": "The gate key opens the main gate."}]
UNANSWERABLE: dict[str, Any] = {"type": "unanswerable", "answers": [], "must_contain": [], "evidence": []}


def gold(**fields: Any) -> GoldQuestion:
    """The question GOOD with other fields."""
    return question_from(GOOD | fields)


def passage(source: str, start: int, end: int, context: str = "") -> Passage:
    return Passage(f"{source}:{start}", source, "x" * (end - start), start, end, None, None, None, context, 1.0)


def citation(number: int, source: str, start: int, quote: str, **fields: Any) -> Citation:
    shape: dict[str, Any] = {"title": "", "line": None, "page": None, "heading": None, "before": "", "after": "",
                             "sha256": "sha"}  # fmt: skip
    return Citation(number=number, source=source, start=start, end=start + len(quote), quote=quote, **shape | fields)


def said(
    *statements: tuple[str, Sequence[Citation], Support] | tuple[str, Sequence[Citation]],
    status: AnswerStatus = "answered",
    conflicts: Sequence[Conflict] = (),
) -> Answer:
    """An answer of sentences, each with what it cites; verbatim unless its support is given."""
    made = [
        Statement(text, tuple(one.number for one in cited), support[0] if support else "verbatim")
        for text, cited, *support in statements
    ]
    numbered = {one.number: one for _, cited, *_ in statements for one in cited}
    text = " ".join(f"{one.text} {''.join(f'[{number}]' for number in one.citations)}".strip() for one in made)
    return Answer("id", "q", "q", text, status, 0.9, "quotes", tuple(made), tuple(numbered.values()), tuple(conflicts))


def refusal() -> Answer:
    return said(("The documents do not say.", (), "none"), status="not_in_documents")


def outcome(
    question: GoldQuestion,
    answer: Answer | None = None,
    passages: Sequence[Passage] = (),
    spans: Sequence[Span] = (),
    texts: Mapping[str, str] | None = None,
    documents: Mapping[str, DocumentInfo] | None = None,
    again: Answer | None = None,
    *,
    twice: bool = False,
) -> Outcome:
    """What a question brought; an error where there is no answer."""
    error = "" if answer else "it broke"
    return Outcome(
        question, answer, passages, spans, texts or {}, documents or {}, 0.1, error, again, twice or bool(again)
    )
