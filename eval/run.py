"""Asking gold questions and judging what comes back; an error is an outcome that scores nothing, never a gap."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from eval import metrics, statistics
from eval.questions import GoldQuestion, Span
from eval.statistics import Figure
from rag import Answer, Assistant, CitewiseError, Passage

SEARCHED = 10
TOP = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question. `rank` is that of the first passage with evidence; `exact` tells of each citation
    whether its quote stands at its place; `seconds` is the time of `ask`."""

    gold: GoldQuestion
    answer: Answer | None
    passages: tuple[Passage, ...]
    rank: int | None
    contained: bool
    cited: bool
    exact: tuple[bool, ...]
    dangling: int
    seconds: float
    error: str = ""

    @property
    def answered(self) -> bool:
        return self.answer is not None and self.answer.status == "answered"

    @property
    def refused(self) -> bool:
        return self.answer is not None and self.answer.status == "not_in_documents"

    @property
    def failed(self) -> bool:
        """Whether a person should look at it: the wrong words, or an answer where there is none."""
        return bool(self.error) or (not self.contained if self.gold.answerable else self.answered)


def run_gold(
    assistant: Assistant, questions: Sequence[GoldQuestion], spans: Mapping[str, Sequence[Span]]
) -> Iterator[Outcome]:
    """One outcome a question, in order. `spans` are the places of the evidence, as `locate` finds them."""
    for gold in questions:
        started = time.perf_counter()
        try:
            answer = assistant.ask(gold.question, history=gold.history)
            seconds = time.perf_counter() - started
            passages = assistant.search(gold.question, k=SEARCHED, history=gold.history)
        except CitewiseError as error:
            yield Outcome(gold, None, (), None, False, False, (), 0, time.perf_counter() - started, str(error))
            continue
        places = spans[gold.id]
        yield Outcome(
            gold,
            answer,
            tuple(passages),
            metrics.evidence_rank(passages, places),
            gold.answerable and metrics.contained(answer, gold.must_contain),
            metrics.evidence_cited(answer.citations, places),
            tuple(metrics.is_exact(citation, assistant.text) for citation in answer.citations),
            metrics.dangling(answer),
            seconds,
        )


def quality(outcomes: Sequence[Outcome]) -> list[Figure]:
    """The figures of a group of questions. Those about evidence and words of gold are over the answerable ones, lengths
    over what was answered."""
    asked = [one for one in outcomes if one.gold.answerable]
    answers = [one.answer for one in outcomes if one.answer and one.answered]
    return [
        statistics.share("containment", [one.contained for one in asked]),
        statistics.share(f"evidence_in_{TOP}", [one.rank is not None and one.rank <= TOP for one in asked]),
        statistics.share("evidence_cited", [one.cited for one in asked]),
        statistics.mean("words", [len(metrics.own_text(answer).split()) for answer in answers], ceiling=True),
        statistics.mean("sentences", [len(answer.statements) for answer in answers], ceiling=True),
    ]


def integrity(outcomes: Sequence[Outcome]) -> list[Figure]:
    """What holds, or must hold, over all questions: exactness, dangling numbers, refusals, errors, time of `ask`."""
    exact = [one for outcome in outcomes for one in outcome.exact]
    answerable = [one for one in outcomes if one.gold.answerable]
    unanswerable = [one for one in outcomes if not one.gold.answerable]
    seconds = [one.seconds * 1000 for one in outcomes]
    n = len(outcomes)
    return [
        statistics.share("quote_exactness", exact),
        Figure("dangling", sum(one.dangling for one in outcomes), n, ceiling=True),
        Figure("errors", sum(bool(one.error) for one in outcomes), n, ceiling=True),
        statistics.share("refused_answerable", [one.refused for one in answerable], ceiling=True),
        statistics.share("refused_unanswerable", [one.refused for one in unanswerable]),
        Figure("p50_ms", statistics.quantile(seconds, 0.5), n, ceiling=True),
        Figure("p95_ms", statistics.quantile(seconds, 0.95), n, ceiling=True),
    ]
