"""What can be measured of a run: the two kinds of measure, which `eval.measures` fills and reports and gates read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from eval.questions import GoldQuestion, Span
from eval.results import Row
from eval.statistics import Figure
from rag import Answer, DocumentInfo, Passage

Group = Literal["answer", "retrieval", "citations", "abstention", "disagreements", "robustness", "latency"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a question brought, while the assistant is at hand: measures score it, then it becomes a `Row`.

    `answer` is None after an error; `passages` are what `search` gave, best first; `spans` are the places of the gold
    evidence; `texts` are the stored texts and `documents` the files of the sources that were cited or found; `again` is
    a second answer to the same question, where it was asked `twice`.
    """

    gold: GoldQuestion
    answer: Answer | None
    passages: Sequence[Passage]
    spans: Sequence[Span]
    texts: Mapping[str, str]
    documents: Mapping[str, DocumentInfo]
    seconds: float
    error: str = ""
    again: Answer | None = None
    twice: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of one question, and over many their mean: a share with Wilson's interval where every score is 0 or 1,
    else a mean with a bootstrap interval.

    `score` is None where the measure does not apply to the question. `says` is its formula and source in a sentence.
    `invariant`: less than all is a defect, and gates tolerate none. `headline`: at the top of reports.
    """

    name: str
    group: Group
    says: str
    score: Callable[[Outcome], float | None]
    share: bool = True
    ceiling: bool = False
    invariant: bool = False
    headline: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """A measure of a whole run that is no mean over its questions (an AUROC, a quantile)."""

    name: str
    group: Group
    says: str
    figure: Callable[[Sequence[Row]], Figure]
    headline: bool = False
