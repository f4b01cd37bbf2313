"""The terminal: what is indexed, shown, told and forgotten."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from terminals import (
    FAILED,
    INTERRUPTED,
    OK,
    UNREADABLE,
    Run,
    process,
)


def test_index_says_what_it_does(user: dict[str, str], port: Path, tmp_path: Path) -> None:
    done = process(user, "index", str(port), "--set", f"index.path={tmp_path}/index")
    assert done.returncode == OK, done.stderr
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"Reading files: 6 of 6" in done.stderr
    assert b"4 files with" in done.stdout
    assert b"port/locked.pdf: " in done.stdout
    assert b"1 of unsupported type .png" in done.stdout


def test_index_again_and_status(cli: Run, port: Path) -> None:
    said = cli("index", "--json")
    report = json.loads(said.out)
    assert said.code == OK
    assert (report["unchanged"], report["embedded"], said.err) == (4, 0, "")
    assert [source for source, _ in report["failed"]] == ["port/locked.pdf"]
    assert report["skipped"] == [["port/picture.png", "unsupported type .png"]]
    assert cli("index", str(port), "--strict").code == UNREADABLE

    late = port / "late.txt"
    late.write_text("The late file speaks of a heron.\n")
    try:
        now = json.loads(cli("status", "--json", "--files").out)
        assert (now["files"], now["failed"], now["pending"], now["changed"]) == (4, 1, 0, 1)
        assert now["roots"] == [["port", str(port)]]
        states = {document["source"]: document["status"] for document in now["documents"]}
        assert states["port/picture.png"] == "skipped"
        assert states["port/tide.csv"] == "ready"
        text = cli("status", "--files").out
        assert "Changed:    1 file since" in text
        assert re.search(r"^failed  port/locked.pdf  \S+", text, re.MULTILINE)
        assert "note: 1 file changed since indexing" in cli("ask", "What does a berth cost?").err
    finally:
        late.unlink()


def test_show(cli: Run, port: Path) -> None:
    whole = (port / "mail" / "pilot.txt").read_text()
    assert cli("show", "port/mail/pilot.txt").out == whole + "\n"
    assert cli("show", "port/mail/pilot.txt", "--start", "4", "--end", "14").out.startswith(
        "The >>>pilot boat<<< leaves"
    )
    for span in (("--start", "-1"), ("--end", "9999"), ("--start", "9", "--end", "3")):
        said = cli("show", "port/mail/pilot.txt", *span)
        assert said.code == FAILED
        assert "no span" in said.err
    assert "holds no file 'port/none.txt'" in cli("show", "port/none.txt").err


def test_where(cli: Run, port: Path, user: dict[str, str]) -> None:
    shape = json.loads(cli("where", "--json", "--folder", str(port)).out)
    assert shape["index"].startswith(user["XDG_DATA_HOME"])
    assert shape["exists"]
    assert shape["settings_file"] is None
    assert Path(shape["config"]).is_relative_to(user["XDG_CONFIG_HOME"])
    assert not list(port.rglob("*.sqlite"))
    assert shape["index"] in cli("where").out


def test_a_folder_without_index_is_indexed_before_it_is_asked(fresh: Run, tmp_path: Path) -> None:
    ferry = tmp_path / "ferry"
    ferry.mkdir()
    (ferry / "a.txt").write_text("The ferry to Oster costs nine crowns.")
    none = fresh("ask", "What does the ferry cost?")
    assert (none.code, none.out) == (FAILED, "")
    assert "Run: citewise index FOLDER" in none.err

    asked = fresh("ask", "--folder", str(ferry), "What does the ferry cost?")
    assert asked.code == OK
    assert "is not indexed yet" in asked.err
    assert "nine crowns. [1]" in asked.out
    assert fresh("ask", "What does the ferry cost?").out == asked.out
    assert fresh("ask", "--folder", str(ferry), "What does the ferry cost?").err == ""


def test_forget(fresh: Run, tmp_path: Path) -> None:
    ferry = tmp_path / "ferry"
    ferry.mkdir()
    (ferry / "a.txt").write_text("The ferry to Oster costs nine crowns.")
    assert fresh("index", str(ferry)).code == OK
    unsure = fresh("forget", str(ferry))
    assert unsure.code == FAILED
    assert "Nothing was deleted" in unsure.err
    place = Path(json.loads(fresh("where", "--json").out)["index"])
    (place / "uploads").mkdir()
    (place / "uploads" / "note.txt").write_text("An upload.")
    forgotten = json.loads(fresh("forget", str(ferry), "--yes", "--json").out)
    assert forgotten == {"forgotten": str(place), "folders": [str(ferry)], "uploads": 1}
    assert not place.exists()
    assert [path.name for path in ferry.iterdir()] == ["a.txt"]
    again = fresh("forget", str(ferry), "--yes")
    assert (again.code, "there is no index" in again.err) == (FAILED, True)
    assert json.loads(fresh("where", "--json").out)["index"] is None


@pytest.fixture
def two(fresh: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two folders in one index, which the settings name."""
    ferry, train = tmp_path / "ferry", tmp_path / "train"
    for folder, price in ((ferry, "nine crowns"), (train, "four guilders")):
        folder.mkdir()
        (folder / "fares.txt").write_text(f"The passage to Oster costs {price}.")
    monkeypatch.setenv("CITEWISE_INDEX__PATH", str(tmp_path / "index"))
    assert fresh("index", str(ferry), str(train)).code == OK
    return ferry, train


