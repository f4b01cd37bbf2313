"""Whether a language model earns its place: the same questions answered by quotes alone."""

from __future__ import annotations

from eval.measures import score
from eval.results import Result, Row
from eval.run import asked
from rag import Assistant, Comparison, WriterChoice

QUOTES: WriterChoice = "quotes"  # without a model


def against_quotes(assistant: Assistant, result: Result) -> Comparison | None:
    """Of the answerable questions that a model was asked, how many it and the quotes each answered rightly; None where
    no model wrote. An error is a miss, and so is an answer of which only quotes were left."""
    rows = [row for row in result.rows if row.gold.answerable]
    if not any(map(_by_model, rows)):
        return None
    documents = {document.source: document for document in assistant.documents()}
    pairs = []
    for row in rows:
        quoted = score(asked(assistant, row.gold, (), documents, writer=QUOTES))
        pairs.append((_by_model(row) and row.correct, quoted["correct"] == 1))
    by_model, by_quotes = sum(one for one, _ in pairs), sum(other for _, other in pairs)
    return Comparison(assistant.settings.model.name, len(pairs), by_model, by_quotes, pairs.count((True, True)))


def _by_model(row: Row) -> bool:
    return row.answer is not None and row.answer["writer"] != QUOTES
