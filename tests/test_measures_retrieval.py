"""Measures of retrieval, by hand and against ir-measures."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import replace

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import gold, outcome, passage, refusal

from eval.measure import Outcome
from eval.measures import retrieval
from eval.questions import Span
from rag import Passage

SCORES = {one.name: one.score for one in retrieval.MEASURES}
FIRST = Span("f/a.txt", 10, 20)
SECOND = Span("f/b.txt", 0, 40)
TWO = [{"source": "a.txt", "quote": "x" * 10}, {"source": "b.txt", "quote": "y" * 40}]
BESIDE = [passage("f/c.txt", 10, 20), passage("f/a.txt", 0, 10), passage("f/a.txt", 20, 30)]


def found(
    passages: Sequence[Passage], evidence: object = TWO, spans: Sequence[Span] = (FIRST, SECOND), **fields: object
) -> Outcome:
    return outcome(gold(evidence=evidence, **fields), refusal(), passages, spans)


def scores(one: Outcome) -> dict[str, float | None]:
    return {name: score(one) for name, score in SCORES.items()}


def test_by_hand() -> None:
    one = found([*BESIDE, passage("f/a.txt", 15, 90), passage("f/c.txt", 0, 9), passage("f/b.txt", 20, 60)])
    ideal = 1 + 1 / math.log2(3)
    assert scores(one) == pytest.approx(
        {"hit_at_1": 0, "hit_at_5": 1, "hit_at_10": 1, "recall_at_10": 1, "all_hit_at_10": 1, "mrr_at_10": 1 / 4,
         "ndcg_at_10": (1 / math.log2(5) + 1 / math.log2(7)) / ideal, "span_recall_at_10": (5 + 20) / 50}
    )  # fmt: skip


def test_what_was_not_found_is_part_of_the_ideal() -> None:
    one = found([passage("f/a.txt", 0, 90), *BESIDE])
    ideal = 1 + 1 / math.log2(3)
    assert scores(one) == pytest.approx(
        {"hit_at_1": 1, "hit_at_5": 1, "hit_at_10": 1, "recall_at_10": 0.5, "all_hit_at_10": 0, "mrr_at_10": 1,
         "ndcg_at_10": 1 / ideal, "span_recall_at_10": 10 / 50}
    )  # fmt: skip
    assert set(scores(found([])).values()) == {0.0}
    assert set(scores(found(BESIDE)).values()) == {0.0}


def test_touching_at_a_few_characters_is_not_found() -> None:
    assert SCORES["hit_at_10"](found([passage("f/a.txt", 15, 90)])) == 1
    assert SCORES["hit_at_10"](found([passage("f/a.txt", 16, 90)])) == 0


def test_the_eleventh_passage_does_not_count() -> None:
    one = found([*(BESIDE * 4)[:10], passage("f/a.txt", 0, 90)])
    assert set(scores(one).values()) == {0.0}


def test_the_eleventh_file_does_not_count() -> None:
    passages = [passage(f"f/{number}.txt", 0, 9) for number in range(11)]
    assert SCORES["recall_at_10"](found(passages, [], [], relevant={"9.txt": 1, "10.txt": 1})) == 0.5


def test_quotes_of_one_length_in_one_file_are_told_apart_by_their_text() -> None:
    evidence = [{"source": "a.txt", "quote": "six hives"}, {"source": "a.txt", "quote": "ten bikes"}]
    spans = [Span("f/a.txt", 0, 9), Span("f/a.txt", 14, 23)]
    one = found([passage("f/a.txt", 0, 12)], evidence, spans)
    assert SCORES["recall_at_10"](replace(one, texts={"f/a.txt": "six hives and ten bikes"})) == 0.5


def test_one_passage_with_all_of_the_evidence_is_perfect() -> None:
    same_file = [{"source": "a.txt", "quote": "x" * 10}, {"source": "a.txt", "quote": "y" * 5}]
    one = found([passage("f/a.txt", 0, 90)], same_file, [FIRST, Span("f/a.txt", 40, 45)])
    assert set(scores(one).values()) == {1.0}


def test_a_quote_that_stands_twice_need_be_found_once() -> None:
    one = found([passage("f/a.txt", 0, 30)], TWO[:1], [FIRST, Span("f/a.txt", 110, 120)])
    assert set(scores(one).values()) == {1.0}


def test_of_several_documents_one_quote_of_each_is_enough() -> None:
    evidence = [*TWO, {"source": "a.txt", "quote": "z" * 7}]
    spans = [FIRST, SECOND, Span("f/a.txt", 500, 507)]
    passages = [passage("f/a.txt", 0, 30), passage("f/b.txt", 0, 40)]
    for type_, whole in (("multi_source", 1), ("conflict", 1), ("list", 0)):
        one = found(passages, evidence, spans, type=type_)
        assert SCORES["all_hit_at_10"](one) == whole
        assert SCORES["recall_at_10"](one) == pytest.approx(2 / 3)
        assert SCORES["all_hit_at_10"](found(passages[:1], evidence, spans, type=type_)) == 0


def test_graded_files_are_ranked_each_once() -> None:
    passages = [passage(f"f/{name}.txt", start, start + 9) for start, name in enumerate("ccabc")]
    one = found(passages, [], [], relevant={"a.txt": 2, "b.txt": 1, "d.txt": 1, "c.txt": 0})
    ideal = 2 + 1 / math.log2(3) + 1 / math.log2(4)
    assert scores(one) == pytest.approx(
        {"hit_at_1": 0, "hit_at_5": 1, "hit_at_10": 1, "recall_at_10": 2 / 3, "all_hit_at_10": 0, "mrr_at_10": 1 / 2,
         "ndcg_at_10": (2 / math.log2(3) + 1 / math.log2(4)) / ideal, "span_recall_at_10": None}
    )  # fmt: skip


def test_only_what_has_evidence_is_measured_and_an_error_finds_nothing() -> None:
    nothing = dict.fromkeys(SCORES)
    assert scores(found([], [], [])) == nothing
    assert scores(found([], [], [], type="unanswerable", relevant={"a.txt": 1})) == nothing
    failed = outcome(gold(evidence=TWO), None, [passage("f/a.txt", 0, 90)], [FIRST, SECOND])
    assert set(scores(failed).values()) == {0.0}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from("abcdefghijklmnop"), max_size=25),
    st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.integers(1, 3), min_size=1),
)
def test_rankings_of_files_are_measured_as_ir_measures_does(ranking: list[str], grades: dict[str, int]) -> None:
    one = found([passage(f"f/{name}", 0, 9) for name in ranking], [], [], relevant=grades)
    run = {"q": {name: -float(place) for place, name in enumerate(dict.fromkeys(ranking))}}
    theirs = {"hit_at_1": "Success@1", "hit_at_5": "Success@5", "hit_at_10": "Success@10", "recall_at_10": "R@10",
              "mrr_at_10": "RR@10", "ndcg_at_10": "nDCG@10"}  # fmt: skip
    for name, measure in theirs.items():
        known = ir_measures.calc_aggregate([ir_measures.parse_measure(measure)], {"q": grades}, run)
        assert SCORES[name](one) == pytest.approx(next(iter(known.values())))


PLACES = st.lists(
    st.tuples(st.sampled_from(["f/a.txt", "f/b.txt"]), st.integers(0, 60), st.integers(1, 40)), max_size=12
)


@settings(deadline=None, max_examples=100)
@given(PLACES, st.randoms())
def test_between_0_and_1_and_whatever_order_the_evidence_is_in(
    places: list[tuple[str, int, int]], rng: random.Random
) -> None:
    passages = [passage(source, start, start + length) for source, start, length in places]
    before = scores(found(passages))
    assert all(value is not None and 0 <= value <= 1 for value in before.values())
    pairs = list(zip(TWO, (FIRST, SECOND), strict=True))
    rng.shuffle(pairs)
    evidence, spans = zip(*pairs, strict=True)
    assert scores(found(passages, list(evidence), spans)) == before
    better = scores(found([passage("f/a.txt", 0, 30), passage("f/b.txt", 0, 40), *passages]))
    assert all((better[name] or 0) >= (before[name] or 0) for name in before)
