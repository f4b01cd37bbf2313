"""Whether a run may pass, by three kinds of gate: what must always hold, floors, and no worse than a run before.

The gate against a baseline tests the headline measures by the paired tests of `eval.compare` and fails where one is
worse with a two-sided p below .05 after Holm's correction over all that were tested. So the gate as a whole is red in
less than 5 % of the runs in which nothing but chance is at work, however many headlines there are and however they hang
together; testing more than these would make a real loss harder to see. A single flipped question has p = 1, whatever it
is tested by. Time is never compared: it is the machine's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eval.compare import Change, Compared, compare, left, p_value, some
from eval.measures import MEASURES, figure
from eval.results import Result, Row
from eval.statistics import Figure
from eval.table import figure_cell

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
    checks = [*_invariants(result), *(_floor(figure(name, result.rows), bound) for name, bound in floors)]
    if baseline is not None:
        checks += _against(compare(baseline, result))
    return checks


def _invariants(result: Result) -> list[Check]:
    asked, n = len(result.rows), result.stamp["n"]
    rest = "" if result.whole else ": run the command again, and it goes on where it stopped"
    checks = [Check("whole", "invariant", result.whole, f"{asked} of {n} questions were asked{rest}")]
    musts = [row for row in result.rows if MUST_PASS in row.gold.tags]
    if musts:
        checks.append(_all_of(MUST_PASS, musts, [row for row in musts if not row.correct]))
    for measure in MEASURES:
        if measure.invariant:
            scored = [row for row in result.rows if measure.name in row.scores]
            checks.append(_all_of(measure.name, scored, [row for row in scored if row.scores[measure.name] != 1]))
    return checks


def _all_of(name: str, rows: Sequence[Row], broken: Sequence[Row]) -> Check:
    found = f"broken by {some([row.gold.id for row in broken])} of" if broken else "kept by all"
    return Check(name, "invariant", not broken, f"{name} is {found} {len(rows)} questions; it must always hold")


def _floor(found: Figure, bound: float) -> Check:
    name, side = found.name, "at most" if found.ceiling else "at least"
    is_now = f"is {figure_cell(found)} over n = {found.n}"
    if math.isnan(found.value):
        is_now = "cannot be told from the questions of this run"
    return Check(name, "floor", found.meets(bound), f"{name} {is_now}; {side} {bound:g} was asked for")


def _against(compared: Compared) -> list[Check]:
    """First, what could be compared; nothing at all is no pass."""
    tested = [change for change in compared.changes if change.measure.headline]
    adjusted = holm([change.p for change in tested])
    return [
        Check("compared", "baseline", bool(tested), "; ".join((f"questions compared: {compared.n}", *left(compared)))),
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
