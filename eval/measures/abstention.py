"""Whether an answer is given where there is one, and none where there is none; and what the confidence tells of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Literal

from eval import statistics
from eval.measure import Measure, Summary
from eval.measures.basis import answerable, answered, over, refused, unanswerable
from eval.results import Row
from eval.statistics import Figure

Did = Literal["answered", "refused", "neither"]


def confusion(rows: Sequence[Row]) -> dict[bool, dict[Did, int]]:
    """How many questions were answered, refused, or neither (an error, words about the assistant itself): of the
    answerable ones (True) and of the others (False)."""
    table: dict[bool, dict[Did, int]] = {one: {"answered": 0, "refused": 0, "neither": 0} for one in (True, False)}
    for row in rows:
        table[row.gold.answerable][_did(row)] += 1
    return table


def balanced_accuracy(rows: Sequence[Row]) -> Figure:
    """The mean of the share of the answerable questions that were answered (sensitivity) and of the others that were
    refused (specificity); an error is neither. The interval is a stratified bootstrap's; nan without both kinds."""
    sides = [
        [float(_did(row) == right) for row in rows if row.gold.answerable is kind]
        for kind, right in ((True, "answered"), (False, "refused"))
    ]
    return statistics.bootstrap("balanced_accuracy", _mean_of_means, *sides)


def auroc(rows: Sequence[Row]) -> Figure:
    """How well the confidence tells answerable questions from others: the probability that one of the former has more
    of it, ties counting half. An error ranks on the wrong side."""
    sides = [[_confidence(row) for row in rows if row.gold.answerable is kind] for kind in (True, False)]
    return statistics.bootstrap("auroc", statistics.auroc, *sides)


def risk_coverage(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """What answering only above a confidence brings: (coverage, risk) for each confidence that an answer has, highest
    first. Coverage is the share of all questions that are answered, risk the share of these answers that are not
    correct (Geifman & El-Yaniv 2017). Refusals and errors are never covered."""
    kept = sorted(((_confidence(row), row.correct) for row in rows if row.status == "answered"), reverse=True)
    points, n, wrong = [], 0, 0
    for _, tied in groupby(kept, key=lambda one: one[0]):
        for _, correct in tied:
            n, wrong = n + 1, wrong + (not correct)
        points.append((n / len(rows), wrong / n))
    return points


def aurc(rows: Sequence[Row]) -> Figure:
    """The area under the risk-coverage curve as a mean: the risk at the confidence of each answer, over all of them."""
    import numpy as np

    given = [(_confidence(row), float(not row.correct)) for row in rows if row.status == "answered"]
    confidence, wrong = np.asarray(given).reshape(-1, 2).T

    def area(drawn: Any, axis: int = -1) -> Any:
        places = drawn.astype(int)
        return statistics.aurc(confidence[places], wrong[places])

    return statistics.bootstrap("aurc", area, range(len(given)), ceiling=True)


def _did(row: Row) -> Did:
    if row.status == "answered":
        return "answered"
    return "refused" if row.status == "not_in_documents" else "neither"


def _confidence(row: Row) -> float:
    if row.answer is None:
        return -1.0 if row.gold.answerable else 2.0
    return float(row.answer["confidence"])


def _mean_of_means(one: Any, other: Any, axis: int = -1) -> Any:
    return (one.mean(axis) + other.mean(axis)) / 2


MEASURES = (
    Measure(
        "refused_answerable",
        "abstention",
        "Share of the answerable questions that were refused (an error counts as refused).",
        over(answerable, lambda _, answer: refused(answer), worst=1),
        ceiling=True,
        headline=True,
    ),
    Measure(
        "answered_unanswerable",
        "abstention",
        "Share of the unanswerable questions that were answered (an error counts as answered).",
        over(unanswerable, lambda _, answer: answered(answer), worst=1),
        ceiling=True,
        headline=True,
    ),
)  # fmt: skip
SUMMARIES = (
    Summary(
        "balanced_accuracy",
        "abstention",
        "(share of answerable questions answered + share of unanswerable ones refused) / 2; stratified bootstrap.",
        balanced_accuracy,
        headline=True,
    ),
    Summary(
        "auroc",
        "abstention",
        "Probability that an answerable question has more confidence than an unanswerable one, ties counting half "
        "(Mann-Whitney U, scipy); stratified bootstrap.",
        auroc,
    ),
    Summary(
        "aurc",
        "abstention",
        "Mean share of answers that are not correct, over all confidences from which they could be given (Geifman & "
        "El-Yaniv 2017).",
        aurc,
    ),
)  # fmt: skip
