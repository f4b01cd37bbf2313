"""Intervals and summaries, against numbers worked out by hand and against scipy and numpy."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eval import statistics
from eval.measures import retrieval
from rag import MissingExtra


def test_wilson_by_hand_and_against_scipy() -> None:
    assert statistics.wilson(8, 10) == pytest.approx((0.490, 0.943), abs=5e-4)  # Newcombe 1998 gives such a table
    assert statistics.wilson(0, 20)[0] == 0
    assert statistics.wilson(20, 20)[1] == 1
    for n in (1, 2, 7, 35, 50, 1000):
        for hits in {0, 1, n // 3, n // 2, n - 1, n}:
            known = stats.binomtest(hits, n).proportion_ci(0.95, "wilson")
            assert statistics.wilson(hits, n) == pytest.approx((known.low, known.high), abs=1e-12)
    for hits, n in ((1, 0), (-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="is no share"):
            statistics.wilson(hits, n)


def test_bootstrap_is_close_to_the_normal_interval_and_always_the_same() -> None:
    values = np.random.default_rng(7).normal(0.5, 0.1, 400).tolist()
    figure = statistics.bootstrap_mean("m", values)
    half = 1.96 * np.std(values) / math.sqrt(len(values))
    assert (figure.value, figure.low, figure.high) == pytest.approx(
        (np.mean(values), np.mean(values) - half, np.mean(values) + half), abs=0.002
    )
    assert figure == statistics.bootstrap_mean("m", values)
    assert statistics.bootstrap_mean("m", [1.0]).low is None


def test_quantile_against_numpy() -> None:
    rng = random.Random(3)
    for n in (1, 2, 9, 100):
        values = [rng.random() for _ in range(n)]
        for q in (0.0, 0.5, 0.95, 1.0):
            assert statistics.quantile(values, q) == pytest.approx(np.quantile(values, q))
    assert math.isnan(statistics.quantile([], 0.5))


CONFIDENCE = st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])


def test_auroc_by_hand() -> None:
    assert statistics.auroc([0.9, 0.6, 0.5], [0.5, 0.1]) == pytest.approx((2 + 2 + 1.5) / 6)
    assert statistics.auroc([1.0], [0.0]) == 1
    assert statistics.auroc([0.0], [1.0]) == 0
    assert statistics.auroc([0.5, 0.5], [0.5]) == 0.5


@settings(deadline=None, max_examples=50)
@given(st.lists(CONFIDENCE, min_size=1), st.lists(CONFIDENCE, min_size=1), st.randoms())
def test_auroc_is_mann_and_whitneys_u(positive: list[float], negative: list[float], rng: random.Random) -> None:
    found = statistics.auroc(positive, negative)
    known = stats.mannwhitneyu(positive, negative).statistic / (len(positive) * len(negative))
    assert found == pytest.approx(known)
    assert 0 <= found <= 1
    assert statistics.auroc(negative, positive) == pytest.approx(1 - found)
    rng.shuffle(positive)
    assert statistics.auroc(positive, negative) == pytest.approx(found)


def test_aurc_by_hand() -> None:
    confidence, wrong = np.array([0.9, 0.8, 0.7, 0.6]), np.array([0.0, 1.0, 0.0, 1.0])
    assert statistics.aurc(confidence, wrong) == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    tied = np.array([0.9, 0.8, 0.8, 0.6])  # nobody can answer the second without the third
    assert statistics.aurc(tied, wrong) == pytest.approx((0 + 1 / 3 + 1 / 3 + 2 / 4) / 4)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(CONFIDENCE, st.booleans()), min_size=1), st.randoms())
def test_aurc_is_the_mean_risk_in_whatever_order(answers: list[tuple[float, bool]], rng: random.Random) -> None:
    def found() -> float:
        confidence, wrong = np.array(answers, float).T
        return float(statistics.aurc(np.stack([confidence, confidence]), np.stack([wrong, wrong]))[1])

    kept = [[wrong for other, wrong in answers if other >= confidence] for confidence, _ in answers]
    known = sum(sum(one) / len(one) for one in kept) / len(answers)
    assert found() == pytest.approx(known)
    rng.shuffle(answers)
    assert found() == pytest.approx(known)


def test_a_bootstrap_draws_from_each_sample_apart() -> None:
    def difference(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
        return one.mean(axis) - other.mean(axis)

    rng = np.random.default_rng(5)
    one, other = rng.normal(1, 0.5, 90).tolist(), rng.normal(0, 0.2, 30).tolist()
    figure = statistics.bootstrap("d", difference, one, other, ceiling=True)
    half = 1.96 * math.sqrt(np.var(one) / 90 + np.var(other) / 30)
    value = np.mean(one) - np.mean(other)
    assert (figure.value, figure.low, figure.high) == pytest.approx((value, value - half, value + half), abs=0.01)
    assert (figure.n, figure.ceiling) == (120, True)
    assert statistics.bootstrap("d", difference, one, [1.0]).low is None
    assert math.isnan(statistics.bootstrap("d", difference, one, []).value)


def test_many_values_are_resampled_within_the_memory_at_hand() -> None:
    values = [float(number % 2) for number in range(40_000)]
    figure = statistics.bootstrap_mean("m", values)
    assert (figure.low, figure.high) == pytest.approx((0.4951, 0.5049), abs=0.001)


def test_a_quantile_has_the_interval_that_scipy_gives_it() -> None:
    values = [float(number) for number in range(1, 101)]
    figure = statistics.quantile_figure("p50_ms", values, 0.5)
    known = stats.quantile_test(values, p=0.5).confidence_interval()
    assert (figure.value, figure.low, figure.high, figure.ceiling) == (50.5, known.low, known.high, True)
    assert 0.95 <= stats.binom.cdf(known.high - 1, 100, 0.5) - stats.binom.cdf(known.low - 1, 100, 0.5) < 0.97
    assert statistics.quantile_figure("p95_ms", [1.0, 2.0], 0.95).high is None
    assert math.isnan(statistics.quantile_figure("p95_ms", [], 0.95).value)


@pytest.mark.parametrize("module", ["scipy", "scipy.stats", "ir_measures"])
def test_without_the_extra_the_error_names_the_command(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    retrieval.ranked.cache_clear()
    calls: dict[str, list[Callable[[], object]]] = {
        "scipy": [lambda: statistics.bootstrap_mean("m", [0.1, 0.2])],
        "scipy.stats": [
            lambda: statistics.auroc([1.0], [0.0]),
            lambda: statistics.quantile_figure("p50_ms", [1.0], 0.5),
        ],
        "ir_measures": [lambda: retrieval.ranked((1,), ())],
    }
    for call in calls[module]:
        with pytest.raises(MissingExtra, match=r"pip install 'citewise\[eval\]'"):
            call()
