"""`citewise doctor`: what is in order, what is not, and what to do about it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from conftest import Guard
from lying_server import LyingServer, says, status
from terminals import FAILED, OK, Run

from rag import Comparison, last_comparison, remember_comparison

MODEL = "openai:small"


def told(cli: Run, *arguments: str) -> dict[str, list[tuple[str, str, str]]]:
    """The findings by part; the exit code says whether one failed."""
    said = cli("doctor", "--json", "--set", "server.port=0", *arguments)
    found: dict[str, list[tuple[str, str, str]]] = {}
    for check in json.loads(said.out)["checks"]:
        found.setdefault(check["part"], []).append((check["state"], check["says"], check["remedy"]))
    failed = any(state == "failed" for checks in found.values() for state, _, _ in checks)
    assert said.code == (FAILED if failed else OK)
    return found


def at(server: LyingServer, *more: str) -> list[str]:
    given = [f"model.name={MODEL}", f"model.api_base={server.url}", *more]
    return [argument for one in given for argument in ("--set", one)]


@pytest.mark.usefixtures("port")
def test_all_is_well(cli: Run) -> None:
    found = told(cli)
    assert list(found) == ["settings", "machine", "embedding", "index", "model"]
    assert [checks[0][0] for checks in found.values()] == ["ok"] * 5
    assert found["index"][0][1].startswith("4 files with ")
    assert found["index"][1] == ("note", "1 files could not be read.", "See: citewise status --files")
    lines = cli("doctor").out.splitlines()
    assert lines[2] == "ok      embedding  minilm reads, 384 dimensions."
    assert any(line.strip() == "See: citewise status --files" for line in lines)


def test_nothing_has_been_indexed(fresh: Run, tmp_path: Path) -> None:
    assert told(fresh)["index"] == [("failed", "No folder has been opened yet.", "Run: citewise index FOLDER")]
    (tmp_path / "empty").mkdir()
    assert told(fresh, "--folder", str(tmp_path / "empty"))["index"][0][0] == "failed"


def test_keys_and_widgets_that_cannot_be_read(fresh: Run) -> None:
    data = Path(json.loads(fresh("where", "--json").out)["data"])
    data.mkdir(parents=True, exist_ok=True)
    for name in ("keys.json", "widgets.json"):
        (data / name).write_text("{", "utf-8")
    keys, widgets = told(fresh)["server"]
    assert (keys[0], str(data / "keys.json") in keys[1], "delete it" in keys[2]) == ("failed", True, True)
    assert str(data / "widgets.json") in widgets[1]


def test_an_index_that_changed_was_made_otherwise_or_is_damaged(fresh: Run, port: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    at_place = ("--set", f"index.path={place}")
    assert fresh("index", str(port), *at_place).code == OK
    state, says_, remedy = told(fresh, *at_place, "--set", "index.chunk_tokens=64")["index"][0]
    assert (state, "passages of 256 tokens" in says_, "--rebuild" in remedy) == ("failed", True, True)
    (port / "new.txt").write_text("A new buoy was laid.\n", "utf-8")
    try:
        assert ("note", "1 files changed since.", "Run: citewise index") in told(fresh, *at_place)["index"]
    finally:
        (port / "new.txt").unlink()
    file = place / "catalog.sqlite"
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 4096] = b"\xff" * 4096
    file.write_bytes(whole)
    state, says_, remedy = told(fresh, *at_place)["index"][-1]
    assert (state, "damaged" in says_, "--rebuild" in remedy) == ("failed", True, True)


@pytest.mark.usefixtures("port")
def test_a_model_file_that_is_not_there(cli: Run) -> None:
    found = told(cli, "--set", "embedding.model_file=/nowhere.onnx")
    assert found["embedding"][0][0] == "failed"
    assert "There is no model at /nowhere.onnx." in found["embedding"][0][1]


@pytest.mark.usefixtures("port")
def test_a_language_model_is_asked_for_a_word(cli: Run) -> None:
    with LyingServer(says("ready")) as server:
        found = told(cli, *at(server))["model"]
        assert [(state, remedy) for state, _, remedy in found] == [("ok", "")]
        assert found[0][1].startswith(f"{MODEL} answers, its first word after ")
        assert "It is not used: answer.writer is quotes." in told(cli, *at(server, "answer.writer=quotes"))["model"][1]
    with LyingServer(status(401)) as server:
        state, _, remedy = told(cli, *at(server))["model"][0]
        assert state == "failed"
        assert "CITEWISE_MODEL__API_KEY" in remedy
    assert told(cli, "--set", "answer.writer=model")["model"][0][0] == "failed"


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(
    ("by_model", "both", "worse"), [(20, 18, True), (33, 30, False), (29, 29, True), (30, 30, False), (40, 35, False)]
)
def test_a_model_that_does_worse_than_the_quotes(cli: Run, by_model: int, both: int, worse: bool) -> None:
    remember_comparison(Comparison("openai:other", 10, 1, 9, 1))
    remember_comparison(Comparison(MODEL, 44, by_model, 35, both))
    assert last_comparison(MODEL) == Comparison(MODEL, 44, by_model, 35, both)
    with LyingServer(says("ready")) as server:
        found = told(cli, *at(server))["model"]
    assert (len(found) == 2) == worse
    if worse:
        assert found[1] == (
            "note",
            f"Over 44 questions {MODEL} gave the expected answer in {by_model}, the quotes in 35.",
            'Set answer.writer = "quotes".',
        )


@pytest.mark.parametrize("content", ["", "[]", '{"m": 1}', '{"m": {"asked": "x"}}'])
def test_a_record_that_cannot_be_read_is_none(home: Path, content: str) -> None:
    place = home / "data" / "citewise"
    place.mkdir(parents=True)
    (place / "comparisons.json").write_text(content)
    assert last_comparison("m") is None
    remember_comparison(Comparison("m", 3, 1, 2, 1))
    assert last_comparison("m") == Comparison("m", 3, 1, 2, 1)


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(
    ("address", "told_of"),
    [
        ("http://models.invalid:9/v1", "models.invalid"),
        ("https://models.invalid:9/v1", ""),
        ("http://127.0.0.1:9/v1", ""),
    ],
)
def test_a_key_that_everybody_can_read(
    cli: Run, guard: Guard, monkeypatch: pytest.MonkeyPatch, address: str, told_of: str
) -> None:
    monkeypatch.setenv("CITEWISE_MODEL__API_KEY", "sk-1")
    found = told(cli, "--set", f"model.name={MODEL}", "--set", f"model.api_base={address}")["model"]
    assert (f"The key goes to {told_of} unencrypted" in found[0][1]) == bool(told_of)
    assert len(found) == 1 + bool(told_of)
    guard.blocked.clear()
