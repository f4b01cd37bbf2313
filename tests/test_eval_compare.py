"""The language model against the quotes: what an evaluation finds is kept for `citewise doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from evaluation import GOOD, gold_file
from lying_server import LyingServer, says

from eval.cli import main
from eval.questions import GoldQuestion, Span, load_gold, locate
from eval.run import Outcome, run_gold
from eval.versus import against_quotes
from rag import Assistant, Comparison, Settings, last_comparison

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


Run = tuple[Assistant, list[GoldQuestion], dict[str, list[Span]], list[Outcome]]


@pytest.fixture
def run(folder: Path, gold: Path, tmp_path: Path) -> Iterator[Run]:
    """As if a model had written: the real outcomes of the quotes, under another writer's name."""
    settings = Settings.load(index={"path": tmp_path / "index"})
    assistant = Assistant.open(folder, settings=settings)
    for _ in assistant.sync():
        pass
    questions = load_gold(gold)
    spans = locate(gold, questions, ["house/keys.md"], assistant.text)
    outcomes = list(run_gold(assistant, questions, spans))
    assistant.settings = settings.model_copy(update={"model": settings.model.model_copy(update={"name": MODEL})})
    yield assistant, questions, spans, outcomes
    assistant.close()


def written(outcome: Outcome, *, contained: bool) -> Outcome:
    assert outcome.answer
    return replace(outcome, answer=replace(outcome.answer, writer="model"), contained=contained)


def test_only_what_a_model_wrote_is_compared(run: Run) -> None:
    assistant, questions, spans, outcomes = run
    assert against_quotes(assistant, questions, spans, outcomes) is None


def test_the_same_answerable_questions_are_counted(run: Run) -> None:
    assistant, questions, spans, outcomes = run
    wrong = [written(one, contained=False) for one in outcomes]
    assert against_quotes(assistant, questions, spans, wrong) == Comparison(MODEL, 2, 0, 2, 0)
    right = written(outcomes[1], contained=True)
    failed = replace(wrong[0], answer=None, error="The server does not answer.")
    assert against_quotes(assistant, questions, spans, [failed, right, wrong[2]]) == Comparison(MODEL, 2, 1, 2, 1)
    fell_back = outcomes[0]
    assert fell_back.contained
    assert against_quotes(assistant, questions, spans, [fell_back, right, wrong[2]]) == Comparison(MODEL, 2, 1, 2, 1)


def test_what_a_run_finds_is_kept(folder: Path, gold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with LyingServer(says("The lighthouse was painted in 1921 by Oda Brand. [1]")) as server:
        monkeypatch.setenv("CITEWISE_MODEL__NAME", MODEL)
        monkeypatch.setenv("CITEWISE_MODEL__API_BASE", server.url)
        assert main(["gold", "--gold", str(gold), "--folder", str(folder)]) == 0
    assert server.requests
    found = last_comparison(MODEL)
    assert found is not None
    assert (found.asked, found.by_quotes) == (2, 2)


def test_without_a_model_nothing_is_kept(folder: Path, gold: Path) -> None:
    assert main(["gold", "--gold", str(gold), "--folder", str(folder)]) == 0
    assert last_comparison(MODEL) is None
