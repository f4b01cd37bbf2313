"""`citewise eval run`: the stamp of a run, where it is kept, what is told, and what is refused."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from evaluation import GOOD, ROOT, a_result, a_row, gold_file
from house import QUESTIONS, many, write_house

from eval.cli import main, told
from eval.commands.run import _Progress
from eval.indexed import indexed
from eval.kept import every_run, folder_of, make_private, place_of, tidy
from eval.results import load_result, save_result
from eval.run import partial_of
from eval.stamp import commit, run_stamp, unlike
from eval.table import STAMPED
from rag import Assistant, data_folder, last_opened


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


@pytest.fixture(autouse=True)
def outside_a_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that somebody edits while the tests run would make two runs of different kinds."""
    monkeypatch.setattr("eval.stamp.ROOT", tmp_path)


# -- the stamp ---------------------------------------------------------------------------------------------------------


def test_the_stamp_says_what_a_run_was_made_with_and_not_by_whom(
    folder: Path, assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = gold_file(tmp_path / "gold.jsonl", GOOD)
    stamp = run_stamp(assistant, gold, 1, command="citewise eval run")
    assert (stamp["gold"], stamp["files"], stamp["passages"]) == ("gold.jsonl", 2, 2)
    assert (stamp["model"], stamp["writer"], stamp["workers"]) == (None, "quotes", 1)
    assert stamp["versions"].keys() == {*STAMPED, "python"}
    assert "not installed" not in (stamp["versions"][name] for name in STAMPED if name != "citewise")
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
    elsewhere = settings.model_copy(update={"model": model.model_copy(update={"api_base": "http://you.example"})})
    monkeypatch.setattr(assistant, "settings", elsewhere)
    assert unlike(by_model, run_stamp(assistant, gold, 1, command="")) == ["settings"]
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
    changed = commit(tmp_path)
    assert changed not in (clean, dirty)
    (tmp_path / "rag" / "b.py").write_text("b = 1\n")
    assert commit(tmp_path) not in (clean, dirty, changed)


def test_a_command_is_told_without_folders_addresses_and_keys() -> None:
    given = ["run", "--gold", "/home/me/gold.jsonl", "--folder", "/home/Jane Doe/my docs/", "--out=../x/o.jsonl", "--min",
             "a=.5", "--set", "embedding.api_base=http://bob:pw@myhost.local/v1", "--set", "a.api_key=sk-1"]  # fmt: skip
    assert told(given) == (
        "run --gold gold.jsonl --folder 'my docs' --out=o.jsonl --min a=.5 --set 'embedding.api_base=***'"
        " --set 'a.api_key=***'"
    )


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
    assert paths[0] == place_of(gold, result.stamp)
    assert {place.stat().st_mode & 0o777 for place in (paths[0].parent, paths[0].parent.parent)} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    assert "8 of 8 correct" in told
    assert last_opened() is None

    paths[0].unlink()
    save_result(partial_of(paths[0]), result.stamp, result.rows[:6])
    junit = tmp_path / "ci" / "gates.xml"
    assert main([*command, "--min", "words=0", "--min", "correct=0.9", "--junit", str(junit), "--no-report"]) == 1
    said = capsys.readouterr().err
    assert "Continuing after 6 of 8 questions" in said
    (failed,) = [line for line in said.splitlines() if line.startswith("failed:")]
    assert "words is" in failed
    assert ET.parse(junit).getroot().get("failures") != "0"

    gold_file(gold, *many(7), GOOD | {"id": "new"})
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
    (path,) = every_run()
    result = load_result(path)
    for options, says, runs in (
        (["--set", "answer.max_sentences=2"], "Not continued, for it is of another settings", 2),
        (["--fresh"], "", 3),
    ):
        for other in path.parent.glob("*.jsonl"):
            save_result(partial_of(other), result.stamp, result.rows[:2])
            other.unlink()
        assert main([*command, *options]) == 0
        assert says in capsys.readouterr().err
        assert len(list(every_run())) == runs
        assert partial_of(path).exists()


def test_the_newest_runs_are_kept_listed_and_erased(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, result = tmp_path / "g.jsonl", a_result(a_row(), a_row("t2", correct=False))
    folder = folder_of(gold)
    make_private(folder)
    for day in range(1, 24):
        stamp = {**result.stamp, "started": f"2026-03-{day:02}T10:00:00.000+00:00"}
        save_result(place_of(gold, stamp), stamp, result.rows)
        for path in (place_of(gold, stamp).with_suffix(".md"), folder / f".{place_of(gold, stamp).name}.lock"):
            path.touch()
    tidy(folder)
    days = [f"2026-03-{day:02}" for day in range(4, 24)]
    assert sorted({path.name.lstrip(".")[:10] for path in folder.iterdir()}) == days
    assert len(list(folder.iterdir())) == 60
    path.with_name(place_of(gold, stamp).name).replace(partial_of(place_of(gold, stamp)))
    save_result(partial_of(place_of(gold, stamp)), stamp, result.rows[:1])
    assert main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:10] for line in lines] == days
    assert lines[0] == f"2026-03-04 10:00  1 of 2 correct  {folder / '2026-03-04T10-00-00-000Z.jsonl'}"
    assert "1 of 1 correct, cut off before 2  " in lines[-1]
    assert main(["runs", "--erase"]) == 0
    assert capsys.readouterr().out == "Erased 20 runs.\n"
    assert not folder.exists()
    assert main(["runs", "--erase"]) == 0


