"""Whether both sides of a disagreement are told, and none is told of where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from eval.match import satisfied
from eval.measure import Measure, Outcome
from eval.measures.basis import answered, over, own_text
from eval.questions import GoldQuestion
from rag import Answer


def sides(gold: GoldQuestion) -> list[tuple[str, ...]]:
    """The aliases of each side: the groups of expected words, which the evidence bears out; where gold has no evidence,
    the values of its answers."""
    values = [tuple(one["value"]) for one in gold.answers if isinstance(one, dict)]
    return values if values and not gold.evidence else [tuple(group) for group in gold.must_contain]


def both_sides(outcome: Outcome, answer: Answer) -> bool:
    """Whether every side stands in a sentence that cites something."""
    cited = [statement.text for statement in answer.statements if statement.citations]
    return answered(answer) and all(_told(side, cited) for side in sides(outcome.gold))


def silent_pick(outcome: Outcome, answer: Answer) -> bool:
    """Whether exactly one side is told, and no word that there is another."""
    told = sum(_told(side, [own_text(answer)]) for side in sides(outcome.gold))
    return answered(answer) and told == 1 and not answer.conflicts


def false_alarm(outcome: Outcome, answer: Answer) -> bool:
    """Whether a disagreement is told of for which no reason is known."""
    return any(conflict.differs is None for conflict in answer.conflicts)


def _told(side: Sequence[str], texts: Sequence[str]) -> bool:
    return any(satisfied([side], text) for text in texts)


def _disputed(gold: GoldQuestion) -> bool:
    return gold.type == "conflict"


MEASURES = (
    Measure(
        "both_sides",
        "disagreements",
        "Every side of a disagreement stands in a sentence that cites something.",
        over(_disputed, both_sides),
    ),
    Measure(
        "silent_pick",
        "disagreements",
        "Exactly one side of a disagreement is told, and no word that there is another.",
        over(_disputed, silent_pick, worst=1),
        ceiling=True,
    ),
    Measure(
        "false_alarm",
        "disagreements",
        "A disagreement without a known reason is told of where gold knows of none.",
        over(lambda gold: not _disputed(gold), false_alarm, worst=1),
        ceiling=True,
    ),
)  # fmt: skip
