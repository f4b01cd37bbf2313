"""What every form of the report tells of a run, worked out once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from eval.compare import SIGNIFICANT, Change, Compared, compare
from eval.measures import INVARIANTS, MEASURES, SUMMARIES, figures, named
from eval.measures.abstention import confusion, risk_coverage
from eval.questions import SAME, TYPES
from eval.report.cases import WHERE, Case, failing_cases, listed
from eval.results import Result, Row
from eval.statistics import Figure, mean, quantile, share

if TYPE_CHECKING:
    from eval.gate import Check

MOST_SLICES = 40
SMALLEST_SLICE = 5  # questions
FOUND, CITED = "hit_at_10", "evidence_cited"
_OUTCOMES = ("answered", "refused", "neither")


@dataclass(frozen=True, slots=True)
class Line:
    """A measure in a table. `before` is the previous run's value; `change` compares the questions that both runs have,
    where the measure is one of single questions."""

    figure: Figure
    group: str
    says: str
    headline: bool
    invariant: bool
    before: float | None = None
    change: Change | None = None

    @property
    def moved(self) -> Literal["better", "worse", ""]:
        """Where the paired difference is more than chance would explain, its direction."""
        if self.change is None or self.change.p >= SIGNIFICANT:
            return ""
        return "worse" if self.change.worse else "better"


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of the questions. `found` and `cited` are over those whose evidence is known; `p50` is in milliseconds."""

    name: str
    n: int
    correct: Figure
    found: Figure
    cited: Figure
    refused: int
    p50: float


@dataclass(frozen=True, slots=True)
class Facts:
    """A run as its reports tell it. `cases` are the first of `failing`; `lost` counts all of those by WHERE."""

    result: Result
    previous: Result | None
    compared: Compared | None
    lines: tuple[Line, ...]
    correct: Figure
    cases: tuple[Case, ...]
    failing: int
    lost: Mapping[str, int]
    by_type: tuple[Slice, ...]
    by_tag: tuple[Slice, ...]
    total: Slice
    checks: Sequence[Check] = field(default=())

    @property
    def n(self) -> int:
        return len(self.result.rows)

    @property
    def headline(self) -> list[Line]:
        return [line for line in self.lines if line.headline and not line.invariant]

    @property
    def invariants(self) -> list[Line]:
        return [line for line in self.lines if line.invariant and line.figure.n]

    @property
    def broken(self) -> list[Line]:
        return [line for line in self.invariants if line.figure.value < 1]

    @property
    def groups(self) -> dict[str, list[Line]]:
        """What is neither headline nor invariant, by group."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            if not line.headline and not line.invariant and line.figure.n:
                found.setdefault(line.group, []).append(line)
        return found

    @property
    def silence(self) -> dict[str, dict[str, int]]:
        """The abstention table: of the answerable and the unanswerable questions, how many came out how."""
        table = confusion(self.result.rows)
        return {"answerable": dict(table[True].items()), "unanswerable": dict(table[False].items())}

    @property
    def outcomes(self) -> list[str]:
        """The columns of `silence`: what is neither is told where there is any."""
        return [name for name in _OUTCOMES if name != "neither" or any(one[name] for one in self.silence.values())]

    @property
    def risk(self) -> list[tuple[float, float]]:
        """The risk-coverage curve."""
        return risk_coverage(self.result.rows)

    @property
    def seconds(self) -> list[float]:
        """Of each question that brought an answer, ascending."""
        return sorted(row.seconds for row in self.result.rows if row.status != "error")

    @property
    def steps(self) -> dict[str, float]:
        """The median milliseconds of each timed step."""
        timed: dict[str, list[float]] = {}
        for row in self.result.rows:
            for name, value in ((row.answer or {}).get("timings_ms") or {}).items():
                timed.setdefault(name, []).append(value)
        return {name: quantile(values, 0.5) for name, values in timed.items()}

    def figure(self, name: str) -> Figure | None:
        """A figure by its measure's name."""
        return next((line.figure for line in self.lines if line.figure.name == name), None)


def facts(result: Result, previous: Result | None = None, checks: Sequence[Check] = ()) -> Facts:
    """Work out what a run tells. Raises MissingExtra where intervals or a comparison need scipy."""
    rows = result.rows
    compared = compare(previous, result) if previous else None
    newly_wrong = {after.gold.id for _, after in compared.flipped if not after.correct} if compared else set()
    failing = failing_cases(rows, newly_wrong)
    counts = Counter(case.where for case in failing)
    kinds = Counter(tag for row in rows for tag in row.gold.tags if not tag.startswith(SAME))
    tags = sorted(tag for tag, n in kinds.most_common(MOST_SLICES) if n >= SMALLEST_SLICE)
    types = dict.fromkeys((*TYPES, *(row.gold.type for row in rows)))
    by_type = [_slice(name, [row for row in rows if row.gold.type == name]) for name in types]
    return Facts(
        result, previous, compared, tuple(_lines(rows, previous, compared)),
        share("correct", [row.correct for row in rows]), tuple(listed(failing)), len(failing),
        {where: counts[where] for where in dict.fromkeys((*WHERE, *counts)) if counts[where]},
        tuple(one for one in by_type if one.n),
        tuple(_slice(tag, [row for row in rows if tag in row.gold.tags]) for tag in tags),
        _slice("all", rows), checks,
    )  # fmt: skip


def _lines(rows: Sequence[Row], previous: Result | None, compared: Compared | None) -> Iterator[Line]:
    before = _values(previous.rows) if previous else {}
    changes = {one.name: one for one in compared.changes} if compared else {}
    for figure in figures(rows):
        measure = named(figure.name)
        yield Line(
            figure, measure.group, measure.says, measure.headline, figure.name in INVARIANTS, before.get(figure.name),
            changes.get(figure.name),
        )  # fmt: skip


def _values(rows: Sequence[Row]) -> dict[str, float]:
    """Each measure's value, without the interval, which takes longer."""
    scored = {
        measure.name: [row.scores[measure.name] for row in rows if measure.name in row.scores] for measure in MEASURES
    }
    means = {name: mean(name, values).value for name, values in scored.items()}
    return means | {summary.name: summary.figure(rows).value for summary in SUMMARIES}


def _slice(name: str, rows: Sequence[Row]) -> Slice:
    def over(measure: str) -> Figure:
        return share(measure, [row.scores[measure] == 1 for row in rows if measure in row.scores])

    refused = sum(row.status == "not_in_documents" for row in rows)
    p50 = quantile((row.seconds * 1000 for row in rows if row.status != "error"), 0.5)
    return Slice(name, len(rows), over("correct"), over(FOUND), over(CITED), refused, p50)
