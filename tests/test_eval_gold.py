"""The loader of gold questions: every defect by line and field; what is bundled, and what is shared, is sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evaluation import GOOD, ROOT, SHARED, gold_file, needs_shared

from eval.questions import BUNDLED, GoldError, load_gold, locate

SAMPLES = ROOT / "samples"


@pytest.mark.parametrize(
    ("changes", "defect"),
    [
        ({"id": ""}, "line 2, id: no text"),
        ({"question": 3}, "line 2, question: no text"),
        ({"type": "riddle"}, "line 2, type: 'riddle' is none of"),
        ({"colour": "red"}, "line 2, colour: unknown field"),
        ({"note": None}, "line 2, note: no text"),
        ({"answers": "x"}, "line 2, answers: no list"),
        ({"answers": [{"value": ["x"]}]}, "line 2, answers[0]: neither"),
        ({"must_contain": ["main gate"]}, "line 2, must_contain[0]: no list of texts"),
        (
            {"must_contain": [["main gate"], ["side door"]]},
            "line 2, must_contain[1]: no alias of it is in",
        ),
        ({"evidence": [{"source": "keys.md"}]}, "line 2, evidence[0]: not {source, quote}"),
        ({"evidence": []}, "line 2, evidence: empty, though answerable"),
        ({"history": [{"q": "x"}]}, "line 2, history[0]: not {question, answer?}"),
        ({"type": "follow_up"}, "line 2, history: missing, though follow_up"),
        ({"type": "unanswerable"}, "line 2, answers: not empty, though unanswerable"),
        ({"id": "t0"}, "line 2, id: 't0' is also on line 1"),
    ],
)
def test_the_loader_names_line_and_field(tmp_path: Path, changes: dict[str, Any], defect: str) -> None:
    with pytest.raises(GoldError) as caught:
        load_gold(gold_file(tmp_path / "g.jsonl", GOOD | {"id": "t0"}, GOOD | changes))
    assert any(found.startswith(defect) for found in caught.value.defects), caught.value.defects
    assert str(tmp_path / "g.jsonl") in str(caught.value)


def test_the_loader_tells_all_defects_at_once(tmp_path: Path) -> None:
    missing = {name: value for name, value in GOOD.items() if name != "evidence"}
    with pytest.raises(GoldError) as caught:
        load_gold(gold_file(tmp_path / "g.jsonl", "{", missing, [], GOOD))
    told = [defect.partition(":")[0] for defect in caught.value.defects]
    assert told == ["line 1", "line 2, evidence", "line 3, the whole"]


def test_no_file_and_no_question_are_errors(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="cannot be read"):
        load_gold(tmp_path / "none.jsonl")
    with pytest.raises(GoldError, match="no question"):
        load_gold(gold_file(tmp_path / "g.jsonl", ""))


def test_evidence_must_stand_in_exactly_one_file(tmp_path: Path) -> None:
    path = gold_file(tmp_path / "g.jsonl", GOOD)
    (question,) = load_gold(path)
    quote = question.evidence[0].quote
    texts = {"d/keys.md": f"Keys. {quote} {quote}", "d/monkeys.md": ""}
    places = locate(path, [question], list(texts), texts.__getitem__)["t1"]
    assert [texts[span.source][span.start : span.end] for span in places] == [quote, quote]
    for sources, text, defect in (
        (["d/monkeys.md"], "", "source: no indexed file"),
        (["d/keys.md", "e/keys.md"], "", "source: 2 indexed files"),
        (["d/keys.md"], "The gate key opens the maim gate.", "quote: not in d/keys.md"),
    ):
        with pytest.raises(GoldError, match=defect):
            locate(path, [question], sources, lambda source, text=text: text)  # type: ignore[misc]


def test_the_bundled_questions_are_of_every_kind_and_format() -> None:
    questions = load_gold(BUNDLED)
    assert 40 <= len(questions) <= 60
    asked = {Path(evidence.source).suffix for question in questions for evidence in question.evidence}
    assert asked == {path.suffix for path in SAMPLES.rglob("*") if path.is_file()}
    assert {"conflict", "unanswerable", "follow_up", "multi_source"} <= {question.type for question in questions}


@needs_shared
def test_the_loader_takes_the_shared_questions(tmp_path: Path) -> None:
    path = SHARED / "gold" / "dev.jsonl"
    questions = load_gold(path)
    assert (len(questions), sum(question.gated for question in questions)) == (50, 35)
    texts = {f"corpus/{file.name}": file.read_text("utf-8-sig") for file in (SHARED / "corpus").glob("*.txt")}
    assert all(locate(path, questions, list(texts), texts.__getitem__)[q.id] for q in questions if q.answerable)
