"""A run in some 25 lines, for terminals."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import TYPE_CHECKING

from eval.cases import said
from eval.report import words
from eval.report.cases import Case, cut
from eval.report.facts import Facts, facts
from eval.results import Result
from eval.table import printable, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eval.gate import Check

FIRST = 5  # failing cases
WIDTH = 100


def summary(result: Result, previous: Result | None = None, checks: Sequence[Check] = ()) -> str:
    """The verdict, the headline measures, the invariants, where questions are lost, and the first failing cases.
    Raises MissingExtra."""
    return summary_of(facts(result, previous, checks))


def summary_of(known: Facts) -> str:
    """The summary of facts that have been worked out."""
    return "\n".join(_lines(known))


def _lines(known: Facts) -> Iterator[str]:
    yield f"{words.title(known)}  ({words.kicker(known)})"
    yield from (sentence.text for sentence in words.sentences(known))
    header = ["measure", "value", "95 % interval", "n", *(["previous", "paired p"] if known.previous else [])]
    rows = []
    for line in known.headline:
        row = [line.figure.name, words.value(line.figure), words.interval(line.figure), f"{line.figure.n:,}"]
        rows.append(row + ([words.before(line), words.paired_p(line)] if known.previous else []))
    yield f"\n{table(header, rows)}\n"
    yield fill("Invariants: " + (", ".join(_held(known)) or "none applies"), WIDTH, subsequent_indent="  ")
    yield f"Time: {words.timing(known)}"
    if known.failing:
        lost = "; ".join(f"{words.label(where)} {count:,}" for where, count in known.lost.items())
        yield fill(f"Lost: {lost}", WIDTH, subsequent_indent="  ")
        yield f"\nFailing cases, {min(FIRST, known.failing)} of {known.failing:,}:"
        yield from map(_line, known.cases[:FIRST])


def _held(known: Facts) -> Iterator[str]:
    for line in known.invariants:
        yield f"{line.figure.name} {'BROKEN' if line in known.broken else 'kept'} ({words.value(line.figure)})"


def _line(case: Case) -> str:
    text = " ".join(f"{case.row.gold.question} → {said(case.row)}".split())
    return printable(f"  {case.row.gold.id}  {words.label(case.where)}: {cut(text, WIDTH)}")
