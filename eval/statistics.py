"""What many measured values say together: shares with Wilson intervals, means with bootstrap intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rag import MissingExtra

Z95 = 1.959963984540054  # the standard normal's quantile for 95 %
RESAMPLES = 9999
DRAWN = 20_000_000  # values that all resamples together may have
BATCH = 1_000_000  # of these, at once
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


def bootstrap_mean(name: str, values: Sequence[float], *, ceiling: bool = False) -> Figure:
    """The mean with its bootstrap interval, nan over nothing. Raises MissingExtra."""

    def average(sample: Any, axis: int = -1) -> Any:
        return sample.mean(axis)

    return bootstrap(name, average, values, ceiling=ceiling)


def bootstrap(name: str, statistic: Callable[..., Any], *samples: Sequence[float], ceiling: bool = False) -> Figure:
    """A statistic of one sample or of several with its 95 % percentile bootstrap interval (Efron 1979): each sample is
    drawn from apart, which makes it stratified; 9,999 resamples (fewer of more than 2,000 values), fixed seed.

    `statistic` takes arrays and the `axis` along which to go. Without values in each sample it is nan, without two it
    has no interval. Raises MissingExtra.
    """
    try:
        import numpy as np
        from scipy import stats
    except ImportError:
        raise missing_extra("Bootstrap intervals need scipy.") from None
    n = sum(map(len, samples))
    if not all(samples):
        return Figure(name, math.nan, n, ceiling=ceiling)
    arrays = [np.asarray(sample, dtype=float) for sample in samples]
    value = float(statistic(*arrays, axis=-1))
    if min(map(len, samples)) < 2:
        return Figure(name, value, n, ceiling=ceiling)
    found = stats.bootstrap(
        arrays, statistic, n_resamples=min(RESAMPLES, DRAWN // n), batch=max(1, BATCH // n), method="percentile",
        vectorized=True, rng=np.random.default_rng(SEED),
    ).confidence_interval  # fmt: skip
    return Figure(name, value, n, float(found.low), float(found.high), ceiling)


def auroc(positive: Any, negative: Any, axis: int = -1) -> Any:
    """The area under the ROC curve: the probability that a positive is greater than a negative one, ties counting half.
    It is Mann and Whitney's U (1947) over the number of pairs. Raises MissingExtra."""
    try:
        from scipy.stats import rankdata
    except ImportError:
        raise missing_extra("AUROC needs scipy.") from None
    import numpy as np

    n, m = np.shape(positive)[axis], np.shape(negative)[axis]
    ranks = rankdata(np.concatenate([positive, negative], axis), axis=axis)
    return (np.take(ranks, range(n), axis).sum(axis) - n * (n + 1) / 2) / (n * m)


def aurc(confidence: Any, wrong: Any) -> Any:
    """The area under the risk-coverage curve along the last axis (Geifman & El-Yaniv 2017): for each of the n answers the
    share of `wrong` ones among those that have its `confidence` or more, and the mean of these."""
    import numpy as np

    n = np.shape(confidence)[-1]
    order = np.argsort(-confidence, axis=-1, kind="stable")
    risk = np.cumsum(np.take_along_axis(wrong, order, -1), -1) / np.arange(1, n + 1)
    differs = np.diff(np.take_along_axis(confidence, order, -1), append=-np.inf) != 0
    last_tied = np.minimum.accumulate(np.where(differs, np.arange(n), n)[..., ::-1], -1)[..., ::-1]
    return np.take_along_axis(risk, last_tied, -1).mean(-1)


def quantile_figure(name: str, values: Sequence[float], q: float) -> Figure:
    """The q-quantile, of which less is better, with the 95 % interval between order statistics that scipy's
    `quantile_test` gives (Conover 1999); None for an end that so few values cannot have. Raises MissingExtra."""
    try:
        from scipy.stats import quantile_test
    except ImportError:
        raise missing_extra("Intervals of quantiles need scipy.") from None
    if not values:
        return Figure(name, math.nan, 0, ceiling=True)
    found = quantile_test(values, p=q).confidence_interval()
    low, high = (None if math.isnan(end) else float(end) for end in (found.low, found.high))
    return Figure(name, quantile(values, q), len(values), low, high, ceiling=True)


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
