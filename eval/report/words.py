"""The sentences and the numbers of a report, the same in each of its forms."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from eval.compare import SIGNIFICANT, p_value
from eval.report.cases import WHERE, Case, cut
from eval.report.facts import Facts, Line
from eval.results import Result, Row
from eval.statistics import Figure, quantile

NOTHING = "–"
MOST_FLIPPED = 40
SUPPORT = {"verbatim": "word for word", "supported": "borne out", "not_found": "not borne out"}
_HEADINGS = {"answered": "Answered", "not_in_documents": "Refused", "about_assistant": "Answered about itself"}
_LAST = ("settings", "versions")  # of a stamp: the longest


class Sentence(NamedTuple):
    text: str
    bad: bool = False


# -- numbers ----------------------------------------------------------------------------------------------------------


def value(figure: Figure) -> str:
    """The value with as many digits as its size asks for; a dash over nothing."""
    return fixed(figure.value, figure.value)


def interval(figure: Figure) -> str:
    """The 95 % interval: "0.610 to 0.879", "60.0 or more" where too few cases bound it above; a dash without one."""
    low, high = (one if one is None else fixed(one, figure.value) for one in (figure.low, figure.high))
    if low and high:
        return f"{low} to {high}"
    return f"{low} or more" if low else f"{high} or less" if high else NOTHING


def before(line: Line) -> str:
    """The previous run's value, with the digits of this run's."""
    return NOTHING if line.before is None else fixed(line.before, line.figure.value)


def paired_p(line: Line) -> str:
    """The p of the paired difference, with an arrow only where it is more than chance would explain."""
    if line.change is None:
        return NOTHING
    arrow = {"better": "▲ better, ", "worse": "▼ worse, ", "": ""}[line.moved]
    return arrow + p_value(line.change.p).removeprefix("p ").removeprefix("= ")


def fixed(number: float, like: float) -> str:
    """A number with the digits that suit one of the size of `like`."""
    if math.isnan(number):
        return NOTHING
    digits = 3 if abs(like) <= 1 or math.isnan(like) else 2 if abs(like) < 10 else 1 if abs(like) < 1000 else 0
    return f"{number:,.{digits}f}"


def percent(share: float, digits: int = 1) -> str:
    return f"{share * 100:.{digits}f}\N{NO-BREAK SPACE}%"


def milliseconds(number: float) -> str:
    return NOTHING if math.isnan(number) else f"{number:,.0f}"


# -- the verdict ------------------------------------------------------------------------------------------------------


def title(facts: Facts) -> str:
    """What there is to say, if it were one line."""
    right = sum(row.correct for row in facts.result.rows)
    return f"{right:,} of {facts.n:,} correct" if facts.n else "No question was asked"


def kicker(facts: Facts) -> str:
    """Which questions these are, and how they were asked."""
    stamp = facts.result.stamp
    parts = (
        "Evaluation",
        str(stamp.get("gold", "")),
        str(stamp.get("model") or ""),
        _minute(facts.result),
    )
    return " · ".join(part for part in parts if part)


def sentences(facts: Facts) -> Iterator[Sentence]:
    """The verdict in words: share, invariants, change, and whether the run is whole."""
    if (correct := facts.correct).low is not None and correct.high is not None:
        yield Sentence(f"{percent(correct.value)}, 95 % interval {percent(correct.low)} to {percent(correct.high)}.")
    if facts.broken:
        names = ", ".join(line.figure.name for line in facts.broken)
        yield Sentence(f"Broken: {names}. What must always hold does not.", bad=True)
    elif facts.invariants:
        yield Sentence(f"Invariants kept: {len(facts.invariants)} of {len(facts.invariants)}.")
    if errors := sum(row.status == "error" for row in facts.result.rows):
        yield Sentence(_errors(errors), bad=True)
    if failed := [check for check in facts.checks if not check.passed]:
        yield Sentence(f"{len(failed)} of {len(facts.checks)} gates failed.", bad=True)
    if facts.compared:
        yield Sentence(changed(facts))
    if not facts.result.whole:
        yield Sentence(f"Interrupted: {facts.n:,} of {facts.result.stamp['n']:,} questions were asked.", bad=True)


def _errors(n: int) -> str:
    one = n == 1
    return f"{n:,} question{'s' * (not one)} ended in an error and count{'s' * one} as wrong."


def changed(facts: Facts) -> str:
    """What came of the questions that the previous run has too."""
    assert facts.compared is not None
    change = next((one for one in facts.compared.changes if one.name == "correct"), None)
    if change is None:
        return "The previous run has no question in common with this one."
    chance = "more than chance would explain" if change.p < SIGNIFICANT else "no more than chance would explain"
    moved = f"{change.wins:,} newly right, {change.losses:,} newly wrong"
    notes = " ".join(("", *facts.compared.notes))
    return f"Against the previous run, over {change.n:,} questions: {moved}; {_unbroken(change.p)}, {chance}.{notes}"


def _unbroken(p: float) -> str:
    return p_value(p).replace(" ", "\N{NO-BREAK SPACE}")


def pairing(facts: Facts) -> str:
    """What stands below a table that shows the previous run."""
    if not facts.previous:
        return ""
    tested = sum(line.change is not None for line in facts.lines)
    return (
        f" Previous: {told(facts.previous)}. The p is paired, over the questions that both runs have; an arrow "
        f"stands below .05, which about one in twenty of {tested} measures is by chance alone."
    )


def told(run: Result) -> str:
    """A run in a line."""
    parts = (run.stamp.get("command"), run.stamp.get("commit"), _minute(run))
    return ", ".join(str(part) for part in parts if part)


def _minute(run: Result) -> str:
    return str(run.stamp.get("started", ""))[:16].replace("T", " ")


def listed(facts: Facts) -> str:
    """How many cases are shown of how many."""
    order = "Broken invariants come first, then errors, what must pass, and what was right before."
    more = facts.failing - len(facts.cases)
    shown = f"The first {len(facts.cases):,}; {more:,} more are in the results file. " if more else ""
    return f"{facts.failing:,} of {facts.n:,} questions. {shown}{order}"


def flipped(facts: Facts) -> dict[str, list[Row]]:
    """The first questions whose verdict changed, by what they are now."""
    rows = [after for _, after in (facts.compared.flipped if facts.compared else ())]
    return {
        "wrong": [row for row in rows if not row.correct][:MOST_FLIPPED],
        "right": [row for row in rows if row.correct][:MOST_FLIPPED],
    }


def balanced(facts: Facts) -> str:
    """The one number of the abstention table."""
    figure = facts.figure("balanced_accuracy")
    return f"Balanced accuracy {value(figure)}." if figure and figure.n else ""


def quarters(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points of a curve at about a quarter, a half, three quarters and all of its way."""
    return [points[math.ceil(len(points) * n / 4) - 1] for n in range(1, 5)] if points else []


