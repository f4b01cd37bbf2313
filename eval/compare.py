"""Two runs over the same questions: which measures moved, by how much, whether by more than chance, and what flipped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from eval.measure import Measure
from eval.measures import MEASURES
from eval.questions import GoldQuestion
from eval.results import Result, Row
from eval.statistics import RESAMPLES, SEED, missing_extra

SIGNIFICANT = 0.05
_MANY = 1_000  # differences; the permutation test of 20,000 takes 23 s
_BATCH = 2_000_000  # signs that it draws at once, so that memory stays flat
_SAME = {  # what two runs should share, by its name in a stamp
    "gold_sha256": "gold files", "corpus_sha256": "documents", "writer": "writers", "model": "models",
    "settings": "settings", "versions": "versions",
}  # fmt: skip
_NAMED = 5  # questions that are named; the others are counted


@dataclass(frozen=True, slots=True)
class Change:
    """A measure over the n questions that both runs scored: its mean before and after, in how many questions it was
    better, equal and worse after, and the two-sided p of the difference."""

    measure: Measure
    n: int
    before: float
    after: float
    wins: int
    ties: int
    losses: int
    p: float

    @property
    def name(self) -> str:
        return self.measure.name

    @property
    def worse(self) -> bool:
        """Whether the mean moved in the direction of worse, by however little."""
        return self.after > self.before if self.measure.ceiling else self.after < self.before


@dataclass(frozen=True, slots=True)
class Compared:
    """`changes`, one a measure; `flipped`, the rows before and after of each question whose verdict changed; the ids
    that only one run has; `altered`, the ids whose gold is not the same; `notes`, what else a reader must know."""

    n: int
    changes: tuple[Change, ...]
    flipped: tuple[tuple[Row, Row], ...]
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        numbers = ("n", "before", "after", "wins", "ties", "losses", "p")
        return {
            "n": self.n,
            "measures": [{"name": one.name} | {name: getattr(one, name) for name in numbers} for one in self.changes],
            "flipped": [{"before": old.to_dict(), "after": new.to_dict()} for old, new in self.flipped],
            "only_before": self.only_before, "only_after": self.only_after, "altered": self.altered,
            "notes": self.notes,
        }  # fmt: skip


def compare(before: Result, after: Result) -> Compared:
    """Pair the rows by the id of their question. A question whose gold was altered, or that one run lacks, is named
    and left out; runs over other gold or documents are compared and the difference is noted. Raises MissingExtra."""
    old, new = ({row.gold.id: row for row in run.rows} for run in (before, after))
    shared = [name for name in new if name in old]
    altered = {name for name in shared if _asks(old[name]) != _asks(new[name])}
    pairs = [(old[name], new[name]) for name in shared if name not in altered]
    return Compared(
        len(pairs),
        tuple(change for measure in MEASURES if (change := _change(measure, pairs))),
        tuple((one, other) for one, other in pairs if one.correct != other.correct),
        tuple(name for name in old if name not in new),
        tuple(name for name in new if name not in old),
        tuple(name for name in shared if name in altered),
        tuple(_notes(before, after)),
    )


def _asks(row: Row) -> GoldQuestion:
    """Gold without what no score depends on."""
    return replace(row.gold, note="", tags=(), line=0)


def _notes(before: Result, after: Result) -> list[str]:
    notes = [
        f"the {what} of the two runs differ"
        for key, what in _SAME.items()
        if before.stamp.get(key) != after.stamp.get(key)
    ]
    for name, run in (("before", before), ("after", after)):
        if not run.whole:
            notes.append(f"the run {name} is not whole: {len(run.rows)} of {run.stamp['n']} questions")
    return notes


def _change(measure: Measure, pairs: Sequence[tuple[Row, Row]]) -> Change | None:
    """None where no question was scored by both runs."""
    scored = [
        (one.scores[measure.name], other.scores[measure.name])
        for one, other in pairs
        if measure.name in one.scores and measure.name in other.scores
    ]
    if not scored:
        return None
    gains = [one - other if measure.ceiling else other - one for one, other in scored]
    wins, losses = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
    n = len(scored)
    before, after = (sum(side) / n for side in zip(*scored, strict=True))
    p = mcnemar(wins, losses) if {*map(abs, gains)} <= {0, 1} else permutation(gains)
    return Change(measure, n, before, after, wins, n - wins - losses, losses, p)


def mcnemar(wins: int, losses: int) -> float:
    """The exact two-sided p of a change in a share: the pairs that changed are a fair coin's throws, if nothing but
    chance is at work (McNemar 1947, exact form: Edwards 1948). 1 where nothing changed. Raises MissingExtra."""
    return float(_stats().binomtest(wins, wins + losses, 0.5).pvalue) if wins + losses else 1.0


def permutation(gains: Sequence[float]) -> float:
    """The two-sided p of a mean paired difference: its place among those with signs drawn anew (Fisher 1935; exact up
    to 13 differences, then 9,999 draws of a fixed seed, beyond 1,000 differences their normal limit). 1 where fewer than
    two moved. Raises MissingExtra."""
    moved = [gain for gain in gains if gain]  # a difference of zero is the same under either sign
    if len(moved) < 2:
        return 1.0
    stats = _stats()
    if len(moved) > _MANY:
        return float(2 * stats.norm.sf(abs(sum(moved)) / math.hypot(*moved)))
    import numpy as np

    found = stats.permutation_test(
        (np.asarray(moved),), np.mean, permutation_type="samples", n_resamples=RESAMPLES, vectorized=True,
        batch=_BATCH // len(moved), rng=np.random.default_rng(SEED),
    )  # fmt: skip
    return float(found.pvalue)


def _stats() -> Any:
    try:
        from scipy import stats
    except ImportError:
        raise missing_extra("Comparing two runs needs scipy.") from None
    return stats


def left(compared: Compared) -> list[str]:
    """What was left out of a comparison, and what else a reader must know of it, a clause each."""
    out = {
        "of changed gold and left out": compared.altered,
        "only in the run before": compared.only_before,
        "only in the run after": compared.only_after,
    }
    return [*(f"{some(ids)} {why}" for why, ids in out.items() if ids), *compared.notes]


def some(ids: Sequence[str]) -> str:
    """How many, and the first of them by name."""
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{len(ids)} ({', '.join(ids[:_NAMED])}{more})"


def p_value(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
