"""Whether an answer's own words hold what gold asks for, and how many words they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from eval.match import satisfied
from eval.measure import Measure, Outcome
from eval.measures.basis import (
    answered,
    gold_files,
    grade_of,
    over,
    over_answers,
    own_text,
    refused,
)
from eval.measures.numeric import holds_number, numeric_wanted
from eval.measures.squad import f1, recall
from eval.questions import GoldQuestion
from rag import Answer


def contained(answer: Answer, must_contain: Iterable[Iterable[str]]) -> bool:
    """Whether an answer, which is no refusal, has an alias of every group."""
    return answered(answer) and satisfied([tuple(group) for group in must_contain], own_text(answer))


def correct(outcome: Outcome, answer: Answer) -> bool:
    """The one verdict: of what the documents tell, an answer with the expected words (where gold expects none, one that
    cites a relevant file); of what they do not tell, a refusal."""
    gold = outcome.gold
    if not gold.answerable:
        return refused(answer)
    if gold.must_contain or not answered(answer):
        return contained(answer, gold.must_contain)
    files = gold_files(gold)
    return not files or any(grade_of(citation.source, files) for citation in answer.citations)


def groups(gold: GoldQuestion) -> list[tuple[str, ...]]:
    """The short answers of gold, each with its spellings: a text stands for one and the same answer as the texts beside
    it, a list or an object for one of several that are all wanted."""
    texts = tuple(one for one in gold.answers if isinstance(one, str))
    others = [tuple(one["value"] if isinstance(one, dict) else one) for one in gold.answers if not isinstance(one, str)]
    return [texts, *others] if texts else others


def _keypoints(outcome: Outcome, answer: Answer) -> float:
    wanted = outcome.gold.must_contain
    return sum(contained(answer, [group]) for group in wanted) / len(wanted)


def _numeric(outcome: Outcome, answer: Answer) -> bool:
    return answered(answer) and all(holds_number(own_text(answer), group) for group in groups(outcome.gold))


def _by_words(score: Callable[[str, Sequence[str]], float]) -> Callable[[Outcome, Answer], float]:
    """The mean over the answers that gold wants, of each the score of a text beside its spellings; 0 for a refusal."""

    def mean(outcome: Outcome, answer: Answer) -> float:
        wanted = groups(outcome.gold)
        return sum(score(own_text(answer), group) for group in wanted) / len(wanted) if answered(answer) else 0

    return mean


def _worded(gold: GoldQuestion) -> bool:
    return gold.answerable and bool(gold.answers)


def _expected(gold: GoldQuestion) -> bool:
    return gold.answerable and bool(gold.must_contain)


MEASURES = (
    Measure(
        "correct",
        "answer",
        "Answerable: answered, with an alias of every must_contain group in its own words (without such groups: a "
        "relevant file is cited). Unanswerable: refused. An error is wrong.",
        over(lambda gold: True, correct),
        headline=True,
    ),
    Measure(
        "contained",
        "answer",
        "Answered, and an alias of every must_contain group stands in the answer's own words.",
        over(_expected, lambda one, answer: contained(answer, one.gold.must_contain)),
    ),
    Measure(
        "numeric",
        "answer",
        "Answered, and the number that gold gives stands in the answer within 1 %, in whatever spelling (agrees with "
        "people at kappa .91).",
        over(lambda gold: gold.answerable and numeric_wanted(groups(gold)), _numeric),
    ),
    Measure(
        "keypoints",
        "answer",
        "Share of the must_contain groups of which an alias stands in the answer; 0 for a refusal.",
        over(_expected, _keypoints),
        share=False,
    ),
    Measure(
        "token_recall",
        "answer",
        "Share of the words of the short gold answer found in the answer, both normalised as SQuAD does (Rajpurkar et "
        "al. 2016), of its best spelling; secondary, as it agrees poorly with people.",
        over(_worded, _by_words(lambda text, group: max(recall(text, one) for one in group))),
        share=False,
    ),
    Measure(
        "token_f1",
        "answer",
        "F1 of the words of the answer and the short gold answer, as the official script of SQuAD computes it, of the "
        "best spelling; secondary, as it punishes every word around the answer.",
        over(_worded, _by_words(f1)),
        share=False,
    ),
    Measure(
        "words",
        "answer",
        "Words of an answer, refusals and errors left aside.",
        over_answers(lambda _, answer: len(own_text(answer).split()) if answered(answer) else None),
        share=False,
        ceiling=True,
    ),
    Measure(
        "sentences",
        "answer",
        "Sentences of an answer, refusals and errors left aside.",
        over_answers(lambda _, answer: len(answer.statements) if answered(answer) else None),
        share=False,
        ceiling=True,
    ),
    Measure(
        "error",
        "answer",
        "Share of the questions that ended with an error.",
        over(lambda gold: True, lambda *_: 0, worst=1),
        ceiling=True,
    ),
)  # fmt: skip
