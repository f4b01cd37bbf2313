"""Whether a language model earns its place: the same questions answered by quotes alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing

from eval.questions import GoldQuestion, Span
from eval.run import Outcome, run_gold
from rag import Assistant, Comparison

QUOTES = "quotes"  # the writer without a model


def against_quotes(
    assistant: Assistant,
    questions: Sequence[GoldQuestion],
    spans: Mapping[str, Sequence[Span]],
    outcomes: Sequence[Outcome],
) -> Comparison | None:
    """Of the answerable questions that a model was asked, how many it and the quotes each answered as expected; None
    where no model wrote. An error is a miss, and so is an answer of which only quotes were left."""
    if all(one.answer is None or one.answer.writer == QUOTES for one in outcomes):
        return None
    answering = assistant.settings.answer.model_copy(update={"writer": QUOTES})
    settings = assistant.settings.model_copy(update={"answer": answering})
    with closing(Assistant.open(settings=settings)) as quoting:
        quoted = list(run_gold(quoting, questions, spans))
    pairs = [
        (one.answer is not None and one.answer.writer != QUOTES and one.contained, other.contained)
        for one, other in zip(outcomes, quoted, strict=True)
        if one.gold.answerable
    ]
    by_model, by_quotes = sum(one for one, _ in pairs), sum(other for _, other in pairs)
    return Comparison(assistant.settings.model.name, len(pairs), by_model, by_quotes, pairs.count((True, True)))