def timing(facts: Facts) -> str:
    """The time of an answer, and the median of its steps."""
    times = [one * 1000 for one in facts.seconds]
    if not times:
        return "No question brought an answer."
    half, most = (milliseconds(quantile(times, q)) for q in (0.5, 0.95))
    steps = ", ".join(f"{name} {milliseconds(median)}" for name, median in facts.steps.items() if name != "total")
    by_step = f" Median milliseconds by step: {steps}." if steps else ""
    return f"p50 {half} ms, p95 {most} ms over {len(times):,} answers.{by_step}"


# -- a case -----------------------------------------------------------------------------------------------------------


def label(where: str) -> str:
    """Where it was lost, in words."""
    return WHERE.get(where, f"Lost at {cut(where, 40)}")


def heading(row: Row) -> str:
    """What the assistant did, above what it said."""
    if row.answer is None:
        return "No answer"
    return f"{_HEADINGS.get(row.status, row.status)}, confidence {row.answer.get('confidence', 0):.2f}"


def evidence(case: Case) -> str:
    """What became of the evidence."""
    cited = case.row.scores.get("evidence_cited")
    found = f"first found at rank {case.rank}" if case.rank else "not among the first ten passages"
    return f"{found}, {'cited' if cited else 'not cited'}"


def stamp(facts: Facts) -> list[tuple[str, str]]:
    """What the run was made with, name and value, the longest last."""
    items = {name: one for name, one in facts.result.stamp.items() if name != "schema"}
    names = sorted(items, key=lambda name: name in _LAST)
    return [(name.replace("_", " "), _plain(items[name])) for name in names]


def settings_of(facts: Facts) -> str:
    """Settings, versions and machine in a line."""
    return "; ".join(_plain(facts.result.stamp.get(name)) for name in _LAST)


def _plain(made: object) -> str:
    if isinstance(made, Mapping):
        return cut(", ".join(f"{name} {one}" for name, one in _flat(made)), 3000)
    return cut(NOTHING if made is None else str(made), 3000)


def _flat(made: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """The values of nested sections, named by their path."""
    for name, one in made.items():
        if isinstance(one, Mapping):
            yield from _flat(one, f"{above}{name}.")
        else:
            yield above + name, one if one not in ("", None) else NOTHING
