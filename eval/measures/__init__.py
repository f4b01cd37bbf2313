"""What is measured of answers, each measure a value with its formula and source: see `MEASURES` and `SUMMARIES`."""

from __future__ import annotations

from collections.abc import Sequence

from eval import statistics
from eval.measure import Measure, Outcome, Summary
from eval.measures import abstention, answers, citations, disagreements, retrieval, robustness
from eval.results import Row
from eval.statistics import Figure
from rag import CitewiseError

MEASURES: tuple[Measure, ...] = (
    *answers.MEASURES, *retrieval.MEASURES, *citations.MEASURES, *abstention.MEASURES, *disagreements.MEASURES,
    *robustness.MEASURES,
)  # fmt: skip
SUMMARIES: tuple[Summary, ...] = (*abstention.SUMMARIES, *robustness.SUMMARIES)
INVARIANTS = tuple(measure.name for measure in MEASURES if measure.invariant)

_NAMED: dict[str, Measure | Summary] = {one.name: one for one in MEASURES} | {one.name: one for one in SUMMARIES}


def score(outcome: Outcome) -> dict[str, float]:
    """The score of a question by each measure that applies to it, by name. Raises MissingExtra."""
    scores = ((measure.name, measure.score(outcome)) for measure in MEASURES)
    return {name: value for name, value in scores if value is not None}


def figures(rows: Sequence[Row]) -> list[Figure]:
    """Each measure over the rows to which it applies (n = 0 and nan where there is none), then the summaries."""
    return [figure(name, rows) for name in _NAMED]


def figure(name: str, rows: Sequence[Row]) -> Figure:
    """One of them. Raises CitewiseError that names the known ones, MissingExtra."""
    one = named(name)
    return one.figure(rows) if isinstance(one, Summary) else _over_rows(one, rows)


def named(name: str) -> Measure | Summary:
    """The measure or summary of a name. Raises CitewiseError that names the known ones."""
    if name not in _NAMED:
        raise CitewiseError(f"There is no measure {name}.", f"Known are: {', '.join(_NAMED)}.")
    return _NAMED[name]


def _over_rows(measure: Measure, rows: Sequence[Row]) -> Figure:
    values = [row.scores[measure.name] for row in rows if measure.name in row.scores]
    if measure.share:
        return statistics.share(measure.name, [value == 1 for value in values], ceiling=measure.ceiling)
    return statistics.bootstrap_mean(measure.name, values, ceiling=measure.ceiling)
