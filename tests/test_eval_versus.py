"""The language model against the quotes: what an evaluation finds is kept for `citewise doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from evaluation import GOOD, gold_file
from lying_server import LyingServer, says

from eval.cli import main
from eval.indexed import indexed
from eval.questions import load_gold, locate
from eval.results import Result, Row
from eval.run import run_questions
from eval.stamp import run_stamp
from eval.versus import against_quotes
from rag import Assistant, Comparison, last_comparison

MODEL = "openai:small"
UNANSWERABLE = GOOD | {"id": "t2", "type": "unanswerable", "answers": [], "must_contain": [], "evidence": []}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "house"
    place.mkdir()
    (place / "keys.md").write_text("# Keys\n\nThe gate key opens the main gate. It hangs in the hall.\n", "utf-8")
    return place


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    return gold_file(tmp_path / "gold.jsonl", GOOD, GOOD | {"id": "t3"}, UNANSWERABLE)


Run = tuple[Assistant, Result]


@pytest.fixture
def run(folder: Path, gold: Path, tmp_path: Path) -> Iterator[Run]:
    """As if a model had been asked: the real rows of the quotes, before they are put under another writer's name."""
    with indexed(folder, tmp_path / "index") as assistant:
        questions = load_gold(gold)
        spans = locate(gold, questions, ["house/keys.md"], assistant.text)
        stamp = run_stamp(assistant, gold, len(questions), command="test")
        result = run_questions(assistant, questions, spans, stamp=stamp, out=tmp_path / "run.jsonl")
        model = assistant.settings.model.model_copy(update={"name": MODEL})
        assistant.settings = assistant.settings.model_copy(update={"model": model})
        yield assistant, result


def written(row: Row, *, right: bool) -> Row:
    assert row.answer
    return replace(row, answer={**row.answer, "writer": "model"}, scores={"correct": float(right)})


def test_only_what_a_model_wrote_is_compared(run: Run) -> None:
    assert against_quotes(*run) is None


def test_the_same_answerable_questions_are_counted(run: Run) -> None:
    assistant, result = run

    def compared(*rows: Row) -> Comparison | None:
        return against_quotes(assistant, Result(result.stamp, rows))

    wrong = [written(row, right=False) for row in result.rows]
    assert compared(*wrong) == Comparison(MODEL, 2, 0, 2, 0)
    right = written(result.rows[1], right=True)
    failed = replace(wrong[0], answer=None, error="The server does not answer.")
    assert compared(failed, right, wrong[2]) == Comparison(MODEL, 2, 1, 2, 1)
    fell_back = result.rows[0]
    assert fell_back.correct
    assert compared(fell_back, right, wrong[2]) == Comparison(MODEL, 2, 1, 2, 1)


def test_what_a_run_finds_is_kept(folder: Path, gold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LyingServer(says("The lighthouse was painted in 1921 by Oda Brand. [1]")) as server:
        monkeypatch.setenv("CITEWISE_MODEL__NAME", MODEL)
        monkeypatch.setenv("CITEWISE_MODEL__API_BASE", server.url)
        assert main(["run", "--gold", str(gold), "--folder", str(folder)]) == 0
    assert server.requests
    found = last_comparison(MODEL)
    assert found is not None
    assert (found.asked, found.by_quotes) == (2, 2)


def test_without_a_model_nothing_is_kept(folder: Path, gold: Path) -> None:
    assert main(["run", "--gold", str(gold), "--folder", str(folder)]) == 0
    assert last_comparison(MODEL) is None
