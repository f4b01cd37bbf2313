"""Measures of refusals, of disagreements and of whole runs; what an error scores; the table of all measures."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from typing import Any

import pytest
from evaluation import a_row
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import EVIDENCE, UNANSWERABLE, citation, gold, outcome, passage, refusal, said
from scipy import stats

from eval import measures
from eval.measure import Measure
from eval.measures.abstention import confusion, risk_coverage
from eval.measures.robustness import wordings
from eval.questions import Span
from eval.results import Row
from rag import Answer, CitewiseError, Conflict, Side

QUOTE = citation(1, "f/keys.md", 0, "The gate key opens the main gate.")
TOLD = said((QUOTE.quote, [QUOTE]))


def score(name: str, answer: Answer | None, *, again: Answer | None = None, **fields: Any) -> float | None:
    measure = measures.named(name)
    assert isinstance(measure, Measure)
    return measure.score(outcome(gold(**fields), answer, again=again))


def figure(name: str, rows: list[Row]) -> Any:
    return next(one for one in measures.figures(rows) if one.name == name)


def judged(confidence: float, *, correct: bool = True, **fields: Any) -> Row:
    row = a_row(correct=correct, **fields)
    return replace(row, answer={**(row.answer or {}), "confidence": confidence})


# -- refusals ---------------------------------------------------------------------------------------------------------

ROWS = [
    judged(0.9), judged(0.8, correct=False), judged(0.8), judged(0.5), replace(judged(0.3), status="not_in_documents"),
    judged(0.1, type="unanswerable"), judged(0.6, correct=False, type="unanswerable"),
]  # fmt: skip
ERROR = a_row(error="it broke")
UNASKED = a_row(error="it broke", type="unanswerable")


def test_refusals_and_answers_by_hand() -> None:
    for name, fields, right in (("refused_answerable", {}, TOLD), ("answered_unanswerable", UNANSWERABLE, refusal())):
        wrong = refusal() if right is TOLD else TOLD
        assert [score(name, one, **fields) for one in (right, wrong, None)] == [0, 1, 1]
        other = {} if fields else UNANSWERABLE
        assert [score(name, one, **other) for one in (right, wrong, None)] == [None, None, None]
        assert score(name, replace(TOLD, status="about_assistant"), **fields) == 0


def test_the_table_of_refusals_holds_every_question() -> None:
    assert confusion([*ROWS, ERROR, UNASKED, UNASKED]) == {
        True: {"answered": 4, "refused": 1, "neither": 1}, False: {"answered": 1, "refused": 1, "neither": 2},
    }  # fmt: skip


def test_balanced_accuracy_is_the_mean_of_both_sides() -> None:
    found = figure("balanced_accuracy", ROWS)
    assert (found.value, found.n) == (pytest.approx((4 / 5 + 1 / 2) / 2), 7)
    assert found.low < found.value < found.high
    assert figure("balanced_accuracy", [*ROWS, ERROR, UNASKED]).value == pytest.approx((4 / 6 + 1 / 3) / 2)
    assert math.isnan(figure("balanced_accuracy", ROWS[:5]).value)


def test_auroc_is_of_the_confidence_and_an_error_ranks_wrong() -> None:
    known = stats.mannwhitneyu([0.9, 0.8, 0.8, 0.5, 0.3], [0.1, 0.6]).statistic / 10
    assert figure("auroc", ROWS).value == pytest.approx(known) == pytest.approx(0.8)
    assert figure("auroc", [*ROWS, ERROR]).value == pytest.approx(8 / 12)
    assert figure("auroc", [*ROWS, UNASKED]).value == pytest.approx(8 / 15)


def test_risk_and_coverage_by_hand() -> None:
    points = risk_coverage(ROWS)
    assert points == [(1 / 7, 0), (3 / 7, 1 / 3), (4 / 7, 2 / 4), (5 / 7, 2 / 5)]
    found = figure("aurc", ROWS)
    assert (found.value, found.n) == (pytest.approx((0 + 1 / 3 + 1 / 3 + 2 / 4 + 2 / 5) / 5), 5)
    assert risk_coverage([*ROWS, ERROR])[-1] == (5 / 8, 2 / 5)
    assert risk_coverage([ERROR]) == []
    assert math.isnan(figure("aurc", [ERROR]).value)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.sampled_from([*ROWS, ERROR, UNASKED]), max_size=12), st.randoms())
def test_the_order_of_the_questions_does_not_matter(rows: list[Row], rng: random.Random) -> None:
    names = ("balanced_accuracy", "auroc", "aurc", "consistent", "p50_ms", "p95_ms")
    summaries = {one.name: one for one in measures.SUMMARIES}
    assert set(names) == set(summaries)
    before = [summaries[name].figure(rows).value for name in names]
    rng.shuffle(rows)
    assert [summaries[name].figure(rows).value for name in names] == pytest.approx(before, nan_ok=True)
    assert all(math.isnan(value) or 0 <= value <= 1 for value in before[:4])


# -- disagreements ----------------------------------------------------------------------------------------------------

SIDES: dict[str, Any] = {
    "type": "conflict", "must_contain": [["18 euro", "eighteen"], ["20 euro"]], "evidence": EVIDENCE,
    "answers": [{"value": ["18 euros (handbook)"], "source": "a.md"}, {"value": ["20 euros (list)"], "source": "b.csv"}],
}  # fmt: skip
LOW, HIGH = ("It costs 18 euros.", [QUOTE]), ("It costs 20 euros.", [QUOTE])
DIFFER = Conflict("price", None, (Side("18", 1), Side("20", 1)))


def test_both_sides_have_to_be_told_and_cited() -> None:
    for answer, both, silent in (
        (said(LOW, HIGH), 1, 0),
        (said(LOW), 0, 1),
        (said(LOW, conflicts=[DIFFER]), 0, 0),
        (said(LOW, ("It costs 20 euros.", [])), 0, 0),
        (said(("It opens.", [QUOTE])), 0, 0),
        (refusal(), 0, 0),
        (None, 0, 1),
    ):
        assert (score("both_sides", answer, **SIDES), score("silent_pick", answer, **SIDES)) == (both, silent)
        assert (score("both_sides", answer), score("silent_pick", answer)) == (None, None)


def test_without_evidence_the_values_are_the_sides() -> None:
    values = [{"value": ["18 euro"], "source": "a"}, {"value": ["20 euro"], "source": "b"}]
    graded = SIDES | {"must_contain": [["18 euro"]], "evidence": [], "relevant": {"a": 1}, "answers": values}
    assert score("both_sides", said(LOW), **graded) == 0
    assert score("both_sides", said(LOW, HIGH), **graded) == 1


def test_a_disagreement_where_gold_knows_of_none_is_a_false_alarm() -> None:
    explained = replace(DIFFER, differs="period: 2021 vs 2023")
    for answer, alarm in (
        (TOLD, 0),
        (said(LOW, conflicts=[DIFFER]), 1),
        (said(LOW, conflicts=[explained]), 0),
        (None, 1),
    ):
        assert score("false_alarm", answer) == alarm
        assert score("false_alarm", answer, **UNANSWERABLE) == alarm
        assert score("false_alarm", answer, **SIDES) is None


# -- robustness and latency -------------------------------------------------------------------------------------------


def test_the_same_answer_again_but_for_its_timings() -> None:
    assert score("deterministic", TOLD) is None
    assert score("deterministic", TOLD, again=replace(TOLD, timings_ms={"total": 3.0})) == 1
    assert score("deterministic", TOLD, again=replace(TOLD, confidence=0.91)) == 0
    asked_once, asked_twice = (outcome(gold(), None, twice=twice) for twice in (False, True))
    assert [measures.score(one).get("deterministic") for one in (asked_once, asked_twice)] == [None, 0]


def test_wordings_are_linked_by_tags_and_compared_in_pairs() -> None:
    rows = [
        a_row("a"), a_row("b", tags=["same:a"]), a_row("c", tags=["same:b", "typo"], correct=False),
        a_row("d"), a_row("e", tags=["same:gone"]), a_row("f", tags=["same:g"], correct=False), a_row("g", correct=False),
    ]  # fmt: skip
    random.Random(4).shuffle(rows)
    assert sorted(sorted(row.gold.id for row in group) for group in wordings(rows)) == [["a", "b", "c"], ["f", "g"]]
    found = figure("consistent", rows)
    assert (found.value, found.n) == (2 / 4, 4)  # a-b and f-g, of a-b, a-c, b-c and f-g


def test_latency_is_of_what_was_answered() -> None:
    rows = [a_row(seconds=number / 1000) for number in range(1, 101)]
    rows.append(a_row(seconds=60.0, error="timed out"))
    assert (figure("p50_ms", rows).value, figure("p95_ms", rows).value) == (pytest.approx(50.5), pytest.approx(95.05))
    assert figure("p95_ms", rows).n == 100


# -- the table --------------------------------------------------------------------------------------------------------


NAMES = [one.name for one in measures.MEASURES] + [one.name for one in measures.SUMMARIES]


def test_names_are_unique_and_told_where_one_is_unknown() -> None:
    assert len(NAMES) == len(set(NAMES))
    assert all(measures.named(name).name == name for name in NAMES)
    assert all(measures.named(name).says.endswith(".") for name in NAMES)
    with pytest.raises(CitewiseError, match=r"no measure corect.*correct, contained"):
        measures.named("corect")


GOLDS: list[dict[str, Any]] = [
    {}, UNANSWERABLE, SIDES, {"type": "multi_source"}, {"answers": ["18 euros"]},
    {"must_contain": [], "answers": [], "evidence": [], "relevant": {"keys.md": 1}},
]  # fmt: skip


@pytest.mark.parametrize("fields", GOLDS)
def test_an_error_scores_the_worst_of_what_gold_measures_and_is_left_out_of_nothing(fields: dict[str, Any]) -> None:
    fields = {"evidence": EVIDENCE} | fields
    span = Span("f/keys.md", 0, len(QUOTE.quote))
    found = [passage("f/keys.md", 0, 60)]
    texts = {"f/keys.md": QUOTE.quote}
    error = measures.score(outcome(gold(**fields), None, found, [span], texts, twice=True))
    told = measures.score(outcome(gold(**fields), TOLD, found, [span], texts, again=TOLD))
    of_words = {"words", "sentences"}
    assert error.keys() == told.keys() - of_words - set(measures.INVARIANTS)
    worst = {one.name: float(one.ceiling) for one in measures.MEASURES}
    assert error == {name: worst[name] for name in error}
    assert error["correct"] == 0
    assert error["error"] == 1


def test_figures_are_shares_with_wilsons_interval_or_means_with_a_bootstrap() -> None:
    rows = [a_row(scores={"keypoints": number / 10, "refused_answerable": float(number < 2)}) for number in range(11)]
    found = {one.name: one for one in measures.figures(rows)}
    assert list(found) == NAMES
    refused = found["refused_answerable"]
    known = stats.binomtest(2, 11).proportion_ci(0.95, "wilson")
    assert (refused.value, refused.low, refused.high) == pytest.approx((2 / 11, known.low, known.high))
    assert (refused.n, refused.ceiling) == (11, True)
    assert found["keypoints"].value == pytest.approx(0.5)
    assert found["keypoints"].low == pytest.approx(0.5 - 1.96 * math.sqrt(0.1 / 11), abs=0.01)
    assert (found["mrr_at_10"].n, found["mrr_at_10"].low) == (0, None)
    assert math.isnan(found["mrr_at_10"].value)
