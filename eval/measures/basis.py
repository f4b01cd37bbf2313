"""What measures are made of: the questions that they apply to, what an error scores, what gold expects."""

from __future__ import annotations

from collections.abc import Callable

from eval.measure import Outcome
from eval.questions import GoldQuestion, Span, is_source
from rag import Answer

Score = Callable[[Outcome], float | None]

SEVERAL = ("multi_source", "conflict")  # types of question that one document alone does not answer


def over(
    applies: Callable[[GoldQuestion], bool], score: Callable[[Outcome, Answer], float], *, worst: float = 0
) -> Score:
    """A measure of the questions that it applies to by their gold alone; an error scores the `worst`, and is never
    left out."""

    def measured(outcome: Outcome) -> float | None:
        if not applies(outcome.gold):
            return None
        return worst if outcome.answer is None else float(score(outcome, outcome.answer))

    return measured


def over_answers(score: Callable[[Outcome, Answer], float | None], *, worst: float | None = None) -> Score:
    """A measure of what was said: not where `score` finds nothing to measure, and of an error only where it has a
    `worst`, which that scores."""

    def measured(outcome: Outcome) -> float | None:
        value = worst if outcome.answer is None else score(outcome, outcome.answer)
        return None if value is None else float(value)

    return measured


def answerable(gold: GoldQuestion) -> bool:
    return gold.answerable


def unanswerable(gold: GoldQuestion) -> bool:
    return not gold.answerable


def locatable(gold: GoldQuestion) -> bool:
    """Whether gold names quotes or files to be found."""
    return gold.answerable and bool(gold.evidence or gold.relevant)


def answered(answer: Answer) -> bool:
    return answer.status == "answered"


def refused(answer: Answer) -> bool:
    return answer.status == "not_in_documents"


def own_text(answer: Answer) -> str:
    """The words of an answer without markers and without the passages shown beside it."""
    return " ".join(statement.text for statement in answer.statements)


def gold_files(gold: GoldQuestion) -> dict[str, int]:
    """The files that gold names, with their grades, which are above 0: the relevant ones, else those of the evidence."""
    relevant = {name: grade for name, grade in gold.relevant.items() if grade > 0}
    return relevant or dict.fromkeys((evidence.source for evidence in gold.evidence), 1)


def grade_of(source: str, files: dict[str, int]) -> int:
    """The grade of a source of the index among some files of gold; 0 for others."""
    return max((grade for name, grade in files.items() if is_source(source, name)), default=0)


def items(outcome: Outcome) -> list[list[Span]]:
    """The places of each quote of the evidence: more than one where it stands several times in its file."""
    return [
        [
            span
            for span in outcome.spans
            if is_source(span.source, evidence.source)
            and span.end - span.start == len(evidence.quote)
            and outcome.texts.get(span.source, "")[span.start : span.end] in ("", evidence.quote)
        ]
        for evidence in outcome.gold.evidence
    ]
