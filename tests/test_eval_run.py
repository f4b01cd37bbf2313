"""Runs of gold questions: what becomes of each question, and runs that are cut off and go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from evaluation import GOOD, ROOT, gold_file
from house import NOBODY, QUESTIONS, located, many, timeless, write_house

from eval.indexed import indexed
from eval.results import Lost, Result, load_result, save_result
from eval.run import run_questions
from eval.stamp import run_stamp
from rag import Answer, Assistant, Citation, CitewiseError, ModelError, SettingsError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_house(tmp_path_factory.mktemp("run") / "house")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("index")


@pytest.fixture(scope="module")
def assistant(folder: Path, index: Path) -> Iterator[Assistant]:
    with indexed(folder, index) as opened:
        yield opened


Runs = Callable[..., Result]


@pytest.fixture
def run(assistant: Assistant, tmp_path: Path) -> Runs:
    """Ask rows of gold; by the real assistant, unless `by` is another. `name` is that of the file in `tmp_path`."""

    def made(*rows: object, by: Any = assistant, name: str = "run.jsonl", **options: Any) -> Result:
        gold = gold_file(tmp_path / "gold.jsonl", *(rows or QUESTIONS))
        questions, spans = located(gold, assistant)
        stamp = run_stamp(assistant, gold, len(questions), command="citewise eval run")
        return run_questions(by, questions, spans, stamp=stamp, out=tmp_path / name, **options)

    return made


def spoiled(assistant: Assistant, **verbs: Any) -> Any:
    """The assistant, with other verbs."""
    names = ("ask", "search", "why", "text", "documents")
    return SimpleNamespace(**{name: getattr(assistant, name) for name in names} | verbs)


# -- what becomes of a question ---------------------------------------------------------------------------------------


def test_a_row_holds_all_that_a_report_needs(run: Runs, tmp_path: Path) -> None:
    result = run()
    assert result.whole
    assert [row.gold.id for row in result.rows] == ["t1", "t2", "t3", "t4"]
    assert [row.correct for row in result.rows] == [True] * 4
    assert [row.status for row in result.rows] == ["answered"] * 3 + ["not_in_documents"]
    first = result.rows[0]
    assert first.answer
    assert first.answer["citations"][0]["quote"] == "The gate key opens the main gate."
    assert "trace" not in first.answer
    assert first.found[0]["source"] == "house/keys.md"
    assert first.scores["deterministic"] == 1
    assert "deterministic" not in result.rows[1].scores
    assert 0 < first.seconds < 10
    kept = load_result(tmp_path / "run.jsonl")
    assert (kept.stamp, timeless(kept.rows)) == (result.stamp, timeless(result.rows))
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["gold.jsonl", "run.jsonl"]


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (ModelError("The server is gone.", "Start it."), "The server is gone. Start it."),
        (ZeroDivisionError("by \ud800"), "ZeroDivisionError: by \ud800"),
    ],
)
def test_an_error_scores_nothing_and_stays_in_the_denominator(
    run: Runs, assistant: Assistant, failure: Exception, told: str, tmp_path: Path
) -> None:
    def ask(question: str, **options: Any) -> Answer:
        if "honey" in question:
            raise failure
        return assistant.ask(question, **options)

    result = run(by=spoiled(assistant, ask=ask))
    assert [row.status for row in result.rows] == ["answered", "error", "answered", "not_in_documents"]
    failed = result.rows[1]
    assert (failed.correct, failed.error, failed.answer, failed.found, failed.lost) == (False, told, None, (), None)
    assert all(value in (0, 1) for value in failed.scores.values())
    assert failed.scores["error"] == 1
    assert load_result(tmp_path / "run.jsonl").rows[1].error == told


def test_what_no_question_can_be_asked_with_ends_the_run(run: Runs, assistant: Assistant) -> None:
    def ask(question: str, **_: Any) -> Answer:
        raise SettingsError("No model is configured.")

    with pytest.raises(SettingsError, match="No model"):
        run(by=spoiled(assistant, ask=ask))


def test_a_broken_citation_is_seen(run: Runs, assistant: Assistant) -> None:
    """A quote that was moved, or has another character, is not exact."""

    def exact(spoil: Callable[[Citation], Citation]) -> list[float]:
        def ask(*args: Any, **options: Any) -> Answer:
            right = assistant.ask(*args, **options)
            return replace(right, citations=tuple(map(spoil, right.citations)))

        rows = run(by=spoiled(assistant, ask=ask)).rows
        return [row.scores["quote_exact"] for row in rows if "quote_exact" in row.scores]

    assert exact(lambda c: c) == [1, 1, 1]
    assert exact(lambda c: replace(c, start=c.start + 1, end=c.end + 1)) == [0, 0, 0]
    assert exact(lambda c: replace(c, quote="8" + c.quote[1:])) == [0, 0, 0]


def test_the_step_that_lost_the_evidence_is_told(run: Runs, assistant: Assistant) -> None:
    other = {"must_contain": [["87 kilo"]], "evidence": [
        {"source": "keys.md", "quote": "The gate key opens the main gate."},
        {"source": "bees.txt", "quote": "They gave 87 kilograms of honey."}]}  # fmt: skip
    wrong = GOOD | {"id": "w1"} | other
    premise = GOOD | NOBODY | {"id": "w2", "question": "What does the gate key open?"}
    cited, lost, answered = run(GOOD, wrong, premise).rows
    assert cited.lost is None
    assert lost.lost
    assert lost.lost.stage in (
        "fused",
        "kept",
        "candidates",
        "evidence",
        "chosen",
    )  # not "cited", as the other quote is
    assert lost.lost.reason
    assert answered.lost
    assert answered.lost.stage == "evidence"
    assert f"{answered.answer and answered.answer['confidence']:.2f}" in answered.lost.reason


def test_only_the_files_that_gold_names_are_searched(run: Runs) -> None:
    row, missing = run(GOOD | {"only": ["*.txt"]}, GOOD | {"id": "t2", "only": ["*.pdf"]}).rows
    assert {found["source"] for found in row.found} == {"house/bees.txt"}
    assert row.answer
    assert "house/keys.md" not in {citation["source"] for citation in row.answer["citations"]}
    assert (missing.status, "*.pdf" in missing.error) == ("error", True)


@pytest.mark.parametrize("verb", ["text", "why"])
@pytest.mark.parametrize("failure", [CitewiseError("The file has gone.", "Sync."), KeyError("bees")])
def test_a_question_on_which_the_assistant_breaks_ends_no_run(
    run: Runs, assistant: Assistant, verb: str, failure: Exception
) -> None:
    def breaks(*_: Any, **__: Any) -> Any:
        raise failure

    told = "The file has gone. Sync." if isinstance(failure, CitewiseError) else "KeyError: 'bees'"
    wrong = QUESTIONS[1] | {"question": "What does the gate key open?"}
    (row,) = run(wrong, by=spoiled(assistant, **{verb: breaks})).rows
    if verb == "text":
        assert (row.status, row.error, row.scores["correct"]) == ("error", told, 0)
    else:
        assert row.status == "answered"
        assert row.lost == Lost("unknown", told)


def test_several_workers_bring_the_same_rows_in_the_same_order(run: Runs) -> None:
    one, four = run(*many(12), name="1.jsonl"), run(*many(12), name="4.jsonl", workers=4)
    assert timeless(one.rows) == timeless(four.rows)


@pytest.mark.slow
def test_memory_stays_flat(run: Runs) -> None:
    pages = Path("/proc/self/statm")
    if not pages.exists():
        pytest.skip("needs /proc to see the memory of this process")
    megabytes: list[float] = []

    def progress(done: int, n: int) -> None:
        if done in (40, n):
            megabytes.append(int(pages.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6)

    run(*many(160), progress=progress)
    before, after = megabytes
    assert after - before < 10


# -- runs that are cut off ---------------------------------------------------------------------------------------------


def test_an_interrupted_run_keeps_whole_rows_and_goes_on(run: Runs, assistant: Assistant, tmp_path: Path) -> None:
    rows = many(12)
    asked: list[str] = []

    def ask(question: str, **options: Any) -> Answer:
        asked.append(question)
        return assistant.ask(question, **options)

    def interrupt(done: int, n: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    whole = run(*rows, name="whole.jsonl")
    with pytest.raises(KeyboardInterrupt):
        run(*rows, progress=interrupt)
    path = tmp_path / "run.jsonl.partial"
    kept = load_result(path)
    assert 5 <= len(kept.rows) <= 6  # one was at work
    assert not kept.whole
    with path.open("a", encoding="utf-8") as file:
        file.write('{"gold": {"id": "m9", "que')  # as a kill leaves it
    counts: list[tuple[int, int]] = []
    result = run(*rows, by=spoiled(assistant, ask=ask), progress=lambda *count: counts.append(count))
    assert timeless(result.rows) == timeless(whole.rows)
    assert (counts[0], counts[-1]) == ((len(kept.rows) + 1, 12), (12, 12))
    assert len(asked) == 12 - len(kept.rows) + 1  # one of them twice
    assert result.stamp["started"] == kept.stamp["started"]
    assert result.stamp["continued"] == [len(kept.rows)]
    assert "seconds" not in result.stamp


def test_an_interruption_ends_the_answer_at_work_and_does_not_keep_it(
    run: Runs, assistant: Assistant, tmp_path: Path
) -> None:
    def ask(question: str, stop: threading.Event, **options: Any) -> Answer:
        if "honey" in question:
            assert stop.wait(60), "nobody stopped it"
        return assistant.ask(question, stop=stop, **options)

    def interrupt(done: int, n: int) -> None:
        raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(by=spoiled(assistant, ask=ask), progress=interrupt)
    assert time.monotonic() - begun < 30
    assert [row.gold.id for row in load_result(tmp_path / "run.jsonl.partial").rows] == ["t1"]


def test_a_run_of_another_kind_begins_anew(run: Runs, tmp_path: Path) -> None:
    first = run(*many(4))
    path = tmp_path / "run.jsonl.partial"
    save_result(path, dict(first.stamp) | {"settings": {"answer": {"max_sentences": 5}}}, first.rows[:2])
    again = run(*many(4))
    assert "continued" not in again.stamp
    save_result(path, again.stamp, again.rows[:2])
    assert run(*many(4)).stamp["continued"] == [2]
    assert "continued" not in run(*many(4)).stamp  # a whole one is measured again


def test_a_run_stays_until_the_next_one_is_whole(run: Runs, tmp_path: Path) -> None:
    def interrupt(done: int, n: int) -> None:
        raise KeyboardInterrupt

    first = run(*many(4))
    for fresh in (False, True):
        with pytest.raises(KeyboardInterrupt):
            run(*many(4), progress=interrupt, fresh=fresh)
        assert load_result(tmp_path / "run.jsonl").stamp == first.stamp
        assert 1 <= len(load_result(tmp_path / "run.jsonl.partial").rows) <= 2
        assert not (tmp_path / ".run.jsonl.lock").exists()
    assert "continued" not in run(*many(4), fresh=True).stamp
    save_result(tmp_path / "run.jsonl.partial", first.stamp, first.rows)  # as a kill before its renaming leaves it
    assert run(*many(4)).stamp["continued"] == [4]
    assert not (tmp_path / "run.jsonl.partial").exists()


def test_no_other_file_is_overwritten_and_no_two_runs_write_one(
    run: Runs, assistant: Assistant, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Marta,\n", "utf-8")
    with pytest.raises(CitewiseError, match=r"letter\.txt is there already"):
        run(name="letter.txt")
    (tmp_path / "other.partial").write_text("half a film", "utf-8")
    for fresh in (False, True):
        with pytest.raises(CitewiseError, match=r"other\.partial is there already"):
            run(name="other", fresh=fresh)
    assert letter.read_text("utf-8") == "Dear Marta,\n"
    assert (tmp_path / "other.partial").read_text("utf-8") == "half a film"

    def meanwhile(done: int, n: int) -> None:
        with pytest.raises(CitewiseError, match="is being written by another run"):
            run()

    assert run(progress=meanwhile).whole


@pytest.mark.slow
def test_a_killed_process_leaves_whole_rows_and_the_next_one_goes_on(
    folder: Path, index: Path, assistant: Assistant, tmp_path: Path
) -> None:
    gold, out = gold_file(tmp_path / "gold.jsonl", *many(40)), tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "eval", "run", "--gold", str(gold), "--folder", str(folder)]
    process = subprocess.Popen([*command, "--index", str(index), "--out", str(out)], cwd=ROOT)
    partial = tmp_path / "out.jsonl.partial"
    deadline = time.monotonic() + 60
    while (not partial.exists() or partial.read_bytes().count(b"\n") < 8) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    kept = load_result(partial)
    assert 7 <= len(kept.rows) < 40
    assert [row.gold.id for row in kept.rows] == [f"m{number}" for number in range(len(kept.rows))]
    questions, spans = located(gold, assistant)
    goes_on = run_questions(assistant, questions, spans, stamp=kept.stamp, out=out)
    assert goes_on.stamp["continued"] == [len(kept.rows)]
    straight = run_questions(assistant, questions, spans, stamp=kept.stamp, out=tmp_path / "straight.jsonl")
    assert timeless(load_result(out).rows) == timeless(straight.rows)
