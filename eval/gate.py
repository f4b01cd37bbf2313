"""Whether a run may pass, by three kinds of gate: what must always hold, floors, and no worse than a run before.

The gate against a baseline tests the headline measures by the paired tests of `eval.compare` and fails where one is
worse with a two-sided p below .05 after Holm's correction over all that were tested. So the gate as a whole is red in
less than 5 % of the runs in which nothing but chance is at work, however many headlines there are and however they hang
together; testing more than these would make a real loss harder to see. A single flipped question has p = 1, whatever it
is tested by. Time is never compared: it is the machine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eval.compare import Change, Compared, compare, left, p_value, some
from eval.measures import MEASURES, figures, named
from eval.results import Result, Row
from eval.statistics import Figure
from eval.table import number

SIGNIFICANT = 0.05
MUST_PASS = "must_pass"  # the tag of a question whose failure fails the gate

Kind = Literal["invariant", "floor", "baseline"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was asked of a run, and what was found, in a sentence that reads alone."""

    name: str
    kind: Kind
    passed: bool
    says: str


def judge(result: Result, *, floors: Sequence[tuple[str, float]] = (), baseline: Result | None = None) -> list[Check]:
    """All checks of a run: the invariants always, a check for each floor (a ceiling, where less is better), and one
    for each headline measure against the `baseline`. Raises CitewiseError for a floor of a measure that is not known,
    MissingExtra."""
    bounds = [(named(name).name, bound) for name, bound in floors]  # a wrong name is told before anything is worked out
    checks = list(_invariants(result))
    if bounds:
        found = {figure.name: figure for figure in figures(result.rows)}
        checks += [_floor(name, bound, found.get(name)) for name, bound in bounds]
    if baseline is not None:
        checks += _against(compare(baseline, result))
    return checks


def _invariants(result: Result) -> list[Check]:
    asked, n = len(result.rows), result.stamp["n"]
    rest = "" if result.whole else ": run the command again, and it goes on where it stopped"
    checks = [Check("whole", "invariant", result.whole, f"{asked} of {n} questions were asked{rest}")]
    musts = [row for row in result.rows if MUST_PASS in row.gold.tags]
    if musts:
        checks.append(_all_of(MUST_PASS, "must be right", musts, [row for row in musts if not row.correct]))
    for measure in MEASURES:
        if measure.invariant:
            scored = [row for row in result.rows if measure.name in row.scores]
            broken = [row for row in scored if row.scores[measure.name] != 1]
            checks.append(_all_of(measure.name, "must hold", scored, broken))
    return checks


def _all_of(name: str, must: str, rows: Sequence[Row], broken: Sequence[Row]) -> Check:
    ids = [row.gold.id for row in broken]
    says = f"{name} {must} for all {len(rows)} questions that it applies to"
    return Check(name, "invariant", not ids, f"{says}; it does not for {some(ids)}" if ids else says)


def _floor(name: str, bound: float, figure: Figure | None) -> Check:
    if figure is None or not figure.n:
        return Check(name, "floor", False, f"{name} applies to no question of this run; {bound:g} was asked for")
    side = "at most" if figure.ceiling else "at least"
    says = f"{name} is {_value(figure)} over n = {figure.n}; {side} {bound:g} was asked for"
    return Check(name, "floor", figure.meets(bound), says)


def _value(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return number(figure.value)
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _against(compared: Compared) -> list[Check]:
    """First, what could be compared; nothing at all is no pass."""
    tested = [change for change in compared.changes if change.measure.headline]
    adjusted = holm([change.p for change in tested])
    return [
        Check(
            "compared", "baseline", bool(tested), "; ".join((f"{compared.n} questions are compared", *left(compared)))
        ),
        *(_change(change, p) for change, p in zip(tested, adjusted, strict=True)),
    ]


def _change(change: Change, p: float) -> Check:
    says = (
        f"{change.name} was {change.before:.3f} and is {change.after:.3f} over n = {change.n}: {change.wins} better, "
        f"{change.losses} worse, {p_value(p)} with all headlines taken together"
    )
    return Check(change.name, "baseline", not (change.worse and p < SIGNIFICANT), says)


def holm(ps: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given: any of them below .05 is wrong in at most 5 % (Holm 1979)."""
    highest, adjusted = 0.0, [0.0] * len(ps)
    for rank, at in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[at]))
        adjusted[at] = highest
    return adjusted