def test_a_named_folder_restricts_an_index_of_several(fresh: Run, two: tuple[Path, Path]) -> None:
    def cited(*arguments: str) -> set[str]:
        said = fresh("search", "What does the passage to Oster cost?", "--json", *arguments)
        return {passage["source"] for passage in json.loads(said.out)["passages"]}

    ferry, train = map(str, two)
    assert cited() == cited("--folder", ferry, "--folder", train) == {"ferry/fares.txt", "train/fares.txt"}
    assert cited("--folder", train) == cited("--folder", train, "--only", "*.txt") == {"train/fares.txt"}
    said = fresh("ask", "What does the passage cost?", "--folder", train, "--only", "ferry/")
    assert (said.code, "No indexed file of train/ matches ferry/" in said.err) == (FAILED, True)


def test_forget_spares_what_was_not_named(fresh: Run, two: tuple[Path, Path], tmp_path: Path) -> None:
    ferry, train = two
    (tmp_path / "other").mkdir()
    for folder in (tmp_path / "other", ferry):
        said = fresh("forget", str(folder), "--yes")
        assert (said.code, "nothing was deleted" in said.err) == (FAILED, True)
    assert f"is also of {train}" in said.err
    assert fresh("forget", str(ferry), str(train), "--yes").code == OK
    assert [path.name for path in ferry.iterdir()] == ["fares.txt"]
    assert not (tmp_path / "index").exists()


def test_folders_in_which_there_is_nothing_to_read(fresh: Run, tmp_path: Path) -> None:
    missing = fresh("index", str(tmp_path / "missing"))
    assert (missing.code, "There is no folder" in missing.err) == (FAILED, True)
    (tmp_path / "file.txt").write_text("x")
    file = fresh("index", str(tmp_path / "file.txt"))
    assert (file.code, "is a file, not a folder" in file.err) == (FAILED, True)

    (tmp_path / "empty").mkdir()
    empty = fresh("index", str(tmp_path / "empty"))
    assert (empty.code, "no files, hidden and ignored ones aside" in empty.err) == (UNREADABLE, True)
    asked = fresh("ask", "--folder", str(tmp_path / "empty"), "ferry?")
    assert (asked.code, asked.out) == (UNREADABLE, "")

    (tmp_path / "odd").mkdir()
    for name in ("a.png", "b.PNG", "c", "d.pdf"):
        (tmp_path / "odd" / name).write_bytes(b"\x89PNG")
    odd = fresh("index", str(tmp_path / "odd"), "--json")
    assert odd.code == UNREADABLE
    assert len(json.loads(odd.out)["skipped"]) == 3
    error = json.loads(odd.err)["error"]
    assert "1 file could not be read; 2 of unsupported type .png, 1 of unsupported type (no suffix)" in error["message"]
    assert ".docx .eml" in error["remedy"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs permissions that bind the user")
def test_a_folder_that_cannot_be_listed(fresh: Run, tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0)
    said = fresh("index", str(tmp_path / "shut"))
    assert (said.code, "cannot be read" in said.err) == (FAILED, True)


def test_a_whole_home_is_indexed_only_on_purpose(fresh: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "a.txt").write_text("The ferry costs nine crowns.")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    said = fresh("index", str(tmp_path / "home"))
    assert said.code == FAILED
    assert "allow it with --yes" in said.err
    assert fresh("index", str(tmp_path / "home"), "--yes").code == OK
    assert fresh("ask", "--folder", str(tmp_path / "home"), "What does the ferry cost?").code == OK


def test_interrupted_indexing_keeps_what_is_done(fresh: Run, tmp_path: Path) -> None:
    docs = tmp_path / "many"
    docs.mkdir()
    for number in range(300):
        text = f"Report {number}. " + f"The gauge {number} stood at {number % 7} metres. " * 40
        (docs / f"{number}.txt").write_text(text)
    running = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "index", str(docs)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whoever runs the tests may ignore it
    )  # fmt: skip
    assert running.stderr is not None
    for line in running.stderr:
        if line.startswith("Embedding"):
            running.send_signal(signal.SIGINT)
            break
    out, err = running.communicate(timeout=60)
    assert running.returncode == INTERRUPTED
    assert out == ""
    assert "Stopped. What was indexed so far is kept" in err
    assert "Traceback" not in err

    asked = fresh("ask", "--json", "--only", "many/7.txt", "Where stood the gauge 7?")
    assert asked.code == OK
    note = json.loads(asked.err.splitlines()[0])["note"]
    assert re.fullmatch(r"[\d,]+ of [\d,]+ passages are found by words only so far\.", note)
    assert json.loads(asked.out)["searched"]["pending"] > 0