def test_an_interruption_says_where_the_answers_are(
    folder: Path, index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gold, out = gold_file(tmp_path / "g.jsonl", *QUESTIONS), tmp_path / "v1.2"
    command = ["run", "--gold", str(gold), "--folder", str(folder), "--index", str(index), "--out", str(out)]

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(_Progress, "__call__", interrupt)
        assert main(command) == 130
    assert f"{out}.partial keeps what was answered" in capsys.readouterr().err
    with monkeypatch.context() as patch:
        patch.setattr("eval.gate.judge", interrupt)
        assert main(command) == 130
    assert f"{out} holds the run" in capsys.readouterr().err
    assert load_result(out).whole
    assert main(["report", str(out)]) == 0
    assert {path.name for path in tmp_path.glob("v1*")} == {"v1.2", "v1.2.html", "v1.2.md"}


def test_nothing_of_others_is_replaced_and_nothing_of_a_run_becomes_a_document(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold, index = gold_file(tmp_path / "g.jsonl", *QUESTIONS), tmp_path / "ix"
    mine = tmp_path / "README.md"
    mine.write_text("# My project\n", "utf-8")
    inside = gold_file(folder / "g.jsonl", *QUESTIONS)
    for options, says in (
        (["--out", str(tmp_path / "README.jsonl")], "README.md is there already"),
        (["--out", str(mine.with_suffix(""))], "README.md is there already"),
        (["--junit", str(mine)], "README.md is there already"),
        (["--out", str(folder / "o.jsonl")], "o.jsonl lies in"),
        (["--gold", str(inside)], "g.jsonl lies in"),
    ):
        given = ["run", "--gold", str(gold), "--folder", str(folder), "--index", str(index), *options]
        assert main(given) == 2, options
        assert says in capsys.readouterr().err, options
    inside.unlink()
    assert not index.exists()  # it was told before anything was read
    assert mine.read_text("utf-8") == "# My project\n"


def test_questions_and_folder_go_together(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = gold_file(tmp_path / "g.jsonl", *QUESTIONS)
    for options in (["--folder", str(folder)], ["--gold", str(gold)]):
        assert main(["run", *options]) == 2
        (said,) = capsys.readouterr().err.splitlines()
        assert "--gold and --folder go together" in said
        assert "citewise eval draft FOLDER" in said


def test_wrong_use_is_told_before_anything_is_asked(
    folder: Path, index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold, text = gold_file(tmp_path / "g.jsonl", GOOD), tmp_path / "mine.txt"
    text.write_text("[answer]\nmax_sentences = 9\n", "utf-8")
    loose = tmp_path / "loose.toml"
    loose.write_text("index = 3\n", "utf-8")
    empty = gold_file(tmp_path / "empty.jsonl", "")
    other = tmp_path / "other"
    other.mkdir()
    (other / "bees.txt").write_text("Bees.\n", "utf-8")
    for options, says in (
        (["--min", "beauty=1"], "There is no measure beauty"),
        (["--folder", str(tmp_path / "none")], "none"),
        (["--folder", str(other)], "Name the folder that the questions are about."),
        (["--gold", str(empty)], "no question"),
        (["--config", str(tmp_path / "no.toml")], "no.toml cannot be read"),
        (["--config", str(text)], "answer.max_sentences"),
        (["--config", str(loose), "--set", "index.max_file_mb=1"], "loose.toml: index is in no section"),
        (["--set", "answer.colour=red"], "There is no setting answer.colour"),
        (["--baseline", str(text)], "mine.txt, line 1: no stamp"),
        (["--previous", str(text)], "mine.txt, line 1: no stamp"),
        (["--out", str(text)], "mine.txt is there already"),
        (["--fresh", "--out", str(text)], "mine.txt is there already"),
        (["--out", "/dev/null/x.jsonl"], "/dev/null/x.jsonl cannot be written"),
        (["--out", "/proc/x.jsonl"], "/proc/x.jsonl cannot be written"),
        (["--fresh", "--out", "/proc/x.jsonl"], "/proc/x.jsonl cannot be written"),
        (["--index", "/dev/null/ix"], "/dev/null/ix cannot be written"),
    ):
        given = ["run", "--gold", str(gold), "--folder", str(folder), "--index", str(tmp_path / "ix"), *options]
        assert main(given) == 2, options
        assert says in capsys.readouterr().err, options
    assert text.read_text("utf-8").startswith("[answer]")
    for options in (["--min", "correct"], ["--set", "x"], ["--workers", "0"], ["--out", "report.html"]):
        with pytest.raises(SystemExit) as caught:
            main(["run", *options])
        assert caught.value.code == 2


def test_the_number_of_threads_is_told_before_numpy_asks_for_it() -> None:
    script = "import sys, eval.cli, eval.commands.run; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0
