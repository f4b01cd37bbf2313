"""Benchmarks and speed from end to end over small folders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evaluation import gold_file

from eval.cli import main
from eval.datasets import Document, load_dataset
from eval.indexed import indexed
from eval.measures.robustness import answer_without_timings
from eval.studies import generate
from eval.studies.bench import run_bench
from rag import CitewiseError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("eval") / "docs"
    place.mkdir()
    (place / "keys.md").write_text("# Keys\n\nThe gate key opens the main gate. A lost key costs 18 euros.\n", "utf-8")
    (place / "bees.txt").write_text("Marta keeps six hives in the meadow. They gave 87 kilograms of honey.\n", "utf-8")
    return place


DATA: dict[str, list[dict[str, Any]]] = {
    "corpus.jsonl": [
        {"_id": "1", "title": "On keys", "text": "The gate key opens the main gate.", "file": "../a b.txt"},
        {"_id": "2", "title": "https://x.example", "text": "Marta keeps six hives. They gave honey.", "file": "b.txt"},
    ],
    "queries.jsonl": [
        {"_id": "q1", "text": "what does the gate key open", "answerable": True,
         "gold_sentences": ["THE GATE  KEY opens the main gate."]},
        {"_id": "q2", "text": "how many hives", "answerable": True,
         "gold_sentences": ["Marta keeps six hives.", "Not there."]},
        {"_id": "q3", "text": "who rows", "answerable": False, "gold_sentences": []},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data")
    for name, rows in DATA.items():
        gold_file(place / name, *rows)
    (place / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\t1\t1\nq2\t2\t1\n", "utf-8")
    return place


@pytest.mark.parametrize(
    ("name", "metric", "value"),
    [
        ("scifact", "ndcg_at_10", 1.0), ("single_topic_rag", "right_file_in_4", 1.0),
        ("squad2_sample500", "right_paragraph_first", 1.0), ("dragonball", "sentence_recall_in_10", 0.75),
    ],
)  # fmt: skip
def test_benchmarks_over_two_documents(data: Path, tmp_path: Path, name: str, metric: str, value: float) -> None:
    result = run_bench(name, data, tmp_path)
    figure = result.figures[0]
    assert (figure.name, figure.value, figure.n) == (metric, value, 2)
    assert {path.name for path in (tmp_path / name).iterdir()} == {"a-b.txt", "b.txt"}


def test_a_title_that_is_prose_goes_first() -> None:
    assert Document("1", "On keys", "The key.", "f").content == "On keys\n\nThe key."
    assert Document("1", "On keys", "On keys\nThe key.", "f").content == "On keys\nThe key."
    assert Document("1", "https://x.example", "The key.", "f").content == "The key."


def test_a_bad_line_of_a_data_set_is_named(tmp_path: Path) -> None:
    gold_file(tmp_path / "corpus.jsonl", DATA["corpus.jsonl"][0], {"_id": "2"})
    with pytest.raises(CitewiseError, match=r"corpus\.jsonl, line 2: no JSON object with _id, title, text, file"):
        load_dataset(tmp_path)


# -- speed ------------------------------------------------------------------------------------------------------------


def test_generated_folders_are_always_the_same_and_as_uneven_as_language(tmp_path: Path) -> None:
    text, question = generate.document(3, 400)
    assert (text, question) == generate.document(3, 400)
    assert generate.document(4, 400)[0] != text
    assert 400 <= len(text.split()) < 440
    words = " ".join(generate.document(number, 400)[0] for number in range(50)).lower().split()
    counts = sorted((words.count(word) for word in set(words)), reverse=True)
    assert counts[0] > 8 * counts[30]
    assert sum(count == 1 for count in counts) > len(counts) / 4


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_speed_in_small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--files", "12", "--small-files", "20", "--ask-files", "6", "--asked", "3"]
    assert main(["speed", "--work", str(tmp_path), *sizes]) == 0
    told = capsys.readouterr().out
    for figure in ("index_to_embedder", "noop_sync_s", "one_changed_sync_s", "ask_p95_ms", "ask_rss_mb"):
        assert figure in told
    (differ,) = [line for line in told.splitlines() if "answers_that_differ" in line]
    assert [cell.strip() for cell in differ.split("|")[2:4]] == ["0", "6"]


def test_the_same_index_answers_the_same_twice(folder: Path, tmp_path: Path) -> None:
    with indexed(folder, tmp_path / "index") as assistant:
        first, second = (assistant.ask("What does the gate key open?") for _ in range(2))
    assert answer_without_timings(first) == answer_without_timings(second)
    assert "timings_ms" not in answer_without_timings(first)
