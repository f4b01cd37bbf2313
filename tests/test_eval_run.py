"""Runs of gold questions: what becomes of each question, runs that are cut off and go on, and the command."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from evaluation import GOOD, ROOT, gold_file

from eval.cli import main
from eval.commands.run import _Progress
from eval.indexed import indexed
from eval.kept import earlier, place_of
from eval.questions import GoldQuestion, Span, load_gold, locate
from eval.results import Result, Row, load_result, save_result
from eval.run import run_questions
from eval.stamp import commit, run_stamp, unlike
from rag import Answer, Assistant, Citation, CitewiseError, ModelError, SettingsError, data_folder, last_opened

NOBODY = {"type": "unanswerable", "answers": [], "must_contain": [], "evidence": []}
QUESTIONS: tuple[dict[str, Any], ...] = (
    GOOD,
    GOOD | {"id": "t2", "question": "how much honey?", "answers": ["87 kg"], "must_contain": [["87 kilo"]],
            "evidence": [{"source": "bees.txt", "quote": "They gave 87 kilograms of honey."}]},
    GOOD | {"id": "t3", "question": "What does a lost key cost to replace then?", "type": "follow_up", "must_contain": [["18 euro"]],
            "history": [{"question": "What does the gate key open?"}],
            "evidence": [{"source": "keys.md", "quote": "A lost key costs 18 euros."}]},
    GOOD | NOBODY | {"id": "t4", "question": "Who repairs the telescope of the observatory?"},
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("run") / "house"
    place.mkdir()
    (place / "keys.md").write_text("# Keys\n\nThe gate key opens the main gate. A lost key costs 18 euros.\n", "utf-8")
    (place / "bees.txt").write_text("Marta keeps six hives in the meadow. They gave 87 kilograms of honey.\n", "utf-8")
    return place


@pytest.fixture(scope="module")
def index(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
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


def located(gold: Path, assistant: Assistant) -> tuple[list[GoldQuestion], dict[str, list[Span]]]:
    questions = load_gold(gold)
    return questions, locate(gold, questions, [one.source for one in assistant.documents()], assistant.text)


def many(n: int) -> list[dict[str, Any]]:
    """The four questions over and over, under names of their own."""
    return [QUESTIONS[number % 4] | {"id": f"m{number}"} for number in range(n)]


def timeless(rows: tuple[Row, ...]) -> list[dict[str, Any]]:
    """Rows without what differs from run to run."""
    shapes = [row.to_dict() | {"seconds": 0} for row in rows]
    return [shape | {"answer": shape["answer"] and dict(shape["answer"], timings_ms=0)} for shape in shapes]


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


def test_several_workers_bring_the_same_rows_in_the_same_order(run: Runs) -> None:
    one, four = run(*many(12), name="1.jsonl"), run(*many(12), name="4.jsonl", workers=4)
    assert timeless(one.rows) == timeless(four.rows)


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
    path = tmp_path / "run.jsonl"
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
    assert [row.gold.id for row in load_result(tmp_path / "run.jsonl").rows] == ["t1"]


def test_a_run_of_another_kind_begins_anew(run: Runs, tmp_path: Path) -> None:
    first = run(*many(4))
    path = tmp_path / "run.jsonl"
    save_result(path, dict(first.stamp) | {"settings": {"answer": {"max_sentences": 5}}}, first.rows[:2])
    again = run(*many(4))
    assert "continued" not in again.stamp
    save_result(path, again.stamp, again.rows[:2])
    assert run(*many(4)).stamp["continued"] == [2]
    assert "continued" not in run(*many(4)).stamp  # a whole one is measured again


def test_no_other_file_is_overwritten_and_no_two_runs_write_one(
    run: Runs, assistant: Assistant, tmp_path: Path
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Marta,\n", "utf-8")
    with pytest.raises(CitewiseError, match=r"letter\.txt, line 1: no stamp"):
        run(name="letter.txt")
    assert letter.read_text("utf-8") == "Dear Marta,\n"

    def meanwhile(done: int, n: int) -> None:
        with pytest.raises(CitewiseError, match="is being written by another run"):
            run()

    assert run(progress=meanwhile).whole


def test_a_killed_process_leaves_whole_rows_and_the_next_one_goes_on(
    folder: Path, index: Path, assistant: Assistant, tmp_path: Path, home: Path
) -> None:
    gold, out = gold_file(tmp_path / "gold.jsonl", *many(40)), tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "eval", "run", "--gold", str(gold), "--folder", str(folder)]
    command += ["--index", str(index), "--no-report", "--out"]
    process = subprocess.Popen([*command, str(out)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while (not out.exists() or out.read_bytes().count(b"\n") < 8) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert process.returncode == -9
    kept = load_result(out)
    assert 7 <= len(kept.rows) < 40
    assert [row.gold.id for row in kept.rows] == [f"m{number}" for number in range(len(kept.rows))]
    continued = subprocess.run([*command, str(out)], cwd=ROOT, capture_output=True, text=True)
    assert continued.returncode == 0, continued.stderr
    assert f"Continuing at question {len(kept.rows) + 1} of 40" in continued.stderr
    questions, spans = located(gold, assistant)
    stamp = run_stamp(assistant, gold, len(questions), command="")
    straight = run_questions(assistant, questions, spans, stamp=stamp, out=tmp_path / "straight.jsonl")
    assert timeless(load_result(out).rows) == timeless(straight.rows)


# -- the stamp ---------------------------------------------------------------------------------------------------------


def test_the_stamp_says_what_a_run_was_made_with_and_not_by_whom(
    folder: Path, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = gold_file(tmp_path / "gold.jsonl", GOOD)
    stamp = run_stamp(assistant, gold, 1, command=f"citewise eval run --gold {gold} --out=/tmp/x/out.jsonl --min a=1")
    assert stamp["command"] == "citewise eval run --gold gold.jsonl --out=out.jsonl --min a=1"
    assert (stamp["gold"], stamp["files"], stamp["passages"]) == ("gold.jsonl", 2, 2)
    assert (stamp["model"], stamp["writer"], stamp["workers"]) == (None, "quotes", 1)
    assert stamp["versions"].keys() == {"citewise", "llama-index-core", "chromadb", "onnxruntime", "python"}
    assert set(stamp["settings"]) == {"index", "embedding", "answer"}
    assert json.loads(json.dumps(stamp)) == stamp
    text = json.dumps(stamp)
    assert str(tmp_path) not in text
    assert str(folder.parent) not in text
    assert os.uname().nodename not in text

    settings = assistant.settings
    model = settings.model.model_copy(update={"name": "gguf:/home/me/small.gguf", "api_base": "http://me.example"})
    monkeypatch.setattr(assistant, "settings", settings.model_copy(update={"model": model}))
    by_model = run_stamp(assistant, gold, 1, command="")
    assert (by_model["model"], by_model["writer"], by_model["workers"]) == ("gguf:small.gguf", "model", 4)
    assert "/home/me" not in json.dumps(by_model)
    assert "example" not in json.dumps(by_model)
    assert unlike(stamp, by_model) == ["settings", "model", "writer"]
    gold_file(gold, GOOD | {"note": "another"})
    assert unlike(stamp, run_stamp(assistant, gold, 1, command="")) == ["gold_sha256", "settings", "model", "writer"]


def test_a_checkout_tells_its_commit_and_what_was_changed_since(tmp_path: Path) -> None:
    assert commit(tmp_path) is None

    def git(*command: str) -> None:
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run(["git", *who, *command], cwd=tmp_path, check=True, capture_output=True)

    code = tmp_path / "rag" / "a.py"
    code.parent.mkdir()
    code.write_text("a = 1\n")
    git("init")
    git("add", ".")
    git("commit", "-m", "a")
    clean = commit(tmp_path)
    assert clean
    assert len(clean) == 12
    code.write_text("a = 2\n")
    dirty = commit(tmp_path)
    code.write_text("a = 3\n")
    assert dirty
    assert dirty.startswith(f"{clean}+dirty.")
    assert commit(tmp_path) not in (clean, dirty)


# -- the command -------------------------------------------------------------------------------------------------------


def test_a_run_from_the_command_line(
    folder: Path, index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.commands.run.STEP", 5)
    gold = gold_file(tmp_path / "g.jsonl", *many(8))
    command = ["run", "--gold", str(gold), "--folder", str(folder), "--index", str(index)]
    assert main([*command, "--min", "correct=1"]) == 0
    told, said = capsys.readouterr()
    assert said.splitlines() == ["5 of 8 questions"]
    paths = [Path(line) for line in told.splitlines() if line.startswith(str(data_folder() / "evaluations"))]
    assert [path.suffix for path in paths] == [".jsonl", ".html", ".md"]
    assert all(path.stat().st_size for path in paths)
    result = load_result(paths[0])
    assert paths[0] == place_of(result.stamp)
    assert paths[0].parent.name == f"g-{result.stamp['gold_sha256'][:8]}"
    assert "8 of 8 correct" in told
    assert last_opened() is None

    save_result(paths[0], result.stamp, result.rows[:6])
    junit = tmp_path / "ci" / "gates.xml"
    assert main([*command, "--min", "words=0", "--min", "correct=0.9", "--junit", str(junit), "--no-report"]) == 1
    said = capsys.readouterr().err
    assert "Continuing at question 7 of 8" in said
    (failed,) = [line for line in said.splitlines() if line.startswith("failed:")]
    assert "words is" in failed
    assert ET.parse(junit).getroot().get("failures") != "0"

    assert main([*command, "--set", "answer.max_sentences=1", "--out", str(tmp_path / "o.jsonl")]) == 0
    told = capsys.readouterr().out
    assert "previous" in told
    assert load_result(tmp_path / "o.jsonl").stamp["settings"]["answer"]["max_sentences"] == 1
    assert (tmp_path / "o.html").exists()
    assert len(list(paths[0].parent.glob("*.jsonl"))) == 1


def test_people_see_how_long_it_will_take(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    progress = _Progress()
    progress.begun -= 10
    progress(6, 8)  # the first that was asked now, of a run that goes on
    assert terminal.getvalue() == "\r6 of 8 questions, 20 s left\033[K"
    progress(8, 8)
    assert terminal.getvalue().endswith("\r\033[K")


def test_an_unfinished_run_is_left_where_it_is_of_another_kind_or_a_fresh_one_is_wanted(
    folder: Path, index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = gold_file(tmp_path / "g.jsonl", *QUESTIONS)
    command = ["run", "--gold", str(gold), "--folder", str(folder), "--index", str(index), "--no-report"]
    assert main(command) == 0
    ((path, result),) = earlier(data_folder() / "evaluations" / f"g-{_hash(gold)}" / "none")
    for options, says, runs in (
        (["--set", "answer.max_sentences=2"], "Not continued, for it is of another settings", 2),
        (["--fresh"], "", 3),
    ):
        for other in path.parent.glob("*.jsonl"):
            save_result(other, result.stamp, result.rows[:2])
        assert main([*command, *options]) == 0
        assert says in capsys.readouterr().err
        assert len(list(path.parent.glob("*.jsonl"))) == runs
        assert not load_result(path).whole


def _hash(gold: Path) -> str:
    return hashlib.sha256(gold.read_bytes()).hexdigest()[:8]


def test_wrong_use_is_told_before_anything_is_asked(
    folder: Path, index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold, text = gold_file(tmp_path / "g.jsonl", GOOD), tmp_path / "mine.txt"
    text.write_text("[answer]\nmax_sentences = 9\n", "utf-8")
    empty = gold_file(tmp_path / "empty.jsonl", "")
    other = tmp_path / "other"
    other.mkdir()
    (other / "bees.txt").write_text("Bees.\n", "utf-8")
    for options, told in (
        (["--min", "beauty=1"], "There is no measure beauty"),
        (["--folder", str(tmp_path / "none")], "none"),
        (["--folder", str(other)], "Name the folder that the questions are about."),
        (["--gold", str(empty)], "no question"),
        (["--config", str(tmp_path / "no.toml")], "no.toml cannot be read"),
        (["--config", str(text)], "answer.max_sentences"),
        (["--set", "answer.colour=red"], "There is no setting answer.colour"),
        (["--baseline", str(text)], "mine.txt, line 1: no stamp"),
        (["--previous", str(text)], "mine.txt, line 1: no stamp"),
        (["--out", str(text)], "mine.txt, line 1: no stamp"),
        (["--fresh", "--out", str(text)], "mine.txt, line 1: no stamp"),
        (["--out", "/dev/null/x.jsonl"], "cannot be written"),
    ):
        given = ["run", "--gold", str(gold), "--folder", str(folder), "--index", str(tmp_path / "ix"), *options]
        assert main(given) == 2, options
        assert told in capsys.readouterr().err, options
    assert text.read_text("utf-8").startswith("[answer]")
    for options in (["--min", "correct"], ["--set", "x"], ["--workers", "0"], ["--out", "report.html"]):
        with pytest.raises(SystemExit) as caught:
            main(["run", *options])
        assert caught.value.code == 2
