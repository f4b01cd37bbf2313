"""`citewise doctor` and faults that people meet: each is made for real, found, and told with its remedy."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from lying_server import LyingServer, says, status
from terminals import OK, ROOT, Run
from test_doctor import at, told

from index.lock import only_writer
from rag import machine as machine_module
from rag.machine import machine

NOBODY = 65_534


@pytest.fixture(scope="module")
def indexed(port: Path, user: dict[str, str]) -> Path:
    """The index folder of the documents."""
    (place,) = Path(user["XDG_DATA_HOME"]).glob("citewise/indexes/*")
    return place


@pytest.fixture
def place(indexed: Path, tmp_path: Path) -> Path:
    """A copy of it, to damage."""
    shutil.copytree(indexed, tmp_path / "place")
    return tmp_path / "place"


def found_at(cli: Run, place: Path) -> list[tuple[str, str, str]]:
    return told(cli, "--set", f"index.path={place}")["index"]


# -- the machine ------------------------------------------------------------------------------------------------------


def test_a_place_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ((state, says_, remedy),) = machine(tmp_path / "file" / "index")
    assert (state, "no folder" in says_, "index.path" in remedy) == ("failed", True, True)
    code = (
        "import os, sys; from pathlib import Path; from rag.machine import machine\n"
        f"if not os.getuid(): os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "print(list(machine(Path(sys.argv[1]))))"
    )
    with tempfile.TemporaryDirectory() as base:
        os.chmod(base, 0o555)
        command = [sys.executable, "-c", code, f"{base}/index"]
        assert "closed to you" in subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("limit", "value", "state", "said"),
    [
        ("ROOM_MB", 10**12, "note", "MB left"),
        ("MEMORY_MB", 10**12, "note", "of memory are free"),
        ("SQLITE", (99, 0), "failed", "99.0 is the oldest"),
    ],
)
def test_too_little_of_something(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, limit: str, value: Any, state: str, said: str
) -> None:
    assert [found[0] for found in machine(tmp_path)] == ["ok"]
    monkeypatch.setattr(machine_module, limit, value)
    ((found, says_, remedy),) = machine(tmp_path)
    assert (found, said in says_, bool(remedy)) == (state, True, True)


def test_a_sqlite_without_full_text_search(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    connect = sqlite3.connect

    def without(*arguments: Any) -> sqlite3.Connection:
        db = connect(*arguments)
        db.set_authorizer(lambda action, *_: sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_CREATE_VTABLE else 0)
        return db

    monkeypatch.setattr(sqlite3, "connect", without)
    ((state, says_, _),) = machine(tmp_path)
    assert (state, "FTS5" in says_) == ("failed", True)


# -- the index --------------------------------------------------------------------------------------------------------


def test_vectors_are_gone(cli: Run, place: Path) -> None:
    shutil.rmtree(place / "chroma")
    state, says_, remedy = found_at(cli, place)[-1]
    assert (state, "vectors" in says_, "citewise index" in remedy) == ("failed", True, True)
    assert cli("index", "--set", f"index.path={place}").code == OK
    assert {state for state, _, _ in found_at(cli, place)} <= {"ok", "note"}


def test_an_older_citewise_made_it(cli: Run, place: Path) -> None:
    with closing(sqlite3.connect(place / "catalog.sqlite")) as db, db:
        db.execute("UPDATE meta SET value = '1' WHERE key = 'format'")
    assert any("older Citewise" in says_ for _, says_, _ in found_at(cli, place))
    assert cli("index", "--set", f"index.path={place}").code == OK
    assert not any("older Citewise" in says_ for _, says_, _ in found_at(cli, place))


def test_somebody_writes_it(cli: Run, place: Path) -> None:
    with only_writer(place):
        (found,) = [one for one in found_at(cli, place) if "being written" in one[1]]
        assert f"process {os.getpid()}" in found[1]
        left = (place / "writer.json").read_text()
    (place / "writer.json").write_text(left)  # as a kill leaves it
    assert not any("being written" in says_ for _, says_, _ in found_at(cli, place))


def test_a_folder_and_a_file_that_cannot_be_entered(cli: Run, place: Path, port: Path) -> None:
    (port / "nowhere.txt").symlink_to("gone.txt")
    (port / "sub").mkdir()
    (port / "sub" / ".citewiseignore").write_text("[z-a]\n")
    (port / "sub" / "a.txt").write_text("Gas rose.\n")
    try:
        found = found_at(cli, place)
    finally:
        shutil.rmtree(port / "sub")
        (port / "nowhere.txt").unlink()
    ((state, _, remedy),) = [one for one in found if "citewiseignore" in one[1]]
    assert (state, "is kept" in remedy) == ("note", True)
    assert not any("nowhere" in says_ for _, says_, _ in found)
    port.rename(port.with_name("away"))
    try:
        (found_,) = [one for one in found_at(cli, place) if "no such file" in one[1]]
    finally:
        port.with_name("away").rename(port)
    assert (found_[0], "Mount its disk" in found_[2]) == ("failed", True)


def test_an_index_that_may_only_be_read(place: Path) -> None:
    (place / "writer.json").write_text('{"pid": 1, "host": "x", "since": "2026"}')
    with tempfile.TemporaryDirectory() as base:
        index, home = Path(base, "index"), Path(base, "home")
        shutil.copytree(place, index)
        home.mkdir()
        for path in (home.parent, home, index, *index.rglob("*")):
            path.chmod(0o777 if path == home else 0o555 if path.is_dir() else 0o444)
        code = (
            "import contextlib, io, os, sys; from ui.cli import main\n"
            "look = lambda: main(['doctor', '--json', '--set', 'server.port=0', '--set', 'index.path=' + sys.argv[1]])\n"
            "with contextlib.redirect_stdout(io.StringIO()): look()\n"  # imports what others may not be able to read
            f"if not os.getuid(): os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
            "look()"
        )
        env = {"PATH": os.environ["PATH"], "HOME": str(home)}
        command = [sys.executable, "-c", code, str(index)]
        said = subprocess.run(command, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
        Path(base).chmod(0o755)
    assert said.stdout, said.stderr
    checks = [check for check in json.loads(said.stdout)["checks"] if check["part"] in ("machine", "index")]
    assert checks[0]["state"] == "note"
    assert "by words only" in checks[0]["says"]
    assert not any("vectors" in check["says"] or "written by" in check["says"] for check in checks)


def test_another_embedder_made_it(cli: Run, place: Path) -> None:
    with closing(sqlite3.connect(place / "catalog.sqlite")) as db, db:
        db.execute("UPDATE meta SET value = 'OpenAIEmbedding:ada' WHERE key = 'embedder'")
    ((state, says_, remedy),) = found_at(cli, place)
    assert (state, "OpenAIEmbedding:ada" in says_, "--rebuild" in remedy) == ("failed", True, True)


# -- settings, model, server ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("indexed")
def test_a_setting_that_there_is_not(cli: Run) -> None:
    Path("citewise.toml").write_text("[answer]\nstrickt = true\n")
    try:
        (found,) = told(cli)["settings"]
    finally:
        Path("citewise.toml").unlink()
    assert (found[0], "strickt" in found[1], bool(found[2])) == ("failed", True, True)


@pytest.fixture
def dead_port() -> int:
    """A port on which nothing answers."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
    return port


