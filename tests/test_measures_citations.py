"""Measures of citations: where they lead, and whether they bear out what is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcomes import EVIDENCE, KEYS, UNANSWERABLE, citation, gold, outcome, passage, refusal, said

from eval.measures import citations
from eval.measures.citations import dangling
from eval.questions import Span
from rag import Answer, Citation, Statement

SCORES = {one.name: one.score for one in citations.MEASURES}
TEXTS = {"f/keys.md": KEYS}
OPENS, COSTS = "The gate key opens the main gate.", "A lost key costs 18 euros."
SPAN = Span("f/keys.md", 0, len(OPENS))
GATE = citation(1, "f/keys.md", 0, OPENS)
LOST = citation(2, "f/keys.md", len(OPENS) + 1, COSTS)


def score(name: str, answer: Answer | None, **given: Any) -> float | None:
    spans, passages = given.pop("spans", (SPAN,)), given.pop("passages", ())
    return SCORES[name](outcome(gold(**{"evidence": EVIDENCE} | given), answer, passages, spans, TEXTS))


# -- where they lead --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "exact"),
    [
        (GATE, 1),
        (replace(GATE, start=1), 0),
        (replace(GATE, quote=OPENS.replace("main", "mean")), 0),
        (replace(GATE, end=GATE.end + 1), 0),
        (replace(GATE, start=5, end=5, quote=""), 0),
        (replace(GATE, source="f/other.md"), 0),
    ],
)
def test_a_quote_is_exact_to_the_letter(wrong: Citation, exact: int) -> None:
    assert score("quote_exact", said((OPENS, [wrong]), (COSTS, [LOST]))) == exact


def test_invariants_are_of_what_was_said() -> None:
    invariants = {one.name for one in citations.MEASURES if one.invariant}
    assert invariants == {"quote_exact", "locator_exact", "resolved", "numbers_in_quotes", "verbatim_in_quote"}
    for name in invariants:
        assert score(name, None) is None
        assert score(name, refusal()) == (1 if name == "resolved" else None)


def test_dangling_counts_what_leads_nowhere() -> None:
    whole = said((OPENS, [GATE]))
    assert dangling(whole) == 0
    assert dangling(said(("As in [7].", [GATE]))) == 0  # its own digits
    assert dangling(replace(whole, text=f"{OPENS} [1][2]", statements=(Statement(OPENS, (1, 2), "verbatim"),))) == 1
    assert dangling(replace(whole, citations=(GATE, LOST))) == 1
    assert dangling(replace(whole, text=OPENS)) == 1
    assert score("resolved", whole) == 1
    assert score("resolved", replace(whole, citations=())) == 0


# -- what gold names --------------------------------------------------------------------------------------------------


def test_evidence_is_cited_from_half_of_the_shorter_one() -> None:
    half = len(OPENS) // 2 + 1
    assert score("evidence_cited", said((OPENS, [citation(1, "f/keys.md", 0, KEYS[:half])]))) == 1
    assert score("evidence_cited", said((OPENS, [citation(1, "f/keys.md", half + 1, KEYS[half + 1 :])]))) == 0
    assert score("evidence_cited", said((OPENS, [replace(GATE, source="f/other.md")]))) == 0
    assert score("evidence_cited", refusal()) == 0


def test_span_overlap_is_the_f1_of_characters() -> None:
    assert score("span_overlap", said((OPENS, [GATE]))) == 1
    assert score("span_overlap", said((OPENS, [citation(1, "f/keys.md", 0, KEYS)]))) == pytest.approx(
        2 * len(OPENS) / (len(OPENS) + len(KEYS))
    )
    assert score("span_overlap", said((OPENS, [GATE]), (COSTS, [LOST]))) == 1  # the one that fits best
    assert score("span_overlap", said((COSTS, [LOST]))) == 0
    assert score("span_overlap", refusal()) == 0


def test_span_overlap_of_several_documents_is_a_mean_over_them() -> None:
    evidence = [*EVIDENCE, {"source": "bees.txt", "quote": "six hives"}, {"source": "keys.md", "quote": COSTS}]
    spans = (SPAN, Span("f/bees.txt", 12, 21), Span("f/keys.md", LOST.start, LOST.end))
    told = said((OPENS, [GATE]), ("Six.", [citation(2, "f/bees.txt", 12, "six hives in")]))
    for type_, value in (("multi_source", (1 + 18 / 21) / 2), ("conflict", (1 + 18 / 21) / 2), ("list", 1.0)):
        assert score("span_overlap", told, evidence=evidence, spans=spans, type=type_) == pytest.approx(value)


def test_files_that_are_cited_and_files_that_gold_names() -> None:
    evidence = [*EVIDENCE, {"source": "bees.txt", "quote": "six hives"}]
    other = citation(2, "f/other.md", 0, "Words.")
    told = said((OPENS, [GATE]), ("Words.", [other]), (OPENS, [replace(GATE, number=3)]))
    assert score("file_precision", told) == 0.5
    assert score("file_recall", told) == 1
    assert score("file_recall", told, evidence=evidence) == 0.5
    graded: dict[str, Any] = {"evidence": [], "relevant": {"other.md": 2, "keys.md": 0}}
    assert [score(f"file_{one}", told, **graded) for one in ("precision", "recall")] == [0.5, 1]
    assert score("evidence_cited", told, **graded) == 1
    for name in ("evidence_cited", "span_overlap", "file_precision", "file_recall"):
        assert score(name, refusal()) == 0
        assert score(name, None) == 0
        assert score(name, told, **UNANSWERABLE) is None


PIECES = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 30)), min_size=1, max_size=5)


@given(PIECES, st.randoms())
def test_between_0_and_1_in_whatever_order(pieces: list[tuple[int, int]], rng: Any) -> None:
    cited = [citation(n, "f/keys.md", start, "x" * length) for n, (start, length) in enumerate(pieces, 1)]
    names = ("span_overlap", "file_precision", "file_recall", "evidence_cited")
    before = [score(name, said((OPENS, cited))) for name in names]
    assert all(0 <= (value or 0) <= 1 for value in before)
    rng.shuffle(cited)
    assert [score(name, said((OPENS, cited))) for name in names] == before


# -- whether they bear it out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "sentence", "held"),
    [
        (COSTS, COSTS, 1),
        (COSTS, "A lost key costs 19 euros.", 0),
        (COSTS, "A lost key costs 180 euros.", 0),
        (COSTS, "A lost key costs eighteen euros.", 1),
        (COSTS, "A lost key costs nineteen euros.", 0),
        ("It took 3 million dollars.", "It took 3 dollars.", 0),
        ("It took 3 million dollars.", "It took 3 billion dollars.", 0),
        ("It took 3 dollars.", "It took 3 million dollars.", 0),
        ("It took 3,200,000 dollars.", "It took 3.2 million dollars.", 1),
        ("More than 11,000 came.", "More than 11,001 came.", 0),
        ("11,940 came.", "About 12,000 came.", 1),
        ("About 12,000 came.", "11,940 came.", 0),
        ("The tank holds 1,500 litres.", "The tank holds 1.500 litres.", 1),
        ("The post is vacant until 12 May 2025.", "The post is vacant until 2025-05-12.", 1),
        ("The post is vacant until 12 May 2025.", "The post is vacant until 13 May 2025.", 0),
        ("Berg and Lund came.", "Both leaders came: two men.", 1),  # counted
        ("Use key WG-114.", "Use key WG-115.", 0),
        ("The notice is six weeks.", "The notice is 42 days.", 1),
        ("The notice is six weeks.", "The notice is 43 days.", 0),
    ],
)
def test_the_numbers_of_a_sentence_stand_in_what_it_cites(quote: str, sentence: str, held: int) -> None:
    cited = citation(1, "f/a.txt", 0, quote)
    assert score("numbers_in_quotes", said((sentence, [cited], "supported"))) == held


def test_a_verbatim_sentence_has_its_numbers_from_the_quote_alone() -> None:
    beside = citation(1, "f/a.txt", 0, "It costs 18 euros.", heading="Prices of 2025", before="In 2024 it was 17.")
    for sentence, held in (("It costs 18 euros.", 1), ("It cost 18 euros in 2025.", 0)):
        assert score("numbers_in_quotes", said((sentence, [beside], "verbatim"))) == held
    assert score("numbers_in_quotes", said(("It cost 18 euros in 2025.", [beside], "supported"))) == 1
    assert (
        score("numbers_in_quotes", said(("Two presidents met.", [citation(1, "f/a.txt", 0, "Three presidents met.")])))
        == 0
    )


def test_a_number_of_a_table_may_come_from_its_header() -> None:
    row = citation(1, "f/t.md", 30, "Shed | 40 | 45")
    told = said(("In 2022 the shed cost 45.", [row], "supported"))
    assert score("numbers_in_quotes", told) == 0
    assert score("numbers_in_quotes", told, passages=[passage("f/t.md", 20, 60, "Item | 2021 | 2022")]) == 1
    assert score("numbers_in_quotes", told, passages=[passage("f/t.md", 60, 90, "Item | 2021 | 2022")]) == 0


def test_what_claims_nothing_or_is_not_borne_out_promises_no_numbers() -> None:
    for support in ("none", "not_found"):
        assert score("numbers_in_quotes", said(("It costs 99 euros.", [LOST], support))) is None
        assert score("verbatim_in_quote", said(("It costs 99 euros.", [LOST], support))) is None


def test_a_verbatim_sentence_stands_in_its_quote() -> None:
    wrapped = citation(1, "f/keys.md", 0, "“A lost key\n costs 18 euros.”")
    for sentence, held in (
        (COSTS, 1),
        ("A lost key  costs 18 euros", 1),
        ("A lost key costs 19 euros.", 0),
        ("Lost keys.", 0),
    ):
        assert score("verbatim_in_quote", said((sentence, [wrapped]))) == held
    assert score("verbatim_in_quote", said((COSTS, [GATE]))) == 0
    assert score("verbatim_in_quote", said((COSTS, [GATE, LOST]))) == 1


def test_citation_recall_and_precision_by_hand() -> None:
    hives = "Marta keeps six hives in the meadow."
    bees = citation(4, "f/bees.txt", 0, hives)
    both = "A lost key costs 18 euros and Marta keeps six hives in the meadow."
    for sentences, recall, precision in (
        ([(OPENS, [GATE])], 1, 1),
        ([(OPENS, [GATE, bees])], 1, 0.5),  # the second does not say so, and the first does without it
        ([(both, [LOST, bees], "supported")], 1, 1),  # neither does alone
        ([(OPENS, [bees])], 0, 0),
        ([(OPENS, [])], 0, 0),
        ([(OPENS, [GATE]), (hives, [GATE])], 0.5, 0.5),
        ([(OPENS, [GATE, replace(GATE, number=3)])], 1, 1),  # either does
        ([("Unconfirmed:", [], "none"), (OPENS, [GATE])], 1, 1),
    ):
        told = said(*sentences)
        assert (score("citation_recall", told), score("citation_precision", told)) == (recall, precision)
    for name in ("citation_recall", "citation_precision"):
        assert score(name, refusal()) is None
        assert score(name, said(("Hello!", [], "none"), status="about_assistant")) is None
