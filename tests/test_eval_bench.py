"""`eval bench` from end to end, over small sets of own making: real index, real encoder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evaluation import gold_file

from eval.cli import main
from eval.indexed import indexed
from eval.questions import Evidence, GoldQuestion, Span
from eval.results import Result, load_result
from eval.studies import generate
from eval.studies.bench import located, spread

BEES = "Marta keeps six hives in the meadow. They gave 87 kilograms of honey in May."
CORPUS: list[dict[str, Any]] = [
    {"_id": "keys", "title": "On keys", "text": "The gate key opens the main gate. A lost key costs 18 euros."},
    {"_id": "bees", "text": BEES},
    {"_id": "tram", "text": "The tram runs every ten minutes. A ticket for the tram costs 3 euros."},
    {"_id": "tram2", "text": "The tram runs every ten minutes. A ticket for the tram costs 4 euros."},
]
ASKED: list[dict[str, Any]] = [
    {"_id": "k", "text": "What does the gate key open?", "answers": ["the main gate"],
     "gold_sentences": ["The gate key opens the main gate.", "Nowhere written."]},
    {"_id": "b", "text": "How much honey did the hives give?", "answers": ["87 kilograms"]},
    {"_id": "no", "text": "How did ExxonMobil finance lithography?", "answerable": False},
    {"_id": "vague", "text": "And that one?", "answerable": None},
    {"_id": "t", "text": "What does a ticket for the tram cost?", "answers": ["3 euros"], "wrong_answers": ["4 euros"],
     "gold_docs": ["tram"], "wrong_docs": ["tram2"], "noise_docs": ["bees"], "answers_all_of": [["3 euros"]]},
]  # fmt: skip
QRELS = "query-id\tcorpus-id\tscore\nk\tkeys\t1\nb\tbees\t1\nt\ttram\t1\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the set `town`, and in time its kept work folder."""
    place = tmp_path_factory.mktemp("bench")
    (place / "town").mkdir()
    gold_file(place / "town" / "corpus.jsonl", *CORPUS)
    gold_file(place / "town" / "queries.jsonl", *ASKED)
    (place / "town" / "qrels.tsv").write_text(QRELS, "utf-8")
    return place


def bench(place: Path, *options: str, name: str = "town") -> Result:
    out = place / "out.jsonl"
    command = ["bench", name, "--data", str(place), "--work", str(place / "work"), "--out", str(out), "--no-report"]
    assert main([*command, *options]) == 0
    return load_result(out)


