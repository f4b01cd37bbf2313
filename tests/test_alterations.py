"""The rules that alter and rephrase sentences do what their names say, and their figures count every case."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.studies.alterations import (
    ALTERATIONS,
    MIXED,
    REPHRASINGS,
    TWO,
    Sentence,
    figures,
    judged,
    load_sentences,
    names_of,
)
from rag import CitewiseError

NAMES = ["Aldby", "Norrvik"]


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ("magnitude", "It cost 4 million euros.", "It cost 4 billion euros."),
        ("year", "It opened in 2014.", "It opened in 2016."),
        ("month", "It opened on 3 May 2014.", "It opened on 3 October 2014."),
        ("name", "The mill at Aldby burned.", "The mill at Norrvik burned."),
        ("unit", "It rose by 40%.", "It rose by 40 percentage points."),
        ("negation inserted", "It was sold.", "It was not sold."),
        ("negation removed", "It was not sold.", "It was sold."),
        ("comparison", "Prices rose.", "Prices fell."),
        ("roles swapped", "Aldby sold the mill to Norrvik.", "Norrvik sold the mill to Aldby."),
        ("period", "The monthly fee is due.", "The weekly fee is due."),
        ("modality", "Guests may park here.", "Guests must park here."),
        ("quantifier", "All members pay.", "Some members pay."),
        ("contraction", "It was not sold.", "It wasn't sold."),
        ("number format", "It cost 4 million euros.", "It cost 4,000,000 euros."),
        ("percent", "It rose by 40%.", "It rose by 40 percent."),
        ("clause order", "In 2014, the mill burned.", "The mill burned in 2014."),
        ("date format", "It opened on May 3, 2014.", "It opened on 3 May 2014."),
    ],
)
def test_rules(rule: str, before: str, after: str) -> None:
    assert (ALTERATIONS | REPHRASINGS)[rule](before, NAMES) == after


def test_every_case_is_judged_and_counted() -> None:
    text = "In 2014, the mill at Aldby ground 11,000 sacks of rye."
    outcomes = list(judged([Sentence(text, (text,))], NAMES))
    assert [one.support for one in outcomes if one.rule == "untouched"] == ["verbatim"]
    assert {one.support for one in outcomes if one.rule in ALTERATIONS} == {"not_found"}
    counted = {figure.name: (figure.n, figure.value) for figure in figures(outcomes)}
    assert counted["all alterations"] == (sum(one.rule in ALTERATIONS for one in outcomes), 1.0)
    assert counted["untouched"][1] == counted["all rephrasings"][1] == 0.0


def test_two_sentences_are_joined_rightly_and_with_their_numbers_mixed_up() -> None:
    texts = ("The mill ground 11,000 sacks of rye.", "The ferry carried 300 passengers.")
    outcomes = {one.rule: one for one in judged([Sentence(text, (text,)) for text in texts], NAMES)}
    assert outcomes[MIXED].text == "The mill ground 300 sacks of rye, while the ferry carried 11,000 passengers."
    assert (outcomes[MIXED].support, outcomes[TWO].support) == ("not_found", "supported")


def test_names_of_a_folder() -> None:
    assert names_of(["We met Anna Berg in Oslo on Monday.", "In May the Bank closed."]) == ["Anna Berg", "Bank", "Oslo"]


def test_recorded_sentences_are_read_and_a_defect_is_named(tmp_path: Path) -> None:
    file = tmp_path / "recorded.jsonl"
    file.write_text('{"sentence": "It burned.", "cited": ["It burned in 1911."]}\n', "utf-8")
    assert load_sentences(file) == [Sentence("It burned.", ("It burned in 1911.",))]
    file.write_text('{"sentence": "It burned."}\n', "utf-8")
    with pytest.raises(CitewiseError, match="line 1"):
        load_sentences(file)
