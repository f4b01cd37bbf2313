"""The matcher and the metrics of the evaluation, against numbers worked out by hand and against other people's code."""

from __future__ import annotations

import importlib.util
import json
import math
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from evaluation import SHARED, needs_shared
from scipy import stats

from eval import metrics, statistics
from eval.match import contains, satisfied
from eval.questions import Span
from eval.statistics import Figure
from rag import Answer, Citation, MissingExtra, Passage, Statement

# -- matcher ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "text", "held"),
    [
        ("5%", "a rise of 5% in a year", True),
        ("5%", "a rise of 55% in a year", False),
        ("5%", "a rise of 2.5% in a year", False),
        ("11,000", "more than 11,000 sanctions", True),
        ("11,000", "more than 211,000 sanctions", False),
        ("11,000", "exactly 11,000.50 euros", False),
        ("2", "2.2 million", False),
        ("2014", "since 2014.", True),
        ("2014", "B2014", False),
        ("recogni", "recognition of the land", True),
        ("recogni", "unrecognised", False),
        ("UK", "the UK agreed", True),
        ("UK", "Ukraine agreed", False),
        ("U.S.", "the U.S. delegation", True),
        ("fox", "two foxes", False),
        ("foxe", "two foxes", True),
        ("Moscow's", "Moscow’s wish", True),
        ("18-20", "pages 18–20", True),
        ("two tracks", "**two\n tracks**", True),
        ("STRASSE", "die Straße", True),
        ("½", "1⁄2 of it", True),
        ("°C", "65 °C", True),
        ("**", "anything", False),
    ],
)
def test_an_alias_is_a_stem_and_a_number_is_whole(alias: str, text: str, held: bool) -> None:
    assert contains(text, alias) is held


def test_every_group_needs_one_alias() -> None:
    assert satisfied([["5%", "five percent"], ["2014"]], "Five percent, agreed in 2014")
    assert not satisfied([["5%", "five percent"], ["2014"]], "Five percent")
    assert satisfied([], "anything")


