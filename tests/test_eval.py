"""Speed and sameness from end to end over small folders; what commands print."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from evaluation import GOOD, gold_file

from eval.cli import main
from eval.indexed import indexed
from eval.measures.robustness import answer_without_timings
from eval.studies import generate
from eval.table import table


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("eval") / "docs"
    place.mkdir()
    (place / "keys.md").write_text("# Keys\n\nThe gate key opens the main gate. A lost key costs 18 euros.\n", "utf-8")
    (place / "bees.txt").write_text("Marta keeps six hives in the meadow. They gave 87 kilograms of honey.\n", "utf-8")
    return place


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
    sizes = ["--files", "4", "--small-files", "6", "--ask-files", "6", "--asked", "3"]
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


def test_nothing_of_a_file_steers_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "docs"
    place.mkdir()
    (place / "\x1b[2Jx.pdf").write_bytes(b"no PDF")
    with indexed(place, tmp_path / "index"):
        assert "not indexed: docs/ [2Jx.pdf: " in capsys.readouterr().err
    gold = tmp_path / "\x1b[2J.jsonl"
    gold.write_text("{}\n[]\n")
    assert main(["run", "--gold", str(gold), "--folder", str(place)]) == 2
    told = capsys.readouterr().err
    assert "\x1b" not in told
    assert "defects:\n  line 1, " in told
    assert "\n  line 2" in told


def test_an_edited_document_shows_among_the_results_of_a_build(folder: Path, tmp_path: Path) -> None:
    quote = "A lost key costs 14 euros."
    gold = GOOD | {"must_contain": [["14"]], "evidence": [{"source": "keys.md", "quote": quote}]}
    gold_file(tmp_path / "gold.jsonl", gold)
    places = {"gold": "gold.jsonl", "junit": "build/answers.xml", "index": "index"}
    given = [part for name, place in places.items() for part in (f"--{name}", str(tmp_path / place))]
    assert main(["run", "--folder", str(folder), *given]) == 2
    root = ElementTree.parse(tmp_path / "build" / "answers.xml").getroot()
    (told,) = root.iter("error")
    assert root.get("errors") == "1"
    assert told.get("message") == f"line 1, evidence[0].quote: not in docs/keys.md: {quote!r}"


def test_a_reader_who_goes_away_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWISE_INDEX__PATH", str(tmp_path))
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        assert main(["gaps", "--erase"]) == 141
        gone.flush()  # as Python does at exit


def test_the_narrowest_table_is_one() -> None:
    assert table(("m", "n"), [("x", "1")]).splitlines() == ["| m  |  n |", "| -- | -: |", "| x  |  1 |"]