@pytest.mark.usefixtures("indexed")
def test_a_model_that_does_not_answer(cli: Run, dead_port: int) -> None:
    model = ("--set", "model.name=openai:small", "--set", f"model.api_base=http://127.0.0.1:{dead_port}/v1")
    state, says_, remedy = told(cli, *model)["model"][0]
    assert (state, str(dead_port) in says_, bool(remedy)) == ("failed", True, True)
    with LyingServer(status(404)) as server:
        state, _, remedy = told(cli, *at(server))["model"][0]
        assert (state, bool(remedy)) == ("failed", True)


@pytest.mark.usefixtures("indexed")
@pytest.mark.skipif(find_spec("xllamacpp") is not None, reason="the extra is installed")
def test_an_extra_that_is_missing(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    found = told(cli, "--set", f"model.name=gguf:{tmp_path}/model.gguf")["model"][0]
    assert (found[0], "pip install 'citewise[gguf]'" in found[2]) == ("failed", True)


@pytest.mark.usefixtures("indexed")
def test_somebody_listens_already(cli: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        taken = sock.getsockname()[1]
        (found,) = told(cli, "--set", f"server.port={taken}")["server"]
    assert (found[0], str(taken) in found[1], "--port" in found[2]) == ("note", True, True)
    with LyingServer(says("ready")) as server:
        assert "server" not in told(cli, *at(server))
