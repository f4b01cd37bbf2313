"""What many measured values say together: shares with Wilson intervals, means with bootstrap intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag import MissingExtra

Z95 = 1.959963984540054  # the standard normal's quantile for 95 %
RESAMPLES = 9999
SEED = 20250221


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value over n cases, with its 95 % interval where one makes sense. `ceiling`: less of it is better."""

    name: str
    value: float
    n: int
    low: float | None = None
    high: float | None = None
    ceiling: bool = False

    def meets(self, bound: float) -> bool:
        """Whether the value is on the right side of a floor (of a ceiling, where less is better); nan never is."""
        return self.value <= bound if self.ceiling else self.value >= bound


def share(name: str, hits: Sequence[bool], *, ceiling: bool = False) -> Figure:
    """The share of hits with its Wilson interval; nan over nothing."""
    if not hits:
        return Figure(name, math.nan, 0, ceiling=ceiling)
    return Figure(name, sum(hits) / len(hits), len(hits), *wilson(sum(hits), len(hits)), ceiling=ceiling)


def mean(name: str, values: Sequence[float], *, ceiling: bool = False) -> Figure:
    """The mean without an interval; nan over nothing."""
    return Figure(name, sum(values) / len(values) if values else math.nan, len(values), ceiling=ceiling)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927): it stays within 0..1 and holds for small n."""
    if not 0 <= hits <= n or n < 1:
        raise ValueError(f"{hits} of {n} is no share")
    p = hits / n
    middle = p + Z95**2 / (2 * n)
    half = Z95 * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n))
    scale = 1 + Z95**2 / n
    low = 0.0 if hits == 0 else (middle - half) / scale
    return low, 1.0 if hits == n else (middle + half) / scale


def bootstrap_mean(name: str, values: Sequence[float]) -> Figure:
    """The mean with its 95 % percentile bootstrap interval (9,999 resamples, fixed seed). Raises MissingExtra."""
    if len(values) < 2:
        return mean(name, values)
    try:
        import numpy as np
        from scipy.stats import bootstrap
    except ImportError:
        raise missing_extra("Bootstrap intervals need scipy.") from None
    found = bootstrap(
        (np.asarray(values),), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(SEED)
    ).confidence_interval
    return Figure(name, sum(values) / len(values), len(values), float(found.low), float(found.high))


def ndcg(
    qrels: Mapping[str, Mapping[str, int]], run: Mapping[str, Mapping[str, float]], depth: int = 10
) -> dict[str, float]:
    """nDCG at `depth` of every question of `qrels`, by ir-measures; one without a ranking scores 0.

    Raises MissingExtra.
    """
    try:
        import ir_measures
    except ImportError:
        raise missing_extra("nDCG needs ir-measures.") from None
    measured = ir_measures.iter_calc([ir_measures.nDCG @ depth], qrels, {query: run.get(query, {}) for query in qrels})
    return dict.fromkeys(qrels, 0.0) | {one.query_id: float(one.value) for one in measured}


def missing_extra(message: str) -> MissingExtra:
    return MissingExtra(message, "Run: pip install 'citewise[eval]'")


def quantile(values: Iterable[float], q: float) -> float:
    """The q-quantile, interpolated between neighbours (type 7 of Hyndman & Fan 1996, as numpy); nan over nothing."""
    ranked = sorted(values)
    if not ranked:
        return math.nan
    place = (len(ranked) - 1) * q
    below = math.floor(place)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (ranked[above] - ranked[below]) * (place - below)
