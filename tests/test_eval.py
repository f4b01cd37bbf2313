"""The evaluation from end to end: gold questions, benchmarks and speed over small folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evaluation import GOOD, gold_file

from eval import metrics
from eval.cli import main
from eval.commands.gold_text import gated_figures
from eval.datasets import Document, load_dataset
from eval.indexed import indexed
from eval.questions import load_gold
from eval.run import run_gold
from eval.statistics import Figure
from eval.studies import generate
from eval.studies.bench import run_bench
from rag import Answer, Assistant, Citation, CitewiseError, last_opened

# -- runs -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("eval") / "docs"
    place.mkdir()
    (place / "keys.md").write_text("# Keys\n\nThe gate key opens the main gate. A lost key costs 18 euros.\n", "utf-8")
    (place / "bees.txt").write_text("Marta keeps six hives in the meadow. They gave 87 kilograms of honey.\n", "utf-8")
    return place


QUESTIONS = (
    GOOD,
    GOOD | {"id": "t2", "question": "how much honey?", "answers": ["87 kg"], "must_contain": [["87 kilo"]],
            "evidence": [{"source": "bees.txt", "quote": "They gave 87 kilograms of honey."}]},
    GOOD | {"id": "t3", "question": "and to replace it?", "type": "follow_up", "must_contain": [["18 euro"]],
            "history": [{"question": "What does the gate key open?"}],
            "evidence": [{"source": "keys.md", "quote": "A lost key costs 18 euros."}]},
    {"id": "t4", "question": "Who mows the meadow?", "type": "unanswerable", "answers": [], "must_contain": [],
     "evidence": []},
)  # fmt: skip


def test_gold_from_the_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, lines = gold_file(tmp_path / "g.jsonl", *QUESTIONS), tmp_path / "out.jsonl"
    command = ["gold", "--gold", str(gold), "--folder", str(folder), "--index", str(tmp_path / "index")]
    assert main([*command, "--json", str(lines), "--floor", "quote_exactness=1", "--floor", "dangling=0"]) == 0
    told = capsys.readouterr().out
    for part in ("| gated ", "n = 4;", "llama-index-core", "quote_exactness", "1.000 ["):
        assert part in told
    assert last_opened() is None
    first, *rows = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert first["stamp"]["n"] == "4"
    assert first["figures"]["containment"][:2] == [1.0, 2]
    assert [row["id"] for row in rows] == ["t1", "t2", "t3", "t4"]
    assert all(row["exact"] and all(row["exact"]) for row in rows[:3])

    assert main([*command, "--floor", "containment=1.01", "--floor", "words=0", "--floor", "dangling=0"]) == 1
    missed = capsys.readouterr().err.splitlines()
    assert [line.split()[2] for line in missed] == ["containment", "words"]


def test_wrong_use_is_told_and_exits_with_2(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = gold_file(tmp_path / "g.jsonl", GOOD)
    assert main(["gold", "--gold", str(gold), "--folder", str(folder), "--floor", "beauty=1"]) == 2
    assert "There is no metric 'beauty'. Use one of containment" in capsys.readouterr().err
    assert main(["gold", "--gold", str(gold), "--folder", str(tmp_path / "none")]) == 2
    assert main(["bench", "scifact", "--data", str(tmp_path)]) == 2
    assert "corpus.jsonl cannot be read" in capsys.readouterr().err


class Failing:
    """An assistant whose questions fail."""

    def ask(self, question: str, **_: object) -> Answer:
        raise CitewiseError("No luck.")


def test_an_error_scores_nothing_and_stays_in_the_denominator(tmp_path: Path) -> None:
    questions = load_gold(gold_file(tmp_path / "g.jsonl", *QUESTIONS))
    failing: Any = Failing()
    outcomes = list(run_gold(failing, questions, {question.id: [] for question in questions}))
    figures = gated_figures(outcomes)
    assert (figures["containment"].value, figures["containment"].n, figures["errors"].value) == (0, 2, 4)
    assert all(one.failed for one in outcomes)


def test_a_broken_citation_is_seen(folder: Path, tmp_path: Path) -> None:
    """A quote that was moved, or has another character, is not exact."""
    questions = load_gold(gold_file(tmp_path / "g.jsonl", *QUESTIONS))

    def broken(assistant: Assistant, spoil: Callable[[Citation], Citation]) -> Figure:
        class Spoiled:
            text = staticmethod(assistant.text)
            search = staticmethod(assistant.search)

            def ask(self, *args: Any, **kwargs: Any) -> Answer:
                right = assistant.ask(*args, **kwargs)
                return replace(right, citations=tuple(map(spoil, right.citations)))

        spoiled: Any = Spoiled()
        outcomes = list(run_gold(spoiled, questions, {question.id: [] for question in questions}))
        return gated_figures(outcomes)["quote_exactness"]

    with indexed(folder, tmp_path / "index") as assistant:
        assert broken(assistant, lambda c: c).value == 1
        assert broken(assistant, lambda c: replace(c, start=c.start + 1, end=c.end + 1)).value == 0
        assert broken(assistant, lambda c: replace(c, quote="8" + c.quote[1:])).value == 0


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
    assert metrics.answer_without_timings(first) == metrics.answer_without_timings(second)
    assert "timings_ms" not in metrics.answer_without_timings(first)
