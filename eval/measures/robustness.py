"""Whether the same question brings the same answer, however it is worded, and how long that takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from eval import statistics
from eval.measure import Measure, Outcome, Summary
from eval.questions import SAME
from eval.results import Row
from eval.statistics import Figure
from rag import Answer


def answer_without_timings(answer: Answer) -> dict[str, Any]:
    """The wire shape without what differs from run to run."""
    return {name: value for name, value in answer.to_dict().items() if name != "timings_ms"}


def wordings(rows: Sequence[Row]) -> list[list[Row]]:
    """The questions that are asked in more than one wording, in groups."""
    group_of = {row.gold.id: [row] for row in rows}
    for row in rows:
        for other in (tag.removeprefix(SAME) for tag in row.gold.tags if tag.startswith(SAME)):
            mine, theirs = group_of[row.gold.id], group_of.get(other, group_of[row.gold.id])
            if mine is not theirs:
                theirs.extend(mine)
                group_of.update((one.gold.id, theirs) for one in mine)
    groups = {id(group): group for group in group_of.values()}
    return [group for group in groups.values() if len(group) > 1]


def consistent(rows: Sequence[Row]) -> Figure:
    """The share of pairs of wordings of one question that are both correct or both not."""
    return statistics.share("consistent", list(_pairs(rows)))


def _pairs(rows: Sequence[Row]) -> Iterator[bool]:
    for group in wordings(rows):
        yield from (one.correct == other.correct for one, other in combinations(group, 2))


def _deterministic(outcome: Outcome) -> float | None:
    if not outcome.twice:
        return None
    answers = [one and answer_without_timings(one) for one in (outcome.answer, outcome.again)]
    return float(None not in answers and answers[0] == answers[1])


def _latency(q: float) -> Summary:
    name = f"p{round(100 * q)}_ms"

    def figure(rows: Sequence[Row]) -> Figure:
        return statistics.quantile_figure(name, [row.seconds * 1000 for row in rows if not row.error], q)

    return Summary(name, "latency", f"Milliseconds in which {q:.0%} of the answers came, errors left aside.", figure)


MEASURES = (
    Measure(
        "deterministic",
        "robustness",
        "The same question brings the same answer again, its timings left aside; an error does not.",
        _deterministic,
    ),
)  # fmt: skip
SUMMARIES = (
    Summary(
        "consistent",
        "robustness",
        "Share of pairs of wordings of one question that are both correct or both not.",
        consistent,
    ),
    _latency(0.5),
    _latency(0.95),
)  # fmt: skip