def test_a_set_is_built_indexed_asked_and_reported(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = bench(place)
    told = capsys.readouterr()
    assert [row.gold.id for row in found.rows] == ["k", "b", "no", "t", "t-conflict", "t-noise"]
    assert {name: found.stamp[name] for name in ("gold", "n", "files", "writer", "licence")} == {
        "gold": "town", "n": 6, "files": 4, "writer": "quotes", "licence": "",
    }  # fmt: skip
    assert found.stamp["left_out"] == {
        "gold sentences that no relevant document holds": 1, "questions that could mean several things": 1,
    }  # fmt: skip
    assert "left out: 1 questions that could mean several things" in told.err
    assert "correct" in told.out
    keys, bees, no, fact, conflict, noise = (row.scores for row in found.rows)
    for one in (keys, bees, fact):
        assert one["correct"] == one["hit_at_1"] == one["ndcg_at_10"] == one["evidence_cited"] == 1
    assert keys["span_recall_at_10"] == 1
    assert "span_recall_at_10" not in bees
    assert no["correct"] == 1
    assert (conflict["both_sides"], conflict["silent_pick"]) == (1, 0)
    assert "hit_at_1" not in noise
    answers = {row.gold.id: row.answer for row in found.rows}
    assert {one["source"] for one in (answers["t"] or {})["citations"]} == {"town/tram.txt"}
    assert {path.name for path in (place / "work" / "town").iterdir()} == {
        "keys.txt", "bees.txt", "tram.txt", "tram2.txt",
    }  # fmt: skip


def test_fewer_questions_are_another_run(place: Path) -> None:
    every = load_result(place / "out.jsonl")
    few = bench(place, "--limit", "2")
    assert [row.gold.id for row in few.rows] == ["k", "t"]
    assert few.stamp["gold_sha256"] != every.stamp["gold_sha256"]


def test_questions_are_spread_evenly() -> None:
    questions = [GoldQuestion(f"q{n}", "?", "single_fact", (), (), ()) for n in range(10)]
    assert [one.id for one in spread(questions, 4)] == ["q0", "q2", "q5", "q7"]
    assert spread(questions, 11) == spread(questions, None) == questions


def test_ten_files_are_ranked_though_one_has_many_passages(tmp_path: Path) -> None:
    """The relevant file comes after a long one whose passages alone would fill the first ten."""
    honey = "The {} hive gives honey to bees. {}"
    things = "oak ash elm fir pine birch maple willow cedar larch yew rowan poplar alder".split()
    long = "\n\n".join(honey.format(one, generate.document(n, 40)[0]) for n, one in enumerate(things))
    (tmp_path / "long").mkdir()
    gold_file(tmp_path / "long" / "corpus.jsonl", {"_id": "long", "text": long}, {"_id": "short", "text": BEES})
    gold_file(tmp_path / "long" / "queries.jsonl", {"_id": "q", "text": "Which hive gives honey to bees?"})
    (tmp_path / "long" / "qrels.tsv").write_text("q\tshort\t1\n", "utf-8")
    (row,) = bench(tmp_path, "--set", "index.chunk_tokens=64", name="long").rows
    assert {one["source"] for one in row.found} == {"long/long.txt"}
    assert len(row.found) == 10
    assert row.scores["hit_at_10"] == 1
    assert 0.6 < row.scores["ndcg_at_10"] < 0.7  # the second of two files


def test_a_file_of_squad_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {
        "id": "s",
        "question": "How much honey?",
        "answers": [{"text": "87 kilograms", "answer_start": BEES.index("87")}],
    }
    article = {"title": "Bees", "paragraphs": [{"context": BEES, "qas": [row]}]}
    (tmp_path / "bees.json").write_text(json.dumps({"data": [article]}), "utf-8")
    (asked,) = bench(tmp_path, "--min", "correct=1", name="bees").rows
    assert asked.gold.evidence == (Evidence("000-Bees-000.txt", "They gave 87 kilograms of honey in May."),)
    assert asked.scores["evidence_cited"] == asked.scores["span_recall_at_10"] == asked.scores["hit_at_1"] == 1
    assert main(["bench", "none", "--data", str(tmp_path / "gone")]) == 2
    assert "gone is no data set" in capsys.readouterr().err
    for work, out in (("/dev/null/w", "x.jsonl"), (tmp_path / "w", tmp_path / "w" / "bees" / "x.jsonl")):
        assert main(["bench", "bees", "--data", str(tmp_path), "--work", str(work), "--out", str(out)]) == 2
        assert ("cannot be written" if work == "/dev/null/w" else "x.jsonl lies in") in capsys.readouterr().err


def test_quotes_that_the_index_does_not_hold_are_left_out_and_counted(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "bees.txt").write_text(BEES, "utf-8")
    evidence = (Evidence("bees.txt", "six hives"), Evidence("bees.txt", "seven hives"), Evidence("gone.txt", "six"))
    question = GoldQuestion("q", "How many hives?", "single_fact", (), (), evidence)
    with indexed(tmp_path / "town", tmp_path / "index") as assistant:
        kept, spans, lost = located(assistant, "town", [question])
    assert (kept[0].evidence, lost) == (evidence[:1], 2)
    assert spans == {"q": [Span("town/bees.txt", 12, 21)]}
