"""The loader of gold questions: every defect by line and field; what is bundled, and what is shared, is sound."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
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
        ({"must_contain": [["main gate"], ["side door"]]}, "line 2, must_contain[1]: no alias of it is in"),
        ({"evidence": [{"source": "keys.md"}]}, "line 2, evidence[0]: not {source, quote}"),
        ({"evidence": []}, "line 2, evidence: empty, though answerable"),
        ({"history": [{"q": "x"}]}, "line 2, history[0]: not {question, answer?}"),
        ({"type": "follow_up"}, "line 2, history: missing, though follow_up"),
        ({"type": "unanswerable"}, "line 2, answers: not empty, though unanswerable"),
        ({"type": "unanswerable", "answers": [], "must_contain": [], "evidence": [], "relevant": {"keys.md": 1}},
         "line 2, relevant: not empty, though unanswerable"),
        ({"evidence": [{"source": "keys.md", "quote": "-- !"}]}, "line 2, evidence[0]: a quote without a word"),
        ({"answerable": False}, "line 2, answerable: not true, though the type is 'single_fact'"),
        ({"answerable": 1}, "line 2, answerable: not true, though"),
        ({"tags": "must_pass"}, "line 2, tags: no list"),
        ({"tags": [""]}, "line 2, tags[0]: no text"),
        ({"only": [7]}, "line 2, only[0]: no text"),
        ({"relevant": ["keys.md"]}, "line 2, relevant: not {file: grade}"),
        ({"relevant": {"keys.md": 0}}, "line 2, relevant['keys.md']: no file with a grade of 1 or more"),
        ({"relevant": {"keys.md": True}}, "line 2, relevant['keys.md']: no file with a grade"),
        ({"tags": ["same:t9"]}, "line 2, tags: there is no question 't9'"),
        ({"id": "t0"}, "line 2, id: 't0' is also on line 1"),
        ({"id": "t\x1b[31m"}, "line 2, id: a character that cannot be shown"),
    ],
)  # fmt: skip
def test_the_loader_names_line_and_field(tmp_path: Path, changes: dict[str, Any], defect: str) -> None:
    with pytest.raises(GoldError) as caught:
        load_gold(gold_file(tmp_path / "g.jsonl", GOOD | {"id": "t0"}, GOOD | changes))
    assert any(found.startswith(defect) for found in caught.value.defects), caught.value.defects
    assert str(tmp_path / "g.jsonl") in str(caught.value)


def test_the_loader_tells_all_defects_at_once(tmp_path: Path) -> None:
    missing = {name: value for name, value in GOOD.items() if name != "evidence"}
    with pytest.raises(GoldError) as caught:
        load_gold(gold_file(tmp_path / "g.jsonl", "{", missing, [], "[" * 99_999, '{"id": "\\ud83d"}', GOOD))
    told = [defect.partition(":")[0] for defect in caught.value.defects]
    assert told == ["line 1", "line 2, evidence", "line 3, the whole", "line 4", "line 5"]
    assert str(caught.value).endswith("\nCorrect them.")


def test_a_field_that_stands_twice_in_a_line_is_a_defect(tmp_path: Path) -> None:
    twice = json.dumps(GOOD)[:-1] + ', "id": "b"}'
    with pytest.raises(GoldError, match="line 1: no JSON \\('id' stands twice\\)"):
        load_gold(gold_file(tmp_path / "g.jsonl", twice))
    with pytest.raises(GoldError, match="line 1: no JSON \\(Expecting value, column 8\\)"):
        load_gold(gold_file(tmp_path / "g.jsonl", '{"id": }'))


def test_defects_beyond_the_first_are_counted(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match=r"(?s)has 1,000 defects:\n  line 1: no JSON .*\n  and 980 more\n"):
        load_gold(gold_file(tmp_path / "g.jsonl", *["{"] * 1000))


def test_the_first_line_may_tell_the_format(tmp_path: Path) -> None:
    path = tmp_path / "g.jsonl"
    (question,) = load_gold(gold_file(path, {"format": 1}, GOOD))
    assert question.line == 2
    path.write_text("\ufeff" + path.read_text("utf-8"), "utf-8")  # as some editors begin a file
    assert load_gold(path) == [question]
    for rows, defect in (
        ([{"format": 2}, GOOD], "line 1, format: 2 is unknown; this version reads 1"),
        ([{"format": 1, "by": "me"}, GOOD], "line 1, format: 1 is unknown"),
        ([GOOD, {"format": 1}], "line 2, format: told in the middle"),
        ([{"format": 1}, GOOD, {"format": 2}], "line 3, format: 2 is unknown"),
        ([{"format": 1}], "no question"),
    ):
        with pytest.raises(GoldError) as caught:
            load_gold(gold_file(path, *rows))
        assert any(found.startswith(defect) for found in caught.value.defects), caught.value.defects


def test_all_fields_are_read_and_written(tmp_path: Path) -> None:
    more = {"tags": ["must_pass", "same:t0"], "only": ["*.md"], "relevant": {"keys.md": 2}, "answerable": True,
            "history": [{"question": "Which keys are there?", "answer": "Three."}], "note": "two ways"}  # fmt: skip
    _, question = load_gold(gold_file(tmp_path / "g.jsonl", GOOD | {"id": "t0"}, GOOD | more))
    assert json.loads(json.dumps(question.to_dict())) == GOOD | more
    assert (question.tags, question.only, question.relevant) == (("must_pass", "same:t0"), ("*.md",), {"keys.md": 2})


def test_a_file_that_counts_as_found_stands_for_words_and_quotes(tmp_path: Path) -> None:
    bare: dict[str, Any] = {"answers": [], "must_contain": [], "evidence": []}
    path = gold_file(tmp_path / "g.jsonl", GOOD | bare | {"relevant": {"d/keys.md": 1}})
    questions = load_gold(path)
    assert locate(path, questions, ["house/d/keys.md"], str.strip) == {"t1": []}
    with pytest.raises(GoldError, match=r"line 1, relevant\['d/keys.md'\].source: no indexed file") as caught:
        locate(path, questions, ["house/keys.md"], str.strip)
    assert caught.value.remedy == "Name the folder that the questions are about."


def test_twenty_thousand_questions_are_read_and_located_in_seconds(tmp_path: Path) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        for number in range(20_000):
            quote = f"Key {number} opens door {number * 7}."
            evidence = [{"source": f"keys{number % 20}.md", "quote": quote}]
            yield GOOD | {"id": f"k{number}", "must_contain": [[f"door {number * 7}"]], "evidence": evidence}

    path = gold_file(tmp_path / "g.jsonl", *rows())
    texts = {f"house/keys{file}.md": " ".join(f"Key {n} opens door {n * 7}." for n in range(file, 20_000, 20))
             for file in range(20)}  # fmt: skip
    begun = time.process_time()
    questions = load_gold(path)
    spans = locate(path, questions, list(texts), texts.__getitem__)
    assert time.process_time() - begun < 15  # 3 s; a scan for each question would take minutes
    assert len(questions) == len(spans) == 20_000
    assert all(len(places) == 1 for places in spans.values())


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
    assert len(questions) >= 150
    asked = {Path(evidence.source).suffix for question in questions for evidence in question.evidence}
    assert asked == {path.suffix for path in SAMPLES.rglob("*") if path.is_file()}
    assert {"conflict", "unanswerable", "follow_up", "multi_source"} <= {question.type for question in questions}


@needs_shared
def test_the_loader_takes_the_shared_questions(tmp_path: Path) -> None:
    path = SHARED / "gold" / "dev.jsonl"
    questions = load_gold(path)
    assert len(questions) == 50
    texts = {f"corpus/{file.name}": file.read_text("utf-8-sig") for file in (SHARED / "corpus").glob("*.txt")}
    assert all(locate(path, questions, list(texts), texts.__getitem__)[q.id] for q in questions if q.answerable)
