"""Whether a run may pass, by three kinds of gate: what must always hold, floors, and no worse than a run before.

The gate against a baseline tests the headline measures by the paired tests of `eval.compare` and fails where one is
worse with a two-sided p below .05 after Holm's correction over all that were tested. So the gate as a whole is red in
less than 5 % of the runs in which nothing but chance is at work, however many headlines there are and however they hang
together; testing more than these would make a real loss harder to see. A single flipped question has p = 1, whatever it
is tested by. Time is never compared: it is the machine's. What could not be checked is no pass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from eval.compare import SIGNIFICANT, Change, compare, left, mcnemar, p_value, some
from eval.measures import INVARIANTS, figure
from eval.questions import MUST_PASS
from eval.results import Result, Row
from eval.statistics import Figure
from eval.table import figure_cell

ERROR = "error"  # the measure
NOT_ALWAYS = ("locator_exact", "verbatim_in_quote")  # there are files without lines and pages, models that never quote
LEAST_SHARED = 0.5  # of a run's questions, with the baseline

Kind = Literal["invariant", "floor", "baseline"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was asked of a run, and what was found, in a sentence that reads alone."""

    name: str
    kind: Kind
    passed: bool
    says: str


def judge(result: Result, *, floors: Sequence[tuple[str, float]] = (), baseline: Result | None = None) -> list[Check]:
    """All checks of a run: the invariants always, no error unless a floor bears some, a check for each floor (a ceiling,
    where less is better), and one for each headline measure against the `baseline`. Raises CitewiseError for a floor of
    a measure that is not known, MissingExtra."""
    checks = [*invariants(result), *_unchecked(result)]
    if ERROR not in dict(floors):
        checks.append(_no_error(result.rows))
    checks += [_floor(figure(name, result.rows), bound) for name, bound in floors]
    return checks if baseline is None else [*checks, *_against(baseline, result)]


def invariants(result: Result) -> list[Check]:
    """What must always hold of a run, and one case breaks, as far as its answers have it."""
    asked, n = len(result.rows), result.stamp["n"]
    rest = "" if result.whole else ": run the command again, and it goes on where it stopped"
    checks = [Check("whole", "invariant", result.whole, f"{asked} of {n} questions were asked{rest}")]
    musts = [row for row in result.rows if MUST_PASS in row.gold.tags]
    if musts:
        checks.append(_all_of(MUST_PASS, musts, [row for row in musts if not row.correct]))
    for name in INVARIANTS:
        if scored := [row for row in result.rows if name in row.scores]:
            checks.append(_all_of(name, scored, [row for row in scored if row.scores[name] != 1]))
    return checks


def _unchecked(result: Result) -> list[Check]:
    """The invariants that no answer could be held to: a failure where there should have been such answers."""
    fine = not any(row.gold.answerable for row in result.rows)
    says = f"could be checked in none of {len(result.rows)} questions"
    left_out = [name for name in INVARIANTS if not any(name in row.scores for row in result.rows)]
    return [Check(name, "invariant", fine or name in NOT_ALWAYS, f"{name} {says}") for name in left_out]


def _no_error(rows: Sequence[Row]) -> Check:
    failed = [row.gold.id for row in rows if row.status == "error"]
    says = f"{some(failed)} of {len(rows)} questions ended with an error; --min {ERROR}=SHARE bears some"
    return Check(ERROR, "invariant", not failed, says if failed else "no question ended with an error")


def _all_of(name: str, rows: Sequence[Row], broken: Sequence[Row]) -> Check:
    found = f"broken by {some([row.gold.id for row in broken])} of" if broken else "kept by all"
    return Check(name, "invariant", not broken, f"{name} is {found} {len(rows)} questions; it must always hold")


def _floor(found: Figure, bound: float) -> Check:
    name, side = found.name, "at most" if found.ceiling else "at least"
    is_now = f"is {figure_cell(found)} over n = {found.n}"
    if math.isnan(found.value):
        is_now = "cannot be told from the questions of this run"
    return Check(name, "floor", found.meets(bound), f"{name} {is_now}; {side} {bound:g} was asked for")


def _against(baseline: Result, result: Result) -> list[Check]:
    """First, what could be compared; too little is no pass, nor is an invariant that can be checked no more."""
    compared, asked = compare(baseline, result), len(result.rows)
    tested = [change for change in compared.changes if change.measure.headline]
    adjusted = holm([change.p for change in tested])
    enough = bool(tested) and baseline.whole and compared.n >= LEAST_SHARED * asked
    says = [f"questions compared: {compared.n} of {asked}", *left(compared)]
    says += [] if enough else [f"a baseline has to be whole and to share {LEAST_SHARED:.0%} of the questions"]
    checks = [Check("compared", "baseline", enough, "; ".join(says))]
    for name in INVARIANTS:
        before, now = (sum(name in row.scores for row in run.rows) for run in (baseline, result))
        if not now and mcnemar(0, before) < SIGNIFICANT:
            lost = f"{name} was checked in {before} questions, and is in none"
            checks.append(Check(name, "baseline", False, lost))
    return checks + [_change(change, p) for change, p in zip(tested, adjusted, strict=True)]


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
