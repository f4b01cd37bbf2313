"""Measures of an answer's words, by hand and against the official script of SQuAD v2."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcomes import EVIDENCE, KEYS, UNANSWERABLE, citation, gold, outcome, refusal, said

from eval.measures import answers, squad
from eval.measures.numeric import holds_number, numeric_wanted
from rag import Answer

SCORES = {one.name: one.score for one in answers.MEASURES}
QUOTE = citation(1, "f/keys.md", 0, KEYS)


def score(name: str, answer: Answer | None, **fields: Any) -> float | None:
    return SCORES[name](outcome(gold(**fields), answer))


def test_the_own_words_of_an_answer_have_to_hold_every_group() -> None:
    told = said(("It opens the main gate.", [QUOTE]), ("Lost, it costs 18 euros.", [QUOTE]))
    wanted = {"must_contain": [["main gate", "front gate"], ["18 euro"], ["Marta"]]}
    for name in ("correct", "contained"):
        assert score(name, told) == 1
        assert score(name, told, **wanted) == 0
        assert score(name, told, must_contain=wanted["must_contain"][:2]) == 1
        assert score(name, refusal()) == 0
        assert score(name, None) == 0
    assert score("keypoints", told, **wanted) == pytest.approx(2 / 3)
    assert score("keypoints", refusal(), **wanted) == 0


def test_markers_and_the_words_of_a_refusal_are_no_answer() -> None:
    assert score("contained", said(("It opens.", [QUOTE])), must_contain=[["1"]]) == 0
    refused = said(("It opens the main gate.", ()), status="not_in_documents")
    assert score("contained", refused) == 0
    assert score("correct", said(("It opens the main gate.", ()), status="about_assistant")) == 0


def test_what_the_documents_do_not_tell_has_to_be_refused() -> None:
    told = said(("It opens the main gate.", [QUOTE]))
    greeting = said(("Hello!", [], "none"), status="about_assistant")
    assert [score("correct", one, **UNANSWERABLE) for one in (refusal(), told, greeting, None)] == [1, 0, 0, 0]
    for name in ("contained", "numeric", "keypoints", "token_recall", "token_f1"):
        assert score(name, told, **UNANSWERABLE) is None


def test_where_gold_expects_no_words_a_relevant_file_has_to_be_cited() -> None:
    told = said(("It opens the main gate.", [QUOTE]))
    graded: dict[str, Any] = {"must_contain": [], "answers": [], "evidence": []}
    assert score("correct", told, **graded, relevant={"keys.md": 1}) == 1
    assert score("correct", told, **graded, relevant={"keys.md": 0, "bees.txt": 1}) == 0
    assert score("correct", refusal(), **graded, relevant={"keys.md": 1}) == 0
    assert score("correct", told, **graded | {"evidence": EVIDENCE}) == 1
    assert (
        score("correct", said(("It opens.", [citation(1, "f/bees.txt", 0, "It")])), **graded | {"evidence": EVIDENCE})
        == 0
    )


def test_lengths_are_those_of_answers_alone_and_errors_are_counted() -> None:
    told = said(("It opens the main gate.", [QUOTE]), ("Not the shed.", [QUOTE]))
    assert (score("words", told), score("sentences", told), score("error", told)) == (8, 2, 0)
    assert (score("words", refusal()), score("sentences", refusal()), score("error", refusal())) == (None, None, 0)
    assert (score("words", None), score("sentences", None), score("error", None)) == (None, None, 1)


@pytest.mark.parametrize(
    ("text", "number", "held"),
    [
        ("nine hours of work", "nine", True),
        ("9 hours", "nine hours", True),
        ("540 minutes", "9 hours", True),
        ("87,000 grams of honey", "87 kg", True),
        ("forty percent of it", "40%", True),
        ("40 euros", "40 dollars", False),
        ("about 11 thousand", "11,000", True),
        ("10,900 of them", "11,000", True),
        ("10,880 of them", "11,000", False),
        ("21,000 of them", "11,000", False),
        ("Replacement key,any key,18.00,each", "18 euros", True),
        ("$18", "18 euros", False),
        ("324 billion dollars", "$324bn", True),
        ("324 million dollars", "$324bn", False),
        ("at 14:00", "2 pm", True),
        ("at 14:05", "2 pm", False),
        ("the third gate", "3rd", True),
        ("the fourth gate", "3rd", False),
        ("3 gates", "3rd", False),
        ("between 5 and 7 metres", "5-7 metres", True),
        ("5 metres", "5-7 metres", False),
        ("no number", "18 euros", False),
    ],
)
def test_a_number_is_the_same_in_whatever_spelling(text: str, number: str, held: bool) -> None:
    assert holds_number(text, [number]) is held
    assert holds_number(text, ["a hundred thousand", number]) is held


def test_numeric_is_over_answers_that_are_a_number() -> None:
    assert numeric_wanted([("18 euros", "eighteen euros")])
    assert not numeric_wanted([("18 euros", "not cheap")])
    assert not numeric_wanted([("in 2014",)])  # of a year 1 % are twenty others
    assert not numeric_wanted([("one of them",)])
    assert not numeric_wanted([("a lost key is replaced by Henrik for 18 euros",)])
    assert not numeric_wanted([])
    told = said(("A lost key costs eighteen euros.", [QUOTE]))
    assert score("numeric", told, answers=["18 euros", "€18"]) == 1
    assert score("numeric", told, answers=["18 euros", ["30 euros"]]) == 0
    assert score("numeric", told, answers=["main gate"]) is None
    assert score("numeric", refusal(), answers=["18 euros"]) == 0
    assert score("numeric", None, answers=["18 euros"]) == 0


def test_token_recall_takes_the_best_spelling_of_each_answer_that_is_wanted() -> None:
    told = said(("The key opens the main gate, and a gate.", [QUOTE]))
    assert score("token_recall", told, answers=["the Main Gate!"]) == 1
    assert score("token_recall", told, answers=["main shed", "shed"]) == 0.5
    assert score("token_recall", told, answers=[["main gate"], ["the shed", "main shed"]]) == pytest.approx(
        (1 + 0.5) / 2
    )
    sides = [{"value": ["gate gate gate"], "source": "a"}, {"value": ["shed"], "source": "b"}]
    assert score("token_recall", told, answers=sides) == pytest.approx((2 / 3 + 0) / 2)
    assert score("token_recall", refusal(), answers=["documents"]) == 0
    assert score("token_recall", None) == 0


# What evaluate-v2.0.py, the official script (rajpurkar.github.io/SQuAD-explorer), gives for these as f1.
OFFICIAL = [
    ("The gate key", ["gate key"], 1.0),
    ("a lost key costs 18 euros", ["18 euros", "eighteen euros"], 0.571429),
    ("Eighteen euros.", ["18 euros", "eighteen euros"], 1.0),
    ("six hives, six frames", ["six hives"], 0.666667),
    ("", [], 1.0),
    ("", ["the"], 1.0),
    ("the", [], 1.0),
    ("Nobody mows it", [], 0.0),
    ("", ["Marta"], 0.0),
    ("Marta's bees", ["martas bees", "Marta"], 1.0),
    ("well-kept meadow", ["well kept meadow", "wellkept meadow"], 1.0),
    ("An apple a day — the “best”", ["apple day best", "apple day — “best”"], 1.0),
    ("87  kg\n(of honey)", ["87 kg honey"], 0.857143),
    ("The A and an THE", ["and"], 1.0),
    ("gate—the—key", ["gate— —key"], 1.0),
    ("theatre", ["the atre", "theatre"], 1.0),
]


@pytest.mark.parametrize(("text", "golds", "f1"), OFFICIAL)
def test_as_the_official_script_of_squad(text: str, golds: list[str], f1: float) -> None:
    assert squad.f1(text, golds) == pytest.approx(f1, abs=1e-6)
    if golds:
        assert score("token_f1", said((text, [QUOTE])), answers=golds) == pytest.approx(f1, abs=1e-6)


def test_token_f1_is_of_each_answer_that_is_wanted() -> None:
    told = said(("main gate", [QUOTE]))
    assert score("token_f1", told, answers=[["main gate"], ["the shed", "main shed"]]) == pytest.approx((1 + 0.5) / 2)
    assert [score("token_f1", one, answers=["gate"]) for one in (refusal(), None)] == [0, 0]


@given(st.text("ab the.,18 ", max_size=12), st.lists(st.text("ab the.,18 ", max_size=12), max_size=3))
def test_the_same_words_have_an_f1_of_1_and_all_is_between_0_and_1(text: str, golds: list[str]) -> None:
    assert 0 <= squad.f1(text, golds) <= 1
    assert squad.f1(text, [text]) == 1
    assert all(0 <= squad.recall(text, gold) <= 1 for gold in golds)
    assert squad.f1(text, golds) == squad.f1(text, golds[::-1])