def shared_matcher() -> Any:
    spec = importlib.util.spec_from_file_location("shared_match", SHARED / "gold" / "match.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    written = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # the folder is not ours to write in
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module


@needs_shared
def test_the_matcher_agrees_with_the_shared_one() -> None:
    theirs = shared_matcher()
    rng = random.Random(1)
    parts = ["5", "55", "2.5", "1,200", "%", " ", " ", "-", "–", "UK", "Ukraine", "us", "U.S.", "recogni", "tion", ".",
             ",", "’", "'", "ﬁ", "°C", "*", "`", "\u00ad", "\n", "é", "e\u0301", "ß", "²", "x", "("]  # fmt: skip
    cases: list[tuple[str, str]] = []
    while len(cases) < 20_000:
        alias, text = ("".join(rng.choices(parts, k=rng.randint(1, most))) for most in (3, 12))
        if theirs.fold(alias):  # it cannot take an alias of nothing
            cases.append((alias, text if rng.random() < 0.5 else text + alias + rng.choice(parts)))
    rows = [json.loads(line) for line in (SHARED / "gold" / "dev.jsonl").read_text("utf-8").splitlines()]
    quotes = [evidence["quote"] for row in rows for evidence in row["evidence"]]
    aliases = [alias for row in rows for group in row["must_contain"] for alias in group]
    cases += [(alias, quote) for alias in aliases for quote in quotes]
    held = [contains(text, alias) for alias, text in cases]
    assert held == [theirs.hit(alias, text) for alias, text in cases]
    assert 0.05 < sum(held) / len(held) < 0.95


# -- metrics ----------------------------------------------------------------------------------------------------------


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


def test_ndcg_by_hand_and_a_question_without_a_ranking_scores_nothing() -> None:
    qrels = {"q1": {"a": 1, "b": 1}, "q2": {"c": 1}}
    found = statistics.ndcg(qrels, {"q1": {"x": 3.0, "a": 2.0, "y": 1.0, "b": 0.5}})
    ideal = 1 + 1 / math.log2(3)
    assert found["q1"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert found["q2"] == 0


def test_quantile_against_numpy() -> None:
    rng = random.Random(3)
    for n in (1, 2, 9, 100):
        values = [rng.random() for _ in range(n)]
        for q in (0.0, 0.5, 0.95, 1.0):
            assert statistics.quantile(values, q) == pytest.approx(np.quantile(values, q))
    assert math.isnan(statistics.quantile([], 0.5))


@pytest.mark.parametrize("module", ["scipy.stats", "ir_measures"])
def test_without_the_extra_the_error_names_the_command(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    call: dict[str, Callable[[], object]] = {
        "scipy.stats": lambda: statistics.bootstrap_mean("m", [0.1, 0.2]),
        "ir_measures": lambda: statistics.ndcg({"q": {"d": 1}}, {}),
    }
    with pytest.raises(MissingExtra, match=r"pip install 'citewise\[eval\]'"):
        call[module]()


def passage(source: str, start: int, end: int) -> Passage:
    return Passage("id", source, "text", start, end, None, None, None, "", 1.0)


def citation(number: int, source: str, start: int, quote: str) -> Citation:
    return Citation(number, source, "t", start, start + len(quote), None, None, None, quote, "", "", "sha")


def answer(text: str, statements: Sequence[tuple[str, tuple[int, ...]]], citations: Sequence[Citation]) -> Answer:
    made = tuple(Statement(words, numbers, "verbatim") for words, numbers in statements)
    return Answer("id", "q", "q", text, "answered", 1.0, "quotes", made, tuple(citations))


def test_evidence_is_found_by_source_and_span() -> None:
    spans = [Span("f/a.txt", 10, 20)]
    near = [passage("f/b.txt", 10, 20), passage("f/a.txt", 0, 10), passage("f/a.txt", 20, 30)]
    assert metrics.evidence_rank(near, spans) is None
    assert metrics.evidence_rank([*near, passage("f/a.txt", 15, 30)], spans) == 4
    assert metrics.evidence_rank([passage("f/a.txt", 16, 30), passage("f/a.txt", 0, 99)], spans) == 2
    assert metrics.evidence_cited([citation(1, "f/a.txt", 5, "1234567890")], spans)
    assert not metrics.evidence_cited([citation(1, "f/a.txt", 5, "123456789")], spans)


def test_a_quote_shifted_by_a_letter_or_with_another_digit_is_not_exact() -> None:
    def text(source: str) -> str:
        return {"a": "The cap is 60 dollars."}[source]

    assert metrics.is_exact(citation(1, "a", 4, "cap is 60"), text)
    assert not metrics.is_exact(citation(1, "a", 5, "cap is 60"), text)
    assert not metrics.is_exact(citation(1, "a", 4, "cap is 80"), text)
    assert not metrics.is_exact(citation(1, "a", 4, ""), text)


def test_dangling_counts_what_leads_nowhere() -> None:
    cite = citation(1, "a", 0, "x")
    assert metrics.dangling(answer("Words. [1]", [("Words.", (1,))], [cite])) == 0
    quoted = answer("As in [7]. [1]", [("As in [7].", (1,))], [cite])
    assert metrics.dangling(quoted) == 0
    assert metrics.dangling(answer("Words. [1][2]", [("Words.", (1, 2))], [cite])) == 1
    assert metrics.dangling(answer("Words. [1]", [("Words.", (1,))], [cite, citation(2, "a", 0, "x")])) == 1
    assert metrics.dangling(answer("Words.", [("Words.", (1,))], [cite])) == 1


def test_a_refusal_contains_nothing_and_markers_are_no_words() -> None:
    told = answer("In 2014. [5]", [("In 2014.", (5,))], [])
    assert metrics.contained(told, [["2014"]])
    assert not metrics.contained(told, [["5"]])
    assert not metrics.contained(replace(told, status="not_in_documents"), [["2014"]])


def test_floors_and_ceilings() -> None:
    assert Figure("share", 0.8, 10).meets(0.8)
    assert not Figure("share", 0.8, 10).meets(0.81)
    assert Figure("words", 40, 10, ceiling=True).meets(40)
    assert not Figure("words", 40, 10, ceiling=True).meets(39.9)
    assert not Figure("none", math.nan, 0).meets(0)
